extension StatusPage {
  /// Draws a status document. Everything is set as text, never as markup.
  static let script = #"""
    "use strict";
    const $ = id => document.getElementById(id);
    const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
    const make = (tag, text, kind) => {
      const node = document.createElement(tag);
      if (text !== undefined) node.textContent = text;
      if (kind) node.className = kind;
      return node;
    };
    const known = value => value !== undefined && value !== null;
    const number = (value, places) => known(value) ? value.toFixed(places) : "–";
    const percent = (value, places = 1) => known(value) ? (value * 100).toFixed(places) + " %" : "–";
    const time = ms => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
    const span = ms => {
      const s = Math.max(0, Math.round(ms / 1000));
      if (s < 120) return s + " s";
      if (s < 7200) return Math.floor(s / 60) + " min";
      return s < 172800 ? Math.floor(s / 3600) + " h" : Math.floor(s / 86400) + " d";
    };
    const signed = text => text.startsWith("-") ? "loss" : /[1-9]/.test(text) ? "gain" : "";

    // Replaces children only when what they say has changed, so that a reader's selection survives.
    function fill(parent, key, build) {
      const state = JSON.stringify(key);
      if (parent.dataset.state === state) return;
      parent.dataset.state = state;
      parent.replaceChildren(...build());
    }
    function list(parent, rows) {
      const shown = rows.filter(row => known(row[1]));
      fill(parent, shown, () => shown.flatMap(([name, text, kind]) => [make("dt", name), make("dd", text, kind)]));
    }
    function table(body, rows, columns, empty) {
      fill(body, rows, () => {
        if (!rows.length) {
          const cell = make("td", empty, "muted");
          cell.colSpan = columns.length;
          const row = make("tr");
          row.append(cell);
          return [row];
        }
        return rows.map(cells => {
          const row = make("tr");
          cells.forEach((cell, i) => row.append(make("td", cell, columns[i])));
          return row;
        });
      });
    }
    function bar(name, share, text, kind) {
      const row = make("div", undefined, "bar " + (kind || ""));
      const track = make("span"), filled = make("i");
      track.setAttribute("aria-hidden", "true");
      filled.style.width = Math.min(100, Math.max(0, share * 100)) + "%";
      track.append(filled);
      row.append(make("b", name), track, make("em", text));
      return row;
    }
    const limit = (name, value, most, text) => {
      const share = most > 0 ? value / most : value > 0 ? 1 : 0;
      return bar(name, share, text, share >= 1 ? "over" : share >= 0.75 ? "near" : "");
    };
    function probabilities(classes) {
      const top = Math.max(...classes.map(c => c.probability));
      return classes.map(c => bar(c.name, c.probability, percent(c.probability), c.probability === top ? "top" : ""));
    }

    function symbolCard(entry) {
      const card = make("section", undefined, "symbol");
      const candle = entry.candle;
      card.append(make("h2", entry.symbol));
      const left = make("div"), middle = make("div"), right = make("div");
      left.append(make("h3", "L1 regime"));
      const regimes = make("div", undefined, "bars");
      regimes.append(...(entry.regimes.length ? probabilities(entry.regimes) : [make("p", "not yet known", "muted")]));
      left.append(regimes);
      middle.append(make("h3", "L3 signal"));
      const signals = make("div", undefined, "bars");
      signals.append(...(entry.signals.length ? probabilities(entry.signals) : [make("p", "not yet known", "muted")]));
      middle.append(signals);
      const verdict = make("dl"), v = entry.verdict;
      list(verdict, [
        ["Verdict", v ? v.side : "none yet"],
        ["Confidence", v && percent(v.confidence) + ", " + percent(v.minimum_confidence, 0) + " needed"],
        ["Expected value", v && known(v.expected_value) ? percent(v.expected_value, 3) : undefined],
        ["Not executed", v && v.reason],
        ["Candle", candle && time(candle.close_time) + " UTC"],
        ["Close", candle && candle.close],
        ["Candle's age", candle && span(candle.age_ms),
          candle && candle.age_ms > 3 * (candle.close_time - candle.open_time) ? "loss" : ""],
      ]);
      middle.append(verdict);
      right.append(make("h3", "Position"));
      const position = make("dl"), p = entry.position;
      list(position, p ? [
        ["Side", p.side], ["Quantity", p.quantity], ["Entry", p.entry_price], ["Mark", p.mark_price],
        ["Stop", p.stop_price || "none"], ["Take profit", p.take_profit_price || "none"],
        ["Unrealised", p.unrealised, signed(p.unrealised)], ["Opened", time(p.opened_at) + " UTC"],
      ] : [["Side", "none"]]);
      right.append(position);
      card.append(left, middle, right);
      return card;
    }

