// The last stage: the gradient of every parameter, and steps on a copy.
import { heat } from "./heat.js";
import { codeBlock, column, row } from "./parts.js";
import { h, inWords, svg } from "../common/dom.js";
import { tableOf } from "../common/table.js";
import { tr } from "../common/messages.js";

export const stages = {};

const lossesTable = (losses) => {
  const table = tableOf(tr("Loss after each step on the copy"), (all) =>
    all.map((loss, n) => [tr("step {step}", { step: n }), loss.toFixed(4)]),
  );
  table.show(losses);
  return table.parts;
};

const sparkline = (losses) => {
  const W = 220,
    D = 60,
    most = Math.max(...losses, 1e-9),
    last = Math.max(losses.length - 1, 1);
  const points = losses.map((loss, i) => [4 + (i / last) * (W - 8), D - 4 - (loss / most) * (D - 8)]);
  const [x, y] = points.at(-1);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${W} ${D}`,
      class: "ls-spark",
      role: "img",
      "aria-label": tr("loss from {first} to {last} in {n} steps", {
        first: losses[0].toFixed(3),
        last: losses.at(-1).toFixed(3),
        n: losses.length - 1,
      }),
    },
    svg("line", { x1: 0, x2: W, y1: D - 4, y2: D - 4, class: "ls-axis" }),
    svg("polyline", { points: points.map((p) => p.join()).join(" "), class: "ls-curve" }),
    svg("circle", { cx: x, cy: y, r: 4, class: "ls-unit ls-on" }),
  );
};

stages.backward = (data, { tell, width, data: all }) => {
  const { tried, steps } = data;
  const button = (label, n, may) => {
    const it = h("button.ls-button", { type: "button", "data-k": label }, label);
    it.disabled = !may;
    it.addEventListener("click", () => tell("steps", n));
    return it;
  };
  const values = { steps, after: tried.after, before: tried.before, from: tried.dev[0], to: tried.dev[1] };
  const taken = !steps
    ? tr(
        "On the copy, before any step the loss is {before}; the dev loss, over all {noun}s held back, is {from}.",
        values,
      )
    : steps === 1
      ? tr(
          "On the copy, after 1 step the loss is {after}; the dev loss, over all {noun}s held back, went from {from} " +
            "to {to}.",
          values,
        )
      : tr(
          "On the copy, after {steps} steps the loss is {after}; the dev loss, over all {noun}s held back, went from " +
            "{from} to {to}.",
          values,
        );
  const many = Math.min(width, 1100) / (width > 800 ? 2.2 : 1);
  const layer = ({ name, code, shape, heat: tensor, norm, of, moves }) =>
    h(
      "div.ls-layer",
      {},
      heat(tensor, {
        label: `d${name}`,
        rows: name === "C" ? all.characters : undefined,
        columns: ["b2", "Wd", "W2"].includes(name) && !code.includes("dq =") ? all.characters : undefined,
        wide: 18,
        high: 16,
        width: many,
        height: name === "C" ? 330 : 130,
      }),
      codeBlock(code),
      h(
        "p.ls-quiet",
        {},
        tr("‖d{name}‖ {norm}; ‖{name}‖ {of}; one step moves it by {moves}.", { name, norm, of, moves }),
      ),
    );
  return [
    h(
      "div.ls-try",
      {},
      row(
        column(
          h("h4", {}, tr("Try it here: this one example, learning rate {rate}", { rate: data.rate })),
          h(
            "div.ls-flow.ls-tight",
            {},
            button(tr("Take this step"), 1, steps < 200),
            button(tr("10 more"), 10, steps < 200),
            button(tr("Put it back"), 0, steps > 0),
          ),
          h("p.ls-picked", { role: "status" }, inWords(taken)),
        ),
        steps ? column(sparkline(tried.losses), ...lossesTable(tried.losses)) : "",
      ),
    ),
    h("div.ls-layers", {}, ...data.layers.map(layer)),
  ];
};
