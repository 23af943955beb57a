// index.html shows the page's quiet shape from its first byte (core/ui/assets.py puts it there), and on Explore the
// letters where the map will have them. It goes when there is something to see: on Explore the map's own letters or
// words, on another page its first view.
import { reducedMotion } from "./dom.js";

const LEAVES = 180; // ms
let skeleton = document.getElementById("ls-skeleton");

const middle = (element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
};

// Fades while its letters go to where the map has them, so that none is seen to jump.
const leave = (shape) => {
  const there = document.querySelectorAll(".ls-letters .point");
  shape.querySelectorAll("u b").forEach((letter, i) => {
    if (!there[i]) return;
    const [[x, y], [u, v]] = [middle(letter), middle(there[i])];
    letter.animate({ transform: `translate(${u - x}px, ${v - y}px)` }, { duration: LEAVES, fill: "forwards" });
  });
  const fade = shape.animate({ opacity: [1, 1, 0] }, { duration: LEAVES, fill: "forwards" });
  fade.finished.then(() => shape.remove());
};

// kind: of the view that was drawn; frame: the moment that it drew, null if there is none yet.
export const hideSkeleton = (kind, frame) => {
  if (!skeleton || kind === "tour") return; // which every page has
  const mapped = (kind === "wordmap" && frame?.packed) || document.querySelector(".ls-letters .point");
  if (document.querySelector(".ls-view-bar") && !mapped) return;
  reducedMotion() ? skeleton.remove() : leave(skeleton);
  skeleton = null;
};
