// Which character follows which: the counts of pairs, and what the network says.
import { glyph, h, lightOnHover, markCrowded, panelHead, quoted, setText, wording } from "../common/dom.js";
import { tile } from "../common/tiles.js";
import { mark, plural, tr } from "../common/messages.js";

export const makers = {};

const percent = (p) => `${(100 * p).toFixed(1)} %`;

// As many characters as a cell has room for; the whole count is said below.
const short = (count) => (count >= 10_000 ? `${Math.round(count / 1000)}k` : count ? String(count) : "");

makers.pairs = (root, view) => {
  const grid = h("div.ls-pairs", {
    tabindex: "0",
    role: "application",
    "aria-label": tr("Counts of pairs; arrow keys move, Enter chooses the first character"),
  });
  const said = h("p.ls-said", { role: "status", "aria-live": "polite" }),
    title = h("h3"),
    bars = h("div.ls-after"),
    told = h("p.ls-said");
  const note = h("span.ls-note"),
    inside = h("button.ls-button", { type: "button" }, tr("Follow it through the network"));
  root.append(
    panelHead(
      tr("What follows what"),
      tr(
        "How often the character of the column follows that of the row, in the " +
          "training {noun}s: all that a bigram model knows. Click a row to compare " +
          "what the counts say with what your network says.",
      ),
      note,
    ),
    h("div.ls-two.ls-pairs-two", {}, h("div", {}, grid, said), h("div.ls-row-side", {}, title, bars, told, inside)),
  );
  inside.addEventListener("click", () => view.args.setTriggerValue("inside", data.characters[row]));
  let data = null,
    built = "",
    row = 0,
    at = [0, 1],
    shownBars = "";
  const cells = () => grid.querySelectorAll(".ls-pair");
  const n = () => data.characters.length;
  const point = (i, j) => {
    at = [i, j];
    const count = data.counts[i * n() + j],
      { characters } = data;
    grid.querySelector(".ls-here")?.classList.remove("ls-here");
    cells()[i * n() + j].classList.add("ls-here");
    setText(
      said,
      tr("{a} → {b}: {n} times, {share} of what follows {a}", {
        a: quoted(characters[i]),
        b: quoted(characters[j]),
        n: count.toLocaleString("en"),
        share: percent(data.counted[i][j]),
      }),
    );
  };
  const choose = (i) => {
    row = i;
    grid.querySelectorAll(".ls-row-name").forEach((name, k) => name.classList.toggle("ls-now", k === i));
    drawRow();
  };
  const drawRow = () => {
    const { characters, groups, counted, network, step, block } = data,
      mine = [row, counted[row], network[row], step];
    if (JSON.stringify(mine) === shownBars) return;
    shownBars = JSON.stringify(mine);
    const c = characters[row],
      most = Math.max(...counted[row], ...network[row], 0.01);
    title.replaceChildren(tr("After "), tile(c, groups[row]));
    bars.replaceChildren(
      ...characters.map((next, j) => {
        const bar = h(`i.ls-bar.ls-${groups[j]}`),
          tick = h("i.ls-tick"),
          text = tr("{next}: counting {counting}, network {network}", {
            next: quoted(next),
            counting: percent(counted[row][j]),
            network: percent(network[row][j]),
          });
        bar.style.setProperty("--share", counted[row][j] / most);
        tick.style.bottom = `${(100 * network[row][j]) / most}%`;
        const column = h(
          "span.ls-freq",
          { tabindex: "0", role: "img", "aria-label": text, "data-tip": text },
          h("span.ls-well", {}, bar, tick),
          h("b", {}, glyph(next)),
        );
        lightOnHover(column, next);
        return column;
      }),
    );
    markCrowded(bars, characters, 50);
    const lines =
      block > 1
        ? plural(
            step,
            mark(
              "Bars: counting. Lines: your network after {n} step, on average over its training contexts " +
                "that end in “{c}”.",
            ),
            mark(
              "Bars: counting. Lines: your network after {n} steps, on average over its training contexts " +
                "that end in “{c}”.",
            ),
            { c: quoted(c) },
          )
        : plural(
            step,
            mark("Bars: counting. Lines: your network after {n} step."),
            mark("Bars: counting. Lines: your network after {n} steps."),
          );
    setText(told, lines);
  };
  const build = () => {
    const { characters, groups, counts, shades } = data;
    grid.style.setProperty("--n", n());
    const name = (kind, i) => h(`span.ls-${kind}.ls-${groups[i]}`, {}, glyph(characters[i]));
    grid.replaceChildren(
      h("span"),
      ...characters.map((_, j) => name("column-name", j)),
      ...characters.flatMap((_, i) => [
        name("row-name", i),
        ...characters.map((_, j) => {
          const cell = h("span.ls-pair", {}, short(counts[i * n() + j]));
          cell.style.setProperty("--shade", `${shades[i * n() + j]}%`);
          if (shades[i * n() + j] > 55) cell.classList.add(shades[i * n() + j] > 80 ? "ls-strong" : "ls-middling");
          return cell;
        }),
      ]),
    );
  };
  const place = (event) => {
    const cell = event.target.closest(".ls-pair, .ls-row-name");
    if (!cell) return null;
    if (cell.classList.contains("ls-row-name")) return [[...grid.querySelectorAll(".ls-row-name")].indexOf(cell), null];
    const k = [...cells()].indexOf(cell);
    return [Math.floor(k / n()), k % n()];
  };
  grid.addEventListener("pointerover", (event) => {
    const found = place(event);
    if (found && found[1] !== null) point(...found);
  });
  grid.addEventListener("click", (event) => {
    const found = place(event);
    if (found) choose(found[0]);
    if (found && found[1] !== null) point(...found);
  });
  grid.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) point(...at.map((x, k) => (x + move[k] + n()) % n()));
    else if (event.key === "Enter" || event.key === " ") choose(at[0]);
    else return;
    event.preventDefault();
  });
  return (given) => {
    data = given;
    const now = JSON.stringify([data.characters, data.counts]);
    if (now !== built) {
      built = now;
      build();
      const { total, occurring } = data,
        { V } = wording,
        number = (n) => n.toLocaleString("en");
      const values = { n: number(total), occurring: number(occurring), all: number(V * V) };
      const part = { shown: data.characters.length, V };
      setText(
        note,
        data.characters.length < V
          ? tr(
              "{n} pairs, {occurring} of {all} different ones occur; shown: the {shown} most frequent of " +
                "{V} characters",
              { ...values, ...part },
            )
          : tr("{n} pairs, {occurring} of {all} different ones occur", values),
      );
      choose(Math.min(row, n() - 1));
    } else drawRow();
  };
};
