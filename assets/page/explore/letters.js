// The map of the characters: places from the frames of core/analysis/timeline.py put into the figure of
// core/plots/letters.py.
import { Chart } from "../common/chart.js";
import { h, lightLetter, onDrag, onLetterLit, panelHead, setText } from "../common/dom.js";
import { onBigScreen } from "../common/figure.js";
import { time } from "../common/time.js";
import { pulled } from "./pull.js";
import { Landscape } from "./landscape.js";
import { atTheRim, pinch } from "./fit.js";
import { NO_HULL, discovered, flourish, sayFound } from "./discovery.js";
import { openingOver } from "./opening.js";
import { pictures } from "./keep.js";
import { leaders, spread } from "./spread.js";
import { tr } from "../common/messages.js";

export const makers = {};

const swatch = ([group, label]) => h("span.ls-key", {}, h(`i.ls-dot.ls-${group}`), h("bdi", {}, label));
const NONE = { x: [], y: [], text: [] };
const LANES = 9; // rows for letters on a line
const APART = 18; // px between the middles of two letters, so that both can be read
const NARROW = 440; // px: on a smaller map, smaller letters
const REACH = 1.3; // of half a cube's side: a turned cube stays in the picture

// ---------------------------------------------------------------- from a frame to places

// Rows of two or three numbers; on a line heights mean nothing and only keep letters apart.
const rows = (frame, { line, space }, heights) => {
  const n = space ? 3 : 2,
    out = [];
  for (let i = 0; i < frame.points.length; i += n) out.push(frame.points.slice(i, i + n));
  if (line) out.forEach((row, i) => (row[1] = heights?.[i] ?? 0));
  return out;
};

// On a line: from left to right each letter takes its own row of LANES, or the nearest with room for a disc.
const lanes = (frame, disc) => {
  const xs = rows(frame, {}).map(([x]) => x),
    ends = Array(LANES).fill(-Infinity),
    out = Array(xs.length);
  for (const i of xs.map((_, i) => i).sort((a, b) => xs[a] - xs[b])) {
    const near = ends.map((_, k) => k).sort((a, b) => Math.abs(a - (i % LANES)) - Math.abs(b - (i % LANES)));
    const lane = near.find((k) => xs[i] - ends[k] >= disc) ?? ends.indexOf(Math.min(...ends));
    ends[lane] = xs[i];
    out[i] = frame.window[1] + disc * (lane - (LANES - 1) / 2);
  }
  return out;
};

// An orthographic look at space: turned about the window's middle. z: towards the reader.
const turned = ([x, y, z], { window: [a, b, c] }, { yaw, pitch }) => {
  const [p, q, r] = [x - a, y - b, z - c];
  const u = Math.cos(yaw) * p + Math.sin(yaw) * r,
    w = Math.cos(yaw) * r - Math.sin(yaw) * p;
  return [u, Math.cos(pitch) * q - Math.sin(pitch) * w, Math.cos(pitch) * w + Math.sin(pitch) * q];
};

const placed = (frame, meta, view) => {
  const all = rows(frame, meta, view.heights);
  return meta.space ? all.map((row) => turned(row, frame, view)) : all;
};

// As long in every frame, so that trails can glide: the oldest place stands for those before.
const trails = (past, { members, trail }) => {
  const whole = [...Array(trail + 1 - past.length).fill(past[0]), ...past];
  return members.map((group) => ({
    x: group.flatMap((i) => [...whole.map((places) => places[i][0]), null]),
    y: group.flatMap((i) => [...whole.map((places) => places[i][1]), null]),
  }));
};

// As long with no letter chosen: Plotly would leave lines that have no points any more where they were.
const links = (places, nearest, chosen) => {
  const ends =
    chosen === null
      ? Array(9).fill([null, null])
      : nearest[chosen].flatMap((j) => [places[chosen], places[j], [null, null]]);
  return { x: ends.map((p) => p[0]), y: ends.map((p) => p[1]) };
};

const axesInSpace = ({ window }, view) => {
  const half = window.at(-1),
    names = [0, 1, 2].map((i) => `${i + 1}`),
    at = window.slice(0, 3);
  const ends = names.map((_, i) =>
    turned(
      at.map((m, j) => m + (i === j ? half : 0)),
      { window },
      view,
    ),
  );
  const points = ends.flatMap((end) => [[0, 0], end, [null, null]]);
  return { x: points.map((p) => p[0]), y: points.map((p) => p[1]), text: names.flatMap((name) => ["", name, ""]) };
};

