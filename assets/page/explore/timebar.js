// The bar under the pictures: play, the slider of steps, fork, back to live.
import { writeAddress } from "../common/address.js";
import { h, setText } from "../common/dom.js";
import { Line } from "../common/line.js";
import { time } from "../common/time.js";
import { listen } from "./inputs.js";
import { drawAll } from "../common/views.js";
import { tr } from "../common/messages.js";

export const makers = {};

const DRAWN = 150; // ms that the page's script, which runs by itself after a change of a knob, has to draw the result
const SAID = 6000; // ms for which it is said that a command was not carried out
const REDRAW = 3000; // ms after which it is asked again

const PACES = [
  [0.5, "½×"],
  [1, "1×"],
  [2, "2×"],
  [4, "4×"],
];
const button = (name, label, help) =>
  h(`button.ls-button.ls-${name}`, { type: "button", title: help, "aria-label": label });

// Asks the page's script to run again when the controls show another state of the run than the line tells.
// commanded(): it was a command over the line, after which no script runs by itself.
const redrawing = (view, commanded) => {
  let seen = null,
    asked = null,
    waiting = null;
  const ask = () => {
    waiting = null;
    if (seen === view.args.data.seen) return;
    asked = { seen, at: performance.now() };
    view.args.setTriggerValue("redraw", seen);
  };
  return (now = seen) => {
    seen = now;
    const drawn = seen === null || seen === view.args.data.seen;
    if (drawn) waiting = clearTimeout(waiting) ?? null;
    else waiting ??= setTimeout(ask, asked?.seen === seen ? REDRAW : commanded() ? 0 : DRAWN);
  };
};

// The bar and the line under it show what becomes of a command.
const drawBar = () => drawAll({ only: ["bar", "status"] });
const showLost = (why) => {
  time.lost = why;
  drawBar();
};

let saying = null;
const showProblem = (problem) => {
  clearTimeout(saying);
  time.problem = problem;
  saying = setTimeout(() => ((time.problem = null), drawBar()), SAID);
};

// One line for each window. Streamlit can mount the bar a second time while it draws the page, and then remove either
// of the two. With a line each, the second would replace the first, and commands given to the first would be lost.
const MOUNTS = 4;
const bars = new Set(); // { root, receive, refused, visit } of each, the newest last
const mounted = () => [...bars].findLast(({ root }) => root.isConnected);
const line = new Line({
  receive: (data) => mounted()?.receive(data),
  have: time.have,
  wanted: () => Boolean(mounted()),
  lost: showLost,
  refused: () => mounted()?.refused(),
  ordered: (problem) => {
    if (problem) showProblem(problem);
    Object.assign(time, { orders: line.orders, connected: line.connected });
    drawBar();
  },
});

