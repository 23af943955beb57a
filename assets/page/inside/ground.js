// Under the letters that can be dragged: what the train loss would be with the chosen one anywhere else.
import { h, scheme, svg } from "../common/dom.js";
import { paintFields } from "../explore/field.js";

export const makeGround = (size) => {
  const element = svg("image", { width: size, height: size, "aria-hidden": "true" });
  const canvas = h("canvas");
  let painted = "";
  // data: of the panel; half: of the map's side, in units of the plane
  const draw = ({ field, window: [x, y] }, chosen, half) => {
    const there = field && field.letter === chosen;
    const what = there ? JSON.stringify([field.costs, field.grid, scheme()]) : "";
    if (what === painted) return;
    painted = what;
    if (!there) return element.removeAttribute("href");
    const range = (middle) => [middle - half, middle + half];
    paintFields(canvas, [[field, "train"]], { width: size, height: size, x: range(x), y: range(y) });
    element.setAttribute("href", canvas.toDataURL());
  };
  return { element, draw };
};
