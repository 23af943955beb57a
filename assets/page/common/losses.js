// The loss figure, of which the server tells what is new: core/plots/loss_feed.py.
import { log } from "./log.js";

const CURVES = 4; // the first traces
const NEWEST = -2; // the trace of the newest losses
const POINT = ["x", "y", "customdata"]; // what the parts of a point are in a trace

const columns = (points) => Object.fromEntries(POINT.map((name, k) => [name, points.map((point) => point[k])]));

// No array that a figure has is changed later: a chart compares the figure that it shows with the next.
export const losses = () => {
  const form = log(), // the figure without what follows, as the only row
    curves = Array.from({ length: CURVES }, log); // points of each of the first traces
  return {
    have: () => [form, ...curves].map((one) => one.have()),
    receive: (said) => {
      const [figure] = form.take(said.form),
        points = said.curves.map((fresh, i) => columns(curves[i].take(fresh)));
      const data = figure.data.map((trace, i) => ({ ...trace, ...points[i] }));
      const newest = data.length + NEWEST;
      data[newest] = { ...data[newest], ...said.now };
      return { ...figure, data };
    },
  };
};
