// What is drawn over a landscape: the pull on a letter, its best place, its way down, the names of lands.
// land: the page.Landscape, which knows where places are in the picture.
import { glyph, h, svg } from "../common/dom.js";
import { tableOf } from "../common/table.js";
import { FILL, LEVELS, fieldAt } from "./field.js";
import { tr } from "../common/messages.js";

export const REACH = 15; // px: half of a letter's disc, and a little
export const HINT = tr("Click or type a letter to see what other places would cost it. At rest, drag one.");
export const SHORT = tr("Click or type a letter to see why.");
const ARROW = 46; // px: the longest

export const within = ({ left, top, w, h }, [u, v]) => [
  Math.max(left + 8, Math.min(left + w - 8, u)),
  Math.max(top + 8, Math.min(top + h - 8, v)),
];

// Minus the gradient as an arrow, and the lowest place as a cross.
export const fieldMarks = (land, { at, down, lowest, least }) => {
  const [u, v] = land.pixel(at),
    [a, b] = within(land.plot(), land.pixel(lowest)),
    steep = Math.hypot(...down),
    marks = [];
  // As long as it is steep, on a scale of logarithms: gradients differ by factors of thousands.
  const long = Math.max(8, Math.min(ARROW, 12 * Math.log10(steep / 1e-5))),
    [x, y] = [down[0] / steep, -down[1] / steep],
    to = (far, aside = 0) => `${u + x * far - y * aside} ${v + y * far + x * aside}`;
  const [from, end] = [REACH - 3, REACH - 3 + long];
  if (steep > 1e-6) {
    marks.push(svg("path", { class: "ls-down", d: `M${to(from)}L${to(end)}` }));
    marks.push(svg("path", { class: "ls-tip", d: `M${to(end + 6)}L${to(end, 4)}L${to(end, -4)}Z` }));
  }
  const apart = Math.hypot(a - u, b - v) > 9; // nearer, it would hide the letter
  if (least <= -10 && apart) marks.push(svg("path", { class: "ls-best", d: `M${a - 6} ${b - 6}l12 12m0 -12l-12 12` }));
  return marks;
};

export const way = (land, path) =>
  svg("path", { class: "ls-way", d: `M${path.map((place) => land.pixel(place).join(" ")).join("L")}` });

// The copy of a letter that is in one's hand, or rolls.
export const ghostMark = (land, letter, [u, v]) => {
  const name = document.createTextNode(glyph(land.characters[letter])),
    role = `ls-${land.groups[letter]}`;
  const parts = [svg("circle", { r: 13, class: role }), svg("text", { class: role }, name)];
  return svg("g", { class: "ls-ghost", transform: `translate(${u} ${v})` }, ...parts);
};

// What it costs to stand at (x, y), or where the character `on` (-1: none) stands: that one is exact.
export const costsHere = (fields, on, x, y) => {
  const said = fields.map(({ name, letter, costs, grid, there }) => {
    const cost = on >= 0 ? there[on] / 1e5 : fieldAt(costs, grid, x, y);
    if (on === letter || Number.isNaN(cost)) return "";
    const so = { name, nats: Math.abs(cost).toFixed(4) };
    return cost < 0 ? tr("{name} here saves {nats}", so) : tr("{name} here costs {nats}", so);
  });
  const told = said.filter(Boolean).join(", ");
  if (!told) return "";
  return fields.length > 1 ? tr("{told} nats", { told }) : tr("moving {told} nats", { told });
};

// What each band of a field means: the costs at which it ends, decades in figures.
export const scale = () => {
  const bands = LEVELS.slice(0, -1).map((level, i) => {
    const cell = h("span", {}, /^(0\.0*)?1$/.test(String(level)) ? String(level) : "\u00a0");
    cell.style.setProperty("--share", FILL[i]);
    return cell;
  });
  return h("div.ls-scale", { hidden: "" }, ...bands, h("em", {}, tr("nats above the lowest")));
};

