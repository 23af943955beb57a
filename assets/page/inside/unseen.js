// Contexts of the dev split that no training word has, and what the network and a count model say after them.
import { disc } from "./parts.js";
import { h, inWords, panelHead } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const percent = (p) => (p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : `${(100 * p).toFixed(1)} %`);

makers.unseen = (root, view) => {
  const body = h("div");
  root.append(
    panelHead(
      tr("Contexts it never saw"),
      tr(
        "“The dog was running in a …” was never in the text, but “The cat was running in a " +
          "…” was: who knows that dogs and cats are alike can guess. Here the same with " +
          "letters: contexts of the dev {noun}s that no training {noun} has.",
      ),
    ),
    body,
  );
  const word = (data, context) =>
    h("span.ls-context", {}, ...[...context].map((s) => disc(data, data.characters.indexOf(s))));
  const chips = (data, rows, say) =>
    h("span.ls-guesses", {}, ...rows.map(([i, value]) => h("span.ls-chip", {}, disc(data, i), say(value))));
  let last = "",
    total = 0,
    wanted = null; // the context that was asked for: quick clicks count on from it, not from the one that is shown
  return (data) => {
    const now = JSON.stringify(data);
    if (now === last) return;
    last = now;
    const answered = wanted === null || data.total !== total || data.at === wanted;
    if (answered) wanted = data.at;
    total = data.total;
    if (!data.total)
      return body.replaceChildren(
        h(
          "p.ls-sentence",
          {},
          inWords(
            data.block_size === 1
              ? tr("With one character to look at, training has seen every context of the dev {noun}s.")
              : tr("With {n} characters to look at, training has seen every context of the dev {noun}s.", {
                  n: data.block_size,
                }),
          ),
        ),
      );
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    const go = (label, by) => {
      const it = h("button.ls-button", { type: "button", "data-k": label }, label);
      it.addEventListener("click", () => view.args.setStateValue("at", (wanted = (wanted + by + total) % total)));
      return it;
    };
    const line = (title, ...what) => h("div.ls-says", {}, h("b", {}, title), ...what);
    const times = (n) => `${n} ×`;
    const counted = data.even
      ? h("span.ls-quiet", {}, tr("never saw it: all characters equally likely"))
      : chips(data, data.counted, percent);
    body.replaceChildren(
      h(
        "p.ls-sentence",
        {},
        tr(
          "{n} contexts, {share} of all dev examples, never occur in training. There the network's " +
            "loss is {network}, that of the {model} {counts}.",
          {
            n: data.total.toLocaleString("en"),
            share: data.share,
            network: data.network,
            model: data.rival,
            counts: data.counts,
          },
        ),
      ),
      h(
        "div.ls-flow",
        {},
        go(tr("← Previous"), -1),
        h("span", { role: "status" }, tr("{n} of {all}", { n: data.at + 1, all: data.total.toLocaleString("en") })),
        go(tr("Next unseen →"), 1),
        word(data, data.context),
      ),
      h(
        "div.ls-flow.ls-unseen",
        {},
        h(
          "div.ls-stack",
          {},
          line(tr("What followed"), chips(data, data.followed, times)),
          line(tr("The network"), chips(data, data.said, percent)),
          line(tr("The {model}", { model: data.rival }), counted),
        ),
        h(
          "div.ls-stack",
          {},
          h("h4", {}, tr("Nearest contexts that it saw, by their embeddings")),
          ...data.nearest.map((near) =>
            h(
              "div.ls-says",
              {},
              word(data, near.context),
              h("span.ls-quiet", {}, near.distance),
              chips(data, near.followed, times),
            ),
          ),
        ),
      ),
    );
    if (focused) body.querySelector(`[data-k="${focused}"]`)?.focus();
  };
};
