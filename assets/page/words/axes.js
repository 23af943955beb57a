// Axes of meaning: two pairs of words, typed over the map, along which all words are then drawn.
import { h, setText } from "../common/dom.js";
import { chosen, choose } from "./chosen.js";
import { tr } from "../common/messages.js";

const USUAL = ["he she", "one ten"];

// box: the map's element. indexOf(word): its index, or -1. -> { button, draw(meaning, words) }
export function makeAxes(box, indexOf) {
  const fields = USUAL.map((pair, k) =>
    h("input.ls-find", {
      type: "text",
      value: pair,
      "aria-label": k ? tr("Upright: two words") : tr("Across: two words"),
    }),
  );
  const said = h("span.ls-axes-said", { role: "status" }),
    panel = h("form.ls-axes", { hidden: "" }, tr("across"), fields[0], tr("upright"), fields[1], said),
    ends = ["left", "right", "bottom", "top"].map((side) => h(`span.ls-end.ls-end-${side}`, { hidden: "" })),
    button = h("button.ls-turn", { type: "button", "aria-pressed": "false" }, tr("Axes"));
  button.title = tr("Draw all words along two pairs of words, such as he and she");
  box.append(panel, ...ends);

  const apply = () => {
    const words = fields.map((field) => field.value.trim().split(/[\s,]+/)),
      axes = words.flat().map(indexOf),
      missing = words.flat()[axes.indexOf(-1)],
      uneven = words.some((pair) => pair.length !== 2);
    const unknown = missing !== undefined && tr("“{word}” is not on the map", { word: missing.slice(0, 20) });
    setText(said, uneven ? tr("two words each") : unknown || "");
    if (!uneven && !unknown) choose({ axes });
  };
  const open = (on) => {
    panel.hidden = !on;
    button.setAttribute("aria-pressed", String(on));
    on ? apply() : choose({ axes: null });
  };
  button.addEventListener("click", () => open(panel.hidden));
  panel.addEventListener("submit", (event) => (event.preventDefault(), apply()));
  fields.forEach((field) => field.addEventListener("change", apply));

  const draw = (meaning, words) => {
    ends.forEach((end, k) => {
      end.hidden = !meaning;
      if (meaning) setText(end, words[meaning.pairs.flat()[k]]);
    });
    if (meaning) {
      const { angle } = meaning;
      setText(said, angle === null ? tr("one pair has no length") : tr("the axes are {angle}° apart", { angle }));
    }
  };
  return { button, draw, close: () => chosen.axes && open(false) };
}
