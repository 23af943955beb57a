// "Inside the network" for a run on words: one example from its indices to the guess, and its hidden units.
import { heat, heatLegend } from "./heat.js";
import { codeBlock } from "./parts.js";
import { h, panelHead } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const many = (n) => n.toLocaleString("en");
const percent = (p) =>
  p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.0001 ? `${(100 * p).toPrecision(2)} %` : tr("under 0.01 %");
const inQuotes = (words) => words.map((word) => `“${word}”`).join(", ");
const section = (title, shape, help, ...body) =>
  h("section.ls-pass", { "aria-label": title }, panelHead(title, help, h("span.ls-shape", {}, shape)), ...body);

const indices = ({ words, ix, unknown, code, shape }) =>
  section(
    tr("1 Words become indices"),
    shape,
    tr(
      "Words are numbered by how often they occur in the text. 0, <s>, stands for the places before the sentence " +
        "begins; 1, <unk>, for every word that is not in the vocabulary.",
    ),
    h("ol.ls-tokens", {}, ...words.map((word, i) => h("li", {}, h("bdi", {}, word), h("span", {}, String(ix[i]))))),
    ...(unknown.length
      ? [h("p", {}, tr("Not in the vocabulary, so <unk>: {words}.", { words: inQuotes(unknown) }))]
      : []),
    codeBlock(code),
  );

const lookup = ({ code, shape, table, rows, names }, width) =>
  section(
    tr("2 Each index picks a row of C"),
    shape,
    tr(
      "C has one row for every word: {table}. " +
        "Only the rows of the context are read; they are " +
        "drawn here, one below the other. Point at a cell for its number.",
      { table },
    ),
    heat(rows, { label: tr("rows of C, {table}", { table }), rows: names, high: 20, wide: 22, width: width - 110 }),
    codeBlock(code),
  );

const hidden = ({ code, shape, table, z, h: outputs, saturated, units }, width) =>
  section(
    tr("3 The hidden layer"),
    shape,
    tr(
      "The rows side by side, times W1 ({table}), plus the bias, make one sum z for each unit; " +
        "tanh squeezes it into −1 to 1.",
      { table },
    ),
    ...(units
      ? [
          heat(z, { label: "z", high: 18, width }),
          heat(outputs, { label: "h = tanh(z)", high: 18, width }),
          h("p", {}, tr("{saturated} of {units} units are saturated (|h| > 0.97).", { saturated, units: many(units) })),
        ]
      : [h("p", {}, tr("This network has no hidden units."))]),
    codeBlock(code),
  );

const bar = (word, p, largest, kind) => {
  const fill = h("i"),
    item = h(`li${kind}`, {}, h("bdi", {}, word), fill, h("span", {}, percent(p)));
  fill.style.width = `${(100 * p) / (largest || 1)}%`;
  return item;
};

const softmax = ({ code, shape, top, rest, total, label }, about, moved) => {
  const largest = Math.max(...top.map(([, , p]) => p), rest[1]),
    [word, , chance, rank, loss] = label,
    among = top.some(([other]) => other === word),
    bars = top.map(([other, , p]) => bar(other, p, largest, other === word ? ".ls-true" : ""));
  if (!among) bars.push(bar(tr("{word} (rank {rank})", { word, rank: many(rank) }), chance, largest, ".ls-true"));
  const others = rest[0] - (among ? 0 : 1);
  if (others > 0)
    bars.push(bar(tr("the other {n}", { n: many(others) }), rest[1] - (among ? 0 : chance), largest, ".ls-rest"));
  return section(
    tr("4 A guess over all words"),
    shape,
    tr(
      "Softmax turns one number (logit) for every word into probabilities. The likeliest are drawn; all others are " +
        "one bar. The word that follows is marked.",
    ),
    h(
      "p.ls-picked",
      { role: "status" },
      tr("“{word}” gets {chance}: rank {rank}, a loss of {loss} nats.", {
        word,
        chance: chance.toPrecision(4),
        rank: many(rank),
        loss,
      }),
    ),
    h("p", {}, about),
    h("ol.ls-guess", {}, ...bars),
    h("p", {}, tr("All {n} probabilities add up to {total}.", { n: many(top.length + rest[0]), total })),
    codeBlock(code),
    h("p", {}, moved),
  );
};

makers.inside_words = (root) => {
  let last = "",
    newest = null;
  const draw = (data) => {
    newest = data;
    const now = JSON.stringify([data, root.clientWidth]);
    if (now === last) return;
    last = now;
    const two = root.clientWidth > 700, // columns
      width = Math.max(240, two ? root.clientWidth / 2 - 20 : root.clientWidth - 4);
    root.replaceChildren(
      h(
        `div.ls-passes${two ? ".ls-two" : ""}`,
        {},
        h("div", {}, indices(data.indices), lookup(data.lookup, width), hidden(data.hidden, width), heatLegend()),
        h("div", {}, softmax(data.softmax, data.about, data.moved)),
      ),
    );
  };
  new ResizeObserver(() => newest && draw(newest)).observe(root);
  return draw;
};

// ---------------------------------------------------------------- hidden units

const worst = (rows) => rows.map(([unit, cost]) => `${unit} (${cost})`).join(", ");
const list = (title, rows) =>
  h(
    "div",
    {},
    h("h4", {}, title),
    h("ul.ls-answers1", {}, ...rows.map(([words, value]) => h("li", {}, h("bdi", {}, words), h("span", {}, value)))),
  );

makers.inside_units = (root, view) => {
  let last = "",
    newest = null;
  const choose = (_, unit) => view.args.setStateValue("unit", unit);
  const draw = (data) => {
    newest = data;
    const now = JSON.stringify([data, root.clientWidth]);
    if (now === last) return;
    last = now;
    const head = panelHead(
      tr("5 What each hidden unit is worth"),
      tr(
        "How much the loss grows when one unit alone gives 0, for this example and as the mean over dev examples: " +
          "exact, not estimated. Press a unit to see for which contexts of training it is highest and lowest.",
      ),
    );
    const more = tr(
      "Letters can be moved by hand, and the loss over all places of one is drawn as a landscape. Not so for words: " +
        "one place of one word changes the guess after every context. Explore has axes of meaning and trails instead.",
    );
    if (data.problem) return root.replaceChildren(head, h("p", {}, data.problem), h("p.ls-quiet", {}, more));
    const { one } = data,
      how = { high: 18, width: root.clientWidth - 10, marks: [[0, one.unit, 1]], pick: choose };
    root.replaceChildren(
      head,
      heat(data.here, { label: tr("loss of this example, without the unit"), ...how }),
      h("p", {}, tr("Most for this example: {units} nats.", { units: worst(data.here_most) })),
      ...(data.dev
        ? [
            heat(data.dev, { label: tr("mean loss of {n} dev examples", { n: many(data.examples) }), ...how }),
            h("p", {}, tr("Most over dev examples: {units} nats.", { units: worst(data.dev_most) })),
          ]
        : [h("p", {}, data.note)]),
      h(
        "div.ls-flow",
        {},
        list(tr("Unit {unit} is highest after", { unit: one.unit }), one.high),
        list(tr("and lowest after"), one.low),
        h(
          "p.ls-quiet",
          {},
          tr("Among {n} of the {all} contexts of training, evenly spaced.", { n: many(one.among), all: many(one.of) }),
        ),
      ),
      h("p.ls-quiet", {}, more),
    );
  };
  new ResizeObserver(() => newest && draw(newest)).observe(root);
  return draw;
};
