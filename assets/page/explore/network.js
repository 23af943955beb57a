// The strip over the map: one example on its way through the network, with the numbers of the moment that is shown.
import { glyph, h, quoted, reducedMotion, setText, svg } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const SQUARE = 34, // px of the small map of the table C
  DOT = 3.2;
const percent = (p) => `${(100 * p).toFixed(p < 0.1 ? 1 : 0)} %`;
const NAMES = { indices: tr("context"), lookup: "C", tanh: "tanh", softmax: "softmax" };

const part = (stage, name, said, picture, open) => {
  const it = h(
    "button.ls-part",
    { type: "button", title: said, "aria-label": `${name}: ${said}` },
    picture,
    h("small", {}, name),
  );
  it.addEventListener("click", () => open(stage));
  return it;
};

const symbol = (data, i) => h(`b.ls-symbol.ls-${data.groups[i]}`, {}, glyph(data.characters[i]));

// Where the letters of the context are in the picture of the table.
const dots = (data, context, { points, window: [x, y, half] }) =>
  [...new Set(context)].map((i) => {
    const n = points.length / data.characters.length,
      place = (value, middle) => Math.max(-1, Math.min(1, (value - middle) / half));
    const [u, v] = [place(points[n * i], x), place(points[n * i + 1], y)];
    const at = { cx: (SQUARE * (1 + u)) / 2, cy: (SQUARE * (1 - v)) / 2, r: DOT };
    return svg("circle", { ...at, class: `ls-${data.groups[i]}` });
  });

makers.network = (root, view) => {
  const open = (stage) => view.args.setTriggerValue("inside", stage);
  const context = h("span.ls-symbols"),
    table = svg("svg", { width: SQUARE, height: SQUARE, "aria-hidden": "true" }),
    layer = h("span.ls-tanhs"),
    chances = h("span.ls-chances", { "aria-hidden": "true" }),
    next = h("b.ls-symbol"),
    chance = h("b.ls-likely"),
    last = h("span.ls-symbols", {}, next, chance);
  const told = [
    ["indices", tr("the characters that it sees"), context],
    ["lookup", tr("each one's row of the table C"), table],
    ["tanh", tr("the hidden layer"), layer],
    ["softmax", tr("a chance for each character that can come next"), chances],
    ["softmax", tr("the likeliest"), last, tr("next")],
  ];
  const pulse = h("i.ls-pulse", { "aria-hidden": "true" });
  const parts = told.flatMap(([stage, said, picture, name], k) => [
    ...(k ? [h("span.ls-to", { "aria-hidden": "true" }, "→")] : []),
    part(stage, name ?? NAMES[stage], tr("{what}. Open it on Inside the network", { what: said }), picture, open),
  ]);
  root.append(h("div.ls-network", { role: "group", "aria-label": tr("One example on its way") }, pulse, ...parts));
  pulse.addEventListener("animationend", () => pulse.classList.remove("ls-running"));

  let seen = "",
    bars = [],
    is = "";
  return (data, { frame, answer, question }) => {
    if (!frame || !answer || !question.network || answer.next.length !== data.characters.length) return;
    const { context: indices } = question.network;
    const of = JSON.stringify([indices, data.characters, data.groups, data.n_hidden]);
    if (of !== is) {
      is = of;
      context.replaceChildren(...indices.map((i) => symbol(data, i)));
      setText(layer, data.n_hidden ? `${data.n_hidden} × tanh` : tr("none"));
      bars = data.characters.map((_, i) => h(`i.ls-${data.groups[i]}`));
      chances.replaceChildren(...bars);
    }
    const now = JSON.stringify([of, answer.next, frame.points]);
    if (now === seen) return;
    seen = now;
    table.replaceChildren(...dots(data, indices, frame));
    const most = Math.max(...answer.next),
      i = answer.next.indexOf(most);
    bars.forEach((bar, k) => (bar.style.transform = `scaleY(${(answer.next[k] / most).toFixed(3)})`));
    next.className = `ls-symbol ls-${data.groups[i]}`;
    setText(next, glyph(data.characters[i]));
    setText(chance, percent(most));
    last.parentElement.setAttribute(
      "aria-label",
      tr("next: {letter} with {chance}. Open it on Inside the network", {
        letter: quoted(data.characters[i]),
        chance: percent(most),
      }),
    );
    if (!reducedMotion()) pulse.classList.add("ls-running");
  };
};
