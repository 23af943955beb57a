// Small parts of several pages: a character as a square, a choice of words.
import { glyph, h, lightOnHover, quoted } from "./dom.js";
import { tr } from "./messages.js";

// A character as a small square in its group's colour; "." is the boundary.
export const tile = (character, group, index) => {
  const box = h(
    `span.ls-char.ls-${group}`,
    index === undefined ? {} : { title: tr("{character} is number {n}", { character: quoted(character), n: index }) },
    glyph(character),
  );
  lightOnHover(box, character);
  return box;
};

// A choice of two or more words, which are messages, one of them pressed.
export const choiceOf = (label, words, chosen, act) => {
  const box = h("span.ls-either", { role: "group", "aria-label": label });
  const say = (now) => [...box.children].forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.word === now)));
  for (const word of words) {
    const button = h("button.ls-button", { type: "button", "data-word": word }, tr(word));
    button.addEventListener("click", () => (say(word), act(word)));
    box.append(button);
  }
  say(chosen);
  return box;
};
