// Runs side by side. Colours are names of the palette; a run's is the same in every panel.
import { Chart } from "../common/chart.js";
import { h, inWords, lightLetter, onLetterLit, panelHead, quoted, setText, wording } from "../common/dom.js";
import { tr } from "../common/messages.js";
import { withRoom } from "./labels.js";

export const makers = {};

const NARROW = 560; // px
const dot = (colour) => {
  const mark = h("i.ls-dot");
  mark.style.background = `var(--ls-${colour})`;
  return mark;
};
const run = (spec, { name, colour }) => h(spec, { title: name }, dot(colour), h("span.ls-run-name", {}, name));
// A panel that is built anew whenever its data is another.
const rebuilt = (box, build) => {
  let last = "";
  return (data) => {
    const { dark, palette, ...rest } = data,
      now = JSON.stringify(rest);
    if (now !== last) box.replaceChildren(...build(rest));
    last = now;
  };
};

makers.verdict = (root) => {
  const headline = h("p.ls-headline", { role: "status", "aria-live": "polite" }),
    text = h("p.ls-outcome");
  root.append(headline, text);
  return (data) => {
    setText(headline, data.headline ?? "");
    headline.hidden = !data.headline;
    setText(text, data.text || data.hint);
    text.classList.toggle("ls-hint", !data.text);
    text.classList.toggle("ls-details", Boolean(data.headline));
  };
};

// The names at the lines' ends, as long as there is room for.
const named = ({ data, layout }, width) => {
  const { right, texts } = layout.meta[width < NARROW ? 1 : 0];
  return {
    data,
    layout: {
      ...layout,
      margin: { ...layout.margin, r: right },
      annotations: layout.annotations.map((label, i) => ({ ...label, text: texts[i] })),
    },
  };
};

makers.losses = (root) => {
  const box = h("div.ls-chart.ls-losses"),
    note = h("span.ls-note");
  root.append(
    panelHead(
      tr("Loss (lower is better)"),
      tr(
        "Exact losses over every example of a split: bold on dev, thin on train. " +
          "Hover for values; drag to zoom, double-click to zoom out.",
      ),
      note,
    ),
    box,
  );
  const chart = new Chart(box, { glide: false, label: tr("Losses of the chosen runs") });
  return ({ figure, palette, dark, ...data }) => {
    setText(note, data.note || tr("bold dev, thin train"));
    return chart.show(named(figure, box.clientWidth), palette, dark);
  };
};

makers.parting = (root) => {
  const box = h("div.ls-chart.ls-parting"),
    text = h("p.ls-outcome", { role: "status" });
  root.append(
    panelHead(
      tr("Where two runs part"),
      tr(
        "The first step at which any number of the two networks differs, and where it differs most; below, how far " +
          "apart they are since: the length of the difference of all weights, as a share of the first one's.",
      ),
    ),
    text,
    box,
  );
  const chart = new Chart(box, { glide: false, label: tr("Distance of the two runs") });
  return (data) => {
    setText(text, data.text);
    box.hidden = !data.figure;
    return data.figure && chart.show(data.figure, data.palette, data.dark);
  };
};

// ---------------------------------------------------------------- the table

makers.table = (root) => {
  const box = h("div.ls-scroll", { tabindex: "0", role: "region", "aria-label": tr("Settings and results") });
  root.append(
    panelHead(
      tr("Settings and results"),
      tr(
        "Rows that differ are coloured; the best loss of a row is bold. Perplexity is e to the power of " +
          "the loss: guessing among this many equally likely {symbols} has the same loss.",
      ),
    ),
    box,
  );
  let open = false;
  const row = (spec, label, cells) => h(spec, {}, h("th", { scope: "row" }, label), ...cells);
  const build = ({ runs, results, different, alike }) => {
    const head = h("tr", {}, h("td"), ...runs.map((one) => h("th", { scope: "col" }, run("span.ls-run-head", one))));
    const best = (texts, at) => texts.map((text, i) => h(at.includes(i) ? "td.ls-best" : "td", {}, text));
    const body = h(
      "tbody",
      {},
      ...results.map(([label, texts, at]) => row("tr", label, best(texts, at))),
      ...different.map(([label, texts]) => row("tr.ls-differs", label, best(texts, []))),
    );
    const rest = h(
      "tbody",
      { id: "ls-alike" },
      ...alike.map(([label, text]) =>
        row(
          "tr",
          label,
          runs.map(() => h("td", {}, text)),
        ),
      ),
    );
    const more = h("button.ls-more", { type: "button", "aria-controls": "ls-alike" });
    const show = () => {
      rest.hidden = !open;
      more.setAttribute("aria-expanded", String(open));
      setText(
        more,
        open
          ? tr("Hide what is alike")
          : different.length
            ? tr("{n} more, all alike", { n: alike.length })
            : tr("{n} settings, all alike", { n: alike.length }),
      );
    };
    more.addEventListener("click", () => ((open = !open), show()));
    show();
    const fold = h("tbody", {}, h("tr.ls-fold", {}, h("td", { colspan: runs.length + 1 }, more)));
    return [
      h(
        "table.ls-table",
        { style: `--runs: ${runs.length}` },
        h("thead", {}, head),
        body,
        ...(alike.length ? [fold, rest] : []),
      ),
    ];
  };
  return rebuilt(box, build);
};

// ---------------------------------------------------------------- embeddings

