// The Reference page: the glossary, the calculator, the paper's results, what to read.
import { h, panelHead, setText } from "../common/dom.js";
import { rebuilt } from "../common/rebuilt.js";
import { tr } from "../common/messages.js";

export const makers = {};

const link = (label, href) => h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);

// ---------------------------------------------------------------- the glossary

makers.glossary = (root, view) => {
  const search = h("input.ls-search", {
    type: "search",
    placeholder: tr("Search"),
    "aria-label": tr("Search the glossary"),
    maxlength: "40",
    autocomplete: "off",
  });
  const note = h("span.ls-note", { role: "status" }),
    about = h("p.ls-said"),
    list = h("dl"),
    box = h("div.ls-terms", { tabindex: "0", role: "region", "aria-label": tr("Terms") }, list);
  root.append(
    panelHead(
      tr("Glossary"),
      tr("Type a word, or a part of one. Each line says where the word occurs; press that to go there."),
      note,
      search,
    ),
    about,
    box,
  );
  let terms = [],
    last = "";
  const entry = (term) => {
    const there = h(
      "button.ls-there",
      { type: "button", title: tr("Go to {page}", { page: term.page }) },
      `${term.page} · ${term.place}`,
    );
    there.addEventListener("click", () => view.args.setTriggerValue("to", term.to));
    return h("div.ls-term", {}, h("dt", {}, term.name), h("dd", {}, `${term.text} `, there));
  };
  // Names that begin with it first, then names and other words, then the text.
  const rank = (term, typed) => {
    const name = term.name.toLowerCase();
    if (name.startsWith(typed)) return 0;
    return name.includes(typed) || term.other.toLowerCase().includes(typed)
      ? 1
      : term.text.toLowerCase().includes(typed)
        ? 2
        : 3;
  };
  const draw = () => {
    const typed = search.value.trim().toLowerCase().replaceAll("-", " ");
    const plain = (term) => ({
      ...term,
      name: term.name.replaceAll("-", " "),
      other: term.other.replaceAll("-", " "),
      text: term.text.replaceAll("-", " "),
    });
    const ranked = terms.map((term) => [rank(plain(term), typed), term]).filter(([place]) => place < 3);
    ranked.sort((a, b) => a[0] - b[0] || a[1].name.localeCompare(b[1].name));
    list.replaceChildren(...ranked.map(([, term]) => entry(term)));
    if (!ranked.length)
      list.append(h("dt.ls-said", {}, tr("No term here has “{text}” in it.", { text: search.value.trim() })));
    setText(
      note,
      typed ? tr("{n} of {all}", { n: ranked.length, all: terms.length }) : tr("{n} terms", { n: terms.length }),
    );
    box.scrollTop = 0;
  };
  search.addEventListener("input", draw);
  return (data) => {
    setText(about, data.about);
    about.hidden = !data.about;
    const now = JSON.stringify(data.terms);
    if (now === last) return;
    last = now;
    terms = data.terms;
    draw();
  };
};

// ---------------------------------------------------------------- the calculator

makers.papermodel_head = (root) => {
  root.append(
    panelHead(
      tr("The paper’s own network"),
      tr(
        "The same network with words instead of characters. A layer’s parameters are the numbers in " +
          "its array; its multiplications are those of one example’s forward pass: one for every weight " +
          "of a matrix product. Looking up a row of C needs none.",
      ),
    ),
  );
  return () => {};
};

const share = (count, percent, kind) => {
  const bar = h(`i.ls-share.ls-share-${kind}`, { style: `width: ${percent}%` });
  bar.hidden = !percent;
  return h(
    "td",
    { title: `${percent.toFixed(percent < 1 ? 2 : 1)} %` },
    h("span.ls-count", {}, count),
    h("span.ls-well1", { "aria-hidden": "true" }, bar),
  );
};

