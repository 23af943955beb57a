// Plays the frames in #data. Text from the run enters the page only as text nodes.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { frames, letters, groups, kinds, keys, losses, unit } = data;
const last = frames.length - 1;
const TRAIL = 14; // frames that a trail reaches back
const SECONDS = Math.min(24, Math.max(8, frames.length / 10)); // one showing
const REST = 2.5; // seconds, at the end
const PLAY = "M7 4.5v15l13-7.5z",
  PAUSE = "M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z";

const $ = (id) => document.getElementById(id);
const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const count = (n) => n.toLocaleString("en-US");

function svg(parent, tag, classes = "", attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (classes) element.setAttribute("class", classes);
  set(element, attributes);
  parent.append(element);
  return element;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

// A round distance between grid lines, at least `least`.
function round(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((m) => m * power >= least);
}

// `render` is called with the size in pixels at first and whenever it changes.
function sized(element, render) {
  new ResizeObserver(() => {
    const { clientWidth: w, clientHeight: h } = element;
    if (w > 0 && h > 0) render(w, h);
  }).observe(element);
}

// ---------------------------------------------------------------- letters

const between = (a, b, t) => a + (b - a) * t;

// Where number i of frame list `part` is at time t, which may lie between two frames.
function at(part, i, t) {
  const clamped = Math.max(0, t),
    before = Math.floor(clamped),
    after = Math.min(last, before + 1);
  return unit * between(frames[before][part][i], frames[after][part][i], clamped - before);
}

const plane = {
  root: $("letters"),
  w: 0,
  h: 0,

  build() {
    this.grid = svg(this.root, "path", "grid");
    this.zero = svg(this.root, "path", "zero");
    this.ticks = svg(this.root, "g");
    this.trails = [...keys]
      .reverse()
      .flatMap(([group]) =>
        Array.from({ length: TRAIL }, (_, age) => ({
          group,
          age,
          path: svg(this.root, "path", `trail ${group}`, { opacity: (0.6 * (1 - age / TRAIL)).toFixed(2) }),
        })),
      );
    this.letters = letters.map((letter, i) => {
      const g = svg(this.root, "g", `letter ${groups[i]}`);
      svg(g, "title").textContent = `${letter} (${kinds[i]})`;
      const circle = svg(g, "circle"),
        text = svg(g, "text");
      text.textContent = letter;
      return { g, circle, text };
    });
  },

  resize(w, h) {
    [this.w, this.h] = [w, h];
    const crowd = Math.sqrt(27 / letters.length);
    this.radius = Math.max(7, Math.min(15, Math.min(w, h) / 38) * Math.min(1, crowd));
    for (const { circle, text } of this.letters) {
      set(circle, { r: this.radius });
      set(text, { "font-size": (this.radius * 1.25).toFixed(1), dy: -0.5 });
    }
  },

  draw(t) {
    const { w } = this,
      h = this.h - 18,
      pad = this.radius + 8; // below, the ticks of the first axis
    const [cx, cy, hx, hy] = [0, 1, 2, 3].map((i) => at("window", i, t));
    const scale = Math.min((w / 2 - pad) / hx, (h / 2 - pad) / hy);
    const x = (value) => w / 2 + scale * (value - cx),
      y = (value) => h / 2 - scale * (value - cy);
    this.lines(x, y, scale, cx, cy);
    const place = (i, time) =>
      `${x(at("points", 2 * i, time)).toFixed(1)} ${y(at("points", 2 * i + 1, time)).toFixed(1)}`;
    for (const { group, age, path } of this.trails) {
      const members = t - age > 0 ? groups.flatMap((g, i) => (g === group ? [i] : [])) : [];
      path.setAttribute("d", members.map((i) => `M${place(i, t - age)}L${place(i, t - age - 1)}`).join(""));
    }
    this.letters.forEach(({ g }, i) => g.setAttribute("transform", `translate(${place(i, t)})`));
  },

  lines(x, y, scale, cx, cy) {
    const { w, h } = this,
      gap = round(64 / scale);
    const places = (middle, half) => {
      const found = [];
      for (let k = Math.ceil((middle - half) / gap); k * gap <= middle + half; k += 1) found.push(k * gap);
      return found;
    };
    const across = places(cx, w / 2 / scale),
      up = data.flat ? [] : places(cy, h / 2 / scale + gap);
    const column = (value) => `M${x(value).toFixed(1)} 0V${h}`,
      row = (value) => `M0 ${y(value).toFixed(1)}H${w}`;
    this.grid.setAttribute("d", [...across.map(column), ...up.map(row)].join(""));
    this.zero.setAttribute("d", column(0) + (data.flat ? "" : row(0)));
    const digits = Math.max(0, -Math.floor(Math.log10(gap) + 1e-9));
    const said = (value) => value.toFixed(digits).replace("-", "−");
    const labels = [
      ...across.filter((v) => x(v) > 40 && x(v) < w - 14).map((v) => [said(v), x(v), h - 5, "tick middle"]),
      ...up.filter((v) => y(v) > 10 && y(v) < h - 24).map((v) => [said(v), 3, y(v) - 4, "tick"]),
    ];
    while (this.ticks.childElementCount < labels.length) svg(this.ticks, "text");
    [...this.ticks.children].forEach((text, i) => {
      const [label, left, top, kind] = labels[i] ?? ["", 0, 0, "tick"];
      if (text.textContent !== label) text.textContent = label;
      set(text, { x: left.toFixed(1), y: top.toFixed(1), class: kind });
    });
  },
};

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
    const after = Math.max(
      1,
      losses.findIndex((row) => logStep(row[0]) >= place),
    );
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
      const side = name === "uniform" ? { x: right, "text-anchor": "end" } : { x: left + 4 };
      svg(this.root, "text", "name", { ...side, y: (y - 4).toFixed(1) }).textContent = `${name} ${loss.toFixed(2)}`;
    }
  },
};

