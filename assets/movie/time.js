// ---------------------------------------------------------------- time

let time = 0,
  playing = false,
  rested = 0,
  before = 0,
  shownFrame = -1;

function draw() {
  const t = reduced.matches ? Math.floor(time) : time,
    frame = Math.floor(t);
  if (plane.w) plane.draw(t);
  const [a, b] = [frames[frame], frames[Math.min(last, frame + 1)]];
  const halfway = (from, to) => between(from, to, t - frame);
  if (chart.w)
    chart.draw(
      halfway(logStep(a.step), logStep(b.step)),
      a.span.map((end, i) => halfway(end, b.span[i])),
    );
  $("time").style.setProperty("--share", last > 0 ? t / last : 1);
  if (frame !== shownFrame) describe(frame);
}

function describe(frame) {
  shownFrame = frame;
  const { step, names } = frames[frame];
  const exact = losses.findLast((row) => row[0] <= step) ?? losses[0];
  $("step").textContent = count(step);
  $("train").textContent = exact[1].toFixed(3);
  $("dev").textContent = exact[2].toFixed(3);
  $("when").textContent = data.said.at.replace("{step}", count(step));
  $("time").value = frame;
  $("time").setAttribute("aria-valuetext", data.said.step.replace("{step}", count(step)));
  const items = names.map((name) => {
    const item = document.createElement("li");
    item.textContent = item.title = name;
    item.dir = "auto";
    return item;
  });
  $("names").replaceChildren(...items);
}

function play(on) {
  if (on && time >= last) time = 0;
  [playing, rested] = [on, 0];
  $("play").setAttribute("aria-label", on ? data.said.pause : data.said.play);
  $("play")
    .querySelector("path")
    .setAttribute("d", on ? PAUSE : PLAY);
  if (on) requestAnimationFrame((now) => ((before = now), tick(now)));
}

function tick(now) {
  if (!playing) return;
  const passed = Math.min(0.1, (now - before) / 1000);
  before = now;
  if (time < last) time = Math.min(last, time + (passed * last) / SECONDS);
  else if ((rested += passed) > REST) [time, rested] = [0, 0];
  draw();
  requestAnimationFrame(tick);
}

function go(frame) {
  play(false);
  time = Math.max(0, Math.min(last, frame));
  draw();
}

const KEYS = {
  ArrowRight: () => go(Math.floor(time) + 1),
  ArrowLeft: () => go(Math.ceil(time) - 1),
  Home: () => go(0),
  End: () => go(last),
  " ": () => play(!playing),
};

document.addEventListener("keydown", (event) => {
  const native = event.target === $("play") && event.key === " ";
  if (native || event.altKey || event.ctrlKey || event.metaKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
$("play").addEventListener("click", () => play(!playing));
$("time").addEventListener("input", () => go(Number($("time").value)));
$("time").max = last;

document.title = `${data.title} · Letterspace`;
for (const name of ["title", "about", "axes"]) $(name).textContent = data[name];
for (const [group, label] of keys) {
  const dot = document.createElement("i");
  dot.className = group;
  const key = document.createElement("span");
  key.append(dot, label);
  $("keys").append(key, " ");
}
document.body.classList.toggle("of-words", data.words);
plane.build();
sized(plane.root, (w, h) => (plane.resize(w, h), draw()));
sized(chart.root, (w, h) => (chart.resize(w, h), draw()));
draw();
play(!reduced.matches);