makers.maps = (root) => {
  const grid = h("div.ls-maps");
  root.append(
    panelHead(
      tr("Where each {symbol} sits"),
      tr(
        "Each run's embedding, moved, rotated and scaled as a whole to be as close as possible " +
          "to the first run's (Procrustes). Arrows lead from where the first run has a " +
          "{symbol}. Residual: 0 is the same shape, 1 nothing in common; above 0.7 there are no arrows.",
      ),
    ),
    grid,
  );
  const charts = [];
  const made = () => {
    const name = h("span.ls-run-head"),
      note = h("p.ls-facts"),
      box = h("div.ls-chart.ls-map");
    const chart = new Chart(box, { glide: true, label: inWords(tr("Map of the embedding of {symbols}")) });
    const one = {
      cell: h("figure.ls-cell", {}, h("figcaption", {}, name, note), box),
      name,
      note,
      box,
      chart,
      characters: [],
      draw: () => {},
    };
    new ResizeObserver(() => one.draw()).observe(box);
    onLetterLit(box, (letter) => {
      const at = one.characters.indexOf(letter);
      box
        .querySelectorAll(".trace.scatter:last-child .points .point")
        .forEach((node, i) => node.classList.toggle("ls-lit", i === at));
    });
    return one;
  };
  const bind = (one) => {
    if (one.bound || !one.box.on) return;
    one.bound = true;
    one.box.on(
      "plotly_hover",
      ({ points: [p] }) => p.curveNumber === one.box.data.length - 1 && lightLetter(one.characters[p.pointNumber]),
    );
    one.box.on("plotly_unhover", () => lightLetter(null));
  };
  return async ({ maps, palette, dark }) => {
    while (charts.length < maps.length) charts.push(made());
    grid.replaceChildren(...charts.slice(0, maps.length).map((one) => one.cell));
    await Promise.all(
      maps.map(async (map, i) => {
        const one = charts[i];
        one.characters = map.characters;
        one.name.replaceChildren(...run("span", map).childNodes);
        one.name.title = map.name;
        setText(one.note, map.note);
        const label = tr("Map of the embedding of {symbols} in {name}", { name: map.name });
        one.box.setAttribute("aria-label", inWords(label));
        const fitting = () => (map.words ? withRoom(map.figure, map.characters, one.box) : map.figure);
        one.draw = () => map.words && one.bound && one.chart.show(fitting(), palette, dark);
        await one.chart.show(fitting(), palette, dark);
        bind(one);
      }),
    );
  };
};

makers.writings = (root) => {
  const grid = h("div.ls-writings");
  root.append(
    panelHead(
      tr("{Noun}s they write"),
      tr("At temperature 1, every run from the same random numbers, so what differs is what they learned."),
      h("span.ls-note", {}, h("span.ls-known", {}, tr("underlined")), tr(" = already in the data")),
    ),
    grid,
  );
  const item = ([text, known]) =>
    h(
      "li",
      {
        "data-known": String(known),
        title: `${text || inWords(tr("the empty {noun}"))}: ${known ? tr("already in the data") : tr("new")}`,
        dir: "auto",
      },
      text || "·",
    );
  const list = (words) => h("ul.ls-names", { "data-noun": wording.noun }, ...words.map(item));
  return rebuilt(grid, ({ runs }) =>
    runs.map((one) => h("div.ls-cell", {}, run("p.ls-run-head", one), list(one.words))),
  );
};

// ---------------------------------------------------------------- other seeds

makers.reseed = (root) => {
  root.append(
    panelHead(
      tr("The same with other seeds"),
      tr(
        "How much of a run is chance? The same settings with other initial weights and minibatches, " +
          "trained in the background; finished runs are kept in the library.",
      ),
    ),
  );
  return () => {};
};

makers.reseeds = (root) => {
  const text = h("p.ls-outcome", { role: "status" });
  const band = h("div.ls-chart.ls-band"),
    overlap = h("div.ls-chart.ls-overlap"),
    ends = h("ul.ls-chips"),
    pairs = h("ul.ls-chips");
  const cell = (title, ...parts) => h("div.ls-cell", {}, h("h3", {}, title), ...parts);
  const kept = cell(inWords(tr("Nearest {symbols} that two seeds have in common")), overlap);
  const together = cell(tr("Neighbours in most seeds"), pairs);
  root.append(
    text,
    h(
      "div.ls-reseeds",
      {},
      cell(tr("Dev loss: the run over the band of the seeds"), band),
      kept,
      cell(tr("Dev loss at the end"), ends),
      together,
    ),
  );
  const [band_chart, overlap_chart] = [
    [band, tr("Dev loss of all seeds")],
    [overlap, inWords(tr("How many nearest {symbols} are the same with another seed"))],
  ].map(([box, label]) => new Chart(box, { glide: false, label }));
  const chip = (...parts) => h("li", {}, ...parts);
  return (data) => {
    setText(text, [data.text, ...data.failed].join(" "));
    const own = chip(dot(data.colour), h("b", {}, data.own), ` ${data.name}`);
    const all = data.devs.map(([seed, dev]) => [Number(dev), chip(h("b", {}, dev), tr(" seed {seed}", { seed }))]);
    ends.replaceChildren(...[...all, [Number(data.own), own]].sort((a, b) => a[0] - b[0]).map(([, item]) => item));
    pairs.replaceChildren(
      ...data.pairs.map(([one, other, seeds]) =>
        chip(h("b", {}, `${quoted(one)}–${quoted(other)}`), tr(" in {n} of {all}", { n: seeds, all: data.seeds })),
      ),
    );
    kept.hidden = !data.overlap;
    together.hidden = !data.pairs.length;
    if (data.overlap) overlap_chart.show(data.overlap, data.palette, data.dark);
    return band_chart.show(data.band, data.palette, data.dark);
  };
};
