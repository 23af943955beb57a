// Letters that lie over one another are drawn beside each other, with a line to where each really is.
const ROUNDS = 16, // in each, all pairs that are too near move apart
  MOST_LETTERS = 64, // letters: of more, too many pairs
  MARKED = 5; // px between a letter and its place from which on a line joins them

// places: where letters are; unit: of the plane in a px; least: px between the middles of two letters.
export const spread = (places, unit, least) => {
  const at = places.map(([x, y]) => [x / unit, y / unit]);
  const apart = (a, b, turn) => {
    const [u, v] = [b[0] - a[0], b[1] - a[1]],
      far = Math.hypot(u, v);
    if (far >= least - 0.01) return false;
    const [p, q] = far > 1e-6 ? [u / far, v / far] : [Math.cos(turn), Math.sin(turn)],
      by = (least - far) / 2;
    [a[0], a[1], b[0], b[1]] = [a[0] - by * p, a[1] - by * q, b[0] + by * p, b[1] + by * q];
    return true;
  };
  for (let round = 0, moved = places.length <= MOST_LETTERS; moved && round < ROUNDS; round++) {
    moved = false;
    at.forEach((a, i) => at.slice(i + 1).forEach((b, k) => (moved = apart(a, b, i + 2 * k) || moved)));
  }
  return at.map(([x, y]) => [x * unit, y * unit]);
};

// From each place to where its letter is drawn, as far apart; always as many points, so that letters glide beside it.
export const leaders = (places, shown, unit) => {
  const ends = places.flatMap(([x, y], i) => {
    const [u, v] = shown[i];
    return Math.hypot(u - x, v - y) < MARKED * unit
      ? [null, null, null].map(() => [null, null])
      : [
          [x, y],
          [u, v],
          [null, null],
        ];
  });
  return { x: ends.map(([x]) => x), y: ends.map(([, y]) => y) };
};