// ---------------------------------------------------------------- time

let time = 0,
  playing = false,
  rested = 0,
  before = 0,
  shownFrame = -1;

function draw() {
  const t = reduced.matches ? Math.floor(time) : time,
    frame = Math.floor(t);
  if (plane.w) plane.draw(t);
  const [a, b] = [frames[frame], frames[Math.min(last, frame + 1)]];
  const halfway = (from, to) => between(from, to, t - frame);
  if (chart.w)
    chart.draw(
      halfway(logStep(a.step), logStep(b.step)),
      a.span.map((end, i) => halfway(end, b.span[i])),
    );
  $("time").style.setProperty("--share", last > 0 ? t / last : 1);
  if (frame !== shownFrame) describe(frame);
}

function describe(frame) {
  shownFrame = frame;
  const { step, names } = frames[frame];
  const exact = losses.findLast((row) => row[0] <= step) ?? losses[0];
  $("step").textContent = count(step);
  $("train").textContent = exact[1].toFixed(3);
  $("dev").textContent = exact[2].toFixed(3);
  $("when").textContent = `at step ${count(step)}`;
  $("time").value = frame;
  $("time").setAttribute("aria-valuetext", `step ${count(step)}`);
  const items = names.map((name) => {
    const item = document.createElement("li");
    item.textContent = item.title = name;
    item.dir = "auto";
    return item;
  });
  $("names").replaceChildren(...items);
}

function play(on) {
  if (on && time >= last) time = 0;
  [playing, rested] = [on, 0];
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
  $("play")
    .querySelector("path")
    .setAttribute("d", on ? PAUSE : PLAY);
  if (on) requestAnimationFrame((now) => ((before = now), tick(now)));
}

function tick(now) {
  if (!playing) return;
  const passed = Math.min(0.1, (now - before) / 1000);
  before = now;
  if (time < last) time = Math.min(last, time + (passed * last) / SECONDS);
  else if ((rested += passed) > REST) [time, rested] = [0, 0];
  draw();
  requestAnimationFrame(tick);
}

function go(frame) {
  play(false);
  time = Math.max(0, Math.min(last, frame));
  draw();
}

const KEYS = {
  ArrowRight: () => go(Math.floor(time) + 1),
  ArrowLeft: () => go(Math.ceil(time) - 1),
  Home: () => go(0),
  End: () => go(last),
  " ": () => play(!playing),
};

document.addEventListener("keydown", (event) => {
  const native = event.target === $("play") && event.key === " ";
  if (native || event.altKey || event.ctrlKey || event.metaKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
$("play").addEventListener("click", () => play(!playing));
$("time").addEventListener("input", () => go(Number($("time").value)));
$("time").max = last;

document.title = `${data.title} · Letterspace`;
for (const name of ["title", "about", "axes"]) $(name).textContent = data[name];
for (const [group, label] of keys) {
  const dot = document.createElement("i");
  dot.className = group;
  $("keys").append(dot, label, " ");
}
plane.build();
sized(plane.root, (w, h) => (plane.resize(w, h), draw()));
sized(chart.root, (w, h) => (chart.resize(w, h), draw()));
draw();
play(!reduced.matches);
