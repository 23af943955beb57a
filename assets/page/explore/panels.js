// The panels. Each maker builds its DOM once and returns a function that shows new data in it.
import { Chart } from "../common/chart.js";
import {
  glyph,
  h,
  inWords,
  lightOnHover,
  markCrowded,
  onLetterLit,
  panelHead,
  quoted,
  setText,
} from "../common/dom.js";
import { tableOf } from "../common/table.js";
import { tr } from "../common/messages.js";

export const makers = {};

const percent = (p) =>
  p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.001 ? `${(100 * p).toFixed(1)} %` : "<0.1 %";

// The loss with a line at the cursor's step, and the names of the curves where they were then.
const marked = ({ data, layout }, { step, exact_step, train, dev }) => {
  const { place } = layout.meta,
    at = (n) => (place === "log" ? Math.log10(n + 1) : n);
  const [now, cursor] = data.slice(-2);
  return {
    data: [
      ...data.slice(0, -2),
      { ...now, x: [at(exact_step), at(exact_step)], y: [train, dev] },
      { ...cursor, x: [at(step), at(step)], y: layout.yaxis.range },
    ],
    layout,
  };
};

makers.loss = (root) => {
  const box = h("div.ls-chart.ls-loss");
  root.append(
    panelHead(
      tr("Loss (lower is better)"),
      tr(
        "How surprised the network is by the next {symbol}, in nats. Thin: one " +
          "minibatch. Bold: {measured}. Dashed: models that only count.",
      ),
    ),
    box,
  );
  const chart = new Chart(box, { glide: false, label: tr("Loss over training steps") });
  return ({ palette, dark }, { look, live, frame }, how) =>
    look.loss && chart.show(live ? look.loss : marked(look.loss, frame), palette, dark, how);
};

const WIDEST = 18; // characters that fit into one of two columns

makers.names = (root) => {
  const list = h("ul.ls-names");
  let lit = null;
  root.append(
    panelHead(
      tr("{Noun}s it writes"),
      tr(
        "Written letter by letter with the network's probabilities, from the same " +
          "random numbers at every step, so what changes is what it learned.",
      ),
      h("span.ls-note", {}, h("span.ls-known", {}, tr("underlined")), ` = ${tr("already in the data")}`),
    ),
    list,
  );
  const spell = (item, text) =>
    item.replaceChildren(
      ...(lit ? text.split(lit) : [text]).flatMap((part, i) => (i ? [h("mark", {}, lit), part] : [part])),
      text ? "" : "·",
    );
  onLetterLit(root, (letter) => {
    lit = letter;
    for (const item of list.children) spell(item, item.dataset.text);
  });
  return (_, { answer }) => {
    root.classList.toggle("ls-waiting", !answer);
    if (!answer) return;
    const names = answer.words.map(([text, known]) => ({ text, known: Boolean(known) }));
    while (list.children.length < names.length) list.append(h("li", { dir: "auto" }));
    names.forEach(({ text, known }, i) => {
      const item = list.children[i];
      if (item.dataset.text === text && item.dataset.known === String(known)) return;
      item.dataset.long = text.length > WIDEST ? "both" : "";
      Object.assign(item.dataset, { text, known });
      item.title = `${text || inWords(tr("the empty {noun}"))}: ${known ? tr("already in the data") : tr("new")}`;
      spell(item, text);
    });
  };
};