// What the marks of a landscape mean, and the arrows on letters that rest.
const key = (sign, text) => h("span.ls-key", {}, sign, text);
const sign = (text) => h("b", { "aria-hidden": "true" }, text);
export const keysOfMarks = () =>
  h(
    "div.ls-marks",
    { hidden: "" },
    key(sign("→"), tr("its pull")),
    key(sign("×"), tr("lowest place")),
    key(h("i.ls-dotted"), tr("nearest letters")),
  );
// The colours of the fields of one letter, or of two. A letter keeps its own as long as it is touched.
const COLOURS = ["train", "part5"];
export const Hues = class {
  kept = new Map();

  constructor(scale, keys) {
    Object.assign(this, { scale, keys });
  }

  of(letter, touched) {
    for (const gone of this.kept.keys()) if (!touched.includes(gone)) this.kept.delete(gone);
    const free = COLOURS.find((name) => ![...this.kept.values()].includes(name));
    if (!this.kept.has(letter)) this.kept.set(letter, free);
    return this.kept.get(letter);
  }

  // On the scale, and whose is whose beside what marks mean; the field was painted in them before.
  show(fields) {
    const colours = fields.map(({ letter }) => this.kept.get(letter));
    this.scale.style.setProperty("--field", `var(--ls-${colours.length === 1 ? colours[0] : "ink"})`);
    this.keys.querySelectorAll(".ls-key:has(.ls-hue)").forEach((one) => one.remove());
    if (fields.length < COLOURS.length) return;
    const squares = fields.map(({ name }, i) => {
      const square = h("i.ls-hue");
      square.style.background = `var(--ls-${colours[i]})`;
      return key(square, name);
    });
    this.keys.prepend(...squares);
  }
};
export const keyOfPull = () => h("div.ls-pulls", {}, key(sign("→"), tr("which way each is pulled")));

// A land in which its letter does not stand is named in its middle, where that is its own.
export const landNames = (land, who) => {
  if (!who) return [];
  const { of, width, height } = who,
    p = land.plot(),
    sums = new Map();
  const cell = ([u, v]) => Math.floor(((v - p.top) / p.h) * height) * width + Math.floor(((u - p.left) / p.w) * width);
  for (let i = 0; i < of.length; i += 3) {
    const sum = sums.get(of[i]) ?? sums.set(of[i], [0, 0, 0]).get(of[i]);
    [sum[0], sum[1], sum[2]] = [sum[0] + (i % width), sum[1] + Math.floor(i / width), sum[2] + 1];
  }
  return [...sums].flatMap(([letter, [x, y, n]]) => {
    const [i, j] = [Math.round(x / n), Math.round(y / n)];
    const small = letter < 0 || 3 * n < of.length * 0.004 || of[j * width + i] !== letter;
    if (small || of[cell(land.pixel(land.places[letter]))] === letter) return [];
    const place = { x: p.left + (i / width) * p.w, y: p.top + (j / height) * p.h, class: "ls-owner" };
    return [svg("text", place, document.createTextNode(glyph(land.characters[letter])))];
  });
};

// Fields as a table: at so many places of each side, the nats above the lowest place of all.
const SIDE = 9;
const places = (middle, half) => [...Array(SIDE).keys()].map((i) => middle + 0.98 * half * ((2 * i) / (SIDE - 1) - 1));
export const fieldTable = () => {
  const across = ({ grid: [cx, , half] }) => places(cx, half),
    down = ({ grid: [, cy, , half] }) => places(cy, half).reverse();
  const line = (field, y) =>
    across(field).map((x) => (fieldAt(field.costs, field.grid, x, y) - field.least / 1e5).toFixed(3));
  const { parts, show } = tableOf(
    tr("The landscape, nats above the lowest place"),
    (fields) =>
      fields.flatMap((field) => down(field).map((y) => [`${field.name}, ${y.toFixed(2)}`, ...line(field, y)])),
    ([field]) => (field ? ["", ...across(field).map((x) => x.toFixed(2))] : []),
  );
  return {
    parts,
    show: (fields) => {
      parts[0].hidden = !fields.length && parts[1].hidden;
      show(fields);
    },
  };
};
