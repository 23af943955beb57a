// Below the fold: the run as eight small pictures, whether its vowels sit together, who is next to whom.
import { Chart } from "../common/chart.js";
import { glyph, h, lightOnHover, panelHead, setText, svg } from "../common/dom.js";
import { time } from "../common/time.js";
import { tr } from "../common/messages.js";

export const makers = {};

const PICTURES = 8,
  NAMES = 4,
  SIZE = 100;
const EVERY = 900; // ms between two drawings of what nobody asked for

const pairs = ({ points, window }) => {
  const n = window.length - 1;
  return Array.from({ length: points.length / n }, (_, i) => [points[i * n], points[i * n + 1]]);
};

// How far the letters of a frame are from their places in the frame before, together.
const movement = (frame, before) =>
  pairs(frame).reduce((sum, [x, y], i) => {
    const [a, b] = before[i] ?? [x, y];
    return sum + Math.hypot(x - a, y - b);
  }, 0);

// Indices of the first frame, the newest, and those between at which the letters had moved equally far.
export const chosen = (frames) => {
  const far = [0];
  for (let i = 1; i < frames.length; i++) far.push(far[i - 1] + movement(frames[i], pairs(frames[i - 1])));
  const last = frames.length - 1,
    mark = (n) => (far[last] * n) / (PICTURES - 1);
  const nearest = (n) =>
    far.reduce((best, at, i) => (Math.abs(at - mark(n)) < Math.abs(far[best] - mark(n)) ? i : best), 0);
  return [...new Set([...Array(PICTURES - 1).keys()].map(nearest).concat(last))];
};

makers.filmstrip = (root) => {
  const strip = h("div.ls-strip");
  root.append(
    panelHead(
      tr("How it came to this"),
      tr(
        "The embedding and the {noun}s that it wrote at eight steps: between two pictures the letters have " +
          "moved equally far. All pictures have one scale. Click one to go there.",
      ),
    ),
    strip,
  );
  const seen = ([{ isIntersecting }]) => {
    time.filmed = isIntersecting;
    if (!time.head) return;
    time.changed?.();
    if (time.filmed && newest) draw(newest);
  };
  new IntersectionObserver(seen).observe(strip);
  let last = "",
    newest = null,
    at = -EVERY,
    later = null;
  const draw = ({ characters, groups }) => {
    const { frames, answers } = time;
    if (!frames.length || frames[0].nearest?.length !== characters.length) return;
    const indices = chosen(frames),
      said = indices.map((i) => answers[i]?.words.slice(0, NAMES).map(([word]) => word || "·") ?? []);
    const now = JSON.stringify([time.run, time.epoch, indices.map((i) => frames[i].step), said, time.cursor]);
    if (now === last) return;
    last = now;
    const windows = indices.map((i) => frames[i].window),
      half = 0.88 * Math.max(...windows.map((w) => w.at(-1)));
    strip.replaceChildren(
      ...indices.map((index, n) => {
        const frame = frames[index],
          [x, y] = frame.window;
        const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, "aria-hidden": "true" });
        pairs(frame).forEach(([a, b], i) => {
          const place = { x: SIZE / 2 + ((a - x) / half) * (SIZE / 2), y: SIZE / 2 - ((b - y) / half) * (SIZE / 2) };
          picture.append(svg("text", { ...place, class: `ls-glyph ls-${groups[i]}` }, glyph(characters[i])));
        });
        const step = tr("step {step}", { step: frame.step.toLocaleString("en") });
        const cell = h(
          "button.ls-film",
          {
            type: "button",
            "aria-label": tr("Go to {step}: {words}", { step, words: said[n].join(", ") }),
            "aria-pressed": String(index === time.cursor),
          },
          picture,
          h("b", {}, step),
          ...said[n].map((word) => h("span", { dir: "auto" }, word)),
        );
        cell.addEventListener("click", () => (time.stop(), time.go(index, 200)));
        return cell;
      }),
    );
  };
  return (data) => {
    newest = data;
    clearTimeout(later);
    if (strip.children.length && time.live.training && !time.filmed) return; // nobody sees it
    // every new checkpoint would change most pictures a little
    const wait = EVERY - (performance.now() - at);
    if (wait > 0 && strip.children.length)
      return void (later = setTimeout(() => ((at = performance.now()), draw(data)), wait));
    at = performance.now();
    draw(data);
  };
};

makers.structure = (root) => {
  const said = h("p.ls-verdict", { role: "status" }),
    box = h("div.ls-chart.ls-structure");
  let head = h("header"),
    asked = "";
  root.append(head, said, box);
  const chart = new Chart(box, { glide: false, label: tr("Silhouette over training steps") });
  const ask = (question, [first, second]) => {
    // of other words it is another question
    asked = question;
    const made = panelHead(
      question,
      tr(
        "The silhouette of {first} against {second} in all dimensions: 1 means two " +
          "tight groups far apart, 0 none. The band is what 95 % of random labellings of " +
          "the same picture give: inside it, a cluster is an accident.",
        { first, second },
      ),
    );
    head.replaceWith(made);
    head = made;
    box.setAttribute("aria-label", tr("Silhouette of {first} and {second} over training steps", { first, second }));
  };
  return (data, now, how) => {
    if (asked !== data.question) ask(data.question, data.compared);
    setText(said, data.said);
    return chart.show(data.figure, data.palette, data.dark, how);
  };
};

makers.neighbours = (root) => {
  const body = h("div.ls-near", { role: "table", "aria-label": tr("Nearest characters") });
  const note = h("span.ls-note");
  root.append(
    panelHead(
      tr("Nearest characters"),
      tr(
        "Each character's nearest others in all dimensions, at the step that " +
          "is shown; the bar says how far it has moved in the embedding since " +
          "the time cursor's step, or since the first step.",
      ),
      note,
    ),
    body,
  );
  let last = "";
  return ({ characters, groups, moved, since }, { frame }) => {
    if (!frame || frame.nearest?.length !== characters.length) return;
    setText(note, tr("bars: moved since step {step}", { step: since.toLocaleString("en") }));
    const now = JSON.stringify([frame.nearest, moved, since]);
    if (now === last) return;
    last = now;
    const disc = (i) => {
      const node = h(`span.ls-disc.ls-${groups[i]}`, {}, glyph(characters[i]));
      lightOnHover(node, characters[i]);
      return node;
    };
    const far = Math.max(...moved, 1e-9),
      order = [...moved.keys()].sort((a, b) => moved[b] - moved[a]);
    body.replaceChildren(
      ...order.map((i) => {
        const bar = h("i.ls-moved", { title: tr("moved {distance}", { distance: moved[i].toFixed(3) }) });
        bar.style.setProperty("--far", `${((100 * moved[i]) / far).toFixed(1)}%`);
        return h(
          "div.ls-row",
          { role: "row" },
          h("span", { role: "rowheader" }, disc(i)),
          h("span", { role: "cell" }, ...frame.nearest[i].map(disc)),
          h("span.ls-by", { role: "cell" }, bar, h("small", {}, moved[i].toFixed(2))),
        );
      }),
    );
  };
};
