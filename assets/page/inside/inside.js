// "Inside the network": the strip of stages, of which one is open, and what all stages share.
import { stages as layers } from "./layers.js";
import { stages as first } from "./stages.js";
import { stages as memory } from "./storage.js";
import { heatLegend, smallHeat } from "./heat.js";
import { codeBlock, disc } from "./parts.js";
import { travel } from "./travel.js";
import { h, panelHead, quoted, setText, wording } from "../common/dom.js";

export const makers = {};

const drawStage = { ...first, ...memory, ...layers }; // name -> (data of core, tools) -> elements

makers.inside_title = (root) => {
  root.append(h("h1.ls-title", {}, "Inside the network"));
  return () => {};
};

makers.inside_moment = (root) => {
  const line = h("p.ls-status", { role: "status" });
  root.append(line);
  return ({ step, recorded, training, now, about: [n_embd, n_hidden, block_size] }) => {
    const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
    const which =
      step === 0
        ? "The untrained network"
        : `${recorded ? "The recorded run" : "Your run"} at step ${step.toLocaleString("en")}`;
    const goes =
      now === null
        ? ""
        : training
          ? ` It has gone on to step ${now.toLocaleString("en")}.`
          : ` Its newest step is ${now.toLocaleString("en")}.`;
    setText(
      line,
      `${which}: ${count(block_size, wording.noun === "sentence" ? "word" : "character")} seen, ` +
        `${count(n_embd, "dimension")}, ${count(n_hidden, "hidden unit")}.` +
        `${goes}`,
    );
  };
};

const card = (small, number, data, tools) => {
  const open = small.stage === data.open;
  const picture = small.heat ? smallHeat(small.heat, 92, 34) : h("span.ls-letters-small", {}, data.context);
  const button = h(
    "button.ls-stage",
    { type: "button", "aria-expanded": String(open), "data-k": `stage ${small.stage}` },
    h("small", {}, String(number)),
    h("b", {}, small.name),
    h("span.ls-small-box", {}, picture),
    h("span.ls-shape", {}, small.stage === "softmax" ? `loss ${data.loss}` : small.shape),
  );
  button.addEventListener("click", () => tools.say("open", small.stage));
  button.addEventListener("keydown", (event) => {
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...button.closest(".ls-strip8").querySelectorAll(".ls-stage")],
      next = to && all[all.indexOf(button) + to];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return button;
};

const panel = (data, tools) => {
  const { stage, stages, open } = data,
    at = stages.indexOf(open);
  const move = (to, label) => {
    const button = h("button.ls-button", { type: "button", "data-k": label }, label);
    button.disabled = !stages[to];
    button.addEventListener("click", () => tools.say("open", stages[to]));
    return button;
  };
  const body = drawStage[open](stage, { ...tools, data });
  return h(
    "section.ls-open",
    { "aria-label": stage.title },
    h(
      "div.ls-open-head",
      {},
      panelHead(stage.title, stage.help),
      h("span.ls-shape", { title: "the shape that comes out" }, stage.shape),
      heatLegend(),
      h("span.ls-flow.ls-tight", {}, move(at - 1, "← Back"), move(at + 1, "Next →")),
    ),
    h("p.ls-sentence", {}, stage.said),
    codeBlock(stage.code),
    ...body,
  );
};

// Which character follows? Every one can be pressed.
const labels = (data, tools) => {
  const buttons = data.characters.map((s, i) => {
    const button = disc(data, i, s === data.label, "button");
    for (const [name, value] of Object.entries({
      type: "button",
      "aria-pressed": String(s === data.label),
      "aria-label": `${quoted(s)} follows`,
      "data-k": `label ${s}`,
    }))
      button.setAttribute(name, value);
    button.addEventListener("click", () => tools.say("label", s));
    return button;
  });
  const said =
    data.problem ??
    `After “${data.context}” comes “${data.label}”: the network gives it ${data.chance}, a loss of ${data.loss} nats.`;
  return h(
    "div.ls-labels",
    { role: "group", "aria-label": "The character that follows" },
    h("p.ls-status", { role: "status", "data-tone": data.problem ? "bad" : "calm" }, said),
    h("div.ls-flow.ls-tight", {}, ...buttons),
  );
};

makers.inside = (root, view) => {
  const kept = new Set(),
    local = {}; // mistakes that are open; what stages remember between two drawings
  const tools = {
    say: (name, value) => view.args.setStateValue(name, value),
    tell: (name, value) => view.args.setTriggerValue(name, value),
    kept,
    local,
  };
  let last = "",
    newest = null,
    shown = null; // the stage that is open
  new ResizeObserver(() => newest && draw(newest)).observe(root);
  const draw = (data) => {
    newest = data;
    const now = JSON.stringify([data, root.clientWidth]);
    if (now === last) return;
    last = now;
    tools.width = Math.max(260, root.clientWidth - 26);
    const at = data.stages.indexOf(data.open),
      opened = shown !== null && shown !== data.open;
    shown = data.open;
    const focused = root.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    const strip = h("div.ls-strip8");
    data.strip.forEach((small, i) => {
      strip.append(card(small, i + 1, data, tools));
      if (small.stage === data.open) strip.append(panel(data, tools));
    });
    root.replaceChildren(labels(data, tools), strip);
    if (focused) root.querySelector(`[data-k="${CSS.escape(focused)}"]`)?.focus();
    if (opened && at > 0) travel(root, data.stages[at - 1], data.open);
  };
  return draw;
};
