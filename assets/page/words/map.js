// A map of thousands of words on a canvas: points that glide, labels that never overlap, zoom, hover, search, pins.

import { onBigScreen } from "../common/figure.js";
import { listen } from "./gestures.js";
import { chooseLabels } from "./labels.js";
import { clear, drawLinks, drawPoints, drawTrails } from "./marks.js";

const GLIDE = 260; // milliseconds in which points move to where the newest frame has them, at least
const PAUSE = 1500; // milliseconds between two frames, up to which points move all the time
const REFILL = 220; // milliseconds between two looks for labels that could be added
const PER_LABEL = 3200; // square pixels of the map for each name that is written, at least
const SEEN = 0.5; // pixels of the screen that a word must have moved in a glide before the map is drawn again
const REACH = 14; // pixels from the pointer within which a word is meant
const FONT = '"Source Sans", "Source Sans 3", system-ui, sans-serif';

const ease = (t) => t * (2 - t);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// root: an element that the map fills. options: colours(group) -> css colour, theme() -> {ink, quiet, paper, grid},
// onHover(i or null), onPin(list of i). Returned: see the methods.
export class WordMap {
  constructor(root, { colour, theme, onHover = () => {}, onPin = () => {} }) {
    Object.assign(this, { root, colour, theme, onHover, onPin });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "ls-wordmap-canvas";
    this.canvas.tabIndex = 0;
    root.append(this.canvas);
    this.context = this.canvas.getContext("2d");
    this.view = { scale: 1, x: 0, y: 0 }; // zoom, and the pixels by which the picture is moved
    this.shown = new Set();
    this.pinned = [];
    this.anchors = []; // words that are always written out
    this.past = []; // places of all words before, the newest last: trails of pinned words lead along them
    this.links = new Map(); // word -> its neighbours
    this.hovered = this.followed = null; // followed: the word that stays in the middle as the picture moves
    this.refilled = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    listen(this.canvas, {
      pan: (dx, dy) => this.pan(dx, dy),
      zoom: (factor, x, y) => this.zoom(factor, x, y),
      fit: () => this.fit(),
      hover: (x, y) => this.hover(x === null ? null : this.wordAt(x, y)),
      click: (x, y) => this.pin(this.wordAt(x, y)),
    });
    new ResizeObserver(() => this.resize()).observe(root);
    this.resize();
  }

  // words: [text]; groups: [name of its colour group]; order: indices by frequency, the most frequent first.
  setWords({ words, groups, order }) {
    Object.assign(this, { words, groups, order });
    this.widths = new Map();
    this.shown = new Set();
    this.past = [];
    this.from = this.to = this.followed = null;
    this.rank = new Int32Array(words.length);
    order.forEach((i, rank) => (this.rank[i] = rank));
    this.setGroups(groups);
  }

  // groups: [name of its colour group] of each word.
  setGroups(groups) {
    this.groups = groups;
    this.byGroup = Map.groupBy(this.words.keys(), (i) => groups[i]);
    this.request();
  }

  // points: Float32Array (2 n) in data units; window: [centre x, centre y, half side]; past: [points before]; glide:
  // false to jump there.
  setFrame({ points, window, step, past = [] }, glide = true) {
    const here = this.to && glide && !this.still ? this.places() : null;
    this.from = here && here.points.length === points.length ? here : null;
    this.to = { points, window };
    const now = performance.now(),
      since = now - (this.began ?? 0);
    this.glide = since < PAUSE ? Math.max(GLIDE, since) : GLIDE;
    this.began = now;
    Object.assign(this, { step, past });
    this.request();
  }

  // Where everything is at this moment, between the last frame and the newest.
  places() {
    const { from, to } = this;
    if (!to) return null;
    const share = clamp((performance.now() - this.began) / this.glide, 0, 1),
      t = this.glide > GLIDE ? share : ease(share);
    if (!from || t === 1) return to;
    const mix = (a, b) => a + (b - a) * t;
    const points = new Float32Array(to.points.length);
    for (let i = 0; i < points.length; i++) points[i] = mix(from.points[i], to.points[i]);
    return { points, window: to.window.map((value, i) => mix(from.window[i], value)), moving: true };
  }