// The full coordinates are sent for this moment only; at others there is the place in the picture.
const hover = (frame, { names, groups, aligned }, places) =>
  names.map((name, i) => {
    const where =
      frame.where?.[i] ??
      `(${places[i].map((x) => x.toFixed(3)).join(", ")})${aligned ? ` ${tr("in this picture")}` : ""}`;
    const residual = aligned ? `<br>${tr("alignment residual {share} %", { share: frame.residual })}` : "";
    return [name, groups[i], where + residual, frame.nearest[i].map((j) => names[j]).join(", "), ...places[i]];
  });

// Under a finger the toolbar is always there: the letters begin below it.
const below = (margin) => (matchMedia("(pointer: coarse)").matches ? { ...margin, t: Math.max(margin.t, 36) } : margin);

const filled = (figure, now, view) => {
  const { meta } = figure.layout,
    { frame, past } = now;
  const places = placed(frame, meta, view),
    before = past.slice(-meta.trail).map((one) => placed(one, meta, view));
  const window = view.middle && !meta.space ? frame.middle : frame.window,
    half = window.at(-1) * (meta.space ? REACH : 1),
    [x, y] = meta.space ? [0, 0] : window;
  const axis = (name, middle, i) => {
    const old = figure.layout[name],
      title = meta.titles[i]?.replace("{}", frame.explained[i]) ?? "";
    return { ...old, range: [middle - half, middle + half], title: { ...old.title, text: meta.space ? "" : title } };
  };
  const layout = {
    ...figure.layout,
    margin: below(figure.layout.margin),
    xaxis: axis("xaxis", x, 0),
    yaxis: axis("yaxis", y, 1),
  };
  const { shown: fitting, arrows } =
    view.middle && !meta.space ? view.rim(places, layout) : { shown: places, arrows: NONE };
  const bare = meta.space || view.chosen !== null,
    look = view.look(),
    { unit, within } = view.seen(layout),
    shown = bare || meta.line ? fitting : spread(fitting, unit, APART * look.scale * onBigScreen());
  view.discs(shown);
  const found = bare ? null : discovered(now, shown, meta, view.groups, unit),
    pull = pulled(bare ? { look: {} } : now, shown, { unit, within, ...look, there: (i) => fitting[i] === places[i] });
  view.pulls(pull.x.some((x) => x !== null));
  const parts = [
    ...trails([...before, places], meta),
    found ?? NO_HULL,
    leaders(fitting, shown, unit),
    pull,
    arrows,
    links(places, frame.nearest, view.chosen),
  ];
  if (meta.space) parts.push(axesInSpace(frame, view));
  const letters = {
    x: shown.map((p) => p[0]),
    y: shown.map((p) => p[1]),
    customdata: hover(frame, meta, rows(frame, meta, view.heights)),
  };
  const discs = figure.data.at(-1);
  if (look.scale < 1) {
    letters.marker = { ...discs.marker, size: discs.marker.size * look.scale };
    letters.textfont = { ...discs.textfont, size: discs.textfont.size.map((size) => size * look.scale) };
  }
  if (meta.space)
    letters.marker = {
      ...discs.marker,
      size: places.map((p) => 25 + (5 * p[2]) / (REACH * frame.window.at(-1))),
    };
  parts.push(letters);
  return { data: figure.data.map((trace, i) => ({ ...trace, ...parts[i] })), layout };
};

// ---------------------------------------------------------------- the panel

