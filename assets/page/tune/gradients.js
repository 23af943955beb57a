// Whether the gradients that training uses are right.
import { h, panelHead, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const ABOUT = tr(
  "Training uses derivatives that are written out by hand. Here each parameter's largest one, on the first 32 " +
    "examples, is compared with what the loss really does when that number is moved by 0.00001 up and down, in " +
    "float64.",
);

makers.gradients = (root, view) => {
  const button = h("button.ls-button", { type: "button" }, tr("Check the gradients")),
    said = h("p.ls-verdict", { role: "status" }),
    hint = h("p.ls-hint.ls-empty", {}, ABOUT),
    body = h("div.ls-scroll", {}, hint);
  button.addEventListener("click", () => view.args.setTriggerValue("check", true));
  root.append(panelHead(tr("Gradients by hand, checked"), ABOUT), h("div.ls-found", {}, said, button), body);
  let last = "";
  return ({ checked }) => {
    const now = JSON.stringify(checked);
    if (now === last) return;
    last = now;
    if (!checked) return (body.replaceChildren(hint), setText(said, tr("Not checked yet.")));
    setText(said, tr("At step {n}:", { n: checked.step.toLocaleString("en") }));
    const head = [tr("number"), tr("by hand"), tr("by differences"), tr("apart")].map((name) =>
      h("th", { scope: "col" }, name),
    );
    const rows = checked.rows.map(([number, ...cells]) =>
      h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, number)), ...cells.map((cell) => h("td", {}, cell))),
    );
    body.replaceChildren(h("table.ls-repairs", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
  };
};
