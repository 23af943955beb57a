// Gives each component call of Streamlit to the view it belongs to, and draws all views again when the time cursor
// moves.
import { isDark, lightLetter, reword } from "./dom.js";
import { hideSkeleton } from "./skeleton.js";
import { time } from "./time.js";
import { tr } from "./messages.js";

const views = new WeakMap(); // the component's element -> { root, args, update }
const shown = new Set(); // WeakRefs of those elements
let dark = null;

// how: { urgent, duration } for what a person does; what the server sends may wait until a chart is free
const draw = (element, how) => {
  const view = views.get(element);
  if (!view?.update) return;
  const now = time.now();
  Promise.resolve(view.update({ ...view.args.data, dark }, now, how))
    .then(() => hideSkeleton(view.args.data.kind, now.frame))
    .catch(console.error);
};

const connected = () =>
  [...shown].map((ref) => ref.deref() ?? shown.delete(ref)).filter((element) => element?.isConnected);

// Draw all views but the one whose root is `except`; only: the kinds that are drawn, if not all.
export const drawAll = ({ except, only, ...how } = {}) => {
  for (const element of connected()) {
    const { root, args } = views.get(element);
    if (root !== except && (!only || only.includes(args.data.kind))) draw(element, how);
  }
};

const show = (element) => {
  const view = views.get(element);
  view.receive ? view.receive(view.args.data) : draw(element);
};

// A maker builds a view's elements once, and returns what draws new data in them.
const make = (element, maker) => {
  const view = views.get(element);
  view.update = maker(view.root, view);
};

// args: what Streamlit calls a component with. makerOf: kind -> its maker, or a promise of it.
export const render = (args, makerOf) => {
  const { data, parentElement: element } = args;
  updateScheme();
  reword(data.wording);
  const known = views.get(element);
  if (known) {
    known.args = args;
    if (known.update) show(element);
    return;
  }
  const root = element.querySelector(".ls") ?? element;
  root.replaceChildren();
  root.classList.add(`ls-view-${data.kind}`);
  // Streamlit reuses elements when the page's structure changes: the time bar may have been in this one.
  if (data.kind !== "time") root.closest(".ls-pinned")?.classList.remove("ls-pinned");
  views.set(element, { root, args });
  shown.add(new WeakRef(element));
  const maker = makerOf(data.kind);
  if (typeof maker === "function") {
    make(element, maker);
    show(element);
  } else maker.then((made) => (make(element, made), show(element))).catch((error) => fail(root, error));
};

const fail = (root, error) => {
  console.error(error);
  root.textContent = tr("This part of the page could not be loaded. Please reload the page.");
};

export const updateScheme = () => {
  const now = isDark();
  if (now === dark) return;
  dark = now;
  document.documentElement.dataset.lsScheme = dark ? "dark" : "light";
  drawAll();
};

document.addEventListener("keydown", (event) => event.key === "Escape" && lightLetter(null));
