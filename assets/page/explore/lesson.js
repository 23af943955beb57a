// The strip of a lesson over the page: its cards, the question to be answered before Train, its goals, and handing in.
// core/ui/lesson.py says what there is; how far the run is comes with every look (core/lessons/attempt.py).
import { h, setText } from "../common/dom.js";
import { questionForm } from "./question.js";
import { tr } from "../common/messages.js";

export const makers = {};

const PLACED = tr("You said the place you marked. The run will tell.");

makers.lesson = (root, view) => {
  const say = (name, value) => view.args.setTriggerValue(name, { ...value, at: Date.now() });
  const button = (label, act, more = {}) => {
    const made = h("button.ls-button", { type: "button", ...more }, label);
    made.addEventListener("click", act);
    return made;
  };
  const title = h("h2"),
    text = h("p.ls-lesson-text", { "aria-live": "polite" }),
    at = h("span.ls-lesson-at"),
    marks = h("ul.ls-lesson-goals", { "aria-label": tr("Goals of the lesson") }),
    told = h("ul.ls-lesson-told", { "aria-live": "polite" }),
    problem = h("p.ls-lesson-problem", { role: "alert" });
  let card = 0,
    hints = 0,
    data = null;
  const turn = (by) => ((card = Math.min(Math.max(card + by, 0), data.cards.length - 1)), words());
  const back = button("‹", () => turn(-1), { "aria-label": tr("Previous card") }),
    on = button("›", () => turn(1), { "aria-label": tr("Next card") }),
    hint = button(tr("Hint"), () => (hints++, words())),
    again = button(tr("Start again"), () => say("begin"), {
      title: tr("Back to where the lesson starts; Undo brings the run back"),
    }),
    leave = button(tr("Leave"), () => say("leave"), { title: tr("Close the lesson; the run stays") }),
    handIn = button(tr("Hand in"), () => say("handin"), {
      title: tr("Make a link that proves what the run has reached"),
    });
  const board = h("a.ls-button", { target: "_blank", rel: "noopener" }, tr("Board"));
  const form = questionForm((index, value) => say("predict", { index, value }));
  const given = h("div.ls-lesson-given", { hidden: "" });
  root.append(
    h(
      "section.ls-lesson",
      { "aria-label": tr("Lesson") },
      h(
        "header",
        {},
        title,
        h("span.ls-lesson-turn", {}, back, at, on),
        h("span.ls-lesson-acts", {}, hint, again, leave),
      ),
      h("div.ls-lesson-body", {}, text, h("div", {}, form.box, told, problem)),
      h("footer", {}, marks, h("span.ls-lesson-acts", {}, handIn, board)),
      given,
    ),
  );

  const words = () => {
    const n = data.cards.length;
    setText(at, tr("{n} of {all}", { n: card + 1, all: n }));
    back.disabled = card === 0;
    on.disabled = card + 1 === n;
    back.parentElement.hidden = n < 2;
    const shown = data.hints.slice(0, hints).map((hint) => tr("Hint: {hint}", { hint }));
    setText(text, [data.cards[card], ...shown].join(" "));
    hint.hidden = hints >= data.hints.length;
  };

  const goals = (met) => {
    if (marks.children.length !== data.goals.length) marks.replaceChildren(...data.goals.map(() => h("li")));
    data.goals.forEach((goal, i) => {
      const item = marks.children[i];
      setText(item, goal);
      item.classList.toggle("ls-done", Boolean(met?.[i]));
      item.setAttribute("aria-label", `${met?.[i] ? tr("Reached") : tr("Not reached yet")}: ${goal}`);
    });
  };

  const answers = (revealed) => {
    const lines = data.questions.flatMap(({ text, said, why }, i) => {
      if (said === null || said === undefined) return [];
      const one = revealed?.[i];
      if (!one) return [[text, Array.isArray(said) ? PLACED : tr("You said {said}. The run will tell.", { said }), ""]];
      return [[text, one.said, why]];
    });
    const now = JSON.stringify(lines);
    if (told.dataset.now === now) return;
    told.dataset.now = now;
    told.replaceChildren(...lines.map(([asked, said, why]) => h("li", {}, h("b", {}, asked), ` ${said} ${why}`)));
  };

  const answer = (link) => {
    given.hidden = !link;
    if (!link || given.dataset.link === link) return;
    given.dataset.link = link;
    const field = h("input", { readonly: "", "aria-label": tr("Your answer, a link"), value: link });
    const copy = button(tr("Copy"), async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(link);
        setText(copy, tr("Copied"));
      } catch {
        document.execCommand("copy"); // where the page came neither by https nor from this machine
      }
    });
    const code = new URLSearchParams(link.split("?")[1]).get("proof");
    given.replaceChildren(h("span", {}, `${tr("Your answer, code")} `), h("code", {}, code), field, copy);
  };

  return (next, now) => {
    if (next.title !== data?.title) [card, hints] = [0, 0];
    data = next;
    setText(title, data.title);
    words();
    form.show(
      data.waiting.length ? { ...data.questions[data.waiting[0]], index: data.waiting[0] } : null,
      data.letters,
    );
    goals(now.look.lesson?.met);
    answers(now.look.lesson?.revealed);
    setText(problem, data.problem);
    problem.hidden = !data.problem;
    handIn.disabled = Boolean(now.look.training) || data.waiting.length > 0;
    board.href = data.board;
    answer(data.answer);
  };
};
