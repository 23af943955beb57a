// The one time cursor. All that a run's past looks like lies here, so that moving the cursor asks nobody.
// What the page shows is `now()`: the head (this very moment) or one of the frames; every view draws that.
import { writeAddress } from "./address.js";
import { reducedMotion } from "./dom.js";
import { log } from "./log.js";
import { losses } from "./losses.js";
import { drawAll } from "./views.js";

const TELL = 300; // ms of rest before the server is told where the cursor stands

const lists = { frames: log(), answers: log(), film: log(), loss: losses() };

export const time = {
  run: null,
  epoch: null, // of the frames
  total: 1,
  frames: [],
  answers: [],
  question: {}, // what was asked of the networks, as each panel shows it: core/ui/explore/asking.py
  head: null, // core/plots/panels.py: moments and answers
  live: {}, // the rest of the newest look: loss figure, status, pace
  cursor: null, // an index into frames, or null for live
  filmed: false, // whether the filmstrip, which has answers of the past, is in view
  bar: null, // of the run, what the bar shows: core/ui/explore/commands.py
  orders: [], // commands that were not answered yet, [number, name, value]
  connected: true, // when the last of them was given
};

// film: fields of checkpoints, all that there are by now.
const filmed = (landscape) => landscape && { ...landscape, film: lists.film.take(landscape.film) };

// A look from the server. It holds the newest frames and answers only; those before are here.
time.receive = (data) => {
  if (data.run !== time.run) {
    clearTimeout(time.telling); // it was about the other run
    time.cursor = null;
  }
  if (data.question) time.question = data.question;
  Object.assign(time, {
    run: data.run,
    epoch: data.frames[0],
    frames: lists.frames.take(data.frames),
    answers: lists.answers.take(data.answers),
    total: data.total,
    head: data.head,
    live: { ...data, loss: lists.loss.receive(data.loss), landscape: filmed(data.landscape) },
  });
  if (time.cursor !== null && time.cursor >= time.frames.length) time.cursor = null;
};

// What the server need not send again, in the order of core/ui/explore/live.py.
time.have = () => [lists.frames.have(), lists.answers.have(), ...lists.loss.have()];

// With a letter that was dragged, a copy of the network answers (core/ui/explore/moving.py), not the run.
const onCopy = (head, moved) => {
  if (!moved || moved.step !== head?.step) return { frame: head, answer: head };
  const { train = head.train, dev = head.dev } = moved;
  return { frame: { ...head, train, dev }, answer: { ...head, ...moved } };
};

// Between checkpoints, `of` is the step of the network that answers: core/plots/feed.py says its number then.
const answerAt = ({ answers, frames, cursor }) => {
  const said = answers[cursor] ?? null;
  return typeof said === "number" ? { ...answers[said], of: frames[said].step } : said;
};

// past: the frames before. answer: words, next and letters; null while the server has not said them yet.
time.now = () => {
  const { cursor, frames, question, head, live } = time;
  if (cursor === null) return { ...onCopy(head, live.moved), past: frames, live: true, look: live, question };
  return {
    frame: frames[cursor],
    answer: answerAt(time),
    past: frames.slice(0, cursor),
    live: false,
    look: live,
    question,
  };
};

// The frame of the last checkpoint at or before `step`.
time.at = (step) => time.frames.findLastIndex((frame) => frame.step <= step);

// duration: of the glide, in ms
time.go = (index, duration = 90) => {
  if (!time.frames.length) return;
  const cursor = index === null || index >= time.frames.length ? null : Math.max(0, index);
  if (cursor === time.cursor) return;
  time.cursor = cursor;
  drawAll({ urgent: true, duration: reducedMotion() ? 0 : duration });
  writeAddress();
  clearTimeout(time.telling);
  time.telling = setTimeout(() => time.tell?.(cursor === null ? null : (time.frames[cursor]?.step ?? null)), TELL);
};

time.by = (n) => {
  time.stop();
  time.go((time.cursor ?? time.frames.length) + n);
};

// ---------------------------------------------------------------- playing

const FRAME = 110; // ms at pace 1
time.pace = 1;

time.play = () => {
  if (!time.frames.length) return;
  if (time.cursor === null) time.go(0, 0);
  const next = () => {
    const wait = FRAME / time.pace,
      skip = wait < 40 ? 2 : 1;
    time.playing = setTimeout(() => {
      time.go(time.cursor + skip, wait * skip);
      time.cursor === null ? time.stop() : next();
    }, wait * skip);
  };
  next();
  time.changed?.();
};

time.stop = () => {
  clearTimeout(time.playing);
  time.playing = null;
  time.changed?.();
};

// ---------------------------------------------------------------- keyboard

// What uses the keys itself keeps them.
const OWN =
  "input, textarea, select, [contenteditable], [role=slider], [role=radio], [role=tab], " +
  "[role=option], [role=combobox], [role=spinbutton], [role=listbox], [role=dialog]";
export const usesKeys = (element) => element.closest?.(OWN);
const BUTTONS = "button, a, summary, [role=button]";
const MOVES = {
  ArrowLeft: () => time.by(-1),
  ArrowRight: () => time.by(1),
  Home: () => time.by(-Infinity),
  End: () => time.by(Infinity),
};

document.addEventListener("keydown", (event) => {
  const focused = event.target;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || usesKeys(focused)) return;
  if (!document.querySelector(".ls-view-time")) return; // another page
  const train = document.querySelector(".ls-press-train");
  if (event.key === " " && !focused.closest?.(BUTTONS) && train) train.click();
  else if (MOVES[event.key] && time.head) MOVES[event.key]();
  else return;
  event.preventDefault();
});
