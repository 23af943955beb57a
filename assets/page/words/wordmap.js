// The map of words in its panel: places from the frames of core/plots/words.py, legend, search, neighbours.
import { h, panelHead, setText } from "../common/dom.js";
import { time } from "../common/time.js";
import { drawAll } from "../common/views.js";
import { WordMap } from "./map.js";
import { makeAxes } from "./axes.js";
import { chosen, choose } from "./chosen.js";
import { makeColouring } from "./colouring.js";
import { keepers } from "./pictures.js";
import { tr } from "../common/messages.js";
import { MOST_ROWS, tableOf } from "../common/table.js";

export const makers = {};

const OTHERS = 2; // word 0 is the start of a sentence, word 1 stands for all words that have no place of their own
const WALKED = 240; // places along chosen axes that are remembered, for trails
const TELL = 120; // ms between two words of which the server is told

// The places of a frame, unpacked once: [x, y] of each word in turn, in data units.
const placesOf = (frame) => {
  if (!frame.places) {
    const bytes = Uint8Array.from(atob(frame.packed), (c) => c.charCodeAt(0));
    const numbers = new Int16Array(bytes.buffer);
    const { scale, window } = frame;
    const places = (frame.places = new Float32Array(numbers.length));
    for (let i = 0; i < numbers.length; i++) places[i] = window[i % 2] + (scale * numbers[i]) / 32767;
  }
  return frame.places;
};

// Tells the server which words are looked at, not more often than it is worth.
const telling = () => {
  let waiting = null,
    told = "";
  const tell = () => {
    waiting = null;
    const now = JSON.stringify([chosen.hovered, chosen.pinned, chosen.axes]);
    if (now !== told) time.word?.(JSON.parse((told = now)));
  };
  return () => (waiting ??= setTimeout(tell, TELL));
};

const legendOf = (legend) =>
  legend.map(([part, name, light, dark]) => {
    const dot = h("i.ls-dot", {});
    dot.style.setProperty("background", `light-dark(${light}, ${dark})`);
    return h("span.ls-key", { "data-part": part }, dot, name);
  });

const searchBox = (find) => {
  const input = h("input.ls-find", { type: "search", placeholder: tr("Find a word"), "aria-label": tr("Find a word") });
  input.addEventListener("input", () => input.classList.toggle("ls-missing", !find(input.value.trim(), false)));
  input.addEventListener("keydown", (event) => event.key === "Enter" && find(input.value.trim(), true));
  return input;
};

// How often the nearest words have the same part of speech, against chance: core/analysis/words.py.
const sayParts = (found) => {
  if (!found) return "";
  const [step, share, low, high] = found,
    percent = (x) => `${(100 * x).toFixed(0)} %`;
  return tr("At step {step}, {share} of a word's nearest ten have its part of speech (by chance {low} to {high}).", {
    step: step.toLocaleString("en"),
    share: percent(share),
    low: (100 * low).toFixed(0),
    high: percent(high),
  });
};

