// Heat maps of tensors, exact numbers included: magenta below zero, green above, each scaled to its own largest.
import { glyph, h, setText } from "../common/dom.js";
import { tableOf, thinned } from "../common/table.js";
import { tr } from "../common/messages.js";

// {shape, numbers} of core/lessons/lines.py -> rows of equally many float32; three axes are drawn as two.
const decoded = ({ shape, numbers }) => {
  const bytes = Uint8Array.from(atob(numbers), (c) => c.charCodeAt(0)),
    values = new Float32Array(bytes.buffer);
  const columns = shape.length === 1 ? shape[0] : shape.slice(1).reduce((a, b) => a * b, 1);
  return { values, columns, rows: shape.length === 1 ? 1 : shape[0], group: shape.length === 3 ? shape[2] : 0 };
};

// The shortest decimal that is this very float32.
export const exactNumber = (value) => {
  for (let digits = 5; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text)).replace("-", "−");
  }
  return String(value).replace("-", "−");
};
const READABLE = 12; // px: rows as high as this have their names beside them
const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const colours = () => {
  const style = getComputedStyle(document.documentElement);
  const [below, none, above] = ["below", "none", "above"].map((name) =>
    rgb(style.getPropertyValue(`--ls-${name}`).trim()),
  );
  return (t) => {
    const end = t < 0 ? below : above,
      part = Math.sqrt(Math.min(1, Math.abs(t)));
    return `rgb(${none.map((from, i) => Math.round(from + part * (end[i] - from))).join()})`;
  };
};

