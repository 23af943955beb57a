// Which words are written out. No two labels overlap, and what is written stays written as long as it can.

const GAP = 2; // pixels kept free around a label that stays
const ENTRY = 7; // and around one that is about to be written: so labels do not come and go at a touch
const CELL = 64; // pixels of a cell of the grid in which boxes are looked up

// Boxes that are taken, in a grid, so that a look costs the few boxes nearby and not all of them.
class Taken {
  cells = new Map();

  *near(box) {
    for (let x = Math.floor(box.left / CELL); x <= box.right / CELL; x++) {
      for (let y = Math.floor(box.top / CELL); y <= box.bottom / CELL; y++) yield `${x} ${y}`;
    }
  }

  free(box, gap) {
    const wide = { left: box.left - gap, right: box.right + gap, top: box.top - gap, bottom: box.bottom + gap };
    for (const cell of this.near(wide)) {
      for (const other of this.cells.get(cell) ?? []) {
        if (wide.left < other.right && wide.right > other.left && wide.top < other.bottom && wide.bottom > other.top) {
          return false;
        }
      }
    }
    return true;
  }

  add(box) {
    for (const cell of this.near(box)) this.cells.set(cell, [...(this.cells.get(cell) ?? []), box]);
  }
}

// The box of a label centred above its point.
const boxAt = (x, y, width, height) => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height - 4,
  bottom: y - 4,
});

// x, y: places in pixels. order: words by importance. always: words that are written whatever is in their way.
// size(i): {width, height} of a label. shown: the set of before. most: how many at the most.
// fill: whether words may be added that were not written before.
// inside(x, y, half): whether a label of so many pixels on either side is within the map.
// -> the words to write, the most important first; no two of their boxes overlap.
export function chooseLabels({ x, y, order, always, size, shown, most, fill, inside }) {
  const taken = new Taken();
  const chosen = [];
  const place = (i, gap) => {
    if (chosen.length >= most || !inside(x[i], y[i], 0)) return;
    const { width, height } = size(i);
    if (!inside(x[i], y[i], width / 2)) return;
    const box = boxAt(x[i], y[i], width, height);
    if (!taken.free(box, gap)) return;
    taken.add(box);
    chosen.push(i);
  };
  const first = new Set(always);
  for (const i of always) place(i, 0);
  const kept = order.filter((i) => shown.has(i) && !first.has(i));
  for (const i of kept) place(i, GAP);
  if (fill) for (const i of order) if (!shown.has(i) && !first.has(i)) place(i, ENTRY);
  return chosen;
}
