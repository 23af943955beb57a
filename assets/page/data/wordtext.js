// The Data page for a run on words: the text and its vocabulary, who predicts best, examples, contexts, counts.
import { h, panelHead, setText, svg } from "../common/dom.js";
import { tr } from "../common/messages.js";
import { MOST_ROWS, tableOf } from "../common/table.js";

export const makers = {};

const many = (n) => n.toLocaleString("en");
const percent = (p) =>
  p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.0001 ? `${(100 * p).toPrecision(2)} %` : "<0.01 %";
const YOURS = tr("Your run"); // as the server calls it
const FIRST = 36; // words whose counts are listed

// Draw again only for other data.
const onNews = (draw) => {
  let last = "";
  return (data) => {
    const now = JSON.stringify(data);
    if (now === last) return;
    last = now;
    draw(data);
  };
};
const table = (head, rows, label) =>
  h(
    "table.ls-counted",
    { "aria-label": label },
    h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell))))),
  );

// Rank against frequency, both logarithmic.
const ranks = (counts) => {
  const [W, D, left, low] = [320, 130, 46, 20],
    x = (i) => left + (Math.log(i + 1) / Math.log(counts.length || 2)) * (W - left - 6),
    top = Math.log(counts[0] || 2),
    y = (n) => D - low - (Math.log(Math.max(1, n)) / top) * (D - low - 12);
  const path = counts.map((n, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(n).toFixed(1)}`).join("");
  const says = (at, to, words, anchor) =>
    svg("text", { x: at, y: to, class: "ls-tick2", "text-anchor": anchor }, document.createTextNode(words));
  const ends = [counts[0] ?? 0, counts.at(-1) ?? 0].map(many),
    name = tr("How often each word occurs, by its rank: the first {first} times, the last {last}", {
      first: ends[0],
      last: ends[1],
    });
  return svg(
    "svg",
    { viewBox: `0 0 ${W} ${D}`, class: "ls-ranks", role: "img", "aria-label": name },
    svg("path", { d: `M${left} 6V${D - low}H${W}`, class: "ls-ranks-axis" }),
    svg("path", { d: path, class: "ls-ranks-line" }),
    says(left - 5, 16, many(counts[0] ?? 0), "end"),
    says(left - 5, y(counts.at(-1) ?? 1) + 4, many(counts.at(-1) ?? 0), "end"),
    says(left, D - 5, tr("rank 1"), "start"),
    says(W - 4, D - 5, tr("rank {n}", { n: many(counts.length) }), "end"),
  );
};

// Of that picture as a table: ranks as far apart as on its axis.
const ranked = ({ words, counts }) => {
  const ranks = Array.from({ length: MOST_ROWS }, (_, k) => Math.round(counts.length ** (k / (MOST_ROWS - 1))));
  return [...new Set(ranks)]
    .filter((rank) => rank <= counts.length)
    .map((rank) => [tr("rank {n}", { n: many(rank) }), words[rank - 1], many(counts[rank - 1])]);
};

makers.wordtext = (root) => {
  const body = h("div.ls-wordtext"),
    frequencies = tableOf(tr("How often each word occurs, by its rank"), ranked),
    find = h("input.ls-findword", {
      type: "search",
      placeholder: tr("how often is …"),
      "aria-label": tr("How often is a word"),
    }),
    found = h("span", { role: "status" });
  let data = null;
  const look = () => {
    const asked = find.value.trim(),
      i = data.words.findIndex((word) => word === asked),
      at = i < 0 ? data.words.findIndex((word) => word.toLowerCase() === asked.toLowerCase()) : i;
    if (!asked) return setText(found, "");
    const n_words = data.words.length;
    if (at < 0)
      return setText(
        found,
        n_words < data.kept
          ? tr("“{word}” is not among the {n} most frequent words.", { word: asked, n: many(n_words) })
          : tr("“{word}” is not among the vocabulary.", { word: asked }),
      );
    const n = data.counts[at];
    setText(
      found,
      tr("“{word}”: {n} times ({share}), rank {rank}, index {index}.", {
        word: data.words[at],
        n: many(n),
        share: percent(n / data.tokens),
        rank: many(at + 1),
        index: at + 2,
      }),
    );
  };
  find.addEventListener("input", look);
  root.append(
    panelHead(
      tr("The text, and its vocabulary"),
      tr(
        "The most frequent words are the vocabulary; each of the others is the one symbol <unk>. The first " +
          "90 % of the " +
          "sentences train, then 5 % dev, 5 % test. The curve: how often a word occurs, by its rank, both logarithmic.",
      ),
    ),
    body,
    ...frequencies.parts,
    h("p.ls-flow.ls-tight", {}, find, found),
  );
  return onNews((given) => {
    data = given;
    const { name, source, sentences, splits, tokens, distinct, kept, unknown, sizes, words, counts } = data;
    const values = {
      ...{ name, unknown, sentences: many(sentences), tokens: many(tokens) },
      ...{ distinct: many(distinct), kept: many(kept) },
    };
    const about = tr(
      "“{name}”: {sentences} sentences, {tokens} words and signs, {distinct} different ones. The {kept} " +
        "most frequent " +
        "are kept; {unknown}\u00a0% of the text are others, <unk>.",
      values,
    );
    const said = `${about} ${source}`;
    const parts = splits.map(([split, n, examples]) =>
      tr("{split} {n} sentences, {examples} examples", { split: tr(split), n: many(n), examples: many(examples) }),
    );
    body.replaceChildren(
      h("p", {}, said),
      h("p.ls-quiet", {}, `${parts.join("; ")}.`),
      h(
        "div.ls-flow",
        {},
        ranks(counts),
        ...(sizes.length
          ? [
              table(
                [tr("vocabulary"), "<unk>"],
                sizes.map(([n, share]) => [many(n), `${share} %`]),
                tr("Share of unknown words"),
              ),
            ]
          : []),
      ),
      h(
        "ol.ls-often",
        { "aria-label": tr("The most frequent words") },
        ...words.slice(0, FIRST).map((word, i) => h("li", {}, h("bdi", {}, word), h("span", {}, many(counts[i])))),
      ),
    );
    frequencies.show({ words, counts });
    look();
  });
};

makers.wordbest = (root) => {
  const body = h("div");
  root.append(
    panelHead(
      tr("Who predicts best"),
      tr(
        "Every model guesses the next word of the same dev sentences: the lower its loss in nats per word, or its " +
          "perplexity (e to the power of it), the better. Your run's loss is measured on a fixed random " +
          "sample of them.",
      ),
    ),
    body,
  );
  return onNews(({ lines, waits }) => {
    const rows = lines.map(([name, loss, perplexity, reads, about]) => [
      h(name === YOURS ? "b" : "span", { title: about }, name),
      String(reads),
      loss,
      perplexity,
    ]);
    const best = lines.find(([name]) => name !== YOURS),
      own = lines.findIndex(([name]) => name === YOURS),
      said = own ? tr("Counting is ahead, so far.") : tr("Your run is ahead of all that only count.");
    body.replaceChildren(
      table([tr("model"), tr("sees"), tr("dev loss"), tr("perplexity")], rows, tr("Losses on dev, the best first")),
      h("p.ls-quiet", {}, waits || (best ? said : "")),
    );
  });
};

makers.wordwindows = (root) => {
  const body = h("div");
  root.append(
    panelHead(
      tr("A sentence becomes examples"),
      tr(
        "The network sees the words of the context and is to predict the next one. <s> fills the places before the " +
          "sentence begins. Seen: how often training has the context, and how often this word followed it.",
      ),
    ),
    body,
  );
  return onNews(({ rows, unknown }) => {
    const others = unknown.map((word) => `“${word}”`).join(", ");
    const cells = rows.map(([context, next, X, Y, times, followed]) => [
      h("bdi", {}, context.join(" ")),
      h("b", {}, next),
      h("code", {}, `[${X.join(", ")}] → ${Y}`),
      times ? `${many(times)}×, ${many(followed)}×` : tr("never"),
    ]);
    body.replaceChildren(
      h(
        "div.ls-scrolls",
        { tabindex: 0 },
        table([tr("context"), tr("next"), "X → Y", tr("seen, followed")], cells, tr("Examples")),
      ),
      ...(unknown.length ? [h("p", {}, tr("Not in the vocabulary, so <unk>: {words}.", { words: others }))] : []),
    );
  });
};

makers.wordgrowth = (root) => {
  const body = h("div");
  root.append(
    panelHead(
      tr("Contexts run out"),
      tr(
        "How many contexts of each length could be, how many occur in training, and in which share of the " +
          "dev examples " +
          "the context never did: there is nothing to count, and the paper's network is for just that.",
      ),
    ),
    body,
  );
  return onNews(({ rows, such_as }) => {
    const cells = rows.map(([length, possible, train, unseen]) => [String(length), possible, many(train), unseen]);
    const such = such_as.map(([context, times]) => `“${context}” (${times}×)`);
    body.replaceChildren(
      table(
        [tr("words"), tr("possible"), tr("in training"), tr("dev examples without")],
        cells,
        tr("Contexts by their length"),
      ),
      ...(such.length
        ? [h("p.ls-quiet", {}, tr("In dev, never in training: {contexts}.", { contexts: such.join(", ") }))]
        : []),
    );
  });
};

const next = (title, note, rows) =>
  h(
    "div.ls-followed",
    {},
    h("h4", {}, title),
    h("p.ls-quiet", {}, note),
    h(
      "ol",
      {},
      ...rows.map(([word, p, says]) => {
        const bar = h("i");
        bar.style.transform = `scaleX(${p})`;
        return h("li", {}, bar, h("bdi", {}, word), h("span", {}, says));
      }),
    ),
  );

makers.wordcounts = (root) => {
  const body = h("div.ls-followers");
  root.append(
    panelHead(
      tr("What followed"),
      tr(
        "A table of pairs has one row for each word, a table of triples one for each two: these are the rows for the " +
          "words you type, their most frequent entries first, beside the network's guess for the same " +
          "words. Last, the " +
          "most frequent pairs and triples of all, without <unk>.",
      ),
    ),
    body,
  );
  const listed = (title, rows) =>
    h(
      "div.ls-followed",
      {},
      h("h4", {}, title),
      h("ol", {}, ...rows.map(([words, times]) => h("li", {}, h("bdi", {}, words), h("span", {}, many(times))))),
    );
  return onNews(({ rows, network, frequent }) => {
    const [words, likeliest, step] = network;
    body.replaceChildren(
      ...rows.map(({ after, total, next: found }, i) =>
        next(
          i ? tr("Triples: after {context}", { context: after }) : tr("Pairs: after {context}", { context: after }),
          total ? tr("{n} times in training", { n: many(total) }) : tr("never in training"),
          found.map(([word, times]) => [word, times / total, `${many(times)}×, ${percent(times / total)}`]),
        ),
      ),
      next(
        tr("The network, after {words}", { words }),
        step,
        likeliest.map(([word, p]) => [word, p, percent(p)]),
      ),
      ...frequent.map((found, i) => listed([tr("Most frequent pairs"), tr("Most frequent triples")][i], found)),
    );
  });
};