makers.time = (root, view) => {
  const play = button("play", tr("Replay"), tr("Replay the run from here, or from its first step"));
  const slider = h("input.ls-slider", { type: "range", min: 0, step: 1, "aria-label": tr("Training step") });
  const step = h("output.ls-at");
  const pace = h("select.ls-pace", { "aria-label": tr("Pace of the replay"), title: tr("Pace of the replay") });
  const fork = button(
    "fork",
    tr("Branch from this step"),
    tr("A new run that goes on from this step; the settings that can change while training can then be changed"),
  );
  const live = button("live", tr("Back to live"), tr("Back to the newest step (End)"));
  for (const [value, text] of PACES) pace.append(h("option", { value }, text));
  pace.value = "1";
  setText(fork, tr("Branch from this step"));
  root.append(h("div.ls-time", { role: "group", "aria-label": tr("Time") }, play, slider, step, pace, fork, live));

  // Streamlit wraps a container; only this wrapper has room to move in (a :has() would cost frames).
  // Streamlit reuses elements when the page's structure changes, and until its script ends this bar may still be in one
  // that holds another view by now.
  const pin = () => {
    const wrapper = root.closest('[data-testid="stLayoutWrapper"]'),
      alone = wrapper && !wrapper.querySelector('[class*="ls-view-"]:not(.ls-view-time)');
    for (const old of document.querySelectorAll(".ls-pinned"))
      old.classList.toggle("ls-pinned", old === wrapper && alone);
    if (alone) wrapper.classList.add("ls-pinned");
  };
  // While a run trains, the networks of its past are asked only if the page shows what they answer.
  let past = null;
  const tellPast = (shown) => shown !== past && line.say("past", (past = shown));
  const show = () => {
    pin();
    const { cursor, frames, total, head } = time;
    tellPast(cursor !== null || time.filmed);
    const here = cursor ?? frames.length - 1,
      at = cursor === null ? head.step : frames[cursor].step;
    slider.max = Math.max(total - 1, frames.length - 1, 1);
    slider.value = here;
    slider.style.setProperty("--reached", `${(100 * (frames.length - 1)) / slider.max}%`);
    slider.style.setProperty("--here", `${(100 * here) / slider.max}%`);
    const said = { step: at.toLocaleString("en") };
    slider.setAttribute("aria-valuetext", cursor === null ? tr("step {step}, live", said) : tr("step {step}", said));
    setText(step, tr("step {step}", said));
    root.classList.toggle("ls-past", cursor !== null);
    fork.disabled = cursor === null || time.live.recorded;
    live.disabled = cursor === null;
    setText(
      live,
      cursor === null
        ? time.live.recorded
          ? tr("The end")
          : tr("● Live")
        : time.live.recorded
          ? tr("To the end")
          : tr("Back to live"),
    );
    play.classList.toggle("ls-playing", Boolean(time.playing));
    play.setAttribute("aria-label", time.playing ? tr("Stop the replay") : tr("Replay"));
    play.setAttribute("aria-pressed", String(Boolean(time.playing)));
  };
  time.changed = show;

  slider.addEventListener("input", () => {
    const asked = Number(slider.value);
    time.stop();
    time.go(
      asked >= time.frames.length - 1 && asked > (time.cursor ?? -1) ? null : Math.min(asked, time.frames.length - 1),
    );
    show(); // beyond what has been trained the thumb comes back
  });
  slider.addEventListener("keydown", (event) => {
    // from live, the first key to the left is the newest checkpoint
    const moves = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -10,
      PageUp: 10,
      Home: -Infinity,
      End: Infinity,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    time.by(moves[event.key]);
  });
  play.addEventListener("click", () => (time.playing ? time.stop() : time.play()));
  pace.addEventListener("change", () => (time.pace = Number(pace.value)));
  live.addEventListener("click", () => (time.stop(), time.go(null)));
  fork.addEventListener("click", () => {
    clearTimeout(time.telling); // the cursor goes back to live with the run that comes
    time.order("fork", [time.run, time.frames[time.cursor].step]);
  });

  let told = null,
    played = null;
  time.tell = (at) => at !== told && line.say("cursor", (told = at));
  time.touch = (said) => line.say("touched", said);
  time.move = (said) => line.say("moved", said);
  time.word = (said) => line.say("word", said);
  time.visit = (query) => mounted()?.visit(query);
  let last = -Infinity; // when the last command was given
  const redraw = redrawing(view, () => performance.now() - last < REDRAW);
  const receive = (data) => {
    redraw(data.seen);
    time.bar = data.bar;
    if (!data.head) return drawBar(); // of another run, which the page's script has to draw first
    if (data.run !== time.run) ((told = null), line.said.delete("cursor"));
    time.receive(data);
    if (data.recorded && played !== data.recorded) (time.stop(), (time.cursor = null), time.play());
    played = data.recorded;
    drawAll({ except: root });
    writeAddress(data.address);
    show();
  };
  const bar = { root, receive, refused: () => view.args.setTriggerValue("refused", true) };
  bar.visit = (query) => view.args.setTriggerValue("visit", query);
  line.said.clear();
  Object.assign(time, { orders: line.orders, connected: true });
  let begun = false;
  time.order = (name, value) => ((last = performance.now()), line.order(name, value));
  view.receive = (data) => {
    bars.add(bar);
    if (bars.size > MOUNTS) bars.delete([...bars][0]);
    const newer = data.line === line.key && (begun || line.connected); // than what came with the page
    if (data.first && !newer) receive(JSON.parse(data.first));
    begun = true;
    listen(data, { ask: (values) => line.say("question", values), change: (knob) => time.order("knob", knob) });
    line.open(data.line);
    redraw();
  };
  return () => time.head && show();
};
