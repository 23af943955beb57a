// Maps of words: as many names as do not overlap, the most frequent first. All others are points, named on hover.
import { chooseLabels } from "../words/labels.js";

const HEIGHT = 16; // pixels of a label
const MORE = 2; // pixels by which Plotly writes above a point's edge

let canvas = null;
const widthOf = (text, { size, family }) => {
  canvas ??= document.createElement("canvas").getContext("2d");
  canvas.font = `${size}px ${family}`;
  return canvas.measureText(text).width;
};

// figure: made by core/plots/compare.py; its last trace has the words, the most frequent first. names: those words.
// box: the element that the figure fills. Returns the figure with only the names that have room there.
export const withRoom = (figure, names, box) => {
  const named = figure.data.at(-1),
    { xaxis, yaxis, margin } = figure.layout,
    width = box.clientWidth - margin.l - margin.r,
    height = box.clientHeight - margin.t - margin.b,
    place = (value, [low, high], size) => ((value - low) / (high - low)) * size,
    x = named.x.map((value) => place(value, xaxis.range, width)),
    y = named.y.map((value) => height - place(value, yaxis.range, height) - named.marker.size / 2 - MORE);
  const shown = chooseLabels({
    x,
    y,
    order: [...names.keys()],
    always: [],
    size: (i) => ({ width: widthOf(names[i], named.textfont), height: HEIGHT }),
    shown: new Set(),
    most: names.length,
    fill: true,
    inside: (px, py, half) => px >= half && px <= width - half && py > HEIGHT && py <= height,
  });
  const text = named.text.map((label, i) => (shown.includes(i) ? label : ""));
  return { ...figure, data: [...figure.data.slice(0, -1), { ...named, text }] };
};
