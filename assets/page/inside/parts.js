// What the stages share: characters on discs, code, mistakes to make.
import { glyph, h } from "../common/dom.js";
import { tr } from "../common/messages.js";

// A character on its disc; `chosen` puts a ring around it.
export const disc = (data, i, chosen = false, tag = "span") =>
  h(`${tag}.ls-disc.ls-${data.groups[i]}${chosen ? ".ls-ring" : ""}`, {}, glyph(data.characters[i]));
// Text in quotes stands for itself: letters that are read from right to left do not turn the numbers after them.
const QUOTED = /("[^"]*"|'[^']*')/;
const isolated = (text) => text.split(QUOTED).map((part, i) => (i % 2 ? h("bdi", {}, part) : part));
export const codeBlock = (text) => h("pre.ls-code", { tabindex: 0 }, h("code", {}, ...isolated(text)));
export const row = (...children) => h("div.ls-flow", {}, ...children);
export const column = (...children) => h("div.ls-stack", {}, ...children);

const mistake = (made, kept) => {
  const shown = h("div.ls-made", { hidden: "" });
  const button = h(
    "button.ls-button.ls-mistake",
    { type: "button", "aria-expanded": "false", "data-k": `mistake ${made.label}` },
    made.label,
  );
  const show = () => {
    shown.hidden = !kept.has(made.label);
    button.setAttribute("aria-expanded", String(!shown.hidden));
    if (shown.hidden) return shown.replaceChildren();
    shown.replaceChildren(
      codeBlock(made.code),
      h(`pre.ls-error${made.failed ? "" : ".ls-fine"}`, { role: "status" }, made.message),
      h("p", {}, made.why),
      h("p.ls-quiet", {}, tr("The fix:")),
      codeBlock(`${made.fix}  # ${made.shape}`),
    );
  };
  button.addEventListener(
    "click",
    () => (kept.has(made.label) ? kept.delete(made.label) : kept.add(made.label), show()),
  );
  show();
  return [button, shown];
};

export const mistakes = (data, tools) => {
  const made = data.mistakes.map((one) => mistake(one, tools.kept));
  return h(
    "section.ls-mistakes",
    { "aria-label": tr("Mistakes to make") },
    h("h4", {}, tr("Make the mistake")),
    h("div.ls-flow.ls-tight", {}, ...made.map(([button]) => button)),
    ...made.map(([, shown]) => shown),
  );
};