makers.wordmap = (root) => {
  const note = h("span.ls-note"),
    source = h("span.ls-source"),
    truth = h("p.ls-truth"),
    keys = h("span.ls-wordlegend"),
    box = h("div.ls-chart.ls-letters.ls-wordmap"),
    said = h("p.ls-wordsaid", { role: "status" });
  let colours = {},
    legend = [], // [group, its name, light, dark]
    words = [],
    dark = false,
    theme = null, // colours of the page, read once for each scheme: reading them was a quarter of a drawing
    drawn = null,
    along = false,
    walked = []; // places along the axes since they were chosen, with their steps
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--ls-${name}`);
  const map = new WordMap(box, {
    colour: (part) => colours[part]?.[dark ? 1 : 0] ?? "#888",
    theme: () => (theme ??= { ink: css("ink"), quiet: css("quiet"), paper: css("paper") }),
    onHover: (i) => choose({ hovered: i }),
    onPin: (pinned) => {
      choose({ pinned: [...pinned] });
      drawn = null; // with the trail of another word
      drawAll({ only: ["wordmap"] });
    },
  });
  window.letterspace.wordMap = map;
  map.canvas.setAttribute("aria-label", tr("Map of the words' embedding"));
  // The most frequent words: their colours' names and their places.
  const table = tableOf(tr("Map of the words' embedding"), (places) =>
    words.slice(OTHERS, OTHERS + MOST_ROWS).map((word, k) => {
      const i = OTHERS + k,
        named = legend.find(([group]) => group === map.groups[i])?.[1] ?? "";
      return [word, named, ...[0, 1].map((axis) => places[2 * i + axis].toFixed(3))];
    }),
  );
  const find = (text, fly) => {
    const i = words.findIndex((word, k) => k >= OTHERS && word.toLowerCase() === text.toLowerCase());
    if (text && i >= 0) map.flyTo(i);
    if (text && i >= 0 && fly && !map.pinned.includes(i)) map.pin(i);
    return !text || i >= 0 || (!fly && words.some((word) => word.toLowerCase().startsWith(text.toLowerCase())));
  };
  const axes = makeAxes(box, (text) =>
    words.findIndex((word, k) => k >= OTHERS && word.toLowerCase() === text.toLowerCase()),
  );
  box.append(
    keepers(map, () => ({
      legend: legend.map(([part, name]) => ({ name, colour: map.colour(part) })),
      lines: [note.textContent, source.textContent],
    })),
  );
  let recolour = () => {};
  const colouring = makeColouring(OTHERS, () => recolour());
  const tell = telling();
  chosen.listen(root, tell);
  chosen.fly = (i) => map.flyTo(i);
  root.append(
    panelHead(
      tr("Where each word sits"),
      tr(
        "The embedding table C: each word is a point that training moves, and words used alike come together. " +
          "Colours are parts of speech, which the network is never told (after WordNet 3.0; many words have " +
          "several). Point at a word to see its nearest ten in all dimensions, click it to keep them and its trail. " +
          "Wheel or two fingers: closer, and more words have room for their names; double-click: all again. " +
          "Above two dimensions the picture is the plane in which the words differ most (PCA), where word number n " +
          "by frequency counts 1/√n; it is held steady while it trains. Of the planes that were measured it keeps " +
          "the most, yet little: of a word's ten nearest in all dimensions, about one in twenty are among its ten " +
          "nearest here. Rare words near the middle have hardly moved yet.",
      ),
      note,
      axes.button,
      searchBox(find),
    ),
    box,
    ...table.parts,
    h("div.ls-wordkeys", {}, colouring.root, keys),
    said,
    truth,
    source,
  );
  const sayNear = (near) => {
    const it = near.find(({ word }) => word === (chosen.hovered ?? chosen.pinned.at(-1)));
    setText(
      said,
      it
        ? tr(
            "{word}: nearest in all dimensions are {words}. " +
              "{n} of these ten are among its ten nearest in this picture.",
            { word: words[it.word], words: it.nearest.map((j) => words[j]).join(", "), n: it.in_picture },
          )
        : tr("Point at a word to see which are nearest to it in all dimensions."),
    );
  };
  // Places before those that are drawn: of the run's frames; along axes, of what was drawn since they were chosen.
  const before = (seen, { frame, past }) => {
    along = seen !== frame;
    if (!along) walked = [];
    if (!map.pinned.length && !along) return [];
    if (!along) return past.filter(({ step }) => step < seen.step).map(placesOf);
    const earlier = walked.filter(({ step, of }) => step < seen.step && of === String(seen.pairs));
    walked = [...earlier, { step: seen.step, of: String(seen.pairs), places: placesOf(seen) }].slice(-WALKED);
    return earlier.map(({ places }) => places);
  };
  return (data, now) => {
    const { frame, look } = now;
    if (!frame?.packed) return;
    if (words !== data.words && String(words) !== String(data.words)) {
      words = data.words;
      axes.close();
      map.setWords({ words, groups: data.parts, order: [...words.keys()].slice(OTHERS) });
      recolour = () => {
        const found = colouring.colours(data);
        legend = found.legend;
        colours = Object.fromEntries(legend.map(([part, , ...pair]) => [part, pair]));
        map.setGroups(found.groups);
        keys.replaceChildren(...legendOf(legend));
      };
      recolour();
      choose({ hovered: null, pinned: (map.pinned = []) });
      drawn = null;
    }
    if (placesOf(frame).length !== 2 * words.length) return; // of another vocabulary
    if (dark !== data.dark) ((dark = data.dark), (theme = null), map.request());
    const [x, y] = frame.explained;
    const varies = frame.explained.length && !data.flat;
    const pca = data.note + (varies ? `, ${tr("{share} % of the variance", { share: x + y })}` : "");
    const ends = chosen.axes?.map((i) => words[i]);
    setText(note, ends ? tr("along {0} – {1} and {2} – {3}, in all dimensions", ends) : pca);
    setText(source, data.source);
    const seen = (chosen.axes && look.meaning) || frame;
    if (drawn !== seen)
      map.setFrame({ points: placesOf(seen), window: seen.window, step: seen.step, past: before(seen, now) });
    drawn = seen;
    table.show(placesOf(seen));
    axes.draw(chosen.axes && look.meaning, words);
    map.anchors = along ? look.meaning.pairs.flat() : [];
    setText(truth, sayParts(look.sampled?.same_part));
    const near = look.near ?? [];
    map.link(new Map(near.map(({ word, nearest }) => [word, nearest])));
    sayNear(near);
  };
};
