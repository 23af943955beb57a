// Which way each letter is pulled: minus the exact gradient of its row, while a run rests at its newest step.
const LONGEST = 56, // px of the longest arrow
  SHORTEST = 9, // a shorter one would be no more than its head
  FROM = 16, // px from a letter's middle to where its arrow begins
  HEAD = 6;
const POINTS = 7; // of each arrow: a shaft, a gap, a head of three, a gap

// always as many points, so that letters glide beside it
const nothing = (n) => ({ x: Array(POINTS * n).fill(null), y: Array(POINTS * n).fill(null) });

// places: where letters are drawn; unit: of the plane in a px; within: whether a place is in the picture; scale: of
// the letters' discs; there: whether letter i is drawn near where it is, so that an arrow means something there.
export const pulled = ({ live, look, frame }, places, { unit, within, scale, there }) => {
  const { why } = look,
    out = nothing(places.length);
  if (!live || !why || why.step !== frame.step || why.pull.length !== 2 * places.length) return out;
  const most = Math.max(...places.map((_, i) => Math.hypot(why.pull[2 * i], why.pull[2 * i + 1])));
  places.forEach(([x, y], i) => {
    const [u, v] = [why.pull[2 * i], why.pull[2 * i + 1]],
      size = Math.hypot(u, v),
      [p, q] = [u / size, v / size];
    if (!there(i) || !within([x, y])) return;
    const from = FROM * scale;
    let long = (LONGEST * scale * size) / most;
    while (long >= SHORTEST && !within([x + unit * p * (from + long), y + unit * q * (from + long)], 2)) long -= 2;
    if (!(long >= SHORTEST)) return;
    const at = (along, aside) => [x + unit * (along * p - aside * q), y + unit * (along * q + aside * p)];
    const tip = at(from + long, 0);
    [
      at(from, 0),
      tip,
      [null, null],
      at(from + long - HEAD, HEAD / 2),
      tip,
      at(from + long - HEAD, -HEAD / 2),
      [null, null],
    ].forEach(([a, b], k) => {
      out.x[POINTS * i + k] = a;
      out.y[POINTS * i + k] = b;
    });
  });
  return out;
};
