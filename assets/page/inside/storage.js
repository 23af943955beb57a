// How tensors lie in memory: one line of numbers, and the views that read it.
import { heat, shapeText } from "./heat.js";
import { codeBlock, column, mistakes } from "./parts.js";
import { h } from "../common/dom.js";

export const stages = {};

// The storage above, what is seen of it below; a number that is pointed at is lit in both.
const drawing = ({ shape, places, values, copied, stride, offset }) => {
  const columns = shape.at(-1),
    rows = values.length / columns,
    group = shape.length === 3 ? shape[1] : rows;
  const line = [...Array(18).keys()].map((i) => h(`span.ls-box${places.includes(i) ? "" : ".ls-back"}`, {}, String(i)));
  const grid = values.map((value, k) =>
    h("span.ls-box", { title: `lies at place ${places[k]} of its memory` }, String(value)),
  );
  const light = (k) => {
    grid.forEach((box, i) => box.classList.toggle("ls-on", i === k));
    line.forEach((box, i) => box.classList.toggle("ls-on", k !== null && i === places[k]));
  };
  grid.forEach((box, k) => {
    box.addEventListener("pointerenter", () => light(k));
    box.addEventListener("pointerleave", () => light(null));
  });
  const blocks = [];
  for (let r = 0; r < rows; r += group) {
    const block = h("div.ls-grid", {}, ...grid.slice(r * columns, (r + group) * columns));
    block.style.gridTemplateColumns = `repeat(${columns}, auto)`;
    blocks.push(block);
  }
  const fact = (name, value) => h("span.ls-fact", {}, name, h("b", {}, value));
  return column(
    h(
      "div.ls-flow.ls-tight",
      {},
      fact("shape", shapeText(shape)),
      fact("stride", `(${stride.join(", ")})`),
      fact("offset", String(offset)),
      fact("memory", copied ? "its own: copied" : "that of a: nothing copied"),
    ),
    h(
      "div.ls-memory",
      { role: "img", "aria-label": `${copied ? "its own memory" : "the memory of a"}, 18 numbers in one line` },
      ...line,
    ),
    h("div.ls-flow", {}, ...blocks),
  );
};

const layouts = (data, local) => {
  const box = h("div"),
    buttons = data.layouts.map((layout, i) => {
      const button = h("button.ls-button.ls-mono", { type: "button", "data-k": `layout ${i}` }, layout.code);
      button.addEventListener("click", () => show(i));
      return button;
    });
  const show = (i) => {
    local.layout = i;
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === i)));
    box.replaceChildren(drawing(data.layouts[i]));
  };
  show(local.layout ?? 2);
  return column(
    h("h4", {}, "a = torch.arange(18), seen in several ways"),
    h("div.ls-flow.ls-tight", {}, ...buttons),
    box,
  );
};

stages.concatenation = (data, { local, kept, width }) => {
  const wide = Math.max(2, Math.min(40, Math.floor((width - 40) / data.names.length)));
  const way = ({ code, said, shape, equal, copied }) =>
    h(
      "div.ls-way3",
      {},
      codeBlock(code),
      h(
        "p",
        {},
        `${said[0].toUpperCase()}${said.slice(1)}. `,
        h("span.ls-fact", {}, "shape", h("b", {}, shape)),
        h("span.ls-fact", {}, "numbers", h("b", {}, equal ? "the same" : "others")),
        h("span.ls-fact", {}, "memory", h("b", {}, copied ? "copied" : "shared with emb")),
      ),
    );
  return [
    heat(data.x, { label: "x", columns: data.names, wide, high: 24, width }),
    h(
      "div.ls-flow",
      {},
      h(
        "div.ls-grows",
        {},
        h("h4", {}, "Three ways to lay 32 contexts in rows"),
        ...data.ways.map(way),
        layouts(data, local),
      ),
      mistakes(data, { kept }),
    ),
  ];
};
