// How tensors lie in memory: one line of numbers, and the views that read it.
import { heat, shapeText } from "./heat.js";
import { codeBlock, column, mistakes } from "./parts.js";
import { h } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const stages = {};

// The storage above, what is seen of it below; a number that is pointed at is lit in both.
const drawing = ({ shape, places, values, copied, stride, offset }) => {
  const columns = shape.at(-1),
    rows = values.length / columns,
    group = shape.length === 3 ? shape[1] : rows;
  const line = [...Array(18).keys()].map((i) => h(`span.ls-box${places.includes(i) ? "" : ".ls-back"}`, {}, String(i)));
  const grid = values.map((value, k) =>
    h("span.ls-box", { title: tr("lies at place {place} of its memory", { place: places[k] }) }, String(value)),
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
      fact(tr("shape"), shapeText(shape)),
      fact("stride", `(${stride.join(", ")})`),
      fact("offset", String(offset)),
      fact(tr("memory"), copied ? tr("its own: copied") : tr("that of a: nothing copied")),
    ),
    h(
      "div.ls-memory",
      {
        role: "img",
        "aria-label": copied
          ? tr("its own memory, 18 numbers in one line")
          : tr("the memory of a, 18 numbers in one line"),
      },
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
    h("h4", {}, tr("a = torch.arange(18), seen in several ways")),
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
        h("span.ls-fact", {}, tr("shape"), h("b", {}, shape)),
        h("span.ls-fact", {}, tr("numbers"), h("b", {}, equal ? tr("the same") : tr("others"))),
        h("span.ls-fact", {}, tr("memory"), h("b", {}, copied ? tr("copied") : tr("shared with emb"))),
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
        h("h4", {}, tr("Three ways to lay 32 contexts in rows")),
        ...data.ways.map(way),
        layouts(data, local),
      ),
      mistakes(data, { kept }),
    ),
  ];
};
