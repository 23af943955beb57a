// A question that is answered before Train: a number, another letter, or a place on the map.
import { glyph, h, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

const MAP = ".ls-letters";

// Where a pointer is on the map, in its own units; null beside it.
const placeOf = (event) => {
  const box = document.querySelector(MAP),
    { xaxis, yaxis } = box?._fullLayout ?? {};
  if (!xaxis || !box.contains(event.target)) return null;
  const { left, top } = box.getBoundingClientRect(),
    [u, v] = [event.clientX - left - xaxis._offset, event.clientY - top - yaxis._offset];
  if (u < 0 || v < 0 || u > xaxis._length || v > yaxis._length) return null;
  return [xaxis.p2l(u), yaxis.p2l(v)];
};

// answer(index, value) is called with what somebody predicts. show(question or null, all letters) draws it.
export const questionForm = (answer) => {
  const asked = h("label", { for: "ls-predict" }),
    fields = h("span.ls-predict-fields"),
    send = h("button.ls-button", { type: "submit" }, tr("Predict"));
  const box = h("form.ls-predict", { hidden: "" }, asked, h("span.ls-predict-answer", {}, fields, send));
  let shown = null,
    key = "";

  const number = (more) => h("input", { type: "number", step: "any", required: "", ...more });
  const option = (letter, i) => (letter === shown.letter ? [] : [h("option", { value: i }, glyph(letter))]);
  const made = {
    loss: () => [number({ id: "ls-predict", min: 0, max: 1000 })],
    nearest: (letters) => [
      h("select", { id: "ls-predict", required: "" }, h("option", { value: "" }, "–"), ...letters.flatMap(option)),
    ],
    place: () => ["x", "y"].map((axis) => number({ "aria-label": axis, placeholder: axis })),
  };
  const value = () => {
    const numbers = [...fields.children].map((field) => Number(field.value));
    return shown.ask === "place" ? numbers : numbers[0];
  };

  box.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(shown.index, value());
  });
  // While a place is asked for, a click on the map gives it, and touches no letter.
  const pick = (event) => {
    if (!box.isConnected) return document.removeEventListener("pointerdown", pick, true);
    const at = shown?.ask === "place" ? placeOf(event) : null;
    if (!at) return;
    event.stopPropagation();
    event.preventDefault();
    [...fields.children].forEach((field, i) => (field.value = at[i].toFixed(2)));
  };
  document.addEventListener("pointerdown", pick, true);
  const keep = (event) => box.isConnected && shown?.ask === "place" && placeOf(event) && event.stopPropagation();
  for (const name of ["click", "pointerup"]) document.addEventListener(name, keep, true);

  const show = (question, letters) => {
    shown = question;
    box.hidden = !question;
    const now = question ? `${question.index} ${question.text} ${letters.join()}` : "";
    if (now === key) return;
    key = now;
    if (!question) return;
    const more = {
      loss: tr("Pure chance is {loss}.", { loss: Math.log(letters.length).toFixed(2) }),
      place: tr("Click on the map."),
    };
    setText(asked, [question.text, more[question.ask]].filter(Boolean).join(" "));
    fields.replaceChildren(...made[question.ask](letters));
  };
  return { box, show };
};
