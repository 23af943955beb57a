// The data of a chart as a table, for whoever does not see the picture: what the pointer would read at each point.
// Its button is there for a screen reader and for the keyboard; the table is made when it is opened.
import { h } from "./dom.js";
import { tr } from "./messages.js";

export const MOST_ROWS = 60; // rows of one curve; more are thinned evenly, the last one stays
const EVERY = 1000; // ms between two tables while the chart changes

const FORMATS = [
  [/^,?$/, (value) => (Number.isInteger(value) ? value.toLocaleString("en") : String(value))],
  [/^\.(\d)f$/, (value, digits) => value.toFixed(digits)],
  [/^\.(\d)%$/, (value, digits) => `${(100 * value).toFixed(digits)} %`],
  [/^\.(\d)g$/, (value, digits) => String(Number(value.toPrecision(Math.max(1, digits))))],
];
const written = (value, format = "") => {
  if (typeof value !== "number") return String(value ?? "");
  for (const [pattern, write] of FORMATS) {
    const found = format.match(pattern);
    if (found) return write(value, Number(found[1]));
  }
  return String(value);
};

// Plotly's markup as plain text.
const plain = (text) =>
  text
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();

// What the hover label of point i says, line by line.
const lines = (trace, i) => {
  const said = trace.hovertemplate
    .replace(/<extra>.*/, "")
    .replace(/%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}/g, (...all) => {
      const [, name, place, format] = all,
        one = trace[name]?.[i];
      return written(place === undefined ? one : one?.[Number(place)], format);
    });
  return said.split("<br>").map(plain).filter(Boolean);
};

export const thinned = (n, most = MOST_ROWS) =>
  n <= most
    ? [...Array(n).keys()]
    : [...new Set([...Array(most).keys()].map((k) => Math.round((k * (n - 1)) / (most - 1))))];

// Rows of cells, of all curves that a pointer can read.
export const rowsOf = ({ data }) =>
  data
    .filter((trace) => trace.hovertemplate && trace.x?.length)
    .flatMap((trace) =>
      thinned(trace.x.length)
        .filter((i) => trace.x[i] !== null && trace.y[i] !== null)
        .map((i) => lines(trace, i)),
    );

const made = (rows, label, head) => {
  if (!rows.length) return h("p", {}, tr("There is nothing to be read in this picture yet."));
  const line = (row) => h("tr", {}, ...row.map((cell, k) => h(k ? "td" : "th", k ? {} : { scope: "row" }, cell)));
  const names = head.map((name) => (name ? h("th", { scope: "col" }, name) : h("td")));
  const top = names.length ? [h("thead", {}, h("tr", {}, ...names))] : [];
  return h("table", {}, h("caption", {}, label), ...top, h("tbody", {}, ...rows.map(line)));
};

// A button and, below it, the table; `show` tells it of the newest figure. rows: of a figure, its rows of cells; for
// pictures that Plotly does not draw, a figure is whatever their `rows` reads. head: of a figure, the columns' names.
export const tableOf = (label, rows = rowsOf, head = () => []) => {
  const button = h(
    "button.ls-button.ls-as-table",
    { type: "button", "aria-expanded": "false" },
    label ? tr("{label}: show as a table", { label }) : tr("Show as a table"),
  );
  const box = h("div.ls-table-box", {
    tabindex: "0",
    role: "region",
    "aria-label": tr("{label}, as a table", { label }),
    hidden: "",
  });
  let figure = null,
    timer = null;
  const draw = () => {
    timer = null;
    if (!box.hidden && figure) box.replaceChildren(made(rows(figure), label, head(figure)));
  };
  button.addEventListener("click", () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    draw();
  });
  return {
    parts: [button, box],
    show: (newest) => {
      figure = newest;
      if (!box.hidden) timer ??= setTimeout(draw, EVERY);
    },
  };
};
