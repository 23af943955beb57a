// Structure: how many of a word's nearest are of its kind, against labels drawn at random (core/analysis).
import { h, panelHead, setText } from "../common/dom.js";
import { mark, tr } from "../common/messages.js";

export const makers = {};

const percent = (x) => `${(100 * x).toFixed(0)} %`;

// A bar from 0 to 1 with the range of chance over it; what is below 0 has no length.
const bar = (...values) => {
  const [share, low, high] = values.map((x) => Math.max(0, x)),
    band = h("i.ls-together-chance"),
    mark = h("i.ls-together-share");
  band.style.left = `${(100 * low).toFixed(1)}%`;
  band.style.width = `${Math.max(0.6, 100 * (high - low)).toFixed(1)}%`;
  mark.style.width = `${(100 * share).toFixed(1)}%`;
  return h("div.ls-together-bar", {}, mark, band);
};

// A row: what, how much of it, and the range of that by chance, from -1 to 1, written by `write`.
const row = (name, write, share, low, high) =>
  h(
    "div",
    { role: "row" },
    h("span", { role: "cell" }, name),
    bar(share, low, high),
    h("b", { role: "cell" }, write(share)),
    h(
      "span.ls-by",
      { role: "cell" },
      tr("by chance {low} to {high}", { low: write(low).replace(" %", ""), high: write(high) }),
    ),
  );
const judged = (pairs, ...of) => row(`${tr("human judgement")} (${pairs})`, (x) => x.toFixed(2), ...of);

makers.together = (root) => {
  const rows = h("div.ls-together", { role: "table" }),
    note = h("span.ls-note"),
    none = h("p.ls-truth", { hidden: "" }, tr("Parts of speech and groups are known of English words only."));
  root.append(
    panelHead(
      tr("Structure"),
      tr(
        "How many of the nearest of a word, in all dimensions, are of its kind: of its ten nearest those of the same " +
          "part of speech; of a closed group of n words, such as days, those of it among the n - 1 nearest of each. " +
          "Grey: the range of 40 groups of as many words drawn at random, or of shuffled parts. Of the 2,000 " +
          "most frequent words. Last: how well the nearness of two words agrees with how similar people judged them " +
          "to be (rank correlation over the pairs of WordSim-353 whose words are in the vocabulary; Finkelstein et " +
          "al. 2002, CC BY 4.0), and its range when judgements are shuffled.",
      ),
      note,
    ),
    rows,
    none,
  );
  let told = "";
  return (_, { look }) => {
    const found = look.sampled;
    const now = JSON.stringify([found?.same_part, found?.groups]);
    if (now === told || !found) return;
    told = now;
    const [step, ...shares] = found.same_part ?? [];
    setText(note, step === undefined ? "" : tr("at step {step}", { step: step.toLocaleString("en") }));
    const counted = [...(shares.length ? [[mark("same part of speech"), null, ...shares]] : []), ...found.groups];
    rows.replaceChildren(
      ...counted.map(([name, size, ...of]) => row(size ? `${tr(name)} (${size})` : tr(name), percent, ...of)),
      ...(found.judged ? [judged(...found.judged)] : []),
    );
    none.hidden = rows.childElementCount > 0;
  };
};
