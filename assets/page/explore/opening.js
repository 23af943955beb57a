// The opening: over the untrained letters a recorded run is replayed once for each new visitor, behind one line.
// It is fetched when the page can be used already, and ends at once with the first key, click or touch.
import { glyph, h, reducedMotion } from "../common/dom.js";
import { tr } from "../common/messages.js";

const SEEN = "letterspace.opening", // in the browser's storage once it was shown
  WHOLE = 12000, // ms
  FADE = 1200, // of those, at the end
  TOP = 48, // px for the line
  RADIUS = 12.5; // px of a letter's disc
const LINKED = location.search; // as the visitor came: the page writes its own address later
const LINE = tr("Nobody told it what a vowel is.");
const NOTE = tr("A recorded run; any key or click ends it.");
const ENDING = ["keydown", "pointerdown", "wheel", "touchstart"];

// Whether this visitor shall see it: new, with no link of somebody's, before an untrained network, able to look.
const wanted = ({ frame, look }) => {
  if (frame.step || look.training || look.recorded || look.present || LINKED || reducedMotion()) return false;
  try {
    return document.visibilityState === "visible" && !localStorage.getItem(SEEN);
  } catch {
    return false; // without storage it would come again and again
  }
};

const between = (a, b, share) => a.map((x, i) => x + (b[i] - x) * share);

// The letters' places in px at a share of the whole way.
const placed = (frames, share, width, height) => {
  const at = share * (frames.length - 1),
    k = Math.min(frames.length - 2, Math.floor(at)),
    points = between(frames[k].points, frames[k + 1].points, at - k),
    [x, y, half] = between(frames[k].window, frames[k + 1].window, at - k);
  const unit = Math.min(width, height - TOP) / 2 / half;
  return Array.from({ length: points.length / 2 }, (_, i) => [
    width / 2 + (points[2 * i] - x) * unit,
    (height + TOP) / 2 - (points[2 * i + 1] - y) * unit,
  ]);
};

const paint = (canvas, { characters, groups }, places, colours) => {
  const draw = canvas.getContext("2d"),
    fine = devicePixelRatio;
  draw.setTransform(fine, 0, 0, fine, 0, 0);
  draw.clearRect(0, 0, canvas.width, canvas.height);
  draw.textAlign = "center";
  draw.textBaseline = "middle";
  draw.font = '700 15px "Source Sans", sans-serif';
  places.forEach(([x, y], i) => {
    draw.fillStyle = colours(groups[i]);
    draw.beginPath();
    draw.arc(x, y, RADIUS, 0, 7);
    draw.fill();
    draw.fillStyle = colours(`on_${groups[i]}`);
    draw.fillText(glyph(characters[i]), x, y + 1);
  });
};

const play = (map, run) => {
  const canvas = h("canvas"),
    over = h("div.ls-opening", { "aria-hidden": "true" }, canvas, h("p", {}, LINE), h("small", {}, NOTE));
  const styles = getComputedStyle(document.documentElement),
    known = new Map();
  const colours = (name) =>
    known.get(name) ?? known.set(name, styles.getPropertyValue(`--ls-${name}`).trim()).get(name);
  const train = document.querySelector(".ls-press-train");
  map.append(over);
  const [width, height] = [over.clientWidth, over.clientHeight];
  Object.assign(canvas, { width: width * devicePixelRatio, height: height * devicePixelRatio });
  const end = () => {
    over.remove();
    ENDING.forEach((name) => removeEventListener(name, end, { capture: true }));
    train?.classList.add("ls-called");
    train?.addEventListener("animationend", () => train.classList.remove("ls-called"), { once: true });
  };
  ENDING.forEach((name) => addEventListener(name, end, { capture: true, passive: true }));
  const began = performance.now();
  const next = (now) => {
    const gone = Math.max(0, now - began);
    if (!over.isConnected) return;
    if (gone >= WHOLE) return end();
    paint(canvas, run, placed(run.frames, Math.min(1, gone / (WHOLE - 2 * FADE)), width, height), colours);
    over.style.opacity = String(Math.min(1, (WHOLE - gone) / FADE));
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
};

// map: the element of the letters' chart. Called with every moment that is shown; it decides at the first.
export const openingOver = (map) => {
  let asked = false;
  return async (now) => {
    if (asked || !now.frame) return;
    asked = true;
    if (!wanted(now)) return;
    let touched = false;
    const touch = () => (touched = true);
    ENDING.forEach((name) => addEventListener(name, touch, { capture: true, passive: true, once: true }));
    try {
      const answer = await fetch("./letterspace/opening");
      const run = answer.ok ? await answer.json() : null;
      if (!run || touched || !map.isConnected) return; // somebody is at work already
      localStorage.setItem(SEEN, "1");
      play(map, run);
    } catch {
      // a line that broke: the page is whole without it
    }
  };
};
