// The Data page's other panels: contexts by length, pairs of characters, the bigram by gradient descent, a mix.
(() => {
  const page = window.letterspace;
  const { h, setText, makers, tile } = page;
  const percent = (p) => `${(100 * p).toFixed(1)} %`;

  // ---------------------------------------------------------------- contexts

  makers.growth = (root) => {
    const box = h("div.ls-chart.ls-growth"),
      table = h("table.ls-table.ls-counts"),
      such = h("div.ls-such");
    root.append(
      page.head(
        "How contexts explode",
        "With every further character there are {V} times as many possible contexts (V to the power of the length), but a list of {noun}s shows only so many. A table of counts has nothing to say after a context that training never showed; a network, and Kneser-Ney, still have.",
      ),
      h("div.ls-two", {}, box, h("div.ls-scroll", {}, table, such)),
    );
    const chart = new page.Chart(box, {
      glide: false,
      label: "Contexts by length: possible, in train, in dev, in dev but never in train",
    });
    let last = "",
      at = null;
    const show = ({ lengths }) => {
      const { length, such_as } = lengths[at - 1];
      [...table.tBodies[0].rows].forEach((row, i) => row.classList.toggle("ls-now", i === at - 1));
      const what = such_as.length
        ? `Of ${length} character${length > 1 ? "s" : ""}, in dev and never in train:`
        : `Every context of ${length} character${length > 1 ? "s" : ""} in dev occurs in train.`;
      such.replaceChildren(
        h("p.ls-said", {}, what),
        ...such_as.map(([context, times, word]) =>
          h(
            "span.ls-sample",
            { title: `${times} time${times > 1 ? "s" : ""} in dev` },
            h("b", {}, h("bdi", {}, context)),
            " ",
            h("bdi", {}, word),
            h("small", {}, ` ×${times}`),
          ),
        ),
      );
    };
    return (data, _, how) => {
      const now = JSON.stringify([data.lengths, data.block]);
      if (now !== last) {
        last = now;
        at ??= data.block;
        const heads = ["length", "possible", "in train", "in dev", "never in train", "of dev examples"];
        table.replaceChildren(
          h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))),
          h(
            "tbody",
            {},
            ...data.lengths.map(({ length, counts, share }) => {
              const pick = h(
                "button.ls-more",
                { type: "button", "aria-label": `Examples of length ${length}` },
                String(length),
              );
              const row = h(
                "tr",
                {},
                h("th", { scope: "row" }, pick, ...(length === data.block ? [h("span.ls-yours", {}, " (yours)")] : [])),
                ...counts.map((n) => h("td", {}, n)),
                h("td", {}, share),
              );
              row.addEventListener("click", () => ((at = length), show(data)));
              return row;
            }),
          ),
        );
        show(data);
      }
      return chart.show(data.figure, data.palette, data.dark, how);
    };
  };

  // ---------------------------------------------------------------- pairs

  makers.pairs = (root, view) => {
    const grid = h("div.ls-pairs", {
      tabindex: "0",
      role: "application",
      "aria-label": "Counts of pairs; arrow keys move, Enter chooses the first character",
    });
    const said = h("p.ls-said", { role: "status", "aria-live": "polite" }),
      title = h("h3"),
      bars = h("div.ls-after"),
      told = h("p.ls-said");
    const note = h("span.ls-note"),
      inside = h("button.ls-button", { type: "button" }, "Follow it through the network");
    root.append(
      page.head(
        "What follows what",
        "How often the character of the column follows that of the row, in the training {noun}s: all that a bigram model knows. Click a row to compare what the counts say with what your network says.",
        note,
      ),
      h("div.ls-two.ls-pairs-two", {}, h("div", {}, grid, said), h("div.ls-row-side", {}, title, bars, told, inside)),
    );
    inside.addEventListener("click", () => view.args.setTriggerValue("inside", data.characters[row]));
    let data = null,
      built = "",
      row = 0,
      at = [0, 1],
      shownBars = "";
    const cells = () => grid.querySelectorAll(".ls-pair");
    const n = () => data.characters.length;
    const point = (i, j) => {
      at = [i, j];
      const count = data.counts[i * n() + j],
        { characters } = data;
      grid.querySelector(".ls-here")?.classList.remove("ls-here");
      cells()[i * n() + j].classList.add("ls-here");
      setText(
        said,
        `${page.quoted(characters[i])} → ${page.quoted(characters[j])}: ${count.toLocaleString("en")} times, ${percent(data.counted[i][j])} of what follows ${page.quoted(characters[i])}`,
      );
    };
    const choose = (i) => {
      row = i;
      grid.querySelectorAll(".ls-row-name").forEach((name, k) => name.classList.toggle("ls-now", k === i));
      drawRow();
    };
    const drawRow = () => {
      const { characters, groups, counted, network, step, block } = data,
        mine = [row, counted[row], network[row], step];
      if (JSON.stringify(mine) === shownBars) return;
      shownBars = JSON.stringify(mine);
      const c = characters[row],
        most = Math.max(...counted[row], ...network[row], 0.01);
      title.replaceChildren("After ", tile(c, groups[row]));
      bars.replaceChildren(
        ...characters.map((next, j) => {
          const bar = h(`i.ls-bar.ls-${groups[j]}`),
            tick = h("i.ls-tick"),
            text = `${page.quoted(next)}: counting ${percent(counted[row][j])}, network ${percent(network[row][j])}`;
          bar.style.setProperty("--share", counted[row][j] / most);
          tick.style.bottom = `${(100 * network[row][j]) / most}%`;
          const column = h(
            "span.ls-freq",
            { tabindex: "0", role: "img", "aria-label": text, "data-tip": text },
            h("span.ls-well", {}, bar, tick),
            h("b", {}, page.glyph(next)),
          );
          page.lights(column, next);
          return column;
        }),
      );
      page.crowd(bars, characters, 50);
      const where = block > 1 ? `, on average over its training contexts that end in “${page.quoted(c)}”` : "";
      setText(
        told,
        `Bars: counting. Lines: your network after ${step.toLocaleString("en")} step${step === 1 ? "" : "s"}${where}.`,
      );
    };
    const build = () => {
      const { characters, groups, counts, shades } = data;
      grid.style.setProperty("--n", n());
      const name = (kind, i) => h(`span.ls-${kind}.ls-${groups[i]}`, {}, page.glyph(characters[i]));
      grid.replaceChildren(
        h("span"),
        ...characters.map((_, j) => name("column-name", j)),
        ...characters.flatMap((_, i) => [
          name("row-name", i),
          ...characters.map((_, j) => {
            const cell = h("span.ls-pair", {}, counts[i * n() + j] ? String(counts[i * n() + j]) : "");
            cell.style.setProperty("--shade", `${shades[i * n() + j]}%`);
            if (shades[i * n() + j] > 55) cell.classList.add(shades[i * n() + j] > 80 ? "ls-strong" : "ls-middling");
            return cell;
          }),
        ]),
      );
    };
    const place = (event) => {
      const cell = event.target.closest(".ls-pair, .ls-row-name");
      if (!cell) return null;
      if (cell.classList.contains("ls-row-name"))
        return [[...grid.querySelectorAll(".ls-row-name")].indexOf(cell), null];
      const k = [...cells()].indexOf(cell);
      return [Math.floor(k / n()), k % n()];
    };
    grid.addEventListener("pointerover", (event) => {
      const found = place(event);
      if (found && found[1] !== null) point(...found);
    });
    grid.addEventListener("click", (event) => {
      const found = place(event);
      if (found) choose(found[0]);
      if (found && found[1] !== null) point(...found);
    });
    grid.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (move) point(...at.map((x, k) => (x + move[k] + n()) % n()));
      else if (event.key === "Enter" || event.key === " ") choose(at[0]);
      else return;
      event.preventDefault();
    });
    return (given) => {
      data = given;
      const now = JSON.stringify([data.characters, data.counts]);
      if (now !== built) {
        built = now;
        build();
        const { total, occurring } = data,
          { V } = page.wording,
          number = (n) => n.toLocaleString("en");
        const part =
          data.characters.length < V ? `; shown: the ${data.characters.length} most frequent of ${V} characters` : "";
        setText(note, `${number(total)} pairs, ${number(occurring)} of ${number(V * V)} different ones occur${part}`);
        choose(Math.min(row, n() - 1));
      } else drawRow();
    };
  };

  // ---------------------------------------------------------------- the lecture before

  makers.lecture = (root) => {
    root.append(
      page.head(
        "The lecture before this one",
        "The same model twice. Once as a table of counts; once as a network with a single layer of {V} × {V} weights, zero at first, that learns from all training pairs at once with exact gradients. It can only find what counting already knows, and it does.",
      ),
      h(
        "p.ls-said",
        {},
        "A single layer of weights, one row for each character before, trained by gradient descent on all pairs at once. How many steps until it is as good as the table of counts?",
      ),
    );
    return () => {};
  };

  makers.descent = (root) => {
    const box = h("div.ls-chart.ls-descent"),
      said = h("p.ls-verdict", { role: "status", "aria-live": "polite" });
    const canvases = ["the counts", "the network"].map((name) => [
      name,
      h("canvas.ls-matrix", { role: "img", "aria-label": `What follows what, by ${name}` }),
    ]);
    const slider = h("input.ls-slider", { type: "range", min: "0", value: "0", "aria-label": "Step of the descent" });
    root.append(
      said,
      h(
        "div.ls-two.ls-descent-two",
        {},
        h("div", {}, box, slider),
        h(
          "div.ls-matrices",
          {},
          ...canvases.map(([name, canvas]) => h("figure", {}, canvas, h("figcaption", {}, name))),
        ),
      ),
    );
    const chart = new page.Chart(box, {
      glide: false,
      label: "Loss of the one-layer network over steps of gradient descent",
    });
    let data = null,
      at = 0,
      last = "",
      timer = null,
      dark = null;
    const paint = (canvas, shades) => {
      const n = Math.sqrt(shades.length),
        size = 8,
        pen = ((canvas.width = canvas.height = n * size), canvas.getContext("2d"));
      pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--ls-consonant");
      shades.forEach((shade, k) => {
        pen.globalAlpha = shade / 100;
        pen.fillRect((k % n) * size, Math.floor(k / n) * size, size - 1, size - 1);
      });
    };
    const show = () => {
      const { losses, frames, counted, reached, target, rate, figure } = data,
        [step, train, dev] = losses[at];
      const end = at === losses.length - 1,
        steps = `${step.toLocaleString("en")} step${step === 1 ? "" : "s"}`;
      const how = !end
        ? `Step ${step.toLocaleString("en")}: train ${train}, dev ${dev}; counting has ${target}.`
        : reached === null
          ? `After ${steps} at rate ${rate} it is at ${train}, still above the ${target} of counting.`
          : `As good as counting after ${steps}: train ${train}, dev ${dev}.`;
      setText(said, how);
      Object.assign(slider, { max: losses.length - 1, value: at });
      slider.style.setProperty("--here", `${(100 * at) / (losses.length - 1)}%`);
      slider.style.setProperty("--reached", "100%");
      slider.setAttribute("aria-valuetext", `step ${step}`);
      paint(canvases[0][1], counted);
      paint(canvases[1][1], frames[at]);
      const cut = figure.data.map((trace) => ({
        ...trace,
        x: trace.x.slice(0, at + 1),
        y: trace.y.slice(0, at + 1),
        customdata: trace.customdata.slice(0, at + 1),
      }));
      return chart.show({ ...figure, data: cut }, data.palette, data.dark);
    };
    slider.addEventListener("input", () => (clearInterval(timer), (at = Number(slider.value)), show()));
    return (given) => {
      const now = JSON.stringify(given.losses);
      data = given;
      if (now !== last) {
        last = now;
        clearInterval(timer);
        at = page.reduced() ? data.losses.length - 1 : 0;
        if (!page.reduced())
          timer = setInterval(() => (++at >= data.losses.length - 1 && clearInterval(timer), show()), 110);
      } else if (dark === data.dark) return;
      dark = data.dark;
      return show();
    };
  };

  // ---------------------------------------------------------------- mix

  makers.mix = (root) => {
    const box = h("div.ls-chart.ls-mix"),
      said = h("p.ls-said"),
      here = h("output.ls-verdict");
    const slider = h("input.ls-slider", {
      type: "range",
      min: "0",
      max: "100",
      value: "50",
      "aria-label": "Weight of the network in percent",
    });
    const least = h("button.ls-button", { type: "button" }, "Go to minimum");
    root.append(
      page.head(
        "Two heads",
        "Both models say how likely each next character is; the mix takes a part from the one and the rest from the other. Bengio et al. mixed half and half with a trigram, and did better than either alone: the two err in different places.",
      ),
      h("div.ls-weigh", {}, here, slider, least),
      box,
      said,
    );
    const chart = new page.Chart(box, { glide: false, label: "Dev loss of the mix over the weight of the network" });
    let data = null;
    const show = (how) => {
      const at = Number(slider.value),
        { losses, figure, model } = data;
      setText(here, `${at} % network, ${100 - at} % ${model}: ${losses[at]}`);
      slider.style.setProperty("--here", `${at}%`);
      slider.style.setProperty("--reached", "100%");
      slider.setAttribute("aria-valuetext", here.textContent);
      const [curve, ...marks] = figure.data,
        pin = { ...marks.at(-1), x: [curve.x[at]], y: [curve.y[at]] };
      return chart.show({ ...figure, data: [curve, ...marks.slice(0, -1), pin] }, data.palette, data.dark, how);
    };
    slider.addEventListener("input", () => show({ urgent: true }));
    least.addEventListener("click", () => ((slider.value = data.best), show({ urgent: true })));
    return (given, _, how) => {
      data = given;
      setText(
        said,
        `Your network after ${data.step.toLocaleString("en")} step${data.step === 1 ? "" : "s"}. ${data.said}`,
      );
      return show(how);
    };
  };
})();
