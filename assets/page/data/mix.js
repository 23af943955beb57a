// A mix of the network and a count model.
import { Chart } from "../common/chart.js";
import { h, panelHead, setText } from "../common/dom.js";
import { mark, plural, tr } from "../common/messages.js";

export const makers = {};

makers.mix = (root) => {
  const box = h("div.ls-chart.ls-mix"),
    said = h("p.ls-said"),
    here = h("output.ls-verdict");
  const slider = h("input.ls-slider", {
    type: "range",
    min: "0",
    max: "100",
    value: "50",
    "aria-label": tr("Weight of the network in percent"),
  });
  const least = h("button.ls-button", { type: "button" }, tr("Go to minimum"));
  root.append(
    panelHead(
      tr("Two heads"),
      tr(
        "Both models say how likely each next character is; the mix takes a part from the one " +
          "and the rest from the other. Bengio et al. mixed half and half with a trigram, and " +
          "did better than either alone: the two make different errors.",
      ),
    ),
    h("div.ls-weigh", {}, here, slider, least),
    box,
    said,
  );
  const chart = new Chart(box, { glide: false, label: tr("Dev loss of the mix over the weight of the network") });
  let data = null;
  const show = (how) => {
    const at = Number(slider.value),
      { losses, figure, model } = data;
    setText(here, tr("{at} % network, {rest} % {model}: {loss}", { at, rest: 100 - at, model, loss: losses[at] }));
    slider.style.setProperty("--here", `${at}%`);
    slider.style.setProperty("--reached", "100%");
    slider.setAttribute("aria-valuetext", here.textContent);
    const [curve, ...marks] = figure.data,
      pin = { ...marks.at(-1), x: [curve.x[at]], y: [curve.y[at]] };
    return chart.show({ ...figure, data: [curve, ...marks.slice(0, -1), pin] }, data.palette, data.dark, how);
  };
  slider.addEventListener("input", () => show({ urgent: true }));
  least.addEventListener("click", () => ((slider.value = data.best), show({ urgent: true })));
  return (given, _, how) => {
    data = given;
    const after = plural(data.step, mark("Your network after {n} step."), mark("Your network after {n} steps."));
    setText(said, `${after} ${data.said}`);
    return show(how);
  };
};
