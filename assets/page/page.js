// The page's entry: index.html loads it while Streamlit starts. A page's views are loaded when one is first shown.
import { glyph, quoted } from "./common/dom.js";
import "./common/language.js";
import { time } from "./common/time.js";
import { render, updateScheme } from "./common/views.js";
import { makers as tour } from "./start/tour.js";

// Folder -> the kinds of its views, as components.view in core/ui names them.
const FOLDERS = {
  explore: "lesson bar status network loss names bars spelling letters time link filmstrip structure neighbours",
  words: "together wordcases wordmap sentences nextwords nearwords",
  compare: "library verdict losses parting table maps writings reseed reseeds",
  data:
    "words own standings windows alphabet firstfive growth pairs lecture descent mix " +
    "wordtext wordbest wordwindows wordgrowth wordcounts",
  inside: "inside_title inside_moment inside touch silence unseen inside_words inside_units",
  tune: "tune_run finder_head finder sizes_head sizes repairs gradients",
  board: "board",
  start: "lessons cards",
  reference: "glossary papermodel_head papermodel results results_more reading",
};
const folderOf = new Map(
  Object.entries(FOLDERS).flatMap(([folder, kinds]) => kinds.split(" ").map((kind) => [kind, folder])),
);
const makers = { ...tour };

const makerOf = (kind) =>
  makers[kind] ??
  import(`./${folderOf.get(kind)}/index.js`).then((loaded) => {
    Object.assign(makers, loaded.makers);
    return makers[kind];
  });

// Streamlit marks a change of theme on its app's element, which it may make after this script has run.
const watch = () => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (app) new MutationObserver(updateScheme).observe(app, { attributes: true });
};
new MutationObserver(updateScheme).observe(document.documentElement, { attributes: true });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(updateScheme, 100));

// Views that Streamlit mounted before this script had arrived wait in a map (core/ui/components.py).
const waiting = window.letterspace?.waiting ?? new Map();
let watching = false;
window.letterspace = {
  time,
  glyph,
  quoted,
  render: (args) => {
    if (!watching) ((watching = true), watch());
    render(args, makerOf);
  },
};
for (const args of waiting.values()) window.letterspace.render(args);
