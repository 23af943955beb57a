// The Data page's first panels: who predicts best, and how words become examples.
(() => {
  const page = window.letterspace;
  const { h, setText, makers } = page;
  const SPLITS = ["train", "dev", "test"];
  const ms = (duration) => (page.reduced() ? 0 : duration);
  // A character as a small square in its group's colour; "." is the boundary.
  const tile = (character, group, index) => {
    const box = h(
      `span.ls-char.ls-${group}`,
      index === undefined ? {} : { title: `${page.quoted(character)} is number ${index}` },
      page.glyph(character),
    );
    page.lights(box, character);
    return box;
  };
  page.tile = tile;

  // A choice of two or more words, one of them pressed.
  page.choice = (label, words, chosen, act) => {
    const box = h("span.ls-either", { role: "group", "aria-label": label });
    const say = (now) =>
      [...box.children].forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.word === now)));
    for (const word of words) {
      const button = h("button.ls-button", { type: "button", "data-word": word }, word);
      button.addEventListener("click", () => (say(word), act(word)));
      box.append(button);
    }
    say(chosen);
    return box;
  };

  // ---------------------------------------------------------------- standings

  makers.standings = (root) => {
    const said = h("p.ls-outcome", { role: "status", "aria-live": "polite" });
    const body = h("div.ls-lines", {
      role: "table",
      "aria-label": "Losses of count models and networks, the best on dev first",
    });
    const more = h("p.ls-said");
    let unit = "nats",
      data = null,
      last = "";
    const units = page.choice("Unit", ["nats", "perplexity"], unit, (word) => ((unit = word), draw()));
    const key = (name) => h("span", {}, h(`i.ls-dot.ls-mark-${name}`), name);
    root.append(
      page.head(
        "Who predicts best",
        "Every model guesses the next character of the same {noun}s; the lower its loss on the dev split, the better. Count models only count what followed which characters in training; Kneser-Ney knows what to do with contexts it has never seen. A long line between train and dev means learning by heart. Perplexity is e to the loss.",
        h("span.ls-keys", {}, key("train"), key("dev")),
        units,
      ),
      said,
      body,
      more,
    );
    const rows = new Map();
    const make = (name) => {
      const cells = { name: h("b"), about: h("small"), reads: h("span.ls-reads", { role: "cell" }) };
      for (const split of SPLITS) cells[split] = h(`span.ls-loss-${split}`, { role: "cell" });
      const bar = h("i.ls-gap"),
        marks = ["train", "dev"].map((split) => h(`i.ls-mark.ls-mark-${split}`));
      cells.track = h("span.ls-track", { role: "cell" }, bar, ...marks);
      const row = h(
        "div.ls-line",
        { role: "row" },
        h("span.ls-who", { role: "rowheader" }, cells.name, cells.about),
        cells.reads,
        ...SPLITS.map((split) => cells[split]),
        cells.track,
      );
      return { row, cells, bar, marks };
    };
    const put = ({ row, cells, bar, marks }, line, [train, dev]) => {
      row.className = `ls-line ls-kind-${line.kind}`;
      setText(cells.name, line.name);
      setText(cells.about, line.about);
      cells.name.parentElement.title = `${line.name}: ${line.about}`;
      setText(cells.reads, String(line.reads));
      cells.reads.title = `sees ${line.reads} character${line.reads === 1 ? "" : "s"} of context`;
      SPLITS.forEach((split, i) => {
        setText(cells[split], line[unit][i]);
        cells[split].title = `${split}: loss ${line.nats[i]}, perplexity ${line.perplexity[i]}`;
      });
      bar.style.left = `${Math.min(train, dev)}%`;
      bar.style.width = `${Math.abs(train - dev)}%`;
      marks[0].style.left = `${train}%`;
      marks[1].style.left = `${dev}%`;
      cells.track.title = `train ${line.nats[0]}, dev ${line.nats[1]}`;
    };
    const header = h(
      "div.ls-line.ls-line-head",
      { role: "row" },
      ...[
        ["model", ""],
        ["sees", "characters of context"],
        ["train", ""],
        ["dev", ""],
        ["test", ""],
      ].map(([word, title]) => h("span", { role: "columnheader", title }, word)),
      h("span.ls-track", { role: "columnheader", "aria-label": "picture" }),
    );
    const draw = () => {
      const now = JSON.stringify([data, unit]);
      if (now === last) return;
      last = now;
      const before = new Map([...rows].map(([name, { row }]) => [name, row.getBoundingClientRect().top]));
      const times = {}; // runs may share a name
      const ids = data.lines.map(
        ({ kind, name }) => `${kind} ${name} ${(times[kind + name] = (times[kind + name] ?? 0) + 1)}`,
      );
      for (const name of rows.keys()) if (!ids.includes(name)) (rows.get(name).row.remove(), rows.delete(name));
      data.lines.forEach((line, i) => {
        if (!rows.has(ids[i])) rows.set(ids[i], make());
        put(rows.get(ids[i]), line, data.places[i]);
      });
      setText(said, data.said);
      setText(more, [data.more ? `The library has ${data.more} more.` : "", data.left_out].join(" ").trim());
      header.lastChild.replaceChildren(
        ...data.ticks.map(([at, text]) => {
          const tick = h("i.ls-tick-at", {}, text);
          tick.style.left = `${at}%`;
          return tick;
        }),
      );
      body.replaceChildren(header, ...ids.map((name) => rows.get(name).row));
      for (const [name, top] of before) {
        // who overtakes glides to its new place
        const row = rows.get(name)?.row,
          by = row && top - row.getBoundingClientRect().top;
        if (by)
          row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
            duration: ms(500),
            easing: "ease",
          });
      }
    };
    return (given) => {
      const { dark, palette, ...rest } = given;
      data = rest;
      draw();
    };
  };

  // ---------------------------------------------------------------- examples

  makers.windows = (root) => {
    const tape = h("div.ls-tape", { "aria-hidden": "true" }),
      frame = h("i.ls-frame"),
      list = h("ol.ls-windows");
    const problem = h("p.ls-said", { role: "status" });
    const again = h("button.ls-button", { type: "button" }, "Again");
    root.append(
      page.head(
        "A word becomes examples",
        "A window slides over the word, padded with “.”. What is in the window is the context X; the character after it is the target Y.",
      ),
      h("div.ls-taped", {}, tape, again),
      problem,
      list,
    );
    let timer = null,
      last = "",
      data = null;
    const at = (i) => {
      const n = tape.childElementCount - 1;
      frame.style.left = `${(100 * i) / n}%`;
      [...tape.children].forEach((box, j) => box.classList.toggle("ls-target", j === i + data.block));
      [...list.children].forEach((row, j) => row.classList.toggle("ls-now", j === i));
    };
    const numbered = (k) => tile(data.characters[k], data.groups[k], k);
    const row = ([context, next, X, Y], i) => {
      const item = h(
        "li",
        { tabindex: "0", "aria-label": `${page.quoted(context)} then ${page.quoted(next)}` },
        h("span.ls-context", {}, ...X.map(numbered)),
        h("span.ls-arrow", {}, "→"),
        numbered(Y),
        h("code", {}, `[${X.join(", ")}] → ${Y}`),
      );
      for (const event of ["pointerenter", "focus"]) item.addEventListener(event, () => timer === null && at(i));
      return item;
    };
    const stop = () => (clearInterval(timer), (timer = null));
    const play = () => {
      stop();
      list.replaceChildren();
      const { windows } = data;
      const next = () => {
        const i = list.childElementCount;
        list.append(row(windows[i], i));
        at(i);
        if (i === windows.length - 1) stop();
      };
      if (page.reduced()) return windows.forEach(next);
      timer = setInterval(next, 420);
      next();
    };
    again.addEventListener("click", play);
    return (given) => {
      const now = JSON.stringify([given.windows, given.characters, given.groups, given.problem]);
      if (now === last) return;
      last = now;
      data = given;
      setText(problem, data.problem ?? "");
      tape.parentElement.hidden = !data.windows.length;
      if (!data.windows.length) return (stop(), list.replaceChildren());
      const text = [...data.windows[0][2], ...data.windows.map(([, , , Y]) => Y)]; // indices
      tape.style.setProperty("--n", text.length);
      frame.style.width = `${(100 * data.block) / text.length}%`;
      tape.replaceChildren(...text.map((k) => tile(data.characters[k], data.groups[k])), frame);
      play();
    };
  };

  makers.alphabet = (root) => {
    const body = h("div.ls-alphabet"),
      told = h("p.ls-said");
    root.append(
      page.head(
        "The vocabulary",
        "Every character with its number, and how often it is to be predicted in the training {noun}s; “.” comes once a {noun}, at its end.",
      ),
      body,
      told,
    );
    let last = "";
    return ({ characters, groups, counts, shares }) => {
      const now = JSON.stringify([characters, groups, counts, shares]);
      if (now === last) return;
      last = now;
      const most = Math.max(...counts);
      body.replaceChildren(
        ...characters.map((c, i) => {
          const bar = h(`i.ls-bar.ls-${groups[i]}`),
            said = `${page.quoted(c)}, number ${i}: ${counts[i].toLocaleString("en")} times`;
          bar.style.setProperty("--share", counts[i] / most);
          const column = h(
            "span.ls-freq",
            { tabindex: "0", role: "img", "aria-label": said, "data-tip": said },
            h("span.ls-well", {}, bar),
            h("b", {}, page.glyph(c)),
            h("small", {}, String(i)),
          );
          page.lights(column, c);
          return column;
        }),
      );
      page.crowd(body, characters, 70);
      const total = counts.reduce((a, b) => a + b).toLocaleString("en");
      setText(told, `${characters.length} characters, ${total} to predict: ${shares.join(", ")}.`);
    };
  };

  makers.firstfive = (root) => {
    const body = h("div.ls-first"),
      note = h("span.ls-note");
    let data = null,
      as = "letters",
      last = "";
    root.append(
      page.head(
        "X and Y of the first five {noun}s",
        "Each column is one example: the context from top to bottom, then what comes next. The network sees only the numbers.",
        note,
        page.choice("Shown as", ["letters", "numbers"], as, (word) => ((as = word), draw())),
      ),
      body,
    );
    const draw = () => {
      const { words, characters, groups, block } = data,
        now = JSON.stringify([words, characters, groups, as]);
      if (now === last) return;
      last = now;
      const n = words.reduce((sum, { windows }) => sum + windows.length, 0);
      setText(note, `X (${n}, ${block}) → Y (${n},)`);
      let number = 0;
      const cell = (k) => tile(as === "letters" ? characters[k] : String(k), groups[k]);
      body.replaceChildren(
        ...words.map(({ word, windows }) =>
          h(
            "figure.ls-word",
            {},
            h("figcaption", { dir: "auto" }, word),
            h(
              "div.ls-columns",
              {},
              ...windows.map(([, , X, Y]) =>
                h(
                  "div.ls-example",
                  { title: `X[${number}] = [${X.join(", ")}], Y[${number++}] = ${Y}` },
                  ...X.map(cell),
                  h("span.ls-arrow", {}, "↓"),
                  cell(Y),
                ),
              ),
            ),
          ),
        ),
      );
    };
    return (given) => {
      data = given;
      draw();
    };
  };
})();
