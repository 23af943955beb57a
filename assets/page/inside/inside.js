// "Inside the network": the strip of stages, of which one is open, and what all stages share.
import { stages as back } from "./backward.js";
import { stages as layers } from "./layers.js";
import { stages as first } from "./stages.js";
import { stages as memory } from "./storage.js";
import { heatLegend, smallHeat } from "./heat.js";
import { codeBlock, disc } from "./parts.js";
import { travel } from "./travel.js";
import { h, panelHead, quoted, setText, wording } from "../common/dom.js";
import { mark, plural, tr } from "../common/messages.js";

export const makers = {};

const drawStage = { ...first, ...memory, ...layers, ...back }; // name -> (data of core, tools) -> elements

makers.inside_title = (root) => {
  root.append(h("h1.ls-title", {}, tr("Inside the network")));
  return () => {};
};

makers.inside_moment = (root) => {
  const line = h("p.ls-status", { role: "status" });
  root.append(line);
  return ({ step, recorded, training, now, about: [n_embd, n_hidden, block_size] }) => {
    const at = { n: step.toLocaleString("en") },
      newest = { n: now?.toLocaleString("en") };
    const which =
      step === 0
        ? tr("The untrained network")
        : recorded
          ? tr("The recorded run at step {n}", at)
          : tr("Your run at step {n}", at);
    const goes =
      now === null
        ? ""
        : training
          ? ` ${tr("It has gone on to step {n}.", newest)}`
          : ` ${tr("Its newest step is {n}.", newest)}`;
    const seen =
      wording.noun === "sentence"
        ? plural(block_size, mark("{n} word seen"), mark("{n} words seen"))
        : plural(block_size, mark("{n} character seen"), mark("{n} characters seen"));
    const sizes = [
      seen,
      plural(n_embd, mark("{n} dimension"), mark("{n} dimensions")),
      plural(n_hidden, mark("{n} hidden unit"), mark("{n} hidden units")),
    ];
    setText(line, `${which}: ${sizes.join(", ")}.${goes}`);
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
    h("span.ls-shape", {}, small.stage === "softmax" ? tr("loss {loss}", { loss: data.loss }) : small.shape),
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
      h("span.ls-shape", { title: tr("the shape that comes out") }, stage.shape),
      heatLegend(),
      h("span.ls-flow.ls-tight", {}, move(at - 1, tr("← Back")), move(at + 1, tr("Next →"))),
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
      "aria-label": tr("{character} follows", { character: quoted(s) }),
      "data-k": `label ${s}`,
    }))
      button.setAttribute(name, value);
    button.addEventListener("click", () => tools.say("label", s));
    return button;
  });
  const said =
    data.problem ??
    tr("After “{context}” comes “{label}”: the network gives it {chance}, a loss of {loss} nats.", {
      context: data.context,
      label: data.label,
      chance: data.chance,
      loss: data.loss,
    });
  return h(
    "div.ls-labels",
    { role: "group", "aria-label": tr("The character that follows") },
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