makers.bars = (root) => {
  const note = h("span.ls-note"),
    row = h("div.ls-bars", { role: "img" }),
    table = tableOf(
      tr("What comes next"),
      (all) => all.map(({ text, p, bigram }) => [glyph(text), percent(p), percent(bigram)]),
      () => ["", tr("network"), tr("bigram")],
    );
  root.append(
    panelHead(
      tr("What comes next"),
      tr("The network's probability for each next character after the context you type."),
    ),
    row,
    h("p.ls-under", {}, note, h("span", {}, h("i.ls-dash"), tr("counting letter pairs (bigram)"))),
    ...table.parts,
  );
  let bars = [],
    hovered = null;
  let problem = null;
  const say = () => {
    if (problem) return setText(note, problem);
    const best = hovered ?? bars.reduce((a, b) => (b.p > a.p ? b : a), bars[0]);
    if (best) setText(note, `${quoted(best.text)}  ${percent(best.p)} · ${tr("bigram")} ${percent(best.bigram)}`);
  };
  onLetterLit(root, (letter) => {
    hovered = bars.find((bar) => bar.text === letter) ?? null;
    [...row.children].forEach((node, i) => node.classList.toggle("ls-lit", bars[i]?.text === letter));
    say();
  });
  const build = () =>
    row.replaceChildren(
      ...bars.map((bar) => {
        const column = h(
          "div.ls-column",
          {},
          h("div.ls-well", {}, h(`i.ls-bar.ls-${bar.group}`), h("i.ls-tick")),
          h("span", {}, glyph(bar.text)),
        );
        lightOnHover(column, bar.text);
        return column;
      }),
    );
  return (_, { answer, question }) => {
    root.classList.toggle("ls-waiting", !answer);
    if (!answer || !question.bars) return;
    const { context, characters, groups, bigram } = question.bars;
    const fresh = characters.join() !== bars.map((b) => b.text).join();
    bars = characters.map((text, i) => ({ text, group: groups[i], p: answer.next[i], bigram: bigram[i] }));
    problem = question.bars.problem;
    if (fresh) (build(), markCrowded(row, characters, 50));
    table.show(bars);
    hovered = hovered && bars.find((bar) => bar.text === hovered.text);
    const top = Math.max(...bars.flatMap((b) => [b.p, b.bigram]), 0.1);
    bars.forEach(({ p, bigram }, i) => {
      const well = row.children[i].firstChild;
      well.children[0].style.transform = `scaleY(${(p / top).toFixed(4)})`;
      well.children[1].style.bottom = `${((100 * bigram) / top).toFixed(2)}%`;
    });
    const best = [...bars].sort((a, b) => b.p - a.p).slice(0, 3);
    row.setAttribute(
      "aria-label",
      tr("After {context}: {best}", {
        context,
        best: best.map((b) => `${quoted(b.text)} ${percent(b.p)}`).join(", "),
      }),
    );
    say();
  };
};

makers.spelling = (root) => {
  const tiles = h("div.ls-tiles"),
    said = h("p.ls-said");
  root.append(
    panelHead(
      tr("Your {noun}"),
      tr(
        "How likely the network finds each letter of a {noun}, given the letters before it. " +
          "The darker, the likelier; the last tile is the end of the {noun}.",
      ),
    ),
    tiles,
    said,
  );
  let last = "";
  return (_, { answer, look, live, question }) => {
    root.classList.toggle("ls-waiting", !answer);
    if (!answer || !question.spelling) return;
    const { characters, known, problem } = question.spelling;
    const p = answer.letters ?? [];
    const percentile = live ? look.percentile : null;
    const now = JSON.stringify([characters, p, percentile, problem]);
    if (now === last) return;
    last = now;
    tiles.replaceChildren(
      ...p.map((chance, i) => {
        const tile = h(
          "span.ls-tile",
          { title: `${quoted(characters[i])}: ${percent(chance)}` },
          h("b", {}, glyph(characters[i])),
          h("small", {}, percent(chance)),
        );
        tile.style.setProperty("--p", Math.min(1, 0.06 + Math.sqrt(chance)).toFixed(3));
        lightOnHover(tile, characters[i]);
        return tile;
      }),
    );
    if (!p.length) return setText(said, problem ?? inWords(tr("Type any {noun} to see what the network makes of it.")));
    const loss = answer.loss.toFixed(2);
    const typical = Number.isFinite(percentile)
      ? `${inWords(tr("More typical than {percent} % of held-out {noun}s.", { percent: percentile }))} `
      : "";
    setText(
      said,
      typical + (known ? tr("Loss {loss}; in the data.", { loss }) : tr("Loss {loss}; not in the data.", { loss })),
    );
  };
};