  resize() {
    const { width, height } = this.root.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this, { width, height, ratio, larger: onBigScreen() }); // larger: how much larger type is
    this.widths = new Map();
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.request();
  }

  // Draw in the next frame. due: false if only the glide asks for it: then words must have moved by SEEN.
  request(due = true) {
    this.due ||= due;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  // Data units -> pixels.
  projector({ window: [cx, cy, half] }) {
    const unit = (Math.min(this.width, this.height) / 2 / half) * this.view.scale;
    const left = this.width / 2 + this.view.x;
    const top = this.height / 2 + this.view.y;
    return (x, y) => [left + (x - cx) * unit, top - (y - cy) * unit];
  }

  draw() {
    const places = this.places(),
      { context: c, ratio } = this;
    if (!places || !this.words) return clear(c, this);
    if (this.followed !== null) Object.assign(this.view, this.centred(this.followed, this.view.scale));
    const n = this.words.length,
      project = this.projector(places),
      x = new Float32Array(n),
      y = new Float32Array(n);
    let moved = 0; // pixels that a word has moved since the map was drawn, at most
    for (let i = 0; i < n; i++) {
      [x[i], y[i]] = project(places.points[2 * i], places.points[2 * i + 1]);
      moved = Math.max(moved, Math.abs(x[i] - this.x?.[i]), Math.abs(y[i] - this.y?.[i]));
    }
    if (places.moving) this.request(false);
    if (places.moving && !this.due && moved * ratio < SEEN) return;
    Object.assign(this, { x, y, project, due: false });
    clear(c, this);
    this.chooseLabels();
    this.paint(c);
  }

  // Draw what was placed by `draw`, on this context, which is empty: the map's own, or one of pictures.js.
  paint(c) {
    const { x, y } = this;
    if (!x) return;
    const theme = this.theme();
    drawPoints(c, this, x, y);
    drawTrails(c, this, this.project, x, y);
    drawLinks(c, this, x, y, theme);
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    c.lineJoin = "round";
    c.strokeStyle = theme.paper;
    c.lineWidth = 3 * this.larger;
    for (const i of this.labels.toReversed()) this.drawLabel(c, i, x[i], y[i]);
  }

  chooseLabels() {
    const now = performance.now();
    const fill = now - this.refilled > REFILL || !this.shown.size;
    if (fill) this.refilled = now;
    else if (this.late === undefined) this.late = setTimeout(() => ((this.late = undefined), this.request()), REFILL);
    const always = [...new Set([...this.anchors, ...this.pinned, ...this.found()])];
    this.labels = chooseLabels({
      x: this.x, y: this.y, fill, always,
      order: this.order,
      size: (i) => this.size(i),
      shown: this.shown,
      most: Math.round((this.width * this.height) / (PER_LABEL * this.larger ** 2)),
      inside: (px, py, half) => px > half && px < this.width - half && py > 20 && py < this.height,
    }); // prettier-ignore
    this.shown = new Set(this.labels);
  }

  drawLabel(c, i, x, y) {
    const strong = i === this.hovered || this.pinned.includes(i);
    c.font = this.font(i, strong);
    c.fillStyle = this.colour(this.groups[i]);
    c.beginPath();
    c.arc(x, y, 2.4 * this.larger, 0, 2 * Math.PI);
    c.fill();
    c.strokeText(this.words[i], x, y - 7 * this.larger);
    c.fillText(this.words[i], x, y - 7 * this.larger);
  }

  font(i, strong) {
    const frequent = this.rank[i] < 40;
    return `${strong ? 700 : frequent ? 600 : 400} ${(frequent ? 14 : 13) * this.larger}px ${FONT}`;
  }

  size(i) {
    const strong = i === this.hovered || this.pinned.includes(i);
    const key = strong ? -1 - i : i;
    if (!this.widths.has(key)) {
      this.context.font = this.font(i, strong);
      this.widths.set(key, this.context.measureText(this.words[i]).width);
    }
    return { width: this.widths.get(key), height: 15 * this.larger };
  }

  // What is written out, for who reads along: the words, the places of all, and the size of each label.
  written() {
    return { labels: this.labels ?? [], x: this.x, y: this.y, size: (i) => this.size(i) };
  }

  // The word that is looked at and the neighbours to which there are lines.
  found() {
    return [...(this.hovered === null ? [] : [this.hovered]), ...[...this.links.values()].flat()];
  }

  // ------------------------------------------------------------ what a person does

  pan(dx, dy) {
    this.followed = null;
    this.view.x += dx;
    this.view.y += dy;
    this.request();
  }

  zoom(factor, x, y) {
    this.followed = null;
    const scale = clamp(this.view.scale * factor, 0.5, 40);
    const by = scale / this.view.scale;
    this.view = {
      scale,
      x: x - this.width / 2 - (x - this.width / 2 - this.view.x) * by,
      y: y - this.height / 2 - (y - this.height / 2 - this.view.y) * by,
    };
    this.refilled = 0;
    this.request();
  }

  // The whole picture again.
  fit() {
    this.followed = null;
    this.view = { scale: 1, x: 0, y: 0 };
    this.refilled = 0;
    this.request();
  }

  // How far the picture is moved where a word is in its middle.
  centred(i, scale) {
    const { points, window } = this.places(),
      [cx, cy, half] = window,
      unit = (Math.min(this.width, this.height) / 2 / half) * scale;
    return { x: (cx - points[2 * i]) * unit, y: (points[2 * i + 1] - cy) * unit };
  }

  // Bring a word into the middle, large enough to see its neighbours; it stays there until a person moves the picture.
  flyTo(i) {
    if (!this.places()) return;
    const start = { ...this.view },
      scale = Math.max(4, start.scale),
      began = performance.now();
    this.followed = null;
    const go = () => {
      const t = this.still ? 1 : ease(clamp((performance.now() - began) / 500, 0, 1)),
        goal = this.centred(i, scale),
        grown = start.scale * (scale / start.scale) ** t,
        share = scale === start.scale ? t : (grown - start.scale) / (scale - start.scale);
      this.view = {
        scale: grown,
        x: start.x + (goal.x - start.x) * share,
        y: start.y + (goal.y - start.y) * share,
      };
      this.refilled = 0;
      this.request();
      if (t < 1) requestAnimationFrame(go);
      else this.followed = i;
    };
    go();
    this.hover(i);
  }

  // The word at a place: one whose label is there, else the nearest point.
  wordAt(px, py) {
    if (!this.x) return null;
    for (const i of this.labels ?? []) {
      const { width, height } = this.size(i);
      if (Math.abs(px - this.x[i]) < width / 2 && py < this.y[i] + 3 && py > this.y[i] - height - 6) return i;
    }
    let best = null;
    let reach = REACH ** 2;
    for (let i = 0; i < this.x.length; i++) {
      const far = (this.x[i] - px) ** 2 + (this.y[i] - py) ** 2;
      if (far < reach) [best, reach] = [i, far];
    }
    return best;
  }

  hover(i) {
    if (i === this.hovered) return;
    this.hovered = i;
    this.canvas.style.cursor = i === null ? "grab" : "pointer";
    this.onHover(i);
    this.request();
  }

  // Lines from words to others: Map of word -> [words].
  link(links) {
    this.links = links;
    this.request();
  }

  // Follow a word with a trail, or no longer.
  pin(i) {
    if (i === null) return;
    const pinned = this.pinned.includes(i);
    this.pinned = pinned ? this.pinned.filter((other) => other !== i) : [...this.pinned, i];
    this.onPin(this.pinned);
    this.request();
  }
}