makers.letters = (root) => {
  const note = h("span.ls-note"),
    keys = h("span.ls-keys"),
    box = h("div.ls-chart.ls-letters");
  const land = new Landscape(box, () => {
    view.chosen = land.touched.at(-1) ?? null;
    draw({ urgent: true, duration: 0 });
  });
  box.pictures = () => pictures({ ...land, plot: land.plot() });
  root.append(
    panelHead(
      tr("Where each character sits"),
      tr(
        "The embedding table C: each character is a point that training moves; a trail shows where it came " +
          "from. Characters used alike drift together. Hover for exact values; zoom with the toolbar or two " +
          "fingers, double-click to come back. Click or type a letter to see its nearest neighbours in all " +
          "dimensions and the landscape " +
          "it walks in: the exact train loss if it stood anywhere else and all else stayed, with an arrow for " +
          "minus its gradient and × for the lowest place. Drag it uphill and let go: it rolls back on a copy. A " +
          "letter without its landscape stays where you drag it, and loss, names and bars say what a copy " +
          "of it says. Touch a second one to see " +
          "where both valleys overlap; touch it again to be done.",
      ),
      note,
      keys,
    ),
    land.root,
  );
  const chart = new Chart(box, { glide: true, label: tr("Map of the characters' embedding") });
  pinch(box, chart);
  const view = { yaw: 0.6, pitch: 0.4, chosen: null, heights: null };
  view.discs = (shown) => (land.discs = shown);
  view.pulls = (any) => land.root.classList.toggle("ls-pulled", any);
  view.look = () => (box.clientWidth < NARROW ? { scale: 0.76 } : { scale: 1 });
  // unit: of the plane in a px; within: whether a place is in the picture, and as far as that from its rim
  view.seen = (layout) => {
    const { xaxis, yaxis } = chart.touched ? box.layout : chart.fitted(layout),
      { l, r } = layout.margin;
    const unit = (view.unit = (xaxis.range[1] - xaxis.range[0]) / Math.max(120, box.clientWidth - l - r));
    const inside = (value, [low, high], px) => value >= low + px * unit && value <= high - px * unit;
    return { unit, within: ([x, y], px = 0) => inside(x, xaxis.range, px) && inside(y, yaxis.range, px) };
  };
  // of the plane: the room that a disc takes
  view.disc = ({ window }) => (2 * window.at(-1) * 27) / Math.max(120, box.clientHeight - 48);
  // Whoever zooms sees every letter where it is.
  view.rim = (places, layout) =>
    chart.touched ? { shown: places, arrows: NONE } : atTheRim(places, box, chart.fitted(layout));
  const fit = h("button.ls-button.ls-fit", { type: "button", hidden: "" }, tr("Fit the middle"));
  fit.title = tr("Show the crowd in the middle, and letters that are far out at the rim, with an arrow");
  fit.addEventListener("click", () => {
    view.chose = view.middle = !view.middle;
    chart.home();
    draw({ urgent: true, duration: 0 });
    mark();
  });
  land.map.append(fit);
  const mark = () => {
    const { frame } = time.now();
    fit.hidden = last.figure.layout.meta.space || !frame || String(frame.middle) === String(frame.window);
    fit.setAttribute("aria-pressed", String(view.middle));
  };
  const open = openingOver(land.map);
  let characters = [],
    last = null;
  const draw = (how) => last && chart.show(filled(last.figure, time.now(), view), last.palette, last.dark, how);

  const bind = () => {
    if (bind.done || !box.on) return;
    bind.done = true;
    const letter = ({ points: [p] }) => (p?.curveNumber === box.data.length - 1 ? p.pointNumber : null);
    box.on("plotly_hover", (event) => letter(event) !== null && lightLetter(characters[letter(event)]));
    box.on("plotly_unhover", () => lightLetter(null));
    box.on("plotly_click", (event) => {
      if (letter(event) !== null) land.toggle(letter(event));
    });
  };
  // Once for a run, and not for what was found before it was looked at.
  const celebrate = ({ live }) => {
    if (!live || land.touched.length) return;
    const news = view.run === time.run && !view.found && land.found;
    if (view.run !== time.run || news) Object.assign(view, { run: time.run, found: Boolean(land.found) });
    if (news) flourish(box, land.said);
  };
  onDrag(
    box,
    () => last?.figure.layout.meta.space,
    (dx, dy) => {
      view.yaw += 0.008 * dx;
      view.pitch = Math.max(-1.5, Math.min(1.5, view.pitch + 0.008 * dy));
      draw({ urgent: true, duration: 0 });
    },
  );
  onLetterLit(root, (letter) => {
    const at = characters.indexOf(letter);
    box
      .querySelectorAll(".trace.scatter .points .point")
      .forEach((node, i) => node.classList.toggle("ls-lit", i === at));
  });
  return async (data, now, how) => {
    if (!now.frame) return;
    if (last?.figure.layout.meta.picture !== data.figure.layout.meta.picture) {
      view.chosen = land.touched.at(-1) ?? null;
      keys.replaceChildren(...data.figure.layout.meta.keys.map(swatch));
    }
    // of another picture
    if (now.frame.points?.length !== data.characters.length * (data.figure.layout.meta.space ? 3 : 2)) return;
    [last, characters] = [data, data.characters];
    chart.still = !data.figure.layout.meta.space;
    view.heights = data.figure.layout.meta.line ? lanes(now.frame, view.disc(now.frame)) : null;
    root.classList.toggle("ls-choice", data.choice);
    setText(note, data.note);
    view.middle = view.chose ?? data.choice;
    mark();
    view.groups = data.groups;
    land.stepped = now.live && now.look.why?.step === now.frame.step ? now.look.why.said : "";
    const { meta } = data.figure.layout,
      places = placed(now.frame, meta, view);
    land.found = sayFound(now, meta, discovered(now, places, meta, view.groups, view.unit ?? 0));
    land.show(now, data, places, meta.space);
    await draw(how);
    celebrate(now);
    bind();
    open(now);
  };
};
