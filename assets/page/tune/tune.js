// How the run is doing inside, and experiments with rates, sizes and initial weights.
import { Chart } from "../common/chart.js";
import { h, panelHead, setText, svg } from "../common/dom.js";

export const makers = {};

// ---------------------------------------------------------------- how the run is doing

makers.tune_run = (root, view) => {
  const about = h("span.ls-note"),
    alarms = h("ul.ls-alarms"),
    examined = h("p.ls-facts"),
    grid = h("div.ls-inside-run");
  root.append(
    panelHead(
      "Your run",
      "Measured at each of the run's checkpoints, on at most 2,000 examples spread over the training " +
        "split. An alarm says what is wrong and what to try; a healthy run has none.",
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
    "Train and dev",
    "",
    "The losses of the run. Overfitting: dev rises while train falls. Underfitting: both are close and " +
      "stall. Judged by means over the last doubling of steps.",
    "loss",
  );
  const rest = [
    cell(
      "Saturation",
      "hidden activations beyond 0.97 and 0.99; dead units",
      "Where tanh is flat, hardly any gradient comes back. A dead unit is beyond 0.99 after every " +
        "context of the training split. Half of all activations is usual late in a long run.",
      "activity",
    ),
    cell(
      "Update to weight",
      "size of one step’s update over size of the weights",
      "Of the run’s own next minibatch, in norms. About 1/1000 (dashed) is the " +
        "lecture’s rule of thumb for C and W1: far below it learning is slow, far above it " +
        "unstable. W2 starts near zero, so its ratio starts higher, and with Adagrad all start near 1. Thin: biases.",
      "ratios",
    ),
    cell(
      "Gradients",
      "norm of the gradient, by parameter",
      "Gradients of the mean loss on these examples. If those of the first layers are far " +
        "below those of the last one, tanh lets nothing through. Thin: biases.",
      "norms",
    ),
  ];
  // The first problem is the diagnosis, with a button that mends it; what else was seen is said more quietly.
  const diagnosis = ({ alarms: [first, ...others], mend }) => {
    if (!first) return [h("li", {}, "Looks healthy.")];
    const button = h("button.ls-button", { type: "button" }, mend ?? "");
    button.hidden = !mend;
    button.addEventListener("click", () => view.args.setTriggerValue("mend", true));
    return [h("li.ls-alarm", {}, h("span", {}, first), button), ...others.map((text) => h("li", {}, `Also: ${text}`))];
  };
  return async ({ palette, dark, ...data }) => {
    setText(about, `step ${data.step}: ${data.losses} · ${data.about}`);
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
      "Learning rate",
      "From the initial weights of your run, on copies of it. Pale: the lecture’s sweep, one " +
        "step at each of 1,000 increasing rates (300 for words), and its average in grey. Green: three short " +
        "runs at each rate, from three seeds (one for words), and the loss at their end: slower but more " +
        "reliable, because in the sweep each rate builds on those before.",
    ),
  );
  return () => {};
};

makers.finder = (root, view) => {
  const hint = h(
    "p.ls-hint.ls-empty",
    {},
    "Tries rates from far too low to far too high, on copies of your run, " +
      "and shows where the loss is lowest. It takes about half a minute.",
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
    h("h3.ls-subhead", {}, "Loss over steps at a few of these rates"),
    curves,
  );
  root.append(hint, body);
  const tell = (rate) => view.args.setTriggerValue("rate", rate);
  const [valley_chart, curves_chart] = [
    [valley, "Loss against learning rate"],
    [curves, "Loss over steps at a few learning rates"],
  ].map(([box, label]) => new Chart(box, { glide: false, label }));
  let best = null,
    bound = false;
  use.addEventListener("click", () => best !== null && tell(best));
  return async ({ found, palette, dark }) => {
    hint.hidden = Boolean(found);
    body.hidden = !found;
    if (!found) return;
    best = found.best;
    setText(text, found.text || "Starting …");
    setText(whose, found.whose);
    setText(took, found.took);
    use.hidden = best === null || best === found.own;
    setText(use, `Use ${best}`);
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
      "How large a network?",
      "Hidden units across, embedding dimensions down; your run’s other settings, " +
        "from its seed. The darker, the lower the dev loss. These runs are short: " +
        "in longer ones, another size may be best.",
    ),
  );
  return () => {};
};

