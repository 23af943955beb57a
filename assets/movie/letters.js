// Plays the frames in #data. Text from the run enters the page only as text nodes.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { frames, letters, groups, kinds, keys, losses, unit } = data;
const last = frames.length - 1;
const TRAIL = data.words ? 2 : 14; // frames that a trail reaches back
const DOT = 2.5; // radius of a word's place, above which the word is written
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
    this.trails = [...keys].reverse().flatMap(([group]) =>
      Array.from({ length: TRAIL }, (_, age) => ({
        group,
        age,
        path: svg(this.root, "path", `trail ${group}`, { opacity: (0.6 * (1 - age / TRAIL)).toFixed(2) }),
      })),
    );
    this.letters = letters.map((letter, i) => {
      const g = svg(this.root, "g", `letter ${groups[i]}`);
      svg(g, "title").textContent = `${letter} (${kinds[i]})`;
      const circle = svg(g, "circle", "", { r: DOT }),
        text = svg(g, "text", data.words ? "word" : "");
      text.textContent = letter;
      return { g, circle, text };
    });
  },

  resize(w, h) {
    [this.w, this.h] = [w, h];
    const crowd = data.words ? 1 : Math.sqrt(27 / letters.length);
    const least = data.words ? 9.6 : 7; // 12 px for words
    this.radius = Math.max(least, Math.min(15, Math.min(w, h) / (data.words ? 55 : 38)) * Math.min(1, crowd));
    for (const { circle, text } of this.letters) {
      if (!data.words) set(circle, { r: this.radius });
      set(text, { "font-size": (this.radius * 1.25).toFixed(1), dy: data.words ? -this.radius : -0.5 });
    }
    if (data.words) this.sizes = this.letters.map(({ text }) => text.getComputedTextLength() / 2 + 1);
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
    const places = this.letters.map((_, i) => place(i, t));
    this.letters.forEach(({ g }, i) => g.setAttribute("transform", `translate(${places[i]})`));
    if (data.words) this.uncover(places.map((at) => at.split(" ").map(Number)));
  },

  // Words that would cover a more frequent one are not written; their dots stay.
  uncover(places) {
    const high = this.radius * 1.3,
      written = [];
    places.forEach(([x, y], i) => {
      const free = written.every(
        (j) => Math.abs(x - places[j][0]) > this.sizes[i] + this.sizes[j] || Math.abs(y - places[j][1]) > high,
      );
      if (free) written.push(i);
      this.letters[i].text.classList.toggle("covered", !free);
    });
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
