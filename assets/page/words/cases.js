// “A dog was running in a ...”: real cases, the contexts nearest to each, and how often counting is better.
import { h, panelHead, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const percent = (p) =>
  p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.0001 ? `${(100 * p).toPrecision(2)} %` : tr("under 0.01 %");
const perplexity = (loss) => Math.exp(loss).toFixed(1);
const many = (n) => n.toLocaleString("en");
const share = (part, all) => `${((100 * part) / all).toFixed(0)} %`;

// How often the count model is ahead, over all the test examples that were looked at.
const sayDuel = ({ all, unseen, total, step }) => {
  const [examples, ahead, network, counting] = all,
    [new_, newAhead, newNetwork, newCounting] = unseen,
    which =
      examples === total
        ? tr("all {total} test examples", { total: many(total) })
        : tr("{n} of {total} test examples", { n: many(examples), total: many(total) }),
    more =
      ahead * 2 > examples ? tr("Counting is better most of the time") : tr("Counting is better in less than half");
  const known = tr(
    "{more}: at step {step}, over {which}, Kneser-Ney 5 gives the true word more than the network in " +
      "{share} (perplexity {counting}; network {network}).",
    {
      more,
      which,
      step: many(step),
      share: share(ahead, examples),
      counting: perplexity(counting),
      network: perplexity(network),
    },
  );
  const rest = new_
    ? tr("In the {n} whose context training never showed, in {share} ({counting}; network {network}).", {
        n: many(new_),
        share: share(newAhead, new_),
        counting: perplexity(newCounting),
        network: perplexity(newNetwork),
      })
    : tr("Training has seen every context among them.");
  return `${known} ${rest}`;
};

const followed = (rows) => rows.map(([word, times]) => `${word} ${many(times)}×`).join(", ");
const ofAll = (times) => tr("… of {n}", { n: many(times) });
const contextOf = (words) => (words.length ? words.join(" ") : tr("(start of a sentence)"));

const table = (nearest) =>
  nearest.flatMap(([words, times, rows]) => [
    h("dt", {}, contextOf(words)),
    h("dd", {}, followed(rows) + (rows.reduce((sum, [, n]) => sum + n, 0) < times ? ` ${ofAll(times)}` : "")),
  ]);

const sayCase = ({ before, sees, next, network, counting }) => {
  const cut = before.length - sees;
  return [
    h("bdi", {}, h("span", {}, before.slice(0, cut).join(" ")), " ", h("b", {}, before.slice(cut).join(" "))),
    " → ",
    h("strong", {}, next),
    h(
      "span.ls-versus",
      {},
      tr("network {network}, Kneser-Ney 5 {counting}", { network: percent(network), counting: percent(counting) }),
    ),
  ];
};

const sayOwn = ({ words, seen }) => [
  h("b", {}, contextOf(words)),
  h(
    "span.ls-versus",
    {},
    seen
      ? tr("{times}× in training, followed by {words}", { times: many(seen[1]), words: followed(seen[2]) })
      : tr("never seen in training"),
  ),
];

makers.wordcases = (root) => {
  const line = h("p.ls-case", { "aria-live": "polite" }),
    nearest = h("dl.ls-nearest"),
    truth = h("p.ls-truth"),
    place = h("span.ls-note"),
    button = (label, says, act) => {
      const made = h("button.ls-turn", { type: "button", title: says }, label);
      if (label.length === 1) made.setAttribute("aria-label", says);
      made.addEventListener("click", act);
      return made;
    };
  let at = 0,
    own = false,
    look = null,
    rests = false,
    kept = null; // the newest cases, and the run that they are of
  const turn = (by) => () => {
    at += by;
    own = false;
    draw();
  };
  const mine = button(
    tr("Your own"),
    tr("The context that you typed under What comes next"),
    () => ((own = !own), draw()),
  );
  root.append(
    panelHead(
      tr("“A dog was running in a …”"),
      tr(
        "Real places of the test sentences whose context (in bold: the words that the network sees) never occurs in " +
          "training, and where the network gives the true next word more than Kneser-Ney 5 does, the clearest first, " +
          "one for each next word. Below: the training contexts whose embeddings are nearest, and what followed " +
          "them. Nearest is measured; that they are the reason is not. Many test sentences differ from one of " +
          "training by one word, which flatters counting.",
      ),
      place,
      h("span.ls-turns", {}, button("‹", tr("Case before"), turn(-1)), button("›", tr("Next case"), turn(1)), mine),
    ),
    line,
    h("p.ls-case-note", {}, tr("Nearest contexts of training, and what followed them:")),
    nearest,
    truth,
  );
  const draw = () => {
    const cases = kept?.cases ?? [],
      shown = own ? look?.own : cases[(at = ((at % cases.length) + cases.length) % cases.length || 0)];
    mine.setAttribute("aria-pressed", String(own));
    root.classList.toggle("ls-waiting", !kept);
    const wait = look?.counting_failed
      ? tr("Counting failed.")
      : rests
        ? tr("Looking through the test sentences …")
        : tr("Worked out when the run rests, once it has taken a step.");
    setText(place, !own && cases.length ? tr("case {n} of {all}", { n: at + 1, all: cases.length }) : "");
    setText(truth, kept ? sayDuel(kept) : "");
    if (shown) {
      line.replaceChildren(...(own ? sayOwn(shown) : sayCase(shown)));
      nearest.replaceChildren(...table(shown.nearest));
    } else {
      line.replaceChildren(kept && !own ? tr("There is no such case yet; train longer.") : wait);
      nearest.replaceChildren();
    }
  };
  let told = "";
  return (_, now) => {
    look = now.look;
    rests = !look.training && now.frame?.step > 0;
    if (kept && kept.run !== look.run) kept = null;
    if (look.duel) kept = { ...look.duel, run: look.run };
    const news = JSON.stringify([look.run, look.duel, look.own, look.counting_failed, rests]);
    if (news === told) return;
    told = news;
    draw();
  };
};
