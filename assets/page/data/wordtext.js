// The Data page for a run on words: the text and its vocabulary, who predicts best, examples, contexts, counts.
import { h, panelHead, setText, svg } from "../common/dom.js";

export const makers = {};

const many = (n) => n.toLocaleString("en");
const percent = (p) =>
  p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.0001 ? `${(100 * p).toPrecision(2)} %` : "<0.01 %";
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
    name = `How often each word occurs, by its rank: the first ${ends[0]} times, the last ${ends[1]}`;
  return svg(
    "svg",
    { viewBox: `0 0 ${W} ${D}`, class: "ls-ranks", role: "img", "aria-label": name },
    svg("path", { d: `M${left} 6V${D - low}H${W}`, class: "ls-ranks-axis" }),
    svg("path", { d: path, class: "ls-ranks-line" }),
    says(left - 5, 16, many(counts[0] ?? 0), "end"),
    says(left - 5, y(counts.at(-1) ?? 1) + 4, many(counts.at(-1) ?? 0), "end"),
    says(left, D - 5, "rank 1", "start"),
    says(W - 4, D - 5, `rank ${many(counts.length)}`, "end"),
  );
};

makers.wordtext = (root) => {
  const body = h("div.ls-wordtext"),
    find = h("input.ls-findword", {
      type: "search",
      placeholder: "how often is …",
      "aria-label": "How often is a word",
    }),
    found = h("span", { role: "status" });
  let data = null;
  const look = () => {
    const asked = find.value.trim(),
      i = data.words.findIndex((word) => word === asked),
      at = i < 0 ? data.words.findIndex((word) => word.toLowerCase() === asked.toLowerCase()) : i;
    const among =
      data.words.length < data.kept ? ` the ${many(data.words.length)} most frequent words` : " the vocabulary";
    if (!asked) return setText(found, "");
    if (at < 0) return setText(found, `“${asked}” is not among${among}.`);
    const n = data.counts[at];
    setText(
      found,
      `“${data.words[at]}”: ${many(n)} times (${percent(n / data.tokens)}), rank ${many(at + 1)}, index ${at + 2}.`,
    );
  };
  find.addEventListener("input", look);
  root.append(
    panelHead(
      "The text, and its vocabulary",
      "The most frequent words are the vocabulary; each of the others is the one symbol <unk>. The first 90 % of the " +
        "sentences train, then 5 % dev, 5 % test. The curve: how often a word occurs, by its rank, both logarithmic.",
    ),
    body,
    h("p.ls-flow.ls-tight", {}, find, found),
  );
  return onNews((given) => {
    data = given;
    const { name, source, sentences, splits, tokens, distinct, kept, unknown, sizes, words, counts } = data;
    const said =
      `“${name}”: ${many(sentences)} sentences, ${many(tokens)} words and signs, ${many(distinct)} different ones. ` +
      `The ${many(kept)} most frequent are kept; ${unknown}\u00a0% of the text are others, <unk>. ${source}`;
    const parts = splits.map(([split, n, examples]) => `${split} ${many(n)} sentences, ${many(examples)} examples`);
    body.replaceChildren(
      h("p", {}, said),
      h("p.ls-quiet", {}, `${parts.join("; ")}.`),
      h(
        "div.ls-flow",
        {},
        ranks(counts),
        table(
          ["vocabulary", "<unk>"],
          sizes.map(([n, share]) => [many(n), `${share} %`]),
          "Share of unknown words",
        ),
      ),
      h(
        "ol.ls-often",
        { "aria-label": "The most frequent words" },
        ...words.slice(0, FIRST).map((word, i) => h("li", {}, h("bdi", {}, word), h("span", {}, many(counts[i])))),
      ),
    );
    look();
  });
};

makers.wordbest = (root) => {
  const body = h("div");
  root.append(
    panelHead(
      "Who predicts best",
      "Every model guesses the next word of the same dev sentences: the lower its loss in nats per word, or its " +
        "perplexity (e to the power of it), the better. Your run's loss is measured on a fixed random sample of them.",
    ),
    body,
  );
  return onNews(({ lines, waits }) => {
    const rows = lines.map(([name, loss, perplexity, reads, about]) => [
      h(name === "Your run" ? "b" : "span", { title: about }, name),
      String(reads),
      loss,
      perplexity,
    ]);
    const best = lines.find(([name]) => name !== "Your run"),
      own = lines.findIndex(([name]) => name === "Your run"),
      said = own ? "Counting is ahead, so far." : "Your run is ahead of all that only count.";
    body.replaceChildren(
      table(["model", "sees", "dev loss", "perplexity"], rows, "Losses on dev, the best first"),
      h("p.ls-quiet", {}, waits || (best ? said : "")),
    );
  });
};

makers.wordwindows = (root) => {
  const body = h("div");
  root.append(
    panelHead(
      "A sentence becomes examples",
      "The network sees the words of the context and is to predict the next one. <s> fills the places before the " +
        "sentence begins. Seen: how often training has the context, and how often this word followed it.",
    ),
    body,
  );
  return onNews(({ rows, unknown }) => {
    const cells = rows.map(([context, next, X, Y, times, followed]) => [
      h("bdi", {}, context.join(" ")),
      h("b", {}, next),
      h("code", {}, `[${X.join(", ")}] → ${Y}`),
      times ? `${many(times)}×, ${many(followed)}×` : "never",
    ]);
    body.replaceChildren(
      h("div.ls-scrolls", { tabindex: 0 }, table(["context", "next", "X → Y", "seen, followed"], cells, "Examples")),
      ...(unknown.length
        ? [h("p", {}, `Not in the vocabulary, so <unk>: ${unknown.map((word) => `“${word}”`).join(", ")}.`)]
        : []),
    );
  });
};

makers.wordgrowth = (root) => {
  const body = h("div");
  root.append(
    panelHead(
      "Contexts run out",
      "How many contexts of each length could be, how many occur in training, and in which share of the dev examples " +
        "the context never did: there is nothing to count, and the paper's network is for just that.",
    ),
    body,
  );
  return onNews(({ rows, such_as }) => {
    const cells = rows.map(([length, possible, train, unseen]) => [String(length), possible, many(train), unseen]);
    const such = such_as.map(([context, times]) => `“${context}” (${times}×)`);
    body.replaceChildren(
      table(["words", "possible", "in training", "dev examples without"], cells, "Contexts by their length"),
      ...(such.length ? [h("p.ls-quiet", {}, `In dev, never in training: ${such.join(", ")}.`)] : []),
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
      "What followed",
      "A table of pairs has one row for each word, a table of triples one for each two: these are the rows for the " +
        "words you type, their most frequent entries first, beside the network's guess for the same words. Last, the " +
        "most frequent pairs and triples of all, without <unk>.",
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
          `${["Pairs", "Triples"][i]}: after ${after}`,
          total ? `${many(total)} times in training` : "never in training",
          found.map(([word, times]) => [word, times / total, `${many(times)}×, ${percent(times / total)}`]),
        ),
      ),
      next(
        `The network, after ${words}`,
        step,
        likeliest.map(([word, p]) => [word, p, percent(p)]),
      ),
      ...frequent.map((found, i) => listed(["Most frequent pairs", "Most frequent triples"][i], found)),
    );
  });
};