    function equity(points, currency, initial) {
      if (points.length < 2) {
        set($("equity-text"), "No curve yet.");
        $("equity-line").setAttribute("points", "");
        return;
      }
      const base = Number(initial), values = points.map(p => p.equity);
      let low = Math.min(base, ...values), high = Math.max(base, ...values);
      if (high - low < 1e-9) { low -= 1; high += 1; }
      const first = points[0].time, width = Math.max(1, points[points.length - 1].time - first);
      const x = t => ((t - first) / width * 600).toFixed(1), y = e => (152 - (e - low) / (high - low) * 144).toFixed(1);
      $("equity-line").setAttribute("points", points.map(p => x(p.time) + "," + y(p.equity)).join(" "));
      $("equity-base").setAttribute("y1", y(base));
      $("equity-base").setAttribute("y2", y(base));
      const last = values[values.length - 1];
      const text = "From " + time(first) + " to " + time(first + width) + " UTC: lowest " + number(Math.min(...values), 2)
        + ", highest " + number(Math.max(...values), 2) + ", now " + number(last, 2) + " " + currency
        + "; the dashed line is the initial equity, " + initial + ".";
      set($("equity-text"), text);
      $("equity").setAttribute("aria-label", text);
    }

    function draw(s) {
      document.title = s.state + " · " + s.stack.name + " · tern-serve";
      set($("run"), s.program.version + ", " + s.program.mode + ", process " + s.program.pid
        + ", " + time(s.time) + " UTC");
      $("badge").dataset.state = s.state;
      set($("badge"), s.state + (s.state_reasons.length ? ": " + s.state_reasons.join(", ") : ""));
      list($("session"), [
        ["Ready", s.is_ready
          ? (s.warming_up.length ? "yes, warming up: " + s.warming_up.join(", ") : "yes")
          : "no: " + (s.readiness_reason || "unknown")],
        ["Stack", s.stack.name + (s.stack.alias ? "@" + s.stack.alias : "")],
        ["Digest", s.stack.digest],
        ["Symbols", s.symbols.map(x => x.symbol).join(", ") || "none"],
        ["Loaded", time(s.stack.loaded_at) + " UTC"],
        ["Reloads", s.stack.reloads + ", refused " + s.stack.refused_reloads],
        ["Feed", s.feed.source + (known(s.feed.speed) ? ", " + s.feed.speed + "×" : "")],
        ["Bars decided", s.feed.bars_decided + (s.feed.is_finished ? ", finished" : "")],
        ["Journal", s.journal && s.journal.records + " records, head " + s.journal.head.slice(0, 12)],
      ]);
      const a = s.account;
      list($("account"), [
        ["Equity", a.equity + " " + a.currency], ["Initial", a.initial_equity], ["Peak", a.peak_equity],
        ["Realised today", a.realised_today, signed(a.realised_today)],
        ["Unrealised", a.unrealised, signed(a.unrealised)], ["Fees", a.fees], ["Funding", a.funding],
      ]);
      const r = s.risk;
      fill($("limits"), r, () => [
        limit("Day's loss", r.day_loss, r.day_loss_limit, percent(r.day_loss, 2) + " of " + percent(r.day_loss_limit)),
        limit("Drawdown", r.drawdown, r.drawdown_limit, percent(r.drawdown, 2) + " of " + percent(r.drawdown_limit)),
        limit("Trades today", r.trades_today, r.trades_limit, r.trades_today + " of " + r.trades_limit),
        limit("Losses in a row", r.consecutive_losses, r.consecutive_losses_limit,
          r.consecutive_losses + " of " + r.consecutive_losses_limit),
        ...(known(r.volatility_ratio) && known(r.volatility_ratio_limit)
          ? [limit("Volatility", r.volatility_ratio, r.volatility_ratio_limit,
              number(r.volatility_ratio, 2) + " of " + number(r.volatility_ratio_limit, 1) + " × normal")] : []),
      ]);
      list($("risk"), [
        ["Rolling Sharpe", known(r.rolling_sharpe) ? number(r.rolling_sharpe, 2) : undefined],
        ["Review", r.is_review_due ? "due" : undefined, "loss"],
      ]);
      fill($("symbols"), s.symbols, () => s.symbols.map(symbolCard));
      equity(s.equity_points, a.currency, a.initial_equity);
      table($("events"), s.events.slice(0, 20).map(e => [time(e.time), e.kind, e.symbol || "", e.code || "", e.text]),
        ["", "", "", "", ""], "Nothing has happened yet.");
      table($("stages"), s.stages.map(x => [x.name, String(x.count), number(x.p50_us, 1), number(x.p99_us, 1)]),
        ["", "n", "n", "n"], "Nothing measured yet.");
      table($("variants"), s.variants.map(v => [v.role, v.digest.slice(0, 19), String(v.bars_decided),
        percent(v.agreement), String(v.trades), percent(v.win_rate), percent(v.net_return, 2),
        percent(v.maximum_drawdown, 2)]), ["", "", "n", "n", "n", "n", "n", "n"], "None runs.");
    }

    let lastAnswer = Date.now();
    function lost(reason) {
      $("notice").hidden = false;
      set($("notice"), "No status for " + span(Date.now() - lastAnswer) + " (" + reason + "). What stands below is old.");
      $("badge").dataset.state = "LOST";
      set($("badge"), "NO ANSWER");
    }
    async function refresh() {
      try {
        const answer = await fetch("/status", { cache: "no-store", signal: AbortSignal.timeout(5000) });
        if (!answer.ok) throw new Error("HTTP " + answer.status);
        draw(await answer.json());
        lastAnswer = Date.now();
        $("notice").hidden = true;
      } catch (error) {
        lost(error.message);
      }
      setTimeout(refresh, 1000);
    }
    refresh();
    """#
}
