// Fields of numbers as pictures on a canvas: bands of costs with contour lines, and territories with borders.
// Every pixel is worked out by itself, from a grid that is made smooth (Catmull-Rom): no edges of cells are seen.
// Nats above the lowest place at which one band ends: the same at every step, so that a colour means one thing.
export const LEVELS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];
export const FILL = [0.68, 0.6, 0.52, 0.44, 0.37, 0.3, 0.24, 0.18, 0.13, 0.08, 0.04, 0.01]; // how opaque each band is
const LINE = 0.22; // more than its band
const OF_TWO = { fill: 0.45, line: 0.5 }; // two over one another: fainter bands and stronger lines, to be told apart
const UNIT = 1e-5; // nats: core/plots/landscape.py

// For each pixel of a side: the four numbers of the grid about it, and their weights; null outside the grid.
const taps = (pixels, [from, to], middle, half, n) =>
  Array.from({ length: pixels }, (_, i) => {
    const x = from + ((i + 0.5) / pixels) * (to - from);
    const u = ((x - middle + half) / (2 * half)) * (n - 1);
    if (u < 0 || u > n - 1) return null;
    const k = Math.min(Math.floor(u), n - 2),
      t = u - k,
      at = [k - 1, k, k + 1, k + 2].map((j) => Math.max(0, Math.min(n - 1, j)));
    const [t2, t3] = [t * t, t * t * t];
    return { at, w: [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2] };
  });

// A grid's numbers at each pixel, row by row from the top; NaN outside. view: { width, height, x, y } with ranges.
export const smooth = (values, [cx, cy, hw, hh, n], { width, height, x, y }) => {
  const columns = taps(width, x, cx, hw, n),
    rows = taps(height, [y[1], y[0]], cy, hh, n);
  const wide = new Float32Array(n * width).fill(NaN),
    out = new Float32Array(width * height).fill(NaN);
  columns.forEach((tap, i) => {
    if (!tap) return;
    const [a, b, c, d] = tap.at,
      [p, q, r, s] = tap.w;
    for (let row = 0; row < n; row++) {
      const o = row * n;
      wide[row * width + i] = p * values[o + a] + q * values[o + b] + r * values[o + c] + s * values[o + d];
    }
  });
  rows.forEach((tap, j) => {
    if (!tap) return;
    const [a, b, c, d] = tap.at.map((row) => row * width),
      [p, q, r, s] = tap.w;
    for (let i = 0; i < width; i++)
      out[j * width + i] = p * wide[a + i] + q * wide[b + i] + r * wide[c + i] + s * wide[d + i];
  });
  return out;
};

// The number at one place; NaN outside the grid.
export const fieldAt = (values, grid, x, y) =>
  smooth(values, grid, { width: 1, height: 1, x: [x, x], y: [y, y] })[0] * UNIT;

const rgb = (name) => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(`--ls-${name}`).trim();
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
};

// How far (in pixels) a pixel is from where the numbers cross `low` or `high`; Infinity at the edges.
const near = (v, i, width, low, high) => {
  if (i % width === 0 || (i + 1) % width === 0) return Infinity;
  const slope = Math.hypot(v[i + 1] - v[i - 1], v[i + width] - v[i - width]) / 2;
  return slope > 0 ? Math.min(v[i] - low, high - v[i]) / slope : Infinity; // NaN beyond the first and last row
};

const paint = (canvas, { width, height }, colour) => {
  const context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = context.createImageData(width, height);
  for (let i = 0, o = 0; i < width * height; i++, o += 4) colour(i, image.data, o);
  context.putImageData(image, 0, 0);
};

// One field, or two over one another: each [{ costs, grid, least }, name of a colour].
export const paintFields = (canvas, fields, view) => {
  const layers = fields.map(([{ costs, grid, least }, name]) => {
    const v = smooth(costs, grid, view);
    for (let i = 0; i < v.length; i++) v[i] = Math.max(0, (v[i] - least) * UNIT);
    return { v, colour: rgb(name) };
  });
  const both = layers.length > 1 && Float32Array.from(layers[0].v, (a, i) => Math.max(a, layers[1].v[i]));
  const meeting = both ? LEVELS.find((level) => both.some((v) => v < level)) : null;
  const { fill, line } = both ? OF_TWO : { fill: 1, line: LINE };
  const ink = rgb("ink");
  const sums = new Float32Array(4); // red, green, blue, each times how opaque; how opaque
  const over = (colour, alpha) => {
    for (let k = 0; k < 3; k++) sums[k] = colour[k] * alpha + sums[k] * (1 - alpha);
    sums[3] = alpha + sums[3] * (1 - alpha);
  };
  paint(canvas, view, (i, data, o) => {
    sums.fill(0);
    for (const { v, colour } of layers) {
      if (!(v[i] >= 0)) return;
      let band = 0;
      while (band < LEVELS.length && v[i] >= LEVELS[band]) band++;
      const off = near(v, i, view.width, LEVELS[band - 1] ?? -Infinity, LEVELS[band] ?? Infinity);
      const share = fill * FILL[band];
      over(colour, share + (off < 1 ? line * (1 - off) * (1 - share) : 0));
    }
    if (both && Math.abs(near(both, i, view.width, -Infinity, meeting)) < 1.1) over(ink, 0.75);
    for (let k = 0; k < 3; k++) data[o + k] = sums[k] / (sums[3] || 1);
    data[o + 3] = 255 * sums[3];
  });
  return meeting;
};

// Whose land each pixel is: the character that loses least there, or -1.
const owners = ({ costs, grid }, view) => {
  const best = new Float32Array(view.width * view.height).fill(Infinity),
    who = new Int16Array(best.length).fill(-1);
  costs.forEach((values, letter) => {
    if (!values.length) return;
    const v = smooth(values, grid, view);
    for (let i = 0; i < v.length; i++) if (v[i] < best[i]) [best[i], who[i]] = [v[i], letter];
  });
  return who;
};

// Lands in the colours of their letters' groups: every border is a line, between groups a strong one.
export const paintLands = (canvas, lands, groups, view) => {
  const who = owners(lands, view),
    colours = groups.map(rgb),
    ink = rgb("ink"),
    { width } = view;
  paint(canvas, view, (i, data, o) => {
    if (who[i] < 0) return;
    const right = (i + 1) % width ? [i + 1, i + width + 1] : [];
    const others = [...right, i + width].map((j) => who[j]).filter((j) => j >= 0 && j !== who[i]);
    const strong = others.some((j) => groups[j] !== groups[who[i]]);
    const colour = strong ? ink : colours[who[i]];
    [data[o], data[o + 1], data[o + 2]] = colour;
    data[o + 3] = 255 * (strong ? 0.8 : others.length ? 0.55 : 0.2 + 0.07 * (who[i] % 3));
  });
  return who;
};
