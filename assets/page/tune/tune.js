// How the run is doing inside, and experiments with rates and sizes.
import { Chart } from "../common/chart.js";
import { h, panelHead, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

// ---------------------------------------------------------------- how the run is doing

makers.tune_run = (root, view) => {
  const about = h("span.ls-note"),
    alarms = h("ul.ls-alarms"),
    examined = h("p.ls-facts"),
    grid = h("div.ls-inside-run");
  root.append(
    panelHead(
      tr("Your run"),
      tr(
        "Measured at each of the run's checkpoints, on at most 2,000 examples spread over the training " +
          "split. An alarm says what is wrong and what to try; a healthy run has none.",
      ),
      about,
    ),
    h("div", { role: "status", "aria-live": "polite" }, alarms),
    examined,
    grid,
  );
  const cell = (title, note, help, name) => {
    const box = h("div.ls-chart.ls-small"),
      said = h("p.ls-facts", {}, note);
    grid.append(h("section.ls-cell", {}, panelHead(title, help), said, box));
    return { said, name, chart: new Chart(box, { glide: false, label: title }) };
  };
  const fit = cell(
    tr("Train and dev"),
    "",
    tr(
      "The losses of the run. Overfitting: dev rises while train falls. Underfitting: both are close and " +
        "stall. Judged by means over the last doubling of steps.",
    ),
    "loss",
  );
  const rest = [
    cell(
      tr("Saturation"),
      tr("hidden activations beyond 0.97 and 0.99; dead units"),
      tr(
        "Where tanh is flat, hardly any gradient comes back. A dead unit is beyond 0.99 after every " +
          "context of the training split. Half of all activations is usual late in a long run.",
      ),
      "activity",
    ),
    cell(
      tr("Update to weight"),
      tr("size of one step’s update over size of the weights"),
      tr(
        "Of the run’s own next minibatch, in norms. About 1/1000 (dashed) is the " +
          "lecture’s rule of thumb for C and W1: far below it learning is slow, far above it " +
          "unstable. W2 starts near zero, so its ratio starts higher, and with Adagrad all start near 1. Thin: biases.",
      ),
      "ratios",
    ),
    cell(
      tr("Gradients"),
      tr("norm of the gradient, by parameter"),
      tr(
        "Gradients of the mean loss on these examples. If those of the first layers are far " +
          "below those of the last one, tanh lets nothing through. Thin: biases.",
      ),
      "norms",
    ),
  ];
  // The first problem is the diagnosis, with a button that mends it; what else was seen is said more quietly.
  const diagnosis = ({ alarms: [first, ...others], mend, step }) => {
    const healthy = step ? tr("Looks healthy.") : tr("Nothing is wrong with the initial weights.");
    if (!first) return [h("li", {}, healthy)];
    const button = h("button.ls-button", { type: "button" }, mend ?? "");
    button.hidden = !mend;
    button.addEventListener("click", () => view.args.setTriggerValue("mend", true));
    return [
      h("li.ls-alarm", {}, h("span", {}, first), button),
      ...others.map((text) => h("li", {}, tr("Also: {text}", { text }))),
    ];
  };
  return async ({ palette, dark, ...data }) => {
    setText(about, tr("step {step}: {losses} · {about}", { step: data.step, losses: data.losses, about: data.about }));
    about.title = about.textContent;
    const now = JSON.stringify([data.alarms, data.mend]);
    if (alarms.dataset.now !== now) alarms.replaceChildren(...diagnosis(data));
    alarms.dataset.now = now;
    setText(examined, data.examined);
    setText(fit.said, data.fit[1]);
    fit.said.dataset.kind = data.fit[0];
    await Promise.all([fit, ...rest].map(({ name, chart }) => chart.show(data[name], palette, dark)));
  };
};

// ---------------------------------------------------------------- learning rate

makers.finder_head = (root) => {
  root.append(
    panelHead(
      tr("Learning rate"),
      tr(
        "From the initial weights of your run, on copies of it. Pale: the lecture’s sweep, one " +
          "step at each of 1,000 increasing rates (300 for words), and its average in grey. Green: three short " +
          "runs at each rate, from three seeds (one for words), and the loss at their end: slower but more " +
          "reliable, because in the sweep each rate builds on those before.",
      ),
    ),
  );
  return () => {};
};

makers.finder = (root, view) => {
  const hint = h(
    "p.ls-hint.ls-empty",
    {},
    tr(
      "Tries rates from far too low to far too high, on copies of your run, " +
        "and shows where the loss is lowest. It takes about half a minute.",
    ),
  );
  const text = h("p.ls-outcome", { role: "status", "aria-live": "polite" }),
    use = h("button.ls-button.ls-use", { type: "button" });
  const whose = h("p.ls-facts"),
    took = h("p.ls-took", { role: "status" });
  const valley = h("div.ls-chart.ls-valley"),
    curves = h("div.ls-chart.ls-curves");
  const body = h(
    "div",
    {},
    h("div.ls-found", {}, text, use),
    whose,
    took,
    valley,
    h("h3.ls-subhead", {}, tr("Loss over steps at a few of these rates")),
    curves,
  );
  root.append(hint, body);
  const tell = (rate) => view.args.setTriggerValue("rate", rate);
  const [valley_chart, curves_chart] = [
    [valley, tr("Loss against learning rate")],
    [curves, tr("Loss over steps at a few learning rates")],
  ].map(([box, label]) => new Chart(box, { glide: false, label }));
  let best = null,
    bound = false;
  use.addEventListener("click", () => best !== null && tell(best));
  return async ({ found, palette, dark }) => {
    hint.hidden = Boolean(found);
    body.hidden = !found;
    if (!found) return;
    best = found.best;
    setText(text, found.text || (found.running ? tr("Starting …") : ""));
    setText(whose, found.whose);
    setText(took, found.took);
    use.hidden = best === null || best === found.own;
    setText(use, tr("Use {rate}", { rate: best }));
    await Promise.all([valley_chart.show(found.figure, palette, dark), curves_chart.show(found.curves, palette, dark)]);
    if (bound || !valley.on) return;
    bound = true;
    valley.on("plotly_click", ({ points: [point] }) => point.data.name === "rates" && tell(point.customdata[0]));
  };
};

// ---------------------------------------------------------------- size

makers.sizes_head = (root) => {
  root.append(
    panelHead(
      tr("How large a network?"),
      tr(
        "Hidden units across, embedding dimensions down; your run’s other settings, " +
          "from its seed. The darker, the lower the dev loss. These runs are short: " +
          "in longer ones, another size may be best.",
      ),
    ),
  );
  return () => {};
};

makers.sizes = (root, view) => {
  const hint = h(
    "p.ls-hint.ls-empty",
    {},
    tr(
      "Trains a small network of each size and shows how far each gets on dev. Click one to start a run of that size.",
    ),
  );
  const text = h("p.ls-outcome", { role: "status", "aria-live": "polite" }),
    whose = h("p.ls-facts");
  const table = h("div.ls-scroll", { tabindex: "0", role: "region", "aria-label": tr("Dev loss of each size") });
  const body = h("div", {}, text, whose, table);
  root.append(hint, body);
  let last = "";
  const cell = ({ size, parameters, train, dev, share, best, problem }, own) => {
    const mine = String(size) === String(own),
      state = dev ?? (problem ? tr("broke") : "…");
    const marks = [...(mine ? [tr("yours")] : []), ...(best ? [tr("best")] : [])].join(", ");
    const said = dev ? tr("dev {dev}, train {train}", { dev, train }) : (problem ?? tr("not done yet"));
    const [hidden, dimensions] = size;
    const parts = [
      dimensions === 1
        ? tr("{hidden} hidden units, 1 dimension: {said}", { hidden, said })
        : tr("{hidden} hidden units, {dimensions} dimensions: {said}", { hidden, dimensions, said }),
      tr("{n} parameters", { n: parameters }),
      ...(best ? [tr("the best")] : []),
      mine ? tr("your run's size") : tr("click to start a run of this size"),
    ];
    const name = parts.join("; ");
    const button = h(
      `button.ls-size${best ? ".ls-size-best" : ""}`,
      { type: "button", title: name, "aria-label": name },
      state,
      ...(marks ? [h("small", {}, marks)] : []),
    );
    if (share !== null) button.style.setProperty("--p", (0.06 + 0.94 * share).toFixed(3));
    button.disabled = mine;
    button.addEventListener("click", () => view.args.setTriggerValue("size", size));
    return h("td", {}, button);
  };
  return ({ found, own }) => {
    hint.hidden = Boolean(found);
    body.hidden = !found;
    const now = JSON.stringify([found, own]);
    if (!found || now === last) return;
    last = now;
    setText(text, found.said || tr("Starting …"));
    setText(whose, found.whose);
    const at = [...table.querySelectorAll("button")].indexOf(document.activeElement);
    const head = h(
      "tr",
      {},
      h("td.ls-corner", {}, tr("dimensions ↓ hidden →")),
      ...found.hidden.map((n) => h("th", { scope: "col" }, String(n))),
    );
    const rows = found.rows.map((cells, i) =>
      h("tr", {}, h("th", { scope: "row" }, String(found.dimensions[i])), ...cells.map((one) => cell(one, own))),
    );
    table.replaceChildren(h("table.ls-sizes-grid", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
    if (at >= 0) table.querySelectorAll("button")[at]?.focus();
  };
};
