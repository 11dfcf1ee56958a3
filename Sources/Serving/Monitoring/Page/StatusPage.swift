/// The page at `/`: one document without any external resource, which asks `/status` every second.
enum StatusPage {
  /// The whole document.
  static let html = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>tern-serve</title>
    <link rel="icon" href="data:,">
    <style>
    \(style)
    </style>
    </head>
    <body>
    \(markup)
    <script>
    \(script)
    </script>
    </body>
    </html>

    """

  private static let markup = #"""
    <header>
      <h1>tern-serve</h1>
      <p id="run" class="muted">connecting…</p>
      <p id="badge" class="badge" role="status" aria-live="polite" data-state="">…</p>
    </header>
    <p id="notice" role="alert" hidden></p>
    <main>
      <section aria-labelledby="h-session">
        <h2 id="h-session">Session</h2>
        <dl id="session"></dl>
      </section>
      <section aria-labelledby="h-account">
        <h2 id="h-account">Account</h2>
        <dl id="account"></dl>
      </section>
      <section aria-labelledby="h-risk">
        <h2 id="h-risk">Limits</h2>
        <div id="limits" class="bars"></div>
        <dl id="risk"></dl>
      </section>
      <div id="symbols"></div>
      <section class="wide" aria-labelledby="h-equity">
        <h2 id="h-equity">Equity</h2>
        <div class="chart">
          <svg id="equity" viewBox="0 0 600 160" preserveAspectRatio="none" role="img" aria-label="No equity yet">
            <line id="equity-base" x1="0" x2="600" y1="80" y2="80"></line>
            <polyline id="equity-line" points=""></polyline>
          </svg>
        </div>
        <p id="equity-text" class="muted"></p>
      </section>
      <section class="wide" aria-labelledby="h-events">
        <h2 id="h-events">Last events</h2>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="h-events">
          <table><thead><tr><th scope="col">Time (UTC)</th><th scope="col">Kind</th><th scope="col">Symbol</th>
            <th scope="col">Code</th><th scope="col">What</th></tr></thead><tbody id="events"></tbody></table>
        </div>
      </section>
      <section aria-labelledby="h-stages">
        <h2 id="h-stages">Latency</h2>
        <table><thead><tr><th scope="col">Stage</th><th scope="col" class="n">Count</th>
          <th scope="col" class="n">p50 µs</th><th scope="col" class="n">p99 µs</th></tr></thead>
          <tbody id="stages"></tbody></table>
      </section>
      <section class="rest" aria-labelledby="h-variants">
        <h2 id="h-variants">Champion, challenger, shadow</h2>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="h-variants">
          <table><thead><tr><th scope="col">Role</th><th scope="col">Stack</th><th scope="col" class="n">Bars</th>
            <th scope="col" class="n">Agrees</th><th scope="col" class="n">Trades</th><th scope="col" class="n">Won</th>
            <th scope="col" class="n">Net return</th><th scope="col" class="n">Drawdown</th></tr></thead>
            <tbody id="variants"></tbody></table>
        </div>
      </section>
    </main>
    <noscript>This page needs JavaScript; the same facts stand at /status.</noscript>
    """#
}
