// The stages from weighted sums to the loss.
import { exactNumber, heat, numbersOf } from "./heat.js";
import { codeBlock, column, mistakes, row } from "./parts.js";
import { glyph, h, markCrowded, setText, svg } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const stages = {};

stages.hidden = (data, { kept, width }) => {
  const H = data.b1.shape[0],
    K = data.names.length;
  const wide = Math.max(1, Math.min(22, Math.floor((width - 150) / Math.max(H, 1)))),
    high = Math.max(2, Math.min(20, Math.floor((K > 22 ? 260 : 280) / K)));
  const one = h("p.ls-picked", { role: "status" }, H ? tr("Point at a unit to read its sum.") : "");
  const b1 = numbersOf(data.b1),
    z = numbersOf(data.z);
  const over = (_, c) =>
    setText(
      one,
      c === undefined
        ? tr("Point at a unit to read its sum.")
        : tr(
            "Unit {c}: the {K} numbers of x, each times its weight W1[·, {c}], with the bias " +
              "{bias}, make z = {z}.",
            { c, K, bias: exactNumber(b1[c]), z: exactNumber(z[c]) },
          ),
    );
  const turned = { shape: [K, 1], numbers: data.x.numbers };
  const lines = data.aligned.map(([name, shape, note]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, shape), h("td.ls-quiet", {}, note)),
  );
  const long = (tensor, label) => heat(tensor, { label, wide, high: 18, width: width - 120, over });
  return [
    row(
      heat(turned, { label: "x", rows: data.names, wide: 22, high }),
      column(
        heat(data.W1, { label: "W1", rows: data.names, unnamed: true, wide, high, width: width - 120, over }),
        long(data.b1, "b1"),
        long(data.z, "z"),
      ),
    ),
    one,
    row(
      column(h("h4", {}, tr("How the shapes line up")), h("table.ls-aligned", {}, h("tbody", {}, ...lines))),
      mistakes(data, { kept }),
    ),
  ];
};

// Every unit is a point (z, h) on the curve.
const squeeze = (data, chosen, choose) => {
  const W = 420,
    D = 210,
    x = (z) => W / 2 + (Math.max(-4, Math.min(4, z)) / 4) * (W / 2 - 14),
    y = (v) => D / 2 - v * (D / 2 - 14);
  const curve = numbersOf(data.curve),
    n = curve.length / 2,
    z = numbersOf(data.z),
    v = numbersOf(data.h),
    saturated = new Set(data.saturated);
  const path = [...Array(n).keys()]
    .map((i) => `${i ? "L" : "M"}${x(curve[i]).toFixed(1)} ${y(curve[n + i]).toFixed(1)}`)
    .join("");
  const dots = [...v].map((value, i) => {
    if (!Number.isFinite(value)) return "";
    const dot = svg(
      "circle",
      {
        cx: x(z[i]),
        cy: y(value),
        r: i === chosen ? 6.5 : 4,
        class: `ls-unit${saturated.has(i) ? " ls-flat" : ""}${i === chosen ? " ls-on" : ""}`,
      },
      svg(
        "title",
        {},
        document.createTextNode(tr("unit {i}: z {z}, h {h}", { i, z: exactNumber(z[i]), h: exactNumber(value) })),
      ),
    );
    dot.addEventListener("click", () => choose(i));
    return dot;
  });
  const line = (a, b, c, d) => svg("line", { x1: a, y1: b, x2: c, y2: d, class: "ls-axis" });
  const text = (at, to, words, anchor = "middle") =>
    svg("text", { x: at, y: to, "text-anchor": anchor, class: "ls-tick1" }, document.createTextNode(words));
  return svg(
    "svg",
    {
      viewBox: `0 0 ${W} ${D}`,
      class: "ls-squeeze",
      role: "img",
      "aria-label": tr("tanh with {n} units on it, {saturated} saturated", { n: v.length, saturated: saturated.size }),
    },
    line(0, y(1), W, y(1)),
    line(0, y(0), W, y(0)),
    line(0, y(-1), W, y(-1)),
    line(x(0), 0, x(0), D),
    svg("path", { d: path, class: "ls-curve" }),
    ...dots,
    text(x(0) - 6, y(1) + 13, "1", "end"),
    text(x(0) + 6, y(-1) - 5, "−1", "start"),
    text(W - 4, y(0) - 5, "z", "end"),
  );
};

