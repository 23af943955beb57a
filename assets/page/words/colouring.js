// What the colours of the map say: parts of speech, how frequent a word is, or groups that a person types.
import { h } from "../common/dom.js";
import { tr } from "../common/messages.js";

const OTHERS = ["#6b7280", "#9aa3b2"];
// Frequency in steps from the strongest colour to the faintest: words up to this rank.
const STEPS = [
  [50, tr("50 most frequent"), "#7a1f6b", "#ffb0f2"],
  [200, tr("to 200"), "#b02a7f", "#ff8fd0"],
  [500, tr("to 500"), "#c5562b", "#ffab80"],
  [1000, tr("to 1,000"), "#a07a1d", "#e0c46a"],
  [Infinity, tr("rarer"), ...OTHERS],
];
const OWN = [
  ["#c5312b", "#ff8f80"],
  ["#2166ac", "#7db1e8"],
  ["#2b7d2b", "#77cf77"],
  ["#b85c00", "#ffb056"],
  ["#6f4bb0", "#c0a4ff"],
];
const EXAMPLE = tr("animals: dog cat bird fish; people: man woman boy girl");

const byFrequency = (words, first) => ({
  groups: words.map((_, i) => `f${STEPS.findIndex(([rank]) => i - first < rank)}`),
  legend: STEPS.map(([, name, ...pair], k) => [`f${k}`, name, ...pair]),
});

// text: "name: words; name: words", at most five groups; a word belongs to the first that has it.
export const byTyped = (words, text) => {
  const typed = text
    .split(/[;\n]/)
    .map((part) => part.split(":"))
    .filter((part) => part.length === 2 && part[1].trim())
    .slice(0, OWN.length);
  const group = new Map();
  typed.forEach(([, members], k) => {
    for (const word of members.toLowerCase().split(/[\s,]+/)) if (word && !group.has(word)) group.set(word, `g${k}`);
  });
  return {
    groups: words.map((word) => group.get(word.toLowerCase()) ?? "g-"),
    legend: [
      ...typed.map(([name], k) => [`g${k}`, name.trim().slice(0, 24), ...OWN[k]]),
      ["g-", tr("others"), ...OTHERS],
    ],
  };
};

// first: index of the first word. changed(): the choice is another. -> { root, colours(data): { groups, legend } }
export function makeColouring(first, changed) {
  const select = h(
      "select.ls-colourby",
      { "aria-label": tr("Colour by") },
      ...[
        ["part", tr("part of speech")],
        ["often", tr("frequency")],
        ["own", tr("my groups")],
      ].map(([value, name]) => h("option", { value }, name)),
    ),
    field = h("input.ls-find.ls-owngroups", {
      type: "text",
      value: EXAMPLE,
      "aria-label": tr("My groups"),
      hidden: "",
    });
  select.addEventListener("change", () => ((field.hidden = select.value !== "own"), changed()));
  field.addEventListener("input", changed);
  const colours = ({ words, parts, legend }) => {
    if (select.value === "often") return byFrequency(words, first);
    return select.value === "own" ? byTyped(words, field.value) : { groups: parts, legend };
  };
  return { root: h("span.ls-colouring", {}, select, field), colours };
}
