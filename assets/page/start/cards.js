// The page “Start here”: the tour's cards as a list.
import { h, panelHead } from "../common/dom.js";
import { rebuilt } from "../common/rebuilt.js";

export const makers = {};

makers.cards = (root, view) => {
  const body = h("div.ls-tour");
  root.append(
    panelHead(
      "The tour",
      "A card is shown over each page. It points at one panel and asks for one action, " +
        "and notices when it was done. It never opens by itself; the button " +
        "Tour, at the top of every page, opens and closes it.",
    ),
    body,
  );
  const say = (name, value = Date.now()) => view.args.setTriggerValue(name, value);
  return rebuilt(body, ({ cards, at, open, begun }) => {
    const done = cards.filter((card) => card.done).length;
    const start = h(
      "button.ls-button.ls-card-next",
      { type: "button", "data-k": "start" },
      begun ? (open ? `Card ${at + 1} is open` : `Go on with card ${at + 1}`) : "Begin the tour",
    );
    start.disabled = open;
    start.addEventListener("click", () => say("resume"));
    const again = h("button.ls-button", { type: "button", "data-k": "again" }, "Start over");
    again.hidden = !begun;
    again.addEventListener("click", () => say("again"));
    const items = cards.map((card, i) => {
      const button = h(
        `button.ls-tour-item${card.done ? ".ls-done" : ""}`,
        {
          type: "button",
          "data-k": String(i),
          "aria-current": String(begun && i === at),
          title: card.done ? "done" : "not done yet",
        },
        h("b", {}, card.title),
        h("small", {}, card.page),
      );
      button.addEventListener("click", () => say("jump", i));
      return h("li", {}, button);
    });
    const intro = h(
      "p.ls-said",
      {},
      `First Train, then the lecture’s order, from counting to 2.17, then words: ` +
        `${cards.length} cards${begun ? `, ${done} done` : ""}.`,
    );
    return [intro, h("div.ls-flow.ls-tight", {}, start, again), h("ol.ls-tour-list", {}, ...items)];
  });
};
