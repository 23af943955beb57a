// The page “Start here”: the tour's cards as a list.
import { h, panelHead } from "../common/dom.js";
import { rebuilt } from "../common/rebuilt.js";
import { tr } from "../common/messages.js";

export const makers = {};

makers.cards = (root, view) => {
  const body = h("div.ls-tour");
  root.append(
    panelHead(
      tr("The tour"),
      tr(
        "A card is shown over each page. It points at one panel and asks for one action, " +
          "and notices when it was done. It never opens by itself; the button " +
          "Tour, at the top of every page, opens and closes it.",
      ),
    ),
    body,
  );
  const say = (name, value = Date.now()) => view.args.setTriggerValue(name, value);
  return rebuilt(body, ({ cards, at, open, begun }) => {
    const done = cards.filter((card) => card.done).length,
      n = cards.length;
    const start = h(
      "button.ls-button.ls-card-next",
      { type: "button", "data-k": "start" },
      begun
        ? open
          ? tr("Card {n} is open", { n: at + 1 })
          : tr("Go on with card {n}", { n: at + 1 })
        : tr("Begin the tour"),
    );
    start.disabled = open;
    start.addEventListener("click", () => say("resume"));
    const again = h("button.ls-button", { type: "button", "data-k": "again" }, tr("Start over"));
    again.hidden = !begun;
    again.addEventListener("click", () => say("again"));
    const items = cards.map((card, i) => {
      const button = h(
        `button.ls-tour-item${card.done ? ".ls-done" : ""}`,
        {
          type: "button",
          "data-k": String(i),
          "aria-current": String(begun && i === at),
          title: card.done ? tr("done") : tr("not done yet"),
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
      begun
        ? tr("First Train, then the lecture’s order, from counting to 2.17, then words: {n} cards, {done} done.", {
            n,
            done,
          })
        : tr("First Train, then the lecture’s order, from counting to 2.17, then words: {n} cards.", { n }),
    );
    return [intro, h("div.ls-flow.ls-tight", {}, start, again), h("ol.ls-tour-list", {}, ...items)];
  });
};
