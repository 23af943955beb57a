// The map of words as a file. An SVG is drawn by the code that draws the canvas, with a pen that writes elements.
import { h, svg } from "../common/dom.js";
import { tr } from "../common/messages.js";

const SCALE = 2; // pixels of a PNG for each of the page's
const WAIT = 10_000; // ms until the memory of a file that was downloaded is free again
const FONT = '13px "Source Sans", "Source Sans 3", system-ui, sans-serif';
const ANCHORS = { left: "start", center: "middle", right: "end" };
const short = (x) => String(Math.round(100 * x) / 100);

// As much of a canvas's context as the map uses.
class SvgPen {
  elements = [];
  path = [];
  globalAlpha = 1;

  beginPath() {
    this.path = [];
  }
  moveTo(x, y) {
    this.path.push(`M${short(x)} ${short(y)}`);
  }
  lineTo(x, y) {
    this.path.push(`${this.path.length ? "L" : "M"}${short(x)} ${short(y)}`);
  }
  // A whole circle: the map draws no other arcs.
  arc(x, y, radius) {
    const [r, wide] = [short(radius), short(2 * radius)];
    this.path.push(`M${short(x - radius)} ${short(y)}a${r} ${r} 0 1 0 ${wide} 0a${r} ${r} 0 1 0 -${wide} 0`);
  }
  add(tag, attributes, ...children) {
    this.elements.push(svg(tag, { ...attributes, opacity: this.globalAlpha }, ...children));
  }
  get line() {
    return { fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth, "stroke-linejoin": "round" };
  }
  fill() {
    if (this.path.length) this.add("path", { d: this.path.join(""), fill: this.fillStyle });
  }
  stroke() {
    if (this.path.length) this.add("path", { d: this.path.join(""), ...this.line });
  }
  text(text, x, y, style) {
    const anchor = ANCHORS[this.textAlign];
    const place = { x: short(x), y: short(y), "text-anchor": anchor, style: `font: ${this.font}` };
    this.add("text", { ...place, ...style }, document.createTextNode(text));
  }
  strokeText(text, x, y) {
    this.text(text, x, y, this.line);
  }
  fillText(text, x, y) {
    this.text(text, x, y, { fill: this.fillStyle });
  }
}

// What stands below the map in a file: the legend, and lines of text. written(c): on a context, below the map.
const below = (map, { legend, lines }) => {
  const [left, row, gap] = [10, 18, 26],
    paper = map.context;
  paper.font = FONT;
  let [x, y] = [left, map.height + row];
  const keys = legend.map(({ name, colour }) => {
    const wide = 1.12 * paper.measureText(name).width + gap; // whoever opens an SVG may have another font
    if (x > left && x + wide > map.width) [x, y] = [left, y + row];
    const key = { name, colour, x, y };
    x += wide;
    return key;
  });
  const texts = lines.filter(Boolean).map((text, i) => ({ text, y: y + (i + 1) * row }));
  const written = (c) => {
    Object.assign(c, { font: FONT, textAlign: "left", textBaseline: "alphabetic", globalAlpha: 1 });
    for (const { name, colour, x, y } of keys) {
      c.fillStyle = colour;
      c.beginPath();
      c.arc(x + 4, y - 4, 4, 0, 2 * Math.PI);
      c.fill();
      c.fillStyle = map.theme().ink;
      c.fillText(name, x + 12, y);
    }
    c.fillStyle = map.theme().quiet;
    for (const { text, y } of texts) c.fillText(text, left, y);
  };
  return { height: y + texts.length * row + 8, written };
};

export const asSvg = (map, said) => {
  const { height, written } = below(map, said),
    { width } = map,
    pen = new SvgPen();
  map.paint(pen);
  written(pen);
  const picture = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` });
  picture.append(svg("rect", { width, height, fill: map.theme().paper.trim() }), ...pen.elements);
  return new Blob([new XMLSerializer().serializeToString(picture)], { type: "image/svg+xml" });
};

export const asPng = (map, said) => {
  const { height, written } = below(map, said),
    canvas = h("canvas", { width: Math.round(SCALE * map.width), height: Math.round(SCALE * height) }),
    context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.fillStyle = map.theme().paper;
  context.fillRect(0, 0, map.width, height);
  map.paint(context);
  written(context);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};

const FORMATS = [
  ["png", "PNG", tr("Download as PNG"), asPng],
  ["svg", "SVG", tr("Download as SVG"), asSvg],
];

// Two buttons over the map. said(): what is written below it, legend [{name, colour}] and lines [text].
export const keepers = (map, said) =>
  h(
    "div.ls-keepers",
    {},
    ...FORMATS.map(([format, name, title, make]) => {
      const button = h("button", { type: "button", title, "aria-label": title }, name);
      button.addEventListener("click", async () => {
        const address = URL.createObjectURL(await make(map, said()));
        h("a", { href: address, download: `letterspace.${format}` }).click();
        setTimeout(() => URL.revokeObjectURL(address), WAIT);
      });
      return button;
    }),
  );
