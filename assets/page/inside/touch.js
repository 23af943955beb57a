// Drag the letters: an embedding to touch, and what the network says then. What was done is a list of edits,
// which the server gets whole each time: so none is lost, and undoing is leaving the last one out.
import { glyph, h, inWords, markCrowded, panelHead, quoted, setText, svg } from "../common/dom.js";
import { makeGround } from "./ground.js";
import { gains, percent, touchTables } from "./touched.js";
import { mark, tr } from "../common/messages.js";

export const makers = {};

const SIZE = 400,
  EDGE = 16,
  TELL = 80; // ms between two messages while somebody drags
const TOOLS = [
  ["move", mark("Move"), mark("Drag a letter; or type it and use the arrow keys.")],
  ["swap", mark("Swap"), mark("Press two letters: they change places.")],
  ["copy", mark("Copy"), mark("Press a letter, then the one that should get the same row.")],
  ["hold", mark("Freeze"), mark("Press a letter: neither you nor training moves it, until you press it again.")],
];

makers.touch = (root, view) => {
  const state = { base: null, edits: [], tool: "move", chosen: null, first: null, drag: null, data: null, letters: "" };
  const map = svg("svg", {
    class: "ls-touchmap",
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    tabindex: 0,
    role: "application",
    "aria-label": tr("Map of the embedding: type a letter to choose it, arrow keys move it"),
  });
  const hint = h("p.ls-status", { role: "status" });
  const button = (label, help, act) => {
    const it = h("button.ls-button", { type: "button", title: help }, label);
    it.addEventListener("click", act);
    return it;
  };
  const tools = TOOLS.map(([name, label, help]) => [name, button(tr(label), tr(help), () => use(name)), tr(help)]);
  const train = button(tr("Train {n} steps", { n: 100 }), tr("Train the whole copy; frozen letters do not move."), () =>
    add(["train", 0, 0, 0, 0]),
  );
  const undo = button(tr("Undo"), tr("Undo the last change"), () => (state.edits.pop(), send(), draw()));
  const reset = button(tr("Reset"), tr("Undo all changes"), () => ((state.edits = []), send(), draw()));
  const loss = h("div.ls-touched-loss", { role: "status" }),
    bars = h("div.ls-bars.ls-touchbars", { role: "img" }),
    { chances, places, show: showTables } = touchTables(),
    after = h("h4"),
    names = h("div.ls-flow");
  root.append(
    panelHead(
      tr("Drag the letters"),
      tr(
        "Everything here happens on a copy. Moving a letter changes the prediction " +
          "after every context with that letter: this is what sharing an embedding means. Under the " +
          "letters: the exact " +
          "train loss if the chosen one stood anywhere else, all else held; the stronger the colour, the lower.",
      ),
      h("span.ls-note"),
    ),
    h(
      "div.ls-touch",
      {},
      h(
        "div.ls-touch-left",
        {},
        h(
          "div.ls-flow.ls-tight",
          { role: "group", "aria-label": tr("Tools") },
          ...tools.map(([, it]) => it),
          train,
          undo,
          reset,
        ),
        hint,
        map,
        ...places,
      ),
      h("div.ls-touch-right", {}, loss, after, bars, ...chances, names),
    ),
  );

  const use = (name) => {
    Object.assign(state, { tool: name, first: null });
    for (const [key, it, help] of tools) {
      it.setAttribute("aria-pressed", String(key === name));
      if (key === name) setText(hint, help);
    }
    draw();
  };

  // ---------------------------------------------------------------- talking to the server

  let told = 0,
    later = null;
  const send = () => {
    clearTimeout(later);
    const wait = told + TELL - performance.now();
    if (wait > 0) return void (later = setTimeout(send, wait));
    told = performance.now();
    view.args.setStateValue("edits", { base: state.base, edits: state.edits });
  };
  const add = (edit) => {
    state.edits = [...state.edits, edit].slice(-200);
    send();
    draw();
  };

  // ---------------------------------------------------------------- the map

  const scale = () => (SIZE / 2 - EDGE) / state.data.window[2];
  const place = ([x, y]) => [
    SIZE / 2 + (x - state.data.window[0]) * scale(),
    SIZE / 2 - (y - state.data.window[1]) * scale(),
  ];
  const back = (u, v) => [
    state.data.window[0] + (u - SIZE / 2) / scale(),
    state.data.window[1] - (v - SIZE / 2) / scale(),
  ];
  const answered = () => JSON.stringify(state.data.edits) === JSON.stringify(state.edits);
  // Where the letters are: as the server says, and the one in one's hand where the hand is.
  const points = () => {
    const all = state.data.points.map((p) => [...p]),
      last = state.edits.at(-1);
    if (!answered() && last?.[0] === "move") all[last[1]] = state.data.line ? [last[3], 0] : [last[3], last[4]];
    return all;
  };
  const held = (i) => state.data.held.includes(i);

  const moveTo = (i, [x, y], fresh) => {
    const edit = ["move", i, 0, x, state.data.line ? 0 : y],
      last = state.edits.at(-1);
    if (held(i)) return;
    if (!fresh && last?.[0] === "move" && last[1] === i) state.edits = [...state.edits.slice(0, -1), edit];
    else state.edits = [...state.edits, edit].slice(-200);
    send();
    draw();
  };

  const press = (i) => {
    if (state.chosen !== i) view.args.setStateValue("chosen", i);
    state.chosen = i;
    if (state.tool === "hold") add(["hold", i, 0, 0, 0]);
    else if (state.tool !== "move" && state.first === null) ((state.first = i), draw());
    else if (state.tool !== "move") {
      const first = state.first;
      state.first = null;
      first === i ? draw() : add([state.tool, first, i, 0, 0]);
    } else draw();
  };

  const where = (event) => {
    const box = map.getBoundingClientRect(),
      k = SIZE / box.width,
      within = (u) => Math.max(EDGE, Math.min(SIZE - EDGE, u));
    return back(within((event.clientX - box.left) * k), within((event.clientY - box.top) * k));
  };
  // A finger on a letter drags it; anywhere else it scrolls the page (touch-action does not reach inside an svg).
  map.addEventListener("touchstart", (event) => event.target.closest("[data-i]") && event.preventDefault(), {
    passive: false,
  });
  map.addEventListener("pointerdown", (event) => {
    const node = event.target.closest("[data-i]");
    if (!node) return;
    const i = Number(node.dataset.i);
    press(i);
    if (state.tool !== "move" || held(i)) return;
    state.drag = { i, fresh: true };
    map.setPointerCapture(event.pointerId);
    event.preventDefault();
    map.focus({ preventScroll: true });
  });
  map.addEventListener("pointermove", (event) => {
    if (!state.drag) return;
    moveTo(state.drag.i, where(event), state.drag.fresh);
    state.drag.fresh = false;
  });
  for (const name of ["pointerup", "pointercancel"]) map.addEventListener(name, () => (state.drag = null));
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typed = state.data.characters.indexOf(event.key),
      moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (typed >= 0) press(typed);
    else if (moves && state.chosen !== null && state.tool === "move") {
      const [x, y] = points()[state.chosen],
        far = state.data.window[2] * (event.shiftKey ? 0.2 : 0.05);
      moveTo(state.chosen, [x + far * moves[0], y + far * moves[1]], !state.walking);
      state.walking = true;
    } else return;
    event.preventDefault();
  });
  map.addEventListener("keyup", () => (state.walking = false));

  // Built once for these characters, then only moved: what is under the pointer stays there.
  let parts = [];
  const ground = makeGround(SIZE);
  const build = ({ characters, groups }) => {
    parts = characters.map((s, i) => {
      const disc = svg("circle", { r: 12, class: `ls-${groups[i]}` }),
        label = svg("text", { class: `ls-${groups[i]}` }, document.createTextNode(glyph(s)));
      return {
        was: svg("circle", { r: 9, class: "ls-was" }),
        path: svg("line", { class: "ls-path" }),
        letter: svg("g", { "data-i": i }, disc, label),
      };
    });
    map.replaceChildren(
      ground.element,
      ...parts.flatMap(({ was, path }) => [was, path]),
      ...parts.map(({ letter }) => letter),
    );
    state.letters = characters.join();
  };
  const set = (node, attributes) =>
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));

  const drawMap = () => {
    const { data, chosen, first } = state;
    if (state.letters !== data.characters.join()) build(data);
    points().forEach((p, i) => {
      const { was, path, letter } = parts[i],
        [x, y] = place(p),
        [a, b] = place(data.start[i]);
      const moved = Math.hypot(x - a, y - b) > 0.01 ? "visible" : "hidden";
      set(was, { cx: a, cy: b, visibility: moved });
      set(path, { x1: a, y1: b, x2: x, y2: y, visibility: moved });
      set(letter, {
        transform: `translate(${x} ${y})`,
        class: `ls-letter${i === chosen || i === first ? " ls-on" : ""}${held(i) ? " ls-held" : ""}`,
      });
    });
    const top = parts[chosen]?.letter;
    if (top && top !== map.lastChild) map.append(top);
  };

  // ---------------------------------------------------------------- what comes of it

  const drawAnswers = () => {
    const { data } = state,
      up = data.change.startsWith("+"),
      same = Number(data.change) === 0;
    loss.replaceChildren(
      h("span", {}, tr("dev loss, exact")),
      h("b", {}, data.loss),
      h(
        `span.ls-change${same ? "" : up ? ".ls-worse" : ".ls-better"}`,
        {},
        same ? tr("as it was") : tr("{change} (was {was})", { change: data.change.replace("-", "−"), was: data.was }),
      ),
    );
    setText(after, tr("What comes after “{context}”", { context: data.context }));
    const top = Math.max(...data.next, ...data.next_was, 0.1);
    bars.replaceChildren(
      ...data.characters.map((s, i) => {
        const bar = h(`i.ls-bar.ls-${data.groups[i]}`),
          tick = h("i.ls-tick");
        bar.style.transform = `scaleY(${(data.next[i] / top).toFixed(4)})`;
        tick.style.bottom = `${((100 * data.next_was[i]) / top).toFixed(2)}%`;
        return h(
          "div.ls-column",
          {
            title: tr("{character}: {p}, was {was}", {
              character: quoted(s),
              p: percent(data.next[i]),
              was: percent(data.next_was[i]),
            }),
          },
          h("div.ls-well", {}, bar, tick),
          h("span", {}, glyph(s)),
        );
      }),
    );
    markCrowded(bars, data.characters, 50);
    bars.setAttribute(
      "aria-label",
      data.characters
        .map((s, i) => [data.next[i], s])
        .sort((a, b) => b[0] - a[0])
        .slice(0, 3)
        .map(([p, s]) => `${quoted(s)} ${percent(p)}`)
        .join(", "),
    );
    names.replaceChildren(
      gains(inWords(tr("{Noun}s now more likely")), data.likelier, "×"),
      gains(tr("and less likely"), data.less, "÷"),
    );
  };

  const draw = () => {
    if (!state.data) return;
    drawMap();
    ground.draw(state.data, state.chosen, SIZE / 2 / scale());
    undo.disabled = reset.disabled = !state.edits.length;
    map.classList.toggle("ls-grab", state.tool === "move");
  };

  use("move");
  return (data) => {
    if (data.base !== state.base)
      Object.assign(state, { base: data.base, edits: data.edits, chosen: null, first: null, drag: null });
    state.data = data;
    const units = { units: data.silenced.join(", ") };
    const [none, one] = ["", tr("without unit {units}", units)];
    const without = [none, one][data.silenced.length] ?? tr("without units {units}", units);
    setText(root.querySelector(".ls-note"), [data.plane, without].filter(Boolean).join("; "));
    setText(train, tr("Train {n} steps", { n: data.steps }));
    draw();
    drawAnswers();
    showTables(data);
  };
};
