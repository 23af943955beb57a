// A figure of core/plots in the colours of the scheme, and as large as the screen asks for.

// Figures come in light colours; each has a dark partner.
export const recolour = (value, swap) => {
  if (typeof value === "string") return swap.get(value) ?? value;
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map((v) => recolour(v, swap));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, recolour(v, swap)]));
  return value;
};

// On the big screen (core/ui/explore/present.py) letters and texts are larger; figures come with their usual sizes.
const LARGER = ["size", "standoff", "l", "r", "t", "b"];
export const onBigScreen = () => Number(getComputedStyle(document.documentElement).getPropertyValue("--ls-scale")) || 1;
const enlarged = (value, by, key) => {
  if (typeof value === "number") return LARGER.includes(key) ? value * by : value;
  if (Array.isArray(value))
    return typeof value[0] === "number" && key !== "size" ? value : value.map((one) => enlarged(one, by, key));
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, enlarged(v, by, k)]));
};
export const sized = (figure, by) => {
  if (by === 1) return figure;
  const { meta, ...layout } = figure.layout;
  return { data: figure.data.map((trace) => enlarged(trace, by)), layout: { ...enlarged(layout, by), meta } };
};