stages.tanh = (data, { say, width }) => {
  const H = data.h.shape[1];
  if (!H) return [];
  const { answers } = data,
    wide = Math.max(1, Math.min(22, Math.floor((width - 20) / H)));
  const choose = (unit) => say("unit", unit);
  const pick = (_, c) => choose(c);
  const number = h("input.ls-number1", {
    type: "number",
    min: 0,
    max: H - 1,
    value: answers.unit,
    "aria-label": tr("Hidden unit"),
    "data-k": "unit",
  });
  number.addEventListener(
    "change",
    () =>
      Number.isInteger(number.valueAsNumber) &&
      number.valueAsNumber >= 0 &&
      number.valueAsNumber < H &&
      choose(number.valueAsNumber),
  );
  const list = (title, rows) =>
    column(
      h("h4", {}, title),
      h(
        "table.ls-contexts",
        {},
        h(
          "tbody",
          {},
          ...rows.map(([context, value, times]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, context),
              h("td", {}, value.replace("-", "−")),
              h("td.ls-quiet", {}, tr("{n} times", { n: times.toLocaleString("en") })),
            ),
          ),
        ),
      ),
    );
  const marks = data.saturated.map((c) => [0, c, 1]);
  return [
    heat(data.z, { label: "z", wide, high: 22, width, pick }),
    heat(data.h, { label: "h", wide, high: 22, width, pick, marks: H <= 200 ? marks : [] }),
    row(
      squeeze(data, answers.unit, choose),
      h(
        "div.ls-stack.ls-answers",
        {},
        h(
          "p.ls-flow.ls-tight",
          {},
          h("label.ls-flow.ls-tight", {}, tr("Unit"), number),
          tr(
            "lets {passes} of a gradient through here, and is saturated on {saturated} of all " + "training examples.",
            { passes: answers.passes, saturated: answers.saturated },
          ),
        ),
        h("div.ls-flow", {}, list(tr("Highest for"), answers.high), list(tr("Lowest for"), answers.low)),
      ),
    ),
  ];
};

stages.softmax = (data, { data: all, width }) => {
  const V = data.characters.length,
    wide = Math.max(3, Math.min(30, Math.floor((width - 10) / V))),
    mark = [[0, data.y, 1]];
  const letters = h(
    "div.ls-over",
    { "aria-hidden": "true" },
    ...data.characters.map((s, i) => h(`b.ls-${data.groups[i]}`, {}, glyph(s))),
  );
  letters.style.gridTemplateColumns = `repeat(${V}, ${wide}px)`;
  markCrowded(letters, data.characters, width / 9);
  const rows = data.parts.map(([label, tensor]) =>
    heat(tensor, {
      label,
      columns: data.characters,
      wide,
      high: 20,
      width,
      marks: label === tr("probabilities") || label === "logits" ? mark : [],
    }),
  );
  const table = h(
    "table.ls-aligned",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ...[
          tr("added to every logit"),
          tr("largest exp(logit)"),
          tr("by counts and a division"),
          "F.cross_entropy",
        ].map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    h(
      "tbody",
      {},
      ...data.added.map(({ constant, largest, naive, loss }) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, `${constant > 0 ? "+" : ""}${constant}`.replace("-", "−")),
          h("td", {}, largest),
          h(`td${naive === loss ? "" : ".ls-broken"}`, {}, naive),
          h("td", {}, loss),
        ),
      ),
    ),
  );
  return [
    letters,
    ...rows,
    h(
      "p.ls-picked",
      {},
      tr("P(“{label}”) = {chance}, and −log of it is the loss: {loss} nats.", {
        label: all.label,
        chance: all.chance,
        loss: data.loss,
      }),
    ),
    column(
      h("h4", {}, tr("Add a constant to every logit")),
      table,
      h(
        "p",
        {},
        tr(
          "The loss should not change, and with cross-entropy it does not: it first subtracts the " +
            "largest logit from all. Done by hand, exp overflows float32 at +100 (inf / inf is " +
            "nan), and at −100 only a few bits of the counts are left.",
        ),
      ),
    ),
  ];
};