// One label follows the pointer, or the cell that the keyboard stands on.
const tip = h("div.ls-tip", { role: "status", hidden: "" });
const say = (text, x, y) => {
  if (!tip.isConnected) document.body.append(tip);
  tip.hidden = !text;
  if (!text) return;
  setText(tip, text);
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 6))}px`;
  tip.style.top = `${y - height - 10 < 4 ? y + 16 : y - height - 10}px`;
};
addEventListener("scroll", () => say(null), { capture: true, passive: true });

// The names of the rows, beside them; screen readers hear them with each number.
const rowNames = (names, high) => {
  const all = names.map((name) => h("span", {}, glyph(name)));
  all.forEach((one) => (one.style.height = one.style.lineHeight = `${high}px`));
  return h("div.ls-heat-names", { "aria-hidden": "true" }, ...all);
};

// ---------------------------------------------------------------- the same numbers as a table

const ALL = 10000; // numbers; of a larger tensor a table has some rows and columns, evenly spread
const opened = new Set(); // labels of the tables that are open: heat maps are drawn anew when the page's width changes

// {values, rows, columns, row, column}: the last two name one of them.
const some = ({ values, rows, columns }) => {
  const of = (n) => thinned(n, values.length > ALL ? undefined : ALL);
  return [of(rows), of(columns)];
};
const cells = (tensor) => {
  const { values, rows, columns, row, column } = tensor,
    [down, across] = some(tensor),
    at = (r, c) => exactNumber(values[r * columns + c]);
  if (rows === 1) return across.map((c) => [glyph(column(c)), at(0, c)]);
  return down.map((r) => [glyph(row(r)), ...across.map((c) => at(r, c))]);
};
const columnNames = (tensor) =>
  tensor.rows === 1 || tensor.columns === 1 ? [] : ["", ...some(tensor)[1].map((c) => glyph(tensor.column(c)))];

const tableParts = (label, tensor) => {
  const table = tableOf(label, cells, columnNames),
    [button] = table.parts;
  table.show(tensor);
  button.dataset.k = `table ${label}`;
  if (opened.has(label)) button.click();
  button.addEventListener("click", () => opened.delete(label) || opened.add(label));
  return table.parts;
};

// ---------------------------------------------------------------- the picture

// how: label (what it is); rows, columns: names; wide, high: px of a cell at most; width, height: px of all at most;
// dim(r, c): stands back; marks: [[r, c, n], ...] n cells outlined; pick(r, c): what a press does; bare: no caption;
// unnamed: the rows' names stand nowhere but in what is read.
export const heat = (tensor, how) => {
  const { values, rows, columns, group } = decoded(tensor);
  const { label, width = 900, height = 420, wide = 26, high = 22, dim, marks = [], pick } = how;
  const size = shapeText(tensor.shape);
  const title = h("figcaption.ls-heat-title", {}, h("b", {}, label), h("span", {}, size));
  if (!values.length) return h("figure.ls-heat", {}, title, h("p.ls-note", {}, tr("no numbers")));
  const gaps = group ? columns / group - 1 : 0,
    gap = 5;
  const across = Math.max(1, Math.min(wide, Math.floor((width - gap * gaps) / columns))),
    down = Math.max(1, Math.min(high, Math.floor(height / rows)));
  const left = (c) => c * across + (group ? gap * Math.floor(c / group) : 0);
  const canvas = h("canvas", { tabindex: 0, role: "img" });
  const ratio = Math.min(2, devicePixelRatio || 1),
    w = left(columns - 1) + across,
    d = rows * down;
  Object.assign(canvas, { width: w * ratio, height: d * ratio });
  Object.assign(canvas.style, { width: `${w}px`, height: `${d}px` });
  const largest = values.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
  title.append(h("span", {}, tr("largest {n}", { n: short(largest) })));
  canvas.setAttribute(
    "aria-label",
    tr("{label}, {size}, largest {n}; arrow keys read single numbers", { label, size, n: short(largest) }),
  );
  const draw = () => {
    const colour = colours(),
      pen = canvas.getContext("2d"),
      line = across > 4 && down > 4 ? 1 : 0;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, w, d);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const value = values[r * columns + c];
        pen.globalAlpha = dim?.(r, c) ? 0.25 : 1;
        pen.fillStyle = colour(Number.isFinite(value) ? value / (largest || 1) : value > 0 ? 1 : value < 0 ? -1 : 0);
        pen.fillRect(left(c), r * down, across - line, down - line);
      }
    pen.globalAlpha = 1;
    pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--ls-ink");
    pen.lineWidth = 1.5;
    for (const [r, c, n] of marks)
      pen.strokeRect(left(c) + 0.5, r * down + 0.5, Math.max(1, n * across - line - 1), Math.max(1, down - line - 1));
  };
  draw();

  const row = (r) => how.rows?.[r] ?? String(r),
    column = (c) => how.columns?.[c] ?? (group ? `${Math.floor(c / group)}, ${c % group}` : String(c));
  const where = (r, c) => {
    const place = rows === 1 ? column(c) : columns === 1 ? row(r) : `${row(r)}, ${column(c)}`;
    return `${label}[${place}] = ${exactNumber(values[r * columns + c])}`;
  };
  const box = h("i.ls-heat-cell");
  let here = null;
  const stand = (r, c, x, y) => {
    here = [r, c];
    Object.assign(box.style, {
      left: `${left(c)}px`,
      top: `${r * down}px`,
      width: `${across}px`,
      height: `${down}px`,
      display: "block",
    });
    const at = canvas.getBoundingClientRect();
    say(where(r, c), x ?? at.left + left(c) + across / 2, y ?? at.top + r * down);
    how.over?.(r, c);
  };
  const cell = (event) => {
    const at = canvas.getBoundingClientRect(),
      x = event.clientX - at.left;
    let c = Math.min(columns - 1, Math.floor(x / across));
    while (c > 0 && left(c) > x) c--;
    return [Math.max(0, Math.min(rows - 1, Math.floor((event.clientY - at.top) / down))), Math.max(0, c)];
  };
  const leave = () => ((box.style.display = "none"), say(null), how.over?.(null));
  canvas.addEventListener("pointermove", (event) => stand(...cell(event), event.clientX, event.clientY));
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && stand(...(here ?? [0, 0])));
  if (pick) canvas.addEventListener("click", (event) => pick(...cell(event)));
  canvas.addEventListener("keydown", (event) => {
    const [r, c] = here ?? [0, 0];
    const moves = {
      ArrowLeft: [r, c - 1],
      ArrowRight: [r, c + 1],
      ArrowUp: [r - 1, c],
      ArrowDown: [r + 1, c],
      Home: [r, 0],
      End: [r, columns - 1],
    };
    if (moves[event.key])
      stand(
        Math.max(0, Math.min(rows - 1, moves[event.key][0])),
        Math.max(0, Math.min(columns - 1, moves[event.key][1])),
      );
    else if (event.key === "Enter" && pick) pick(r, c);
    else return;
    event.preventDefault();
  });
  canvas.classList.toggle("ls-can-pick", Boolean(pick));
  const picture = h("div.ls-heat-box", {}, canvas, box);
  const body =
    how.rows && !how.unnamed && down >= READABLE
      ? h("div.ls-heat-body", {}, rowNames(how.rows, down), picture)
      : picture;
  const table = tableParts(label, { values, rows, columns, row, column });
  return h("figure.ls-heat", {}, ...(how.bare ? [] : [title]), body, ...table);
};

// The same in a few pixels, as a picture only.
export const smallHeat = (tensor, width, height) => {
  const { values, rows, columns } = decoded(tensor),
    canvas = h("canvas.ls-thumbnail", { "aria-hidden": "true" });
  if (!values.length) return canvas;
  Object.assign(canvas, { width: columns, height: rows });
  Object.assign(canvas.style, {
    width: `${Math.min(width, columns * 16)}px`,
    height: `${Math.min(height, rows * 16)}px`,
  });
  const colour = colours(),
    pen = canvas.getContext("2d"),
    largest = values.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0) || 1;
  values.forEach((value, i) => {
    pen.fillStyle = colour(Number.isFinite(value) ? value / largest : 0);
    pen.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  return canvas;
};

export const heatLegend = () => h("span.ls-legend", {}, tr("− largest"), h("i"), tr("+ largest"));
export const numbersOf = (tensor) => decoded(tensor).values;
export const shapeText = (shape) => shape.join(" × ");
