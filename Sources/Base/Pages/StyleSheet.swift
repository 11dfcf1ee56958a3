/// The page's only style: light or dark as the reader's system prefers, always light on paper.
package enum StyleSheet {
  package static let text: StaticString = """
    :root{color-scheme:light dark;--page:#f6f6f3;--surface:#fff;--ink:#0b0b0b;--soft:#52514e;--muted:#6f6d68;
    --line:#e1e0d9;--axis:#b5b4aa;--s1:#2a78d6;--s2:#c77f00;--s3:#12875c;--s4:#8a3fb8;--s5:#d0457a;--s6:#6b7280;--heat:#3d86df;
    --good:#0a7d33;--good-tint:#e7f5ea;--bad:#c42b2b;--bad-tint:#fceceb;--warn:#9a6200;--warn-tint:#fdf4df}
    @media screen and (prefers-color-scheme:dark){:root{--page:#0e0e0d;--surface:#1a1a19;--ink:#f7f7f5;--soft:#c3c2b7;
    --muted:#99978e;--line:#30302d;--axis:#5a5953;--s1:#4c97ee;--s2:#dd9a1c;--s3:#2bb583;--s4:#b886e8;--s5:#ec7ba6;
    --s6:#9aa1ad;--heat:#2a67b5;--good:#4cc46f;--good-tint:#14291a;--bad:#f07070;--bad-tint:#311918;--warn:#e8b24a;--warn-tint:#2d2412}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
    "Helvetica Neue","DejaVu Sans",sans-serif}
    main,header{max-width:1180px;margin:0 auto;padding:0 24px}
    header{padding-top:32px}main{padding-bottom:64px}
    h1{font-size:26px;line-height:1.25;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
    h2{font-size:19px;margin:44px 0 6px;letter-spacing:-.005em}
    h3{font-size:15px;margin:0 0 2px;overflow-wrap:anywhere}
    p{margin:4px 0 10px;max-width:82ch}.soft{color:var(--soft)}.small{font-size:13px}
    .panel,.card,figure,.scroll{background:var(--surface);border:1px solid var(--line);border-radius:10px}
    .verdict{margin:20px 0 0;padding:20px 24px;border-left:6px solid var(--bad)}
    .verdict.passed{border-left-color:var(--good)}
    .badge{display:inline-block;font-size:12px;font-weight:700;letter-spacing:.07em;padding:2px 10px;border-radius:99px;
    color:var(--bad);background:var(--bad-tint)}
    .passed .badge,.badge.good{color:var(--good);background:var(--good-tint)}
    .headline{font-size:20px;line-height:1.35;font-weight:600;margin:8px 0 14px;max-width:none}
    .gates{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
    .gates li{display:grid;grid-template-columns:76px 1fr;gap:12px;padding:7px 0;border-bottom:1px solid var(--line);
    font-size:14px}.gates li:last-child{border-bottom:0;padding-bottom:0}
    .mark{font-weight:650;color:var(--bad);white-space:nowrap}.mark.good{color:var(--good)}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(205px,1fr));gap:12px;margin:16px 0 0}
    .card{padding:13px 16px 12px;margin:0}.card dt{font-size:13px;color:var(--soft)}
    .card dd{margin:0;font-size:25px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
    .card dd+dd{font-size:12.5px;font-weight:400;color:var(--muted);letter-spacing:0;line-height:1.4}
    .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px;align-items:start}
    .stack{display:grid;gap:16px;min-width:0}
    figure{margin:0 0 16px;padding:16px 18px 12px;min-width:0}.pair figure,.pair .scroll,.stack figure,.stack .scroll{margin:0}
    figcaption{font-size:13px;color:var(--soft);margin-bottom:8px}
    figcaption strong{display:block;color:var(--ink);font-size:15px}
    .canvas{overflow-x:auto}svg{display:block;width:100%;height:auto;min-width:420px}
    svg text{font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;
    fill:var(--soft);font-variant-numeric:tabular-nums}svg text.tiny{font-size:9.5px}svg text.strong{fill:var(--ink);font-weight:600}
    svg text.cell{fill:var(--ink)}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 8px;padding:0;font-size:13px;color:var(--soft)}
    .legend i{display:inline-block;width:16px;height:3px;border-radius:2px;margin-right:7px;vertical-align:middle}
    .grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--axis);stroke-width:1}
    .guide{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4;fill:none}
    .threshold{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 3}.marker{stroke:var(--bad);stroke-width:2}
    .ring{stroke:var(--surface);stroke-width:1.5}
    .scroll{overflow-x:auto;margin:10px 0 16px}
    table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
    caption{text-align:left;padding:13px 16px 8px;font-size:13px;color:var(--soft)}
    caption strong{display:block;color:var(--ink);font-size:15px}
    th,td{padding:6px 12px;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
    th:first-child,td:first-child{text-align:left;padding-left:16px}th:last-child,td:last-child{padding-right:16px}
    thead th{font-weight:600;color:var(--soft);font-size:12.5px;vertical-align:bottom}tbody th{font-weight:500}
    td.broken{white-space:normal;min-width:86px}
    td.lead{font-weight:650;background:var(--page)}
    thead th{white-space:normal;overflow-wrap:break-word}
    table.dense{font-size:12px}table.dense th,table.dense td{padding:5px 6px}table.dense thead th{font-size:11.5px}
    table.dense th:first-child{padding-left:16px}table.dense td:last-child{padding-right:16px}
    table.facts td{text-align:left;white-space:normal;overflow-wrap:anywhere}
    table.facts th{color:var(--soft);vertical-align:top;white-space:normal;width:30%}
    .long{white-space:normal;overflow-wrap:anywhere;min-width:130px}
    .words{padding:14px 20px;margin:12px 0 16px}.words ul{margin:0;padding-left:18px}.words li{margin:6px 0;max-width:96ch;overflow-wrap:anywhere}
    .warnings{background:var(--warn-tint);border-color:var(--warn);margin-top:16px}.warnings h2{margin:0 0 4px;font-size:16px;color:var(--warn)}
    .gates span,.headline{overflow-wrap:anywhere}
    footer{max-width:1180px;margin:0 auto;padding:0 24px 32px;color:var(--muted);font-size:12.5px}
    @media (max-width:640px){main,header{padding-left:14px;padding-right:14px}.headline{font-size:18px}}
    @media print{:root{--page:#fff}body{font-size:11px}main,header{max-width:none;padding:0}
    figure,.panel,.card,tr,.words li{break-inside:avoid}h2,h3,caption{break-after:avoid}.scroll,.canvas{overflow:visible}
    th,td{padding:3px 5px}table{font-size:9px}svg{min-width:0}*{print-color-adjust:exact}}
    """
}
