// How words become examples: the window, the vocabulary, the first five words.
import { glyph, h, lightOnHover, markCrowded, panelHead, quoted, reducedMotion, setText } from "../common/dom.js";
import { choiceOf, tile } from "../common/tiles.js";
import { mark, tr } from "../common/messages.js";

export const makers = {};

makers.windows = (root) => {
  const tape = h("div.ls-tape", { "aria-hidden": "true" }),
    frame = h("i.ls-frame"),
    list = h("ol.ls-windows");
  const problem = h("p.ls-said", { role: "status" });
  const again = h("button.ls-button", { type: "button" }, tr("Again"));
  root.append(
    panelHead(
      tr("A word becomes examples"),
      tr(
        "A window slides over the word, padded with “.”. What is in the window " +
          "is the context X; the character after it is the target Y.",
      ),
    ),
    h("div.ls-taped", {}, tape, again),
    problem,
    list,
  );
  let timer = null,
    last = "",
    data = null;
  const at = (i) => {
    const n = tape.childElementCount - 1;
    frame.style.left = `${(100 * i) / n}%`;
    [...tape.children].forEach((box, j) => box.classList.toggle("ls-target", j === i + data.block));
    [...list.children].forEach((row, j) => row.classList.toggle("ls-now", j === i));
  };
  const numbered = (k) => tile(data.characters[k], data.groups[k], k);
  const row = ([context, next, X, Y], i) => {
    const item = h(
      "li",
      { tabindex: "0", "aria-label": tr("{context} then {next}", { context: quoted(context), next: quoted(next) }) },
      h("span.ls-context", {}, ...X.map(numbered)),
      h("span.ls-arrow", {}, "→"),
      numbered(Y),
      h("code", {}, `[${X.join(", ")}] → ${Y}`),
    );
    for (const event of ["pointerenter", "focus"]) item.addEventListener(event, () => timer === null && at(i));
    return item;
  };
  const stop = () => (clearInterval(timer), (timer = null));
  const play = () => {
    stop();
    list.replaceChildren();
    const { windows } = data;
    const next = () => {
      const i = list.childElementCount;
      list.append(row(windows[i], i));
      at(i);
      if (i === windows.length - 1) stop();
    };
    if (reducedMotion()) return windows.forEach(next);
    timer = setInterval(next, 420);
    next();
  };
  again.addEventListener("click", play);
  return (given) => {
    const now = JSON.stringify([given.windows, given.characters, given.groups, given.problem]);
    if (now === last) return;
    last = now;
    data = given;
    setText(problem, data.problem ?? "");
    tape.parentElement.hidden = !data.windows.length;
    if (!data.windows.length) return (stop(), list.replaceChildren());
    const text = [...data.windows[0][2], ...data.windows.map(([, , , Y]) => Y)]; // indices
    tape.style.setProperty("--n", text.length);
    frame.style.width = `${(100 * data.block) / text.length}%`;
    tape.replaceChildren(...text.map((k) => tile(data.characters[k], data.groups[k])), frame);
    play();
  };
};

makers.alphabet = (root) => {
  const body = h("div.ls-alphabet"),
    told = h("p.ls-said");
  root.append(
    panelHead(
      tr("The vocabulary"),
      tr(
        "Every character with its number, and how often it is to be predicted in " +
          "the training {noun}s; “.” comes once a {noun}, at its end.",
      ),
    ),
    body,
    told,
  );
  let last = "";
  return ({ characters, groups, counts, shares }) => {
    const now = JSON.stringify([characters, groups, counts, shares]);
    if (now === last) return;
    last = now;
    const most = Math.max(...counts);
    body.replaceChildren(
      ...characters.map((c, i) => {
        const bar = h(`i.ls-bar.ls-${groups[i]}`),
          said = tr("{c}, number {i}: {n} times", { c: quoted(c), i, n: counts[i].toLocaleString("en") });
        bar.style.setProperty("--share", counts[i] / most);
        const column = h(
          "span.ls-freq",
          { tabindex: "0", role: "img", "aria-label": said, "data-tip": said },
          h("span.ls-well", {}, bar),
          h("b", {}, glyph(c)),
          h("small", {}, String(i)),
        );
        lightOnHover(column, c);
        return column;
      }),
    );
    markCrowded(body, characters, 70);
    const total = counts.reduce((a, b) => a + b).toLocaleString("en");
    setText(
      told,
      tr("{n} characters, {total} to predict: {shares}.", { n: characters.length, total, shares: shares.join(", ") }),
    );
  };
};

makers.firstfive = (root) => {
  const body = h("div.ls-first"),
    note = h("span.ls-note");
  let data = null,
    as = "letters",
    last = "";
  root.append(
    panelHead(
      tr("X and Y of the first five {noun}s"),
      tr(
        "Each column is one example: the context from top to bottom, then " +
          "what comes next. The network sees only the numbers.",
      ),
      note,
      choiceOf(tr("Shown as"), [mark("letters"), mark("numbers")], as, (word) => ((as = word), draw())),
    ),
    body,
  );
  const draw = () => {
    const { words, characters, groups, block } = data,
      now = JSON.stringify([words, characters, groups, as]);
    if (now === last) return;
    last = now;
    const n = words.reduce((sum, { windows }) => sum + windows.length, 0);
    setText(note, `X (${n}, ${block}) → Y (${n},)`);
    let number = 0;
    const cell = (k) => tile(as === "letters" ? characters[k] : String(k), groups[k]);
    body.replaceChildren(
      ...words.map(({ word, windows }) =>
        h(
          "figure.ls-word",
          {},
          h("figcaption", { dir: "auto" }, word),
          h(
            "div.ls-columns",
            {},
            ...windows.map(([, , X, Y]) =>
              h(
                "div.ls-example",
                { title: `X[${number}] = [${X.join(", ")}], Y[${number++}] = ${Y}` },
                ...X.map(cell),
                h("span.ls-arrow", {}, "↓"),
                cell(Y),
              ),
            ),
          ),
        ),
      ),
    );
  };
  return (given) => {
    data = given;
    draw();
  };
};
