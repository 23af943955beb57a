// The lessons that come with the program.
import { h, panelHead } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

makers.lessons = (root, view) => {
  const list = h("ol.ls-lessons");
  root.append(
    panelHead(
      tr("Lessons"),
      tr(
        "Each sets the scene, asks for a prediction before you train, and has goals that the run itself proves. " +
          "Starting one starts a new run; Undo brings yours back.",
      ),
    ),
    list,
  );
  let last = "";
  return ({ lessons }) => {
    const now = JSON.stringify(lessons);
    if (now === last) return;
    last = now;
    list.replaceChildren(
      ...lessons.map(({ title, about, goals, open }, i) => {
        const start = h(
          "button.ls-button",
          { type: "button", "aria-label": tr("Start {title}", { title }) },
          open ? tr("Again") : tr("Start"),
        );
        start.addEventListener("click", () => view.args.setTriggerValue("start", i));
        return h(
          "li",
          {},
          h(
            "div",
            {},
            h("h3", {}, title),
            h("p", {}, about),
            h("p.ls-lesson-aim", {}, tr("Goal: {goals}.", { goals: goals.join(", ") })),
          ),
          start,
        );
      }),
    );
  };
};
