// The Data page's first panel: lists of words to choose from, and what was read of a visitor's own.
import { h, panelHead, setText } from "../common/dom.js";
import { tile } from "../common/tiles.js";
import { mark, plural, tr } from "../common/messages.js";

export const makers = {};

const words = (n) => plural(n, mark("{n} word"), mark("{n} words"));
const sentences = (n) => plural(n, mark("{n} sentence"), mark("{n} sentences"));
// A word of any script, beside text of any other.
const chip = (word) => h("bdi.ls-sample", {}, word);

makers.words = (root, view) => {
  const cards = h("div.ls-listings", { role: "group", "aria-label": tr("Lists of words") }),
    own = h("p.ls-said"),
    problem = h("p.ls-problem", { role: "alert" }),
    said = h("span"),
    undo = h("button.ls-button", { type: "button" }, tr("Undo")),
    replaced = h("p.ls-replaced", { role: "status" }, said, undo);
  undo.addEventListener("click", () => view.args.setTriggerValue("undo", true));
  root.append(
    panelHead(
      tr("Words"),
      tr(
        "What the network learns to spell. A click on a list starts a new run " +
          "on its words; the run before is an Undo away on Explore.",
      ),
    ),
    cards,
    replaced,
    problem,
    h("h3.ls-own-head", {}, tr("Your own")),
    own,
  );
  const card = ({ digest, title, why, count, unit, examples, current }) => {
    const text = h(
      "span.ls-listing-text",
      {},
      h(
        "span.ls-listing-title",
        {},
        h("b", {}, h("bdi", {}, title)),
        h("small", {}, (unit === "word" ? words : sentences)(count)),
      ),
      ...(why ? [h("span.ls-why-text", {}, why)] : []),
    );
    const button = h(
      "button.ls-listing",
      { type: "button", "aria-pressed": String(current) },
      text,
      h(
        "span.ls-listing-words",
        {},
        ...examples.map((word, i) => h("bdi", {}, word + (i < examples.length - 1 ? "," : " …"))),
      ),
    );
    button.addEventListener("click", () => current || view.args.setTriggerValue("use", digest));
    return button;
  };
  let last = "";
  return (data) => {
    setText(own, data.limits);
    setText(problem, data.problem ?? "");
    setText(said, data.replaced);
    undo.hidden = !data.replaced;
    const now = JSON.stringify(data.lists);
    if (now === last) return;
    last = now;
    const at = [...cards.children].indexOf(document.activeElement);
    cards.replaceChildren(...data.lists.map(card));
    cards.children[at]?.focus({ preventScroll: true });
  };
};

makers.own = (root) => {
  const problem = h("p.ls-problem", { role: "alert" }),
    report = h("div.ls-report", { role: "status" });
  root.append(problem, report);
  const fact = (value, what) => h("span", {}, h("b", {}, value), ` ${what}`);
  const row = (label, ...children) =>
    h("div.ls-report-row", {}, h("span.ls-report-label", {}, label), h("div.ls-report-value", {}, ...children));
  const group = ({ role, name, characters }) =>
    h("div.ls-report-group", {}, h("span.ls-quiet", {}, h("bdi", {}, name)), ...characters.map((c) => tile(c, role)));
  let last = "";
  return (data) => {
    const now = JSON.stringify(data);
    if (now === last) return;
    last = now;
    setText(problem, data.problem ?? "");
    if (!data.name) return report.replaceChildren();
    const [longest, length] = data.longest;
    report.replaceChildren(
      h(
        "p.ls-report-facts",
        {},
        h("bdi.ls-report-name", {}, data.name),
        fact(data.words.toLocaleString("en"), data.words === 1 ? tr("word") : tr("words")),
        fact(data.distinct.toLocaleString("en"), tr("different")),
        fact(data.symbols.toLocaleString("en"), tr("characters")),
        h("span", {}, tr("longest "), h("bdi.ls-longest", {}, longest), ` (${length})`),
      ),
      row(tr("Begins"), h("span.ls-such.ls-flat", {}, ...data.first.map(chip))),
      row(tr("Alphabet"), h("div.ls-report-groups", {}, ...data.groups.map(group))),
      ...(data.dropped.length
        ? [
            row(
              tr("Left out"),
              ...data.dropped.map(([reason, count, examples]) =>
                h("p", {}, `${words(count)} ${reason}: `, ...examples.map(chip)),
              ),
            ),
          ]
        : []),
      ...(data.said.length ? [row(tr("Done"), ...data.said.map((text) => h("p", {}, h("bdi", {}, text))))] : []),
    );
  };
};
