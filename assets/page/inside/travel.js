// The row of numbers that leaves a stage goes into the next one when that is opened, once and quietly.
import { reducedMotion } from "../common/dom.js";

const LASTS = 600; // ms

const copyOf = (picture) => {
  const copy = picture.cloneNode(true);
  if (picture.tagName === "CANVAS") copy.getContext("2d").drawImage(picture, 0, 0);
  return copy;
};

// root: of the strip. from, to: stages that stand there
export const travel = (root, from, to) => {
  const [start, end] = [from, to].map((stage) => root.querySelector(`[data-k="stage ${stage}"] .ls-small-box`));
  const picture = start?.firstElementChild;
  if (reducedMotion() || !picture || !end || !root.animate) return;
  const [a, b] = [picture, end].map((element) => element.getBoundingClientRect());
  const copy = copyOf(picture);
  copy.classList.add("ls-travels");
  copy.setAttribute("aria-hidden", "true");
  Object.assign(copy.style, { left: `${a.left}px`, top: `${a.top}px`, width: `${a.width}px`, height: `${a.height}px` });
  document.body.append(copy);
  const [x, y] = [b.left + b.width / 2 - a.left - a.width / 2, b.top + b.height / 2 - a.top - a.height / 2];
  copy
    .animate(
      [
        { transform: "none", opacity: 0.9 },
        { transform: `translate(${x}px, ${y}px)`, opacity: 0.9, offset: 0.8 },
        { transform: `translate(${x}px, ${y}px)`, opacity: 0 },
      ],
      { duration: LASTS, easing: "ease-in-out" },
    )
    .finished.finally(() => copy.remove());
};
