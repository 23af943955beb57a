// The panels. Each maker builds its DOM once and returns a function that shows new data in it.
(() => {
  const page = window.letterspace;
  const { h, setText } = page;
  const percent = (p) => (p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.001 ? `${(100 * p).toFixed(1)} %` : "<0.1 %");
  const swatch = (group, label) => h("span.ls-key", {}, h(`i.ls-dot.ls-${group}`), label);
  const makers = (page.makers = {});

  makers.readout = (root) => {
    const cells = {};
    const cell = (name, label) => {
      cells[name] = h("b", {}, "0");
      cells[`${name}_label`] = h("span", {}, label);
      return h(`div.ls-number.ls-${name}`, {}, cells[name], cells[`${name}_label`]);
    };
    root.append(h("div.ls-readout", { role: "group", "aria-label": "Where the run is" },
      cell("step", "step"), cell("train", "train loss"), cell("dev", "dev loss"), cell("rate", "steps/s")));
    return ({ step, train, dev, rate, exact_step }) => {
      const loss = (value) => (value < 100 ? value.toFixed(3) : value < 10000 ? value.toFixed(1) : value.toExponential(1));
      setText(cells.step, step.toLocaleString("en"));
      setText(cells.train, loss(train));
      setText(cells.dev, loss(dev));
      setText(cells.rate, rate ? rate.toLocaleString("en") : "–");
      const at = exact_step.toLocaleString("en");
      for (const name of ["train", "dev"]) {
        setText(cells[`${name}_label`], exact_step === step ? `${name} loss` : `${name} at ${at}`);
        cells[name].parentElement.title = `Exact loss over the whole split at step ${at}`;
      }
    };
  };

  makers.status = (root) => {
    const line = h("p.ls-status", { role: "status", "aria-live": "polite" });
    root.append(line);
    return ({ text, tone }) => {
      setText(line, text);
      line.title = text;
      line.dataset.tone = tone;
    };
  };

  makers.letters = (root) => {
    const note = h("span.ls-note");
    const box = h("div.ls-chart.ls-letters");
    root.append(
      page.head("Where each character sits", "The embedding table C: each character is a point that training moves. Characters used alike drift together. Hover for exact values and the nearest neighbours in all dimensions; drag to zoom, double-click to come back.",
        note, h("span.ls-keys", {}, swatch("vowel", "vowel"), swatch("consonant", "consonant"), swatch("boundary", "start/end"))),
      box);
    const chart = new page.Chart(box, { glide: true, label: "Map of the characters' embedding" });
    let letters = [];
    const bind = () => {
      if (bind.done || !box.on) return;
      bind.done = true;
      box.on("plotly_hover", ({ points: [p] }) => p && letters[p.pointNumber] && page.light(letters[p.pointNumber]));
      box.on("plotly_unhover", () => page.light(null));
    };
    page.onLight(root, (letter) => {
      const at = letters.indexOf(letter);
      box.querySelectorAll(".trace.scatter .points .point").forEach((node, i) => node.classList.toggle("ls-lit", i === at));
    });
    return async ({ figure, palette, characters, note: text, dark }) => {
      letters = characters;
      setText(note, text);
      await chart.show(figure, palette, dark);
      bind();
    };
  };

  makers.loss = (root) => {
    const box = h("div.ls-chart.ls-loss");
    root.append(
      page.head("Loss in nats", "How surprised the network is by the next character, in nats: lower is better. Thin: one minibatch. Bold: exact, over every example of the split. Dashed: models that only count."),
      box);
    const chart = new page.Chart(box, { glide: false, label: "Loss over training steps" });
    return ({ figure, palette, dark }) => chart.show(figure, palette, dark);
  };

  makers.names = (root) => {
    const list = h("ul.ls-names");
    let lit = null;
    root.append(
      page.head("Names it writes", "Written letter by letter with the network's probabilities, from the same random numbers at every step, so what changes is what it learned.",
        h("span.ls-note", {}, h("span.ls-known", {}, "underlined"), " = already in the data")),
      list);
    const spell = (item, text) => item.replaceChildren(...[...text].map((s) => h(s === lit ? "mark" : "span", {}, s)), text ? "" : "·");
    page.onLight(root, (letter) => {
      lit = letter;
      for (const item of list.children) spell(item, item.dataset.text);
    });
    return ({ names }) => {
      while (list.children.length < names.length) list.append(h("li"));
      names.forEach(({ text, known }, i) => {
        const item = list.children[i];
        if (item.dataset.text === text && item.dataset.known === String(known)) return;
        Object.assign(item.dataset, { text, known });
        item.title = `${text || "the empty name"}: ${known ? "already in the data" : "new"}`;
        spell(item, text);
      });
    };
  };

  makers.bars = (root) => {
    const note = h("span.ls-note"), row = h("div.ls-bars", { role: "img" });
    root.append(
      page.head("What comes next", "The network's probability for each next character after the context you type. The dash is what counting pairs of letters says.", note), row);
    let bars = [], hovered = null;
    let problem = null;
    const say = () => {
      if (problem) return setText(note, problem);
      const best = hovered ?? bars.reduce((a, b) => (b.p > a.p ? b : a), bars[0]);
      if (best) setText(note, `${best.text}  ${percent(best.p)} · bigram ${percent(best.bigram)}`);
    };
    page.onLight(root, (letter) => {
      hovered = bars.find((bar) => bar.text === letter) ?? null;
      [...row.children].forEach((node, i) => node.classList.toggle("ls-lit", bars[i]?.text === letter));
      say();
    });
    const build = () => row.replaceChildren(...bars.map((bar) => {
      const column = h("div.ls-column", {}, h("div.ls-well", {}, h(`i.ls-bar.ls-${bar.group}`), h("i.ls-tick")), h("span", {}, bar.text));
      page.lights(column, bar.text);
      return column;
    }));
    return (data) => {
      const fresh = data.bars.map((b) => b.text).join() !== bars.map((b) => b.text).join();
      ({ bars, problem } = data);
      if (fresh) build();
      hovered = hovered && bars.find((bar) => bar.text === hovered.text);
      const top = Math.max(...bars.flatMap((b) => [b.p, b.bigram]), 0.1);
      bars.forEach(({ p, bigram }, i) => {
        const well = row.children[i].firstChild;
        well.children[0].style.transform = `scaleY(${(p / top).toFixed(4)})`;
        well.children[1].style.bottom = `${((100 * bigram) / top).toFixed(2)}%`;
      });
      const best = [...bars].sort((a, b) => b.p - a.p).slice(0, 3);
      row.setAttribute("aria-label", `After ${data.context}: ` + best.map((b) => `${b.text} ${percent(b.p)}`).join(", "));
      say();
    };
  };

  makers.spelling = (root) => {
    const tiles = h("div.ls-tiles"), said = h("p.ls-said");
    root.append(
      page.head("Your name", "How likely the network finds each letter of a name, given the letters before it. The darker, the likelier; the last tile is the end of the name."), tiles, said);
    let last = "";
    return ({ letters, loss, percentile, known, problem }) => {
      const now = JSON.stringify([letters, loss, percentile, problem]);
      if (now === last) return;
      last = now;
      tiles.replaceChildren(...(letters ?? []).map(({ text, p }) => {
        const tile = h("span.ls-tile", { title: `${text}: ${percent(p)}` }, h("b", {}, text), h("small", {}, percent(p)));
        tile.style.setProperty("--p", Math.min(1, 0.06 + Math.sqrt(p)).toFixed(3));
        page.lights(tile, text);
        return tile;
      }));
      setText(said, problem ?? (letters ? `Loss ${loss.toFixed(2)}: letter for letter likelier than ${percentile} % of the dev names${known ? "; it is in the data" : "; not in the data"}.` : "Type any name to see what the network makes of it."));
    };
  };
})();
