// The right side of Explore for a run on words: sentences it writes, what comes next, neighbours over time.
import { h, panelHead, setText } from "../common/dom.js";
import { chosen } from "./chosen.js";
import { tr } from "../common/messages.js";

export const makers = {};

const percent = (p) =>
  p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.001 ? `${(100 * p).toFixed(1)} %` : "<0.1 %";

// Whole networks are kept at fewer steps than the places of words.
const sayStep = (note, { of }) => {
  setText(note, of === undefined ? "" : tr("of step {step}", { step: of.toLocaleString("en") }));
  note.title = of === undefined ? "" : tr("The newest step before this one at which the whole network was kept");
};

makers.sentences = (root) => {
  const list = h("ul.ls-sentences"),
    note = h("span.ls-note");
  root.append(
    panelHead(
      tr("Sentences it writes"),
      tr(
        "Written word by word with the network's probabilities, from the same random numbers at every step, so what " +
          "changes is what it learned. <unk>, which stands for all words outside the vocabulary, is left out here " +
          "and its probability shared out among the others. Underlined: in the data.",
      ),
      note,
    ),
    list,
  );
  return (_, { answer }) => {
    root.classList.toggle("ls-waiting", !answer);
    if (!answer) return;
    sayStep(note, answer);
    while (list.children.length < answer.words.length) list.append(h("li", { dir: "auto" }));
    answer.words.forEach(([text, known], i) => {
      const item = list.children[i];
      setText(item, text || "·");
      item.dataset.known = String(Boolean(known));
      item.title = known ? tr("{text} (in the data)", { text }) : text;
    });
  };
};

const column = (title) => {
  const list = h("ol.ls-next"),
    head = h("b", {}, title);
  return { list, head, root: h("div", {}, head, list) };
};

const fill = (list, rows) => {
  while (list.children.length < rows.length) list.append(h("li", {}, h("i"), h("bdi"), h("span")));
  while (list.children.length > rows.length) list.lastChild.remove();
  rows.forEach(([word, p], i) => {
    const [bar, name, share] = list.children[i].children;
    bar.style.transform = `scaleX(${p.toFixed(4)})`;
    setText(name, word);
    setText(share, percent(p));
  });
};

makers.nextwords = (root) => {
  const network = column("network"),
    counting = column("Kneser-Ney 5"),
    note = h("span.ls-note");
  root.append(
    panelHead(
      tr("What comes next"),
      tr(
        "The ten likeliest words after those you type: by the network, and by Kneser-Ney of order 5, counting what " +
          "followed the last four words in the same sentences.",
      ),
      note,
    ),
    h("div.ls-nexts", {}, network.root, counting.root),
  );
  return (_, { answer, look, question }) => {
    root.classList.toggle("ls-waiting", !answer);
    if (!answer || !question.nextwords) return;
    sayStep(note, answer);
    const { context } = question.nextwords;
    const sees = context.length
      ? tr("network, after “{words}”", { words: context.join(" ") })
      : tr("network, at the start");
    setText(network.head, sees);
    network.head.title = sees;
    fill(network.list, answer.next);
    fill(counting.list, look.counted_next ?? []);
    const doing = look.counting_failed ? tr("failed") : tr("counting …");
    setText(counting.head, look.counted_next ? "Kneser-Ney 5" : `Kneser-Ney 5: ${doing}`);
  };
};

makers.nearwords = (root) => {
  const rows = h("dl.ls-earlier"),
    title = h("span.ls-note");
  root.append(
    panelHead(
      tr("Neighbours of a word"),
      tr("The five nearest words in all dimensions, at steps evenly spaced on the log scale. Click a word on the map."),
      title,
    ),
    rows,
  );
  let last = "";
  return (_, { look }) => {
    const { earlier } = look;
    const told = JSON.stringify([earlier ?? null, chosen.pinned.at(-1) ?? null]);
    if (told === last) return;
    last = told;
    const name = earlier?.name;
    setText(title, name ? `“${name}”` : tr("click a word on the map"));
    rows.replaceChildren(
      ...(earlier?.rows ?? []).flatMap(([step, seconds, words]) => [
        h(
          "dt",
          {},
          tr("step {step}, {seconds} s", {
            step: step.toLocaleString("en"),
            seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds),
          }),
        ),
        h("dd", {}, words.join(", ")),
      ]),
    );
  };
};
