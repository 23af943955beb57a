// What a person types or moves in Streamlit's own widgets, read from them as it happens: the widgets do not make the
// page's script run, but keep their values for when it does.

const classOf = (key) => `.st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`; // as Streamlit names a widget's key
const fieldOf = (key) => document.querySelector(`${classOf(key)} input`);
const isSlider = (field) => field.type === "range"; // Streamlit's thumb holds one that is not seen
const valueOf = (field) => (isSlider(field) ? Number(field.value) : field.value);

let asks = [], // keys of the widgets that ask something of the network
  say = () => {},
  held = null; // the slider that is moved: { key, value }, the value as it was

const keyOf = (target) => asks.find((key) => target.closest?.(classOf(key)));

const ask = () => say(Object.fromEntries(asks.flatMap((key) => (fieldOf(key) ? [[key, valueOf(fieldOf(key))]] : []))));

const hold = ({ target }) => {
  const key = keyOf(target),
    field = key && fieldOf(key);
  held = field && isSlider(field) ? { key, value: valueOf(field) } : null;
};

// Streamlit has drawn a slider's new value by the next frame.
const look = (slider) =>
  requestAnimationFrame(() =>
    setTimeout(() => {
      const field = fieldOf(slider.key);
      if (!field || valueOf(field) === slider.value) return;
      slider.value = valueOf(field);
      ask();
    }),
  );

const release = () => {
  if (held) look(held);
  held = null;
};

document.addEventListener("input", ({ target }) => keyOf(target) && ask());
document.addEventListener("pointerdown", hold, true);
document.addEventListener("pointermove", () => held && look(held), true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release, true);
document.addEventListener("keydown", (event) => (hold(event), release()), true);

// keys: of the widgets that ask something; then({ key: value }) is told of all of them whenever one changes.
export const listen = (keys, then) => {
  asks = keys;
  say = then;
};
