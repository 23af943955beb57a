// The initial weights, repaired step by step.
import { h, panelHead, setText, svg } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

makers.repairs = (root, view) => {
  const note = h("p.ls-verdict"),
    table = h("div.ls-scroll", { tabindex: "0", role: "region", "aria-label": tr("First loss after each change") });
  const use = h("button.ls-button", { type: "button" });
  root.append(
    panelHead(
      tr("Initial weights, repaired"),
      tr(
        "The lecture’s repair, each change on top of those before, from your run’s seed " +
          "and shape. The last row is the scaled initialisation. Bars: how the hidden " +
          "activations are distributed from −1 to 1; at both ends tanh is flat.",
      ),
    ),
    h("div.ls-found", {}, note, use),
    table,
  );
  use.addEventListener("click", () => view.args.setTriggerValue("scaled", true));
  const bars = (shares, top) => {
    const picture = svg("svg", {
      class: "ls-histogram",
      viewBox: `0 0 ${shares.length * 4} 24`,
      role: "img",
      "aria-label": tr("from −1 to 1: {shares}", {
        shares: shares.map((share) => `${(100 * share).toFixed(0)} %`).join(", "),
      }),
    });
    shares.forEach((share, i) =>
      picture.append(
        svg("rect", { x: i * 4 + 0.4, width: 3.2, y: 24 * (1 - share / top), height: (24 * share) / top }),
      ),
    );
    return picture;
  };
  let last = "";
  return ({ expected, characters, rows, init, first, usual }) => {
    use.hidden = init === usual;
    setText(use, tr("Start a new run with {usual}", { usual }));
    setText(
      note,
      tr("Expected: ln {n} = {expected}. Your run ({init}) began at {first}.", {
        n: characters,
        expected,
        init,
        first,
      }),
    );
    const now = JSON.stringify(rows);
    if (now === last) return;
    last = now;
    const head = h(
      "tr",
      {},
      ...[tr("change"), tr("first loss"), "> 0.97", "> 0.99", tr("activations")].map((name) =>
        h("th", { scope: "col" }, name),
      ),
    );
    const top = Math.max(...rows.flatMap((row) => row.histogram), 1e-9);
    table.replaceChildren(
      h(
        "table.ls-repairs",
        {},
        h("thead", {}, head),
        h(
          "tbody",
          {},
          ...rows.map((row) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row", title: row.why },
                row.code ? h("code", {}, row.code) : tr("as drawn: randn"),
                h("small", {}, row.why),
              ),
              ...[row.loss, row.saturated, row.flat].map((text) => h("td", {}, text)),
              h("td", {}, bars(row.histogram, top)),
            ),
          ),
        ),
      ),
    );
  };
};
