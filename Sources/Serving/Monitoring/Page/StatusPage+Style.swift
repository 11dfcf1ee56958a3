extension StatusPage {
  /// Light and dark by the reader's preference; every text has at least 4.5:1 contrast, and no fact rests on colour.
  static let style = #"""
    :root {
      --ground: #f4f6f8; --card: #ffffff; --ink: #17202a; --muted: #55616e; --line: #d8dee5; --accent: #0b66c3;
      --track: #e5eaf0; --good: #11703c; --warn: #8a5300; --bad: #b3261e; --off: #4a4f57;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #10151b; --card: #19212a; --ink: #e8edf2; --muted: #a3b0bd; --line: #2d3945; --accent: #6cb2ff;
        --track: #2a3540; --good: #5fd38d; --warn: #f0b35a; --bad: #ff8a80; --off: #b4bcc6;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
    header { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1rem; padding: 1rem 1.2rem .4rem; }
    h1 { font-size: 1.25rem; margin: 0; }
    h2 { font-size: .95rem; margin: 0 0 .6rem; }
    h3 { font-size: .8rem; margin: .9rem 0 .3rem; color: var(--muted); font-weight: 600; }
    p { margin: 0; }
    .muted { color: var(--muted); }
    .badge { margin-left: auto; padding: .3rem .9rem; border: 2px solid currentColor; border-radius: 999px;
      font-weight: 700; letter-spacing: .04em; color: var(--off); }
    .badge[data-state=ACTIVE] { color: var(--good); }
    .badge[data-state=REDUCING] { color: var(--warn); }
    .badge[data-state=HALTED], .badge[data-state=SHUTDOWN], .badge[data-state=LOST] { color: var(--bad); }
    #notice { margin: .4rem 1.2rem; padding: .5rem .8rem; border-left: 4px solid var(--bad); background: var(--card); }
    main { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .9rem; padding: .6rem 1.2rem 1.5rem; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1rem;
      min-width: 0; }
    .wide { grid-column: 1 / -1; }
    .rest { grid-column: span 2; }
    #symbols { display: contents; }
    .symbol { grid-column: 1 / -1; display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0 1.5rem; }
    .symbol h2 { grid-column: 1 / -1; }
    .symbol h3 { margin-top: 0; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .9rem; margin: 0; }
    dt { color: var(--muted); }
    dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .bars { display: grid; grid-template-columns: max-content minmax(2rem, 1fr) max-content; gap: .35rem .7rem;
      align-items: center; margin-bottom: .6rem; font-variant-numeric: tabular-nums; }
    .bar { display: contents; }
    .bar em { font-style: normal; text-align: right; }
    .bar b { font-weight: 500; font-size: .85rem; }
    .bar span { height: .55rem; background: var(--track); border-radius: 4px; overflow: hidden; }
    .bar i { display: block; height: 100%; background: var(--accent); }
    .bars > p { grid-column: 1 / -1; }
    .bar.near i { background: var(--warn); }
    .bar.over i { background: var(--bad); }
    .bar.top b { font-weight: 700; }
    .gain { color: var(--good); }
    .loss { color: var(--bad); }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th { text-align: left; font-weight: 600; color: var(--muted); font-size: .85rem; }
    th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    tr:last-child td { border-bottom: 0; }
    .n { text-align: right; }
    .scroll { overflow-x: auto; }
    .chart { height: 170px; }
    svg { width: 100%; height: 100%; display: block; }
    polyline { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
    line { stroke: var(--muted); stroke-dasharray: 4 4; vector-effect: non-scaling-stroke; }
    noscript { display: block; padding: 1.2rem; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    @media (max-width: 900px) {
      main, .symbol { grid-template-columns: minmax(0, 1fr); }
      .rest { grid-column: auto; }
      .symbol h3 { margin-top: .9rem; }
    }
    """#
}
