// The bar over the pictures: commands, the speed, and where the run is. Commands go over the live line
// (common/line.js); what the buttons show is what the server says of the run, in every tab.
import { h, setText, svg } from "../common/dom.js";
import { mark, tr } from "../common/messages.js";
import { time } from "../common/time.js";
import { menu } from "./menu.js";

export const makers = {};

const PLAY = "M8 5v14l11-7z",
  PAUSE = "M6 5h4v14H6zm8 0h4v14h-4z";
const LABELS = {
  train: tr("Train"),
  pause: tr("Pause"),
  step: tr("Step"),
  reset: tr("Reset"),
  new_seed: tr("New seed"),
  undo: tr("Undo"),
  redo: tr("Redo"),
  replay: tr("Watch a recorded run"),
  end_replay: tr("Back to your run"),
  speed: tr("The speed"),
  more_steps: tr("Training on"),
  fork: tr("Branch from this step"),
  move: tr("Go on from here"),
  knob: tr("Your settings"),
};
const SPEED_HELP = tr(
  "Steps per second. slow: 4, so single steps can be seen. auto: slow at first, then faster and faster.",
);
const STEP_HELP = tr("Make exactly one training step, then pause.");
const ANSWER_FIRST = tr("Answer the lesson’s question first.");

const press = (name, help, ...inner) => {
  const button = h(`button.ls-press.ls-press-${name}`, { type: "button", title: help }, ...inner, LABELS[name]);
  button.addEventListener("click", () => time.order(name));
  return button;
};

// Whether this command was given and is not carried out yet.
const waits = (...names) => time.orders.some(([, name]) => names.includes(name));
const busy = (button, ...names) => button.setAttribute("aria-busy", String(waits(...names)));

// ---------------------------------------------------------------- commands

const trainButton = () => {
  const shape = svg("path"),
    label = h("span");
  const button = h(
    "button.ls-press.ls-press-strong.ls-press-train",
    { type: "button" },
    svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, shape),
    label,
  );
  let name = "train";
  button.addEventListener("click", () => time.order(name));
  return {
    button,
    show: ({ state, waits: asked }) => {
      name = state === "training" ? "pause" : "train";
      setText(label, LABELS[name]);
      shape.setAttribute("d", name === "pause" ? PAUSE : PLAY);
      button.disabled = state === "finished" || state === "stopped" || (asked && name === "train");
      button.title = asked ? ANSWER_FIRST : "";
      busy(button, "train", "pause");
    },
  };
};

// One of several speeds: arrows choose the next one, as in every group of radio buttons.
const speeds = () => {
  const box = h("div.ls-speeds", { role: "radiogroup", "aria-label": tr("Speed"), title: SPEED_HELP });
  const choose = (button) => {
    button.focus();
    if (button.getAttribute("aria-checked") !== "true") time.order("speed", button.dataset.speed);
  };
  const build = (labels) =>
    box.replaceChildren(
      ...Object.entries(labels).map(([name, label]) => {
        const button = h("button.ls-speed", { type: "button", role: "radio", "data-speed": name }, label);
        button.addEventListener("click", () => choose(button));
        return button;
      }),
    );
  const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  box.addEventListener("keydown", (event) => {
    const all = [...box.children],
      at = all.indexOf(event.target);
    if (!(event.key in MOVES) || at < 0) return;
    event.preventDefault();
    choose(all[(at + MOVES[event.key] + all.length) % all.length]);
  });
  return {
    box,
    show: (labels, { speed: chosen, fixed } = {}) => {
      if (box.children.length !== Object.keys(labels).length) build(labels);
      const asked = time.orders.findLast(([, name]) => name === "speed")?.[2] ?? chosen;
      for (const button of box.children) {
        const on = button.dataset.speed === asked;
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
        button.disabled = Boolean(fixed?.includes("speed"));
      }
    },
  };
};

makers.bar = (root) => {
  const train = trainButton(),
    choice = speeds();
  const step = press("step", STEP_HELP);
  const reset = press("reset", tr("Back to step 0 with the same initial weights."));
  const seed = press("new_seed", tr("A new run with other initial weights."));
  const acts = h(
    "div.ls-acts",
    { role: "group", "aria-label": tr("Training") },
    h("div.ls-go", {}, train.button, step),
    choice.box,
    menu(tr("Start anew"), [reset, seed]),
  );
  const numbers = h("div");
  root.append(h("div.ls-transport", {}, acts, numbers));
  const showNumbers = readout(numbers);
  train.show({ state: "ready" });
  const all = [train.button, step, reset, seed];
  all.forEach((button) => (button.disabled = true)); // until it is known where the run is
  return ({ speeds: labels }, now) => {
    choice.show(labels, time.bar ?? {});
    if (time.bar) {
      all.forEach((button) => (button.disabled = false));
      train.show(time.bar);
      step.hidden = time.bar.state === "training"; // Pause takes its place
      step.disabled = time.bar.state === "stopped" || time.bar.waits;
      step.title = time.bar.waits ? ANSWER_FIRST : STEP_HELP;
      seed.disabled = time.bar.fixed.includes("seed");
      busy(step, "step");
      busy(reset, "reset");
      busy(seed, "new_seed");
    }
    showNumbers(now);
  };
};

// ---------------------------------------------------------------- where the run is

// A sentence for a screen reader: where the run rests, and while it trains at each power of ten from a hundred on.
const speaker = () => {
  const said = h("span.ls-spoken", { role: "status" });
  let last = null;
  const say = ({ step, train, dev, exact_step }, training) => {
    const reached = step < 100 ? 0 : 10 ** Math.floor(Math.log10(step));
    const due = training ? last !== null && reached > last : exact_step === step;
    if (due || last === null) last = reached;
    if (due)
      setText(
        said,
        tr("Step {step}: train loss {train}, dev loss {dev}.", {
          step: step.toLocaleString("en"),
          train: train.toFixed(3),
          dev: dev.toFixed(3),
        }),
      );
  };
  return { said, say };
};

