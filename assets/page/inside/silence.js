// Hidden units by what each is worth. A click silences one on the copy that "Drag the letters" shows, too.
// The server gets the whole list each time, so that no message can be lost.
import { disc } from "./parts.js";
import { h, panelHead, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const UNIT = 1e-5; // nats: costs come as integer multiples of it
const HIGH = 46, // px of the largest bar
  BELOW = 10; // px for bars of units without which the loss is lower
const nats = (cost) => (Math.abs(cost) * UNIT).toFixed(Math.abs(cost) < 100 ? 5 : 4);

// What silencing costs, in words.
const worth = ([unit, cost]) =>
  cost === 0
    ? tr("Unit {unit}: without it the dev loss is the same.", { unit })
    : cost > 0
      ? tr("Unit {unit}: without it the dev loss is {nats} higher.", { unit, nats: nats(cost) })
      : tr("Unit {unit}: without it the dev loss is {nats} lower.", { unit, nats: nats(cost) });

makers.silence = (root, view) => {
  const note = h("p.ls-status", { role: "status" }),
    strip = h("div.ls-units", { role: "group", "aria-label": tr("Hidden units, the most important first") }),
    back = h("button.ls-button", { type: "button" }, tr("Put it back")),
    body = h("div.ls-unit-one");
  root.append(
    panelHead(
      tr("What each hidden unit is worth"),
      tr(
        "One bar for each hidden unit: how much higher the dev loss is when its output is set to 0 and all " +
          "else stays, " +
          "exactly. Click one to silence it on the copy; loss, bars and names beside “Drag the letters” " +
          "answer. Click it again to put it back. Arrow keys move from unit to unit.",
      ),
    ),
    h("div.ls-flow.ls-tight", {}, note, back),
    strip,
    body,
  );
  const state = { base: null, silenced: [], data: null, built: "" };
  let bars = new Map(); // unit -> button
  const send = (unit) => {
    view.args.setStateValue("silenced", { base: state.base, units: state.silenced, unit });
    mark();
  };
  const toggle = (unit) => {
    const rest = state.silenced.filter((other) => other !== unit);
    state.silenced = rest.length < state.silenced.length ? rest : [...rest, unit];
    send(unit);
  };
  back.addEventListener("click", () => {
    const last = state.silenced.at(-1);
    state.silenced = [];
    send(last);
  });
  const rest = tr("Click a unit to silence it on the copy.");
  const say = (row) => {
    const units = { units: state.silenced.join(", ") },
      n = state.silenced.length;
    const silenced = () => (n === 1 ? tr("Silenced: unit {units}.", units) : tr("Silenced: units {units}.", units));
    setText(note, row ? worth(row) : n ? silenced() : rest);
  };
  const build = (units) => {
    const most = Math.max(...units.map(([, cost]) => cost), 1),
      least = Math.min(...units.map(([, cost]) => cost), 0);
    bars = new Map();
    units.forEach((row, i) => {
      const [unit, cost] = row,
        bar = h(cost < 0 ? "i.ls-saves" : "i");
      bar.style.height = `${Math.max(2, cost < 0 ? (BELOW * cost) / least : (HIGH * cost) / most)}px`;
      const button = h("button.ls-unit-bar", { type: "button", "aria-label": worth(row), tabindex: i ? -1 : 0 }, bar);
      button.addEventListener("click", () => toggle(unit));
      for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => say(row));
      for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => say(null));
      bars.set(unit, button);
    });
    strip.replaceChildren(...bars.values());
  };
  strip.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key],
      all = [...strip.children],
      next = by && all[all.indexOf(event.target) + by];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  const mark = () => {
    for (const [unit, button] of bars) {
      button.setAttribute("aria-pressed", String(state.silenced.includes(unit)));
      button.classList.toggle("ls-on", unit === state.data.one.unit);
    }
    back.hidden = !state.silenced.length;
    setText(back, state.silenced.length > 1 ? tr("Put them back") : tr("Put it back"));
    if (!strip.matches(":hover, :focus-within")) say(null);
  };
  const contexts = (title, rows) =>
    h(
      "div.ls-says",
      {},
      h("b", {}, title),
      h("span.ls-guesses", {}, ...rows.slice(0, 4).map(([context]) => h("span.ls-mono", { dir: "auto" }, context))),
    );
  const letters = (title, indices) =>
    h("div.ls-says", {}, h("b", {}, title), h("span.ls-guesses", {}, ...indices.map((i) => disc(state.data, i))));
  const describe = ({ unit, high, low, raises, lowers }) =>
    body.replaceChildren(
      h("h4", {}, tr("Unit {unit}", { unit })),
      h(
        "div.ls-flow",
        {},
        h("div.ls-stack", {}, contexts(tr("highest after"), high), letters(tr("then more likely"), raises)),
        h("div.ls-stack", {}, contexts(tr("lowest after"), low), letters(tr("then more likely"), lowers)),
      ),
    );
  let last = "";
  return (data) => {
    const now = JSON.stringify(data);
    if (now === last) return;
    last = now;
    strip.hidden = body.hidden = back.hidden = Boolean(data.problem);
    if (data.problem) return setText(note, data.problem);
    if (data.base !== state.base) Object.assign(state, { base: data.base, silenced: data.silenced });
    state.data = data;
    const units = JSON.stringify(data.units);
    if (units !== state.built) (build(data.units), (state.built = units));
    mark();
    describe(data.one);
  };
};
