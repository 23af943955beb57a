// Count models and networks in order of their dev loss.
import { h, panelHead, reducedMotion, setText } from "../common/dom.js";
import { choiceOf } from "../common/tiles.js";
import { mark, plural, tr } from "../common/messages.js";

export const makers = {};

const SPLITS = [mark("train"), mark("dev"), mark("test")];
const ms = (duration) => (reducedMotion() ? 0 : duration);

makers.standings = (root) => {
  const said = h("p.ls-outcome", { role: "status", "aria-live": "polite" });
  const body = h("div.ls-lines", {
    role: "table",
    "aria-label": tr("Losses of count models and networks, the best on dev first"),
  });
  const more = h("p.ls-said");
  let unit = "nats",
    data = null,
    last = "";
  const units = choiceOf(tr("Unit"), [mark("nats"), mark("perplexity")], unit, (word) => ((unit = word), draw()));
  const key = (name) => h("span", {}, h(`i.ls-dot.ls-mark-${name}`), tr(name));
  root.append(
    panelHead(
      tr("Who predicts best"),
      tr(
        "Every model guesses the next character of the same {noun}s; the lower its loss on the " +
          "dev split, the better. Count models only count what followed which characters in " +
          "training; Kneser-Ney knows what to do with contexts it has never seen. A long line " +
          "between train and dev means memorising. Perplexity is e to the power of the loss.",
      ),
      h("span.ls-keys", {}, key("train"), key("dev")),
      units,
    ),
    said,
    body,
    more,
  );
  const rows = new Map();
  const make = (name) => {
    const cells = { name: h("b"), about: h("small"), reads: h("span.ls-reads", { role: "cell" }) };
    for (const split of SPLITS) cells[split] = h(`span.ls-loss-${split}`, { role: "cell" });
    const bar = h("i.ls-gap"),
      marks = ["train", "dev"].map((split) => h(`i.ls-mark.ls-mark-${split}`));
    cells.track = h("span.ls-track", { role: "cell" }, bar, ...marks);
    const row = h(
      "div.ls-line",
      { role: "row" },
      h("span.ls-who", { role: "rowheader" }, cells.name, cells.about),
      cells.reads,
      ...SPLITS.map((split) => cells[split]),
      cells.track,
    );
    return { row, cells, bar, marks };
  };
  const put = ({ row, cells, bar, marks }, line, [train, dev]) => {
    row.className = `ls-line ls-kind-${line.kind}`;
    setText(cells.name, line.name);
    setText(cells.about, line.about);
    cells.name.parentElement.title = `${line.name}: ${line.about}`;
    setText(cells.reads, String(line.reads));
    cells.reads.title = plural(
      line.reads,
      mark("sees {n} character of context"),
      mark("sees {n} characters of context"),
    );
    SPLITS.forEach((split, i) => {
      setText(cells[split], line[unit][i]);
      cells[split].title = tr("{split}: loss {loss}, perplexity {perplexity}", {
        split: tr(split),
        loss: line.nats[i],
        perplexity: line.perplexity[i],
      });
    });
    bar.style.left = `${Math.min(train, dev)}%`;
    bar.style.width = `${Math.abs(train - dev)}%`;
    marks[0].style.left = `${train}%`;
    marks[1].style.left = `${dev}%`;
    cells.track.title = tr("train {train}, dev {dev}", { train: line.nats[0], dev: line.nats[1] });
  };
  const header = h(
    "div.ls-line.ls-line-head",
    { role: "row" },
    ...[[tr("model"), ""], [tr("sees"), tr("characters of context")], ...SPLITS.map((split) => [tr(split), ""])].map(
      ([word, title]) => h("span", { role: "columnheader", title }, word),
    ),
    h("span.ls-track", { role: "columnheader", "aria-label": tr("picture") }),
  );
  const draw = () => {
    const now = JSON.stringify([data, unit]);
    if (now === last) return;
    last = now;
    const before = new Map([...rows].map(([name, { row }]) => [name, row.getBoundingClientRect().top]));
    const times = {}; // runs may share a name
    const ids = data.lines.map(
      ({ kind, name }) => `${kind} ${name} ${(times[kind + name] = (times[kind + name] ?? 0) + 1)}`,
    );
    for (const name of rows.keys()) if (!ids.includes(name)) (rows.get(name).row.remove(), rows.delete(name));
    data.lines.forEach((line, i) => {
      if (!rows.has(ids[i])) rows.set(ids[i], make());
      put(rows.get(ids[i]), line, data.places[i]);
    });
    setText(said, data.said);
    setText(more, data.more ? tr("The library has {n} more.", { n: data.more }) : "");
    header.lastChild.replaceChildren(
      ...data.ticks.map(([at, text]) => {
        const tick = h("i.ls-tick-at", {}, text);
        tick.style.left = `${at}%`;
        return tick;
      }),
    );
    body.replaceChildren(header, ...ids.map((name) => rows.get(name).row));
    for (const [name, top] of before) {
      // who overtakes glides to its new place
      const row = rows.get(name)?.row,
        by = row && top - row.getBoundingClientRect().top;
      if (by)
        row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
          duration: ms(500),
          easing: "ease",
        });
    }
  };
  return (given) => {
    const { dark, palette, ...rest } = given;
    data = rest;
    draw();
  };
};