const LOSS = { train: tr("train loss"), dev: tr("dev loss") };
const EXACTLY = tr("The exact loss, over all examples, is being summed");
const AT = { train: mark("train at {step}"), dev: mark("dev at {step}") };

const readout = (root) => {
  const cells = {};
  const cell = (name, label) => {
    cells[name] = h("b", {}, "–"); // until the first look
    cells[`${name}_label`] = h("span", {}, label);
    cells[`${name}_share`] = h("progress.ls-exactly", { max: 1, hidden: "", "aria-label": EXACTLY });
    return h(`div.ls-number.ls-${name}`, {}, cells[name], cells[`${name}_label`], cells[`${name}_share`]);
  };
  const { said, say } = speaker();
  root.append(
    said,
    h(
      "div.ls-readout",
      { role: "group", "aria-label": tr("Where the run is") },
      cell("step", tr("step")),
      cell("train", LOSS.train),
      cell("dev", LOSS.dev),
      cell("rate", tr("steps/s")),
    ),
  );
  return ({ frame, look, live }) => {
    if (!frame) return;
    const { step, train, dev, exact_step } = frame,
      rate = live ? look.rate : 0;
    if (live) say(frame, look.training);
    const loss = (value) =>
      value < 100 ? value.toFixed(3) : value < 10000 ? value.toFixed(1) : value.toExponential(1);
    setText(cells.step, step.toLocaleString("en"));
    setText(cells.train, loss(train));
    setText(cells.dev, loss(dev));
    setText(cells.rate, rate ? rate.toLocaleString("en") : "–");
    const at = exact_step.toLocaleString("en");
    for (const name of ["train", "dev"]) {
      const { sampled } = look,
        known = live ? look.exact : null, // of words: core/ui/explore/wordexact.py
        exact = known?.[name] ?? null;
      if (exact !== null) setText(cells[name], loss(exact));
      cells[`${name}_share`].hidden = !known || exact !== null;
      cells[`${name}_share`].value = known?.share[name] ?? 0;
      const error = sampled && exact === null ? ` ± ${sampled[name].toFixed(2)}` : "";
      setText(cells[`${name}_label`], exact_step === step ? LOSS[name] + error : tr(AT[name], { step: at }));
      cells[name].parentElement.title = error
        ? tr("Loss of a random sample of the split at step {at}, and its standard error; exp of it is the perplexity", {
            at,
          })
        : tr("Exact loss over the whole split at step {at}", { at });
    }
  };
};

// ---------------------------------------------------------------- what is said of it, and what may come next

const listed = (names) => [...new Set(names)].map((name) => LABELS[name]).join(", ");

const sentence = ({ look, live, frame }) => {
  if (time.problem) return { text: time.problem, tone: "bad" };
  if (time.orders.length && (time.lost || !time.connected)) {
    const names = listed(time.orders.map(([, name]) => name));
    return { text: tr("No connection to the server. As soon as it is back: {names}.", { names }), tone: "bad" };
  }
  if (time.lost) return { text: time.lost, tone: "bad" };
  if (live) return look.status;
  const at = { step: frame.step.toLocaleString("en") };
  const viewing = look.recorded ? tr("Viewing step {step} of a recorded run.", at) : tr("Viewing step {step}.", at);
  return { text: viewing + (look.training ? ` ${tr("Training goes on meanwhile.")}` : ""), tone: "calm" };
};

makers.status = (root) => {
  const line = h("p.ls-status", { role: "status", "aria-live": "polite" });
  const undo = press("undo", ""),
    redo = press("redo", ""),
    replay = press("replay", tr("A real training run of 50,000 steps, recorded earlier, shown in ten seconds.")),
    end = press("end_replay", tr("Show your own run again."));
  const more = h("button.ls-press.ls-press-strong.ls-press-more_steps", { type: "button" });
  more.addEventListener("click", () => time.order("more_steps", time.bar.more));
  root.append(h("div.ls-saying", {}, line, h("div.ls-offers", {}, end, more, undo, redo, replay)));
  const offer = (bar) => {
    end.hidden = bar.state !== "recorded";
    more.hidden = bar.more === null;
    setText(more, tr("Train to step {step}", { step: bar.more?.toLocaleString("en") }));
    undo.hidden = bar.undo === null;
    undo.title = tr("Restore the previous run, at step {step}.", { step: bar.undo?.toLocaleString("en") });
    redo.hidden = bar.redo === null;
    redo.title = tr("Back to the run that Undo left, at step {step}.", { step: bar.redo?.toLocaleString("en") });
    replay.hidden = !bar.replay;
    for (const [button, name] of [
      [end, "end_replay"],
      [more, "more_steps"],
      [undo, "undo"],
      [redo, "redo"],
      [replay, "replay"],
    ])
      busy(button, name);
  };
  offer({ state: "ready", more: null, undo: null, redo: null, replay: false });
  return (_, now) => {
    if (time.bar) offer(time.bar);
    if (!now.look.status) return;
    const { text, tone } = sentence(now);
    if (line.dataset.tone === tone && line.textContent === text) return;
    setText(line, text);
    line.dataset.tone = tone;
    line.classList.remove("ls-longer");
    const room = parseFloat(getComputedStyle(line.parentElement).minHeight);
    line.classList.toggle("ls-longer", line.offsetHeight > room); // three lines of it fit as well
  };
};
