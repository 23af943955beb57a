// What a person does to a map on a canvas: drag, pinch, wheel, click, keys. The map says what comes of it.

const STEP = 40; // pixels that an arrow key moves the picture
const CLICK = 5; // pixels that a pointer may move in a click
const MOVES = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
const ZOOMS = { "+": 1.3, "=": 1.3, "-": 1 / 1.3 };

const middle = (points) => [0, 1].map((k) => points.reduce((sum, point) => sum + point[k], 0) / points.length);
const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;

// map: has pan(dx, dy), zoom(factor, x, y), fit(), hover(x, y or null), click(x, y).
export function listen(canvas, map) {
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const pointers = new Map(); // that are down: id -> place
  let moved = 0;

  canvas.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, at(event));
    canvas.setPointerCapture(event.pointerId);
    if (pointers.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return map.hover(...at(event));
    const before = [...pointers.values()];
    pointers.set(event.pointerId, at(event));
    moved += drag(map, before, [...pointers.values()]);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (pointers.delete(event.pointerId) && moved < CLICK) map.click(...at(event));
  });
  canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => map.hover(null, null));
  canvas.addEventListener("dblclick", () => map.fit());
  const wheel = (event) => {
    event.preventDefault(); // the page would scroll
    map.zoom(Math.exp(-event.deltaY * 0.0016), ...at(event));
  };
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (MOVES[event.key]) map.pan(...MOVES[event.key]);
    else if (ZOOMS[event.key]) map.zoom(ZOOMS[event.key], canvas.clientWidth / 2, canvas.clientHeight / 2);
    else if (event.key === "0" || event.key === "Escape") map.fit();
    else return;
    event.preventDefault();
    event.stopPropagation(); // arrow keys also move the time cursor of the page
  });
}

// One pointer moves the picture, two also change its size. -> the pixels moved
function drag(map, before, after) {
  const [from, to] = [middle(before), middle(after)];
  map.pan(to[0] - from[0], to[1] - from[1]);
  if (after.length === 2) map.zoom(apart(after) / apart(before), ...to);
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}
