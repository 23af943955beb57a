// What comes of "Drag the letters": lists of words, and its pictures as tables.
import { glyph, h } from "../common/dom.js";
import { tableOf } from "../common/table.js";
import { tr } from "../common/messages.js";

export const percent = (p) => (p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : `${(100 * p).toFixed(1)} %`);

// chances, places: their elements; show(data) tells both of what the server answered.
export const touchTables = () => {
  const chances = tableOf(
    tr("What comes after the context"),
    ({ characters, next, next_was }) => characters.map((s, i) => [glyph(s), percent(next[i]), percent(next_was[i])]),
    () => ["", tr("now"), tr("before")],
  );
  const places = tableOf(tr("Where the letters are"), ({ characters, points }) =>
    characters.map((s, i) => [glyph(s), ...points[i].map((at) => at.toFixed(3))]),
  );
  const show = (data) => [chances, places].forEach((table) => table.show(data));
  return { chances: chances.parts, places: places.parts, show };
};

export const gains = (title, rows, sign) =>
  h(
    "div.ls-gains",
    {},
    h("h4", {}, title),
    rows.length
      ? h(
          "ol",
          {},
          ...rows.map(([word, factor]) =>
            h("li", {}, h("span", { dir: "auto" }, word), h("b", {}, `${sign} ${factor}`)),
          ),
        )
      : h("p.ls-quiet", {}, tr("none so far")),
  );
