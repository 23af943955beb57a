// What a person types or moves in Streamlit's own widgets, read from them as it happens: these widgets do not make the
// page's script run, but keep their values for when it does.

const classOf = (key) => `.st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`; // as Streamlit names a widget's key
const fieldOf = (key) => document.querySelector(`${classOf(key)} input`);
const isSlider = (field) => field.type === "range"; // Streamlit's thumb holds one that is not seen
const valueOf = (field) => (isSlider(field) ? Number(field.value) : field.value);

let asks = [], // keys of the widgets that ask something of the network
  knobs = new Map(), // key of a knob's slider -> the knob's name, and its value at each stop
  say = null, // the functions that `listen` was given
  held = null; // the slider that is moved: { key, value }, the value as it was

const keyOf = (target, keys) => keys.find((key) => target.closest?.(classOf(key)));

const ask = () =>
  say.ask(Object.fromEntries(asks.flatMap((key) => (fieldOf(key) ? [[key, valueOf(fieldOf(key))]] : []))));

const hold = ({ target }) => {
  const key = keyOf(target, [...asks, ...knobs.keys()]),
    field = key && fieldOf(key);
  held = field && isSlider(field) ? { key, value: valueOf(field) } : null;
};

// Streamlit has drawn a slider's new value by the next frame. over: it was let go.
const look = (slider, over) =>
  requestAnimationFrame(() =>
    setTimeout(() => {
      const field = fieldOf(slider.key),
        [name, stops] = knobs.get(slider.key) ?? [];
      if (!field || valueOf(field) === slider.value || (name && !over)) return;
      slider.value = valueOf(field);
      name ? say.change([name, stops[slider.value], slider.key]) : ask();
    }),
  );

const release = () => {
  if (held) look(held, true);
  held = null;
};

document.addEventListener("input", ({ target }) => keyOf(target, asks) && ask());
document.addEventListener("pointerdown", hold, true);
document.addEventListener("pointermove", () => held && look(held, false), true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release, true);
document.addEventListener("keydown", (event) => (hold(event), release()), true);

// What the page's script has drawn: keys of what asks something, and { knob: [key, stops] } of sliders. how.ask is told
// { key: value } of all that asks something when any of it changes, how.change [knob, value, key] of a slider.
export const listen = (drawn, how) => {
  asks = drawn.asks;
  knobs = new Map(Object.entries(drawn.knobs).map(([name, [key, stops]]) => [key, [name, stops]]));
  say = how;
};
