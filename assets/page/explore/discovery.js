// What nobody told the network: once vowels sit together more than chance would have it, a hull around them says so.
import { reducedMotion } from "../common/dom.js";
import { tr } from "../common/messages.js";

const STEADY = 2, // checkpoints before this one at which it must have been so, too
  AROUND = 20, // px from a letter's place to the hull
  WAIT = 240, // animation frames for the hull to be drawn; of many dimensions there may be none
  STRANGERS = 0.1; // share of the other letters that may lie within a hull that means something
const RAYS = [...Array(65).keys()].map((k) => (k * Math.PI) / 32); // the last is the first
const NOWHERE = RAYS.map(() => null);
export const NO_HULL = { x: NOWHERE, y: NOWHERE };
const TURN = [...Array(8).keys()].map((k) => (k * Math.PI) / 4);

const steadily = ({ frame, past }) =>
  frame.apart && past.length >= STEADY && past.slice(-STEADY).every(({ apart }) => apart);

// One sentence, or null. hull: whether the picture shows a hull. Above two dimensions none is needed, as the picture
// cannot show all of them.
export const sayFound = (now, { claim, dimensions }, hull) => {
  if (!claim || !steadily(now) || (dimensions <= 2 && !hull)) return null;
  const first = now.past[now.past.findLastIndex(({ apart }) => !apart) + 1];
  const values = { claim: claim[0].toUpperCase() + claim.slice(1), step: first.step.toLocaleString("en"), dimensions };
  if (dimensions > 2)
    return first.step
      ? tr("{claim} in all {dimensions} dimensions since step {step}, more than chance would have it.", values)
      : tr("{claim} in all {dimensions} dimensions from the start, more than chance would have it.", values);
  return first.step
    ? tr("{claim} since step {step}, more than chance would have it. Nobody told it.", values)
    : tr("{claim} from the start, more than chance would have it. Nobody told it.", values);
};

// Whether places are nearer to one another, on average, than to others.
const together = (own, others) => {
  const mean = (from, to) => {
    const apart = from.flatMap((a) => to.filter((b) => b !== a).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1])));
    return apart.reduce((sum, distance) => sum + distance, 0) / apart.length;
  };
  return !others.length || own.length < 2 || mean(own, own) < mean(own, others);
};

const cross = ([a, b], [c, d], [e, f]) => (c - a) * (f - b) - (d - b) * (e - a);

// Andrew's monotone chain, against the clock.
const convex = (points) => {
  const sorted = [...points].sort(([a, b], [c, d]) => a - c || b - d);
  const half = (list) => {
    const out = [];
    for (const p of list) {
      while (out.length > 1 && cross(out.at(-2), out.at(-1), p) <= 0) out.pop();
      out.push(p);
    }
    return out.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
};

const within = (point, hull) => hull.every((corner, i) => cross(corner, hull[(i + 1) % hull.length], point) >= 0);

// Where a ray from the middle of the hull leaves it.
const edge = ([x, y], hull, angle) => {
  const [u, v] = [Math.cos(angle), Math.sin(angle)];
  let far = 0;
  hull.forEach(([a, b], i) => {
    const [c, d] = hull[(i + 1) % hull.length],
      turn = u * (d - b) - v * (c - a);
    if (Math.abs(turn) < 1e-12) return;
    const along = ((a - x) * (d - b) - (b - y) * (c - a)) / turn,
      share = ((a - x) * v - (b - y) * u) / turn;
    if (share >= -1e-9 && share <= 1 + 1e-9) far = Math.max(far, along);
  });
  return [x + far * u, y + far * v];
};

// The hull as a line of always as many points, so that it glides; or null. unit: of the plane in a px.
export const discovered = (now, places, { apart: [role] }, groups, unit) => {
  if (!role || !steadily(now)) return null;
  const own = places.filter((_, i) => groups[i] === role),
    others = places.filter((_, i) => groups[i] !== role);
  if (!together(own, others)) return null;
  const near = ([x, y]) => TURN.map((a) => [x + AROUND * unit * Math.cos(a), y + AROUND * unit * Math.sin(a)]);
  const hull = convex(own.flatMap(near));
  if (others.filter((place) => within(place, hull)).length > STRANGERS * others.length) return null;
  const mean = (k) => hull.reduce((sum, corner) => sum + corner[k], 0) / hull.length,
    line = RAYS.map((angle) => edge([mean(0), mean(1)], hull, angle));
  return { x: line.map(([x]) => x), y: line.map(([, y]) => y) };
};

// The one flourish, when it comes before somebody's eyes: the sentence appears slowly, and the hull shines once.
export const flourish = (box, sentence) => {
  if (reducedMotion()) return;
  sentence.animate({ opacity: [0, 1] }, { duration: 900, easing: "ease-out" });
  let frames = WAIT;
  const shine = () => {
    const x = box.data.find(({ fill }) => fill === "toself")?.x,
      hull = x?.length && x[0] !== null ? box.querySelector(".scatterlayer .trace:has(.js-fill)") : null;
    if (hull) hull.animate({ opacity: [0, 0.45, 0.1] }, { duration: 1800, easing: "ease-in-out" });
    else if (frames-- && box.isConnected) requestAnimationFrame(shine); // the chart may be busy
  };
  shine();
};