makers.sizes = (root, view) => {
  const hint = h(
    "p.ls-hint.ls-empty",
    {},
    "Trains a small network of each size and shows how far each gets on dev. Click one to start a run of that size.",
  );
  const text = h("p.ls-outcome", { role: "status", "aria-live": "polite" }),
    whose = h("p.ls-facts");
  const table = h("div.ls-scroll", { tabindex: "0", role: "region", "aria-label": "Dev loss of each size" });
  const body = h("div", {}, text, whose, table);
  root.append(hint, body);
  let last = "";
  const cell = ({ size, parameters, train, dev, share, best, problem }, own) => {
    const mine = String(size) === String(own),
      state = dev ?? (problem ? "broke" : "…");
    const marks = [...(mine ? ["yours"] : []), ...(best ? ["best"] : [])].join(", ");
    const said = dev ? `dev ${dev}, train ${train}` : (problem ?? "not done yet");
    const name =
      `${size[0]} hidden units, ${size[1]} dimension${size[1] > 1 ? "s" : ""}: ` +
      `${said}; ${parameters} parameters${best ? "; the best" : ""}` +
      `${mine ? "; your run's size" : "; click to start a run of this size"}`;
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
    setText(text, found.said || "Starting …");
    setText(whose, found.whose);
    const at = [...table.querySelectorAll("button")].indexOf(document.activeElement);
    const head = h(
      "tr",
      {},
      h("td.ls-corner", {}, "dimensions ↓ hidden →"),
      ...found.hidden.map((n) => h("th", { scope: "col" }, String(n))),
    );
    const rows = found.rows.map((cells, i) =>
      h("tr", {}, h("th", { scope: "row" }, String(found.dimensions[i])), ...cells.map((one) => cell(one, own))),
    );
    table.replaceChildren(h("table.ls-sizes-grid", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
    if (at >= 0) table.querySelectorAll("button")[at]?.focus();
  };
};

// ---------------------------------------------------------------- initial weights

makers.repairs = (root, view) => {
  const note = h("p.ls-verdict"),
    table = h("div.ls-scroll", { tabindex: "0", role: "region", "aria-label": "First loss after each change" });
  const use = h("button.ls-button", { type: "button" });
  root.append(
    panelHead(
      "Initial weights, repaired",
      "The lecture’s repair, each change on top of those before, from your run’s seed " +
        "and shape. The last row is the scaled initialisation. Bars: how the hidden " +
        "activations are distributed from −1 to 1; at both ends tanh is flat.",
    ),
    h("div.ls-found", {}, note, use),
    table,
  );
  use.addEventListener("click", () => view.args.setTriggerValue("scaled", true));
  const bars = (shares, top) => {
    const picture = svg("svg", {
      class: "ls-histogram",
      viewBox: `0 0 ${shares.length * 4} 24`,
      "aria-hidden": "true",
    });
    shares.forEach((share, i) =>
      picture.append(
        svg("rect", { x: i * 4 + 0.4, width: 3.2, y: 24 * (1 - share / top), height: (24 * share) / top }),
      ),
    );
    return picture;
  };
  let last = "";
  return ({ expected, characters, rows, init, first, usual }) => {
    use.hidden = init === usual;
    setText(use, `Start a new run with ${usual}`);
    setText(note, `Expected: ln ${characters} = ${expected}. Your run (${init}) began at ${first}.`);
    const now = JSON.stringify(rows);
    if (now === last) return;
    last = now;
    const head = h(
      "tr",
      {},
      ...["change", "first loss", "> 0.97", "> 0.99", "activations"].map((name) => h("th", { scope: "col" }, name)),
    );
    const top = Math.max(...rows.flatMap((row) => row.histogram), 1e-9);
    table.replaceChildren(
      h(
        "table.ls-repairs",
        {},
        h("thead", {}, head),
        h(
          "tbody",
          {},
          ...rows.map((row) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row", title: row.why },
                row.code ? h("code", {}, row.code) : "as drawn: randn",
                h("small", {}, row.why),
              ),
              ...[row.loss, row.saturated, row.flat].map((text) => h("td", {}, text)),
              h("td", {}, bars(row.histogram, top)),
            ),
          ),
        ),
      ),
    );
  };
};
