// How the number of contexts grows with their length.
import { Chart } from "../common/chart.js";
import { h, panelHead } from "../common/dom.js";
import { mark, plural, tr } from "../common/messages.js";

export const makers = {};

makers.growth = (root) => {
  const box = h("div.ls-chart.ls-growth"),
    table = h("table.ls-table.ls-counts"),
    such = h("div.ls-such");
  root.append(
    panelHead(
      tr("The number of contexts"),
      tr(
        "With every further character there are {V} times as many possible contexts (V to the power of the " +
          "length), but a list of {noun}s has only so many. A table of counts predicts nothing after a " +
          "context that is not in training; a network and Kneser-Ney do.",
      ),
    ),
    h("div.ls-two", {}, box, h("div.ls-scroll", {}, table, such)),
  );
  const chart = new Chart(box, {
    glide: false,
    label: tr("Contexts by length: possible, in train, in dev, in dev but never in train"),
  });
  let last = "",
    at = null;
  const show = ({ lengths }) => {
    const { length, such_as } = lengths[at - 1];
    [...table.tBodies[0].rows].forEach((row, i) => row.classList.toggle("ls-now", i === at - 1));
    const what = such_as.length
      ? plural(
          length,
          mark("Of {n} character, in dev and never in train:"),
          mark("Of {n} characters, in dev and never in train:"),
        )
      : plural(
          length,
          mark("Every context of {n} character in dev occurs in train."),
          mark("Every context of {n} characters in dev occurs in train."),
        );
    such.replaceChildren(
      h("p.ls-said", {}, what),
      ...such_as.map(([context, times, word]) =>
        h(
          "span.ls-sample",
          { title: plural(times, mark("{n} time in dev"), mark("{n} times in dev")) },
          h("b", {}, h("bdi", {}, context)),
          " ",
          h("bdi", {}, word),
          h("small", {}, ` ×${times}`),
        ),
      ),
    );
  };
  return (data, _, how) => {
    const now = JSON.stringify([data.lengths, data.block]);
    if (now !== last) {
      last = now;
      at ??= data.block;
      const heads = [
        tr("length"),
        tr("possible"),
        tr("in train"),
        tr("in dev"),
        tr("never in train"),
        tr("of dev examples"),
      ];
      table.replaceChildren(
        h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))),
        h(
          "tbody",
          {},
          ...data.lengths.map(({ length, counts, share }) => {
            const pick = h(
              "button.ls-more",
              { type: "button", "aria-label": tr("Examples of length {n}", { n: length }) },
              String(length),
            );
            const row = h(
              "tr",
              {},
              h(
                "th",
                { scope: "row" },
                pick,
                ...(length === data.block ? [h("span.ls-yours", {}, tr(" (yours)"))] : []),
              ),
              ...counts.map((n) => h("td", {}, n)),
              h("td", {}, share),
            );
            row.addEventListener("click", () => ((at = length), show(data)));
            return row;
          }),
        ),
      );
      show(data);
    }
    return chart.show(data.figure, data.palette, data.dark, how);
  };
};