makers.papermodel = (root) => {
  const body = h("div.ls-models"),
    problem = h("p.ls-said", { role: "status" });
  root.append(problem, body);
  const model = ({ title, said, rows, totals }) => {
    const line = ({ name, about, shape, counts, shares }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, h("b", {}, name), h("small", {}, about)),
        h("td.ls-shape", {}, shape),
        share(counts[0], shares[0], "held"),
        share(counts[1], shares[1], "made"),
      );
    const head = h(
      "tr",
      {},
      ...[tr("layer"), tr("shape"), tr("parameters"), tr("multiplications")].map((word) =>
        h("th", { scope: "col" }, word),
      ),
    );
    const all = h("tr.ls-all", {}, h("th", { scope: "row" }, tr("all")), h("td"), ...totals.map((n) => h("td", {}, n)));
    return h(
      "section.ls-model",
      {},
      h("h3", {}, title),
      h("p", {}, said),
      h("div.ls-scroll", {}, h("table.ls-layers1", {}, h("thead", {}, head), h("tbody", {}, ...rows.map(line), all))),
    );
  };
  const draw = rebuilt(body, ({ models }) => models.map(model));
  return (data) => {
    setText(problem, data.problem ?? "");
    draw(data);
  };
};

// ---------------------------------------------------------------- the paper's results

const result = ({ model, about, network, ppl, train }, [valid, test]) => {
  const gap = h("i.ls-gap"),
    marks = ["dev", "test"].map((name) => h(`i.ls-mark.ls-mark-${name}`));
  Object.assign(gap.style, { left: `${Math.min(valid, test)}%`, width: `${Math.abs(valid - test)}%` });
  [valid, test].forEach((at, i) => (marks[i].style.left = `${at}%`));
  const scores = [tr("validation {n}", { n: ppl[0] }), tr("test {n}", { n: ppl[1] })];
  if (train) scores.push(tr("train {n}", { n: train }));
  const title = `${model}, ${about}: ${scores.join(", ")}`;
  return h(
    `div.ls-result${network ? ".ls-of-network" : ""}`,
    { role: "row", title },
    h("span.ls-who", { role: "rowheader" }, h("b", {}, model), h("small", {}, about)),
    ...ppl.map((n) => h("span", { role: "cell" }, String(n))),
    h("span.ls-track", { role: "cell" }, gap, ...marks),
  );
};

const corpus = (root, title, ...more) => {
  const body = h("div.ls-corpus");
  root.append(
    panelHead(
      title,
      tr(
        "Perplexity per word, the lower the better; lines are sorted by test. Networks " +
          "are bold; “mixed” ones give half their weight to the trigram.",
      ),
      ...more,
    ),
    body,
  );
  return rebuilt(body, ({ name, words, said, lines, places, ticks, source }) => {
    const axis = h(
      "span.ls-track",
      { role: "columnheader", "aria-label": tr("picture") },
      ...ticks.map(([at, text]) => {
        const tick = h("i.ls-tick-at", {}, text);
        tick.style.left = `${at}%`;
        return tick;
      }),
    );
    const head = h(
      "div.ls-result.ls-result-head",
      { role: "row" },
      ...[tr("model"), tr("valid."), tr("test")].map((word) => h("span", { role: "columnheader" }, word)),
      axis,
    );
    return [
      h("p", {}, said),
      h(
        "div",
        { role: "table", "aria-label": tr("Perplexities on {name}", { name }) },
        head,
        ...lines.map((one, i) => result(one, places[i])),
      ),
      h("p.ls-said", {}, `${source}. ${tr("{name}: a vocabulary of {words} words.", { name, words })}`),
    ];
  });
};

makers.results = (root) => {
  const key = (name, word) => h("span", {}, h(`i.ls-dot.ls-mark-${name}`), word);
  return corpus(
    root,
    tr("What the paper found: Brown"),
    h("span.ls-keys", {}, key("dev", tr("validation")), key("test", tr("test"))),
  );
};

makers.results_more = (root) => {
  const draw = corpus(root, tr("… and AP News"));
  root.append(
    h(
      "p.ls-why",
      {},
      tr(
        "Your losses are not in these pictures: perplexities can be compared only where the same text is guessed " +
          "with the same vocabulary.",
      ),
    ),
  );
  return draw;
};

// ---------------------------------------------------------------- what to read

makers.reading = (root) => {
  const body = h("ul.ls-reading");
  root.append(panelHead(tr("What to read"), tr("Works that are used here, and for what.")), body);
  return rebuilt(body, ({ works }) =>
    works.map(({ authors, year, title, where, link: href, used }) =>
      h("li", {}, h("span", {}, `${authors} ${year}. `, link(title, href), `. ${where}.`), h("small", {}, used)),
    ),
  );
};
