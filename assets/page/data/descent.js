// The bigram model of the lecture before, trained by gradient descent.
import { Chart } from "../common/chart.js";
import { h, panelHead, reducedMotion, setText } from "../common/dom.js";
import { mark, plural, tr } from "../common/messages.js";
import { tableOf } from "../common/table.js";

export const makers = {};

makers.lecture = (root) => {
  root.append(
    panelHead(
      tr("The lecture before this one"),
      tr(
        "The same model twice. Once as a table of counts; once as a network with a single layer of " +
          "{V} × {V} weights, zero at first, that learns from all training pairs at once with exact " +
          "gradients. It can only find what counting already knows, and it does.",
      ),
    ),
    h(
      "p.ls-said",
      {},
      tr(
        "A single layer of weights, one row for each character before, trained by gradient descent on " +
          "all pairs at once. How many steps until it is as good as the table of counts?",
      ),
    ),
  );
  return () => {};
};

// Of a matrix, for each character the three that follow it most often: [character, [[next, probability]]].
const likeliest = (rows) => rows.map(([first, next]) => [first, ...next.map(([other, p]) => `${other} ${p}`)]);

makers.descent = (root) => {
  const box = h("div.ls-chart.ls-descent"),
    said = h("p.ls-verdict", { role: "status", "aria-live": "polite" });
  const matrices = [tr("the counts"), tr("the network")].map((name) => {
    const label = tr("What follows what, by {name}", { name });
    return {
      name,
      canvas: h("canvas.ls-matrix", { role: "img", "aria-label": label }),
      table: tableOf(label, likeliest),
    };
  });
  const slider = h("input.ls-slider", { type: "range", min: "0", value: "0", "aria-label": tr("Step of the descent") });
  root.append(
    said,
    h(
      "div.ls-two.ls-descent-two",
      {},
      h("div", {}, box, slider),
      h(
        "div.ls-matrices",
        {},
        ...matrices.map(({ name, canvas, table }) =>
          h("figure", {}, canvas, h("figcaption", {}, name), ...table.parts),
        ),
      ),
    ),
  );
  const chart = new Chart(box, {
    glide: false,
    label: tr("Loss of the one-layer network over steps of gradient descent"),
  });
  let data = null,
    at = 0,
    last = "",
    timer = null,
    dark = null;
  const paint = (canvas, shades) => {
    const n = Math.sqrt(shades.length),
      size = 8,
      pen = ((canvas.width = canvas.height = n * size), canvas.getContext("2d"));
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--ls-consonant");
    shades.forEach((shade, k) => {
      pen.globalAlpha = shade / 100;
      pen.fillRect((k % n) * size, Math.floor(k / n) * size, size - 1, size - 1);
    });
  };
  const show = () => {
    const { losses, frames, counted, reached, target, rate, figure } = data,
      [step, train, dev] = losses[at];
    const end = at === losses.length - 1,
      values = { train, dev, rate, target };
    const how = !end
      ? tr("Step {n}: train {train}, dev {dev}; counting has {target}.", { ...values, n: step.toLocaleString("en") })
      : reached === null
        ? plural(
            step,
            mark("After {n} step at rate {rate} it is at {train}, still above the {target} of counting."),
            mark("After {n} steps at rate {rate} it is at {train}, still above the {target} of counting."),
            values,
          )
        : plural(
            step,
            mark("As good as counting after {n} step: train {train}, dev {dev}."),
            mark("As good as counting after {n} steps: train {train}, dev {dev}."),
            values,
          );
    setText(said, how);
    Object.assign(slider, { max: losses.length - 1, value: at });
    slider.style.setProperty("--here", `${(100 * at) / (losses.length - 1)}%`);
    slider.style.setProperty("--reached", "100%");
    slider.setAttribute("aria-valuetext", tr("step {step}", { step }));
    [counted, frames[at]].forEach(({ shades, likeliest }, i) => {
      paint(matrices[i].canvas, shades);
      matrices[i].table.show(likeliest);
    });
    const cut = figure.data.map((trace) => ({
      ...trace,
      x: trace.x.slice(0, at + 1),
      y: trace.y.slice(0, at + 1),
      customdata: trace.customdata.slice(0, at + 1),
    }));
    return chart.show({ ...figure, data: cut }, data.palette, data.dark);
  };
  slider.addEventListener("input", () => (clearInterval(timer), (at = Number(slider.value)), show()));
  return (given) => {
    const now = JSON.stringify(given.losses);
    data = given;
    if (now !== last) {
      last = now;
      clearInterval(timer);
      at = reducedMotion() ? data.losses.length - 1 : 0;
      if (!reducedMotion())
        timer = setInterval(() => (++at >= data.losses.length - 1 && clearInterval(timer), show()), 110);
    } else if (dark === data.dark) return;
    dark = data.dark;
    return show();
  };
};
