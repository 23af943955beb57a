// The stages from characters to one row of numbers. Each returns the elements of its body.
import { exactNumber, heat, numbersOf } from "./heat.js";
import { codeBlock, column, disc, mistakes, row } from "./parts.js";
import { glyph, h, quoted } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const stages = {};

stages.indices = (data) => {
  const steps = data.ix.map((i) =>
    h("div.ls-step1", {}, disc(data, i), h("span", { "aria-hidden": "true" }, "↓"), h("b", {}, String(i))),
  );
  const label = h(
    "div.ls-step1.ls-label1",
    {},
    disc(data, data.y),
    h("span", { "aria-hidden": "true" }, "↓"),
    h("b", {}, String(data.y)),
  );
  const used = new Set([...data.ix, data.y]);
  const all = data.characters.map((_, i) =>
    h(`div.ls-entry${used.has(i) ? "" : ".ls-back"}`, {}, disc(data, i), h("span", {}, String(i))),
  );
  return [
    row(row(...steps), h("div.ls-then", {}, tr("the label:")), label),
    h("h4", {}, tr("stoi, the whole table")),
    h("div.ls-flow.ls-tight", {}, ...all),
  ];
};

stages.lookup = (data, { local, kept, tell, data: all, width }) => {
  const at = Math.min(local.position ?? data.ix.length - 1, data.ix.length - 1),
    V = all.characters.length;
  const body = column(),
    n = data.table.shape[1];
  const part = (tensor, r) => ({ shape: [1, tensor.shape[1]], numbers: slice(tensor, r) });
  const draw = (p) => {
    local.position = p;
    const index = data.ix[p],
      off = (r) => r !== index,
      high = Math.max(4, Math.min(13, Math.floor(350 / V)));
    const picks = data.ix.map((ix, k) => {
      const button = h(
        "button.ls-button",
        { type: "button", "aria-pressed": String(k === p), "data-k": `position ${k}` },
        `“${quoted(all.characters[ix])}” = ${ix}`,
      );
      button.addEventListener("click", () => (draw(k), body.querySelector(`[data-k="position ${k}"]`).focus()));
      return button;
    });
    const hot = { shape: [V, 1], numbers: slice(data.hot, p) };
    const wide = Math.max(3, Math.min(40, Math.floor((width - 260) / n)));
    const result = (tensor, label) => heat(part(tensor, p), { label, wide, high: 22, columns: undefined });
    body.replaceChildren(
      h("div.ls-flow.ls-tight", {}, ...picks),
      row(
        heat(hot, { label: "one_hot", rows: all.characters, high, wide: 18, dim: off }),
        heat(data.table, { label: "C", rows: all.characters, high, wide, dim: off }),
        h(
          "div.ls-stack.ls-grows",
          {},
          result(data.rows, `C[${index}]`),
          result(data.product, `one_hot(${index}) @ C`),
          h("p", {}, data.equal ? tr("Equal to the last bit.") : tr("Not equal: a number is no longer finite.")),
          h(
            "p",
            { role: "status" },
            h("b", {}, `${data.race} ×`),
            tr(" as long as C[X] takes one_hot(X) @ C for 32 contexts, timed here just now. "),
            again(),
          ),
          mistakes(data, { kept }),
        ),
      ),
    );
  };
  const again = () => {
    const button = h("button.ls-button", { type: "button", "data-k": "race" }, tr("Time it again"));
    button.addEventListener("click", () => tell("race", true));
    return button;
  };
  draw(at);
  return [body];
};

// Row r of a tensor, as the base64 that `heat` takes.
const slice = (tensor, r) => {
  const columns = tensor.shape.slice(1).reduce((a, b) => a * b, 1),
    part = numbersOf(tensor).slice(r * columns, (r + 1) * columns);
  return btoa(String.fromCharCode(...new Uint8Array(part.buffer)));
};

stages.batch = (data, { local, width }) => {
  const B = data.X.length,
    b = data.X[0].length,
    n = data.table.shape[1],
    body = column();
  const high = 15,
    wide = Math.max(2, Math.min(24, Math.floor((width * 0.5) / (b * n))));
  const draw = ([i, j], focus) => {
    local.cell = [i, j];
    const index = data.X[i][j],
      cells = data.X.flatMap((ix, r) =>
        ix.map((k, c) => {
          const cell = h(
            "button.ls-index",
            {
              type: "button",
              "aria-pressed": String(r === i && c === j),
              "data-k": `X ${r} ${c}`,
              "aria-label": `X[${r}, ${c}] = ${k}`,
              tabindex: r === i && c === j ? 0 : -1,
            },
            h(`b.ls-${data.groups[k]}`, {}, glyph(data.characters[k])),
            String(k),
          );
          cell.addEventListener("click", () => draw([r, c], true));
          cell.addEventListener("keydown", (event) => {
            const to = { ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], ArrowUp: [r - 1, c], ArrowDown: [r + 1, c] }[
              event.key
            ];
            if (!to) return;
            event.preventDefault();
            if (data.X[to[0]]?.[to[1]] !== undefined) draw(to, true);
          });
          return cell;
        }),
      );
    const table = h(
      "div.ls-X",
      { role: "group", "aria-label": tr("X, {B} × {b}; arrow keys go from index to index", { B, b }) },
      ...cells,
    );
    table.style.gridTemplateColumns = `repeat(${b}, auto)`;
    const values = (tensor, r) => {
      const first = [...numbersOf(tensor).slice(r * n, (r + 1) * n)].slice(0, 4).map(exactNumber);
      return `[${first.join(", ")}${n > 4 ? ", …" : ""}]`;
    };
    const block = [[i, j * n, n]],
      rows = [[index, 0, n]];
    body.replaceChildren(
      h(
        "p.ls-picked",
        { role: "status" },
        tr("X[{i}, {j}] = {index}, so C[X][{i}, {j}] is C[{index}]: {some} is {same}.", {
          i,
          j,
          index,
          some: values(data.emb, i * b + j),
          same: values(data.table, index),
        }),
      ),
      row(
        h(
          "figure.ls-heat",
          {},
          h("figcaption.ls-heat-title", {}, h("b", {}, "X"), h("span", {}, `${B} × ${b}`)),
          table,
        ),
        heat(data.table, {
          label: "C",
          rows: data.characters,
          high,
          wide: Math.max(wide, Math.min(18, Math.floor(180 / n))),
          height: high * data.characters.length,
          dim: (r) => r !== index,
          marks: rows,
        }),
        heat(data.emb, {
          label: "C[X]",
          high,
          wide,
          width: width * 0.6,
          height: high * B,
          marks: block,
          pick: (r, c) => draw([r, Math.floor(c / n)]),
        }),
        column(
          h("h4", {}, tr("Other ways to index")),
          ...data.ways.map((way) =>
            h(
              "div.ls-way",
              {},
              codeBlock(way.code),
              heat(way.heat, { label: way.code, bare: true, wide: Math.min(24, Math.floor(200 / n)), high: 11 }),
              h("span.ls-shape", {}, way.shape),
            ),
          ),
        ),
      ),
    );
    if (focus) body.querySelector(`[data-k="X ${i} ${j}"]`).focus();
  };
  const [i, j] = local.cell ?? [13, b - 1];
  draw([Math.min(i, B - 1), Math.min(j, b - 1)]);
  return [body];
};
