// ---------------------------------------------------------------- loss

const logStep = (step) => Math.log10(step + 1);
const longest = Math.max(losses[losses.length - 1][0], frames[last].step, 1);

const CURVES = [
  ["train", 1],
  ["dev", 2],
];
const DECADES = [1, 2, 3, 4, 5, 6, 7].map((power) => 10 ** power);

const chart = {
  root: $("loss"),
  w: 0,
  h: 0,
  span: [],

  resize(w, h) {
    [this.w, this.h, this.span] = [w, h, []];
  },

  // The axis follows what the loss was lately; drawn anew only while it moves.
  draw(place, span) {
    if (span.some((end, i) => end !== this.span[i])) this.build(span);
    const now = this.x(place);
    set(this.past, { width: now.toFixed(1) });
    const found = losses.findIndex((row) => logStep(row[0]) >= place);
    const after = found < 0 ? losses.length : Math.max(1, found); // a frame can be later than the last loss
    const [a, b] = [losses[after - 1], losses[after] ?? losses[after - 1]];
    const width = logStep(b[0]) - logStep(a[0]),
      part = width > 0 ? Math.min(1, (place - logStep(a[0])) / width) : 0;
    const heights = this.marks.map(({ column }) => this.y(between(a[column], b[column], part)));
    this.marks.forEach(({ circle, text }, i) => {
      const upper = heights[i] < heights[1 - i] || (heights[i] === heights[1 - i] && i === 1);
      set(circle, { cx: now.toFixed(1), cy: heights[i].toFixed(1) });
      set(text, { x: (now + 8).toFixed(1), y: (heights[i] + (upper ? -5 : 14)).toFixed(1) });
    });
  },

  build(span) {
    this.span = span;
    this.root.replaceChildren();
    const [bottom, top] = span,
      left = 34,
      right = this.w - 42,
      low = this.h - 24,
      high = 8;
    this.x = (place) => left + ((right - left) * place) / logStep(longest);
    this.y = (loss) => low - ((low - high) * (loss - bottom)) / (top - bottom);
    this.axes({ bottom, top, left, right, low, high });
    this.baselines({ bottom, top, left, right });
    const clip = (id, size) =>
      svg(svg(this.root, "clipPath", "", { id }), "rect", "", { x: 0, width: this.w, ...size });
    clip("plot", { y: high - 2, height: low - high + 4 });
    this.past = clip("past", { y: 0, height: this.h });
    const plot = svg(this.root, "g", "", { "clip-path": "url(#plot)" });
    this.curves(svg(plot, "g", "later"));
    this.curves(svg(plot, "g", "", { "clip-path": "url(#past)" }));
    this.marks = CURVES.map(([name, column]) => {
      const circle = svg(this.root, "circle", name, { r: 5 }),
        text = svg(this.root, "text", name);
      text.textContent = name;
      return { circle, text, column };
    });
  },

  curves(parent) {
    for (const [name, column] of CURVES) {
      const points = losses.map((row) => `${this.x(logStep(row[0])).toFixed(1)} ${this.y(row[column]).toFixed(1)}`);
      svg(parent, "path", `curve ${name}`, { d: `M${points.join("L")}` });
    }
  },

  axes({ bottom, top, left, right, low, high }) {
    const gap = round((top - bottom) / Math.max(2, (low - high) / 34));
    for (let k = Math.ceil(bottom / gap); k * gap <= top + 1e-9; k += 1) {
      const y = this.y(k * gap).toFixed(1);
      svg(this.root, "path", "grid", { d: `M${left} ${y}H${right}` });
      svg(this.root, "text", "tick end", { x: left - 6, y, dy: 4 }).textContent = (k * gap).toFixed(gap < 1 ? 1 : 0);
    }
    for (const step of [0, ...DECADES.filter((d) => d <= longest)]) {
      const x = this.x(logStep(step)).toFixed(1);
      svg(this.root, "path", "grid", { d: `M${x} ${high}V${low}` });
      svg(this.root, "text", "tick middle", { x, y: low + 17 }).textContent = count(step);
    }
  },

  baselines({ bottom, top, left, right }) {
    let above = -Infinity;
    for (const [name, loss] of [...data.baselines].sort((a, b) => b[1] - a[1])) {
      if (loss < bottom || loss > top) continue;
      const y = this.y(loss);
      svg(this.root, "path", "baseline", { d: `M${left} ${y.toFixed(1)}H${right}` });
      const room = y - above;
      above = y;
      if (room < 15) continue;
      const side = name === data.even ? { x: right, "text-anchor": "end" } : { x: left + 4 };
      svg(this.root, "text", "name", { ...side, y: (y - 4).toFixed(1) }).textContent = `${name} ${loss.toFixed(2)}`;
    }
  },
};
