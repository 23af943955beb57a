// The view of the board: kind -> maker. assets/page/page.js loads this file when it is first shown.
// What was handed in is pushed over the live line (core/ui/board/wall.py).
import { h, setText, svg } from "../common/dom.js";
import { Line } from "../common/line.js";
import { tr } from "../common/messages.js";

export const makers = {};

const EDGE = 16; // px at the right and the top
const LOSSES = [2, 2.9], // nats, at least
  WORST = 4, // nats: larger losses, of runs that exploded, are drawn at the upper edge
  NUMBERS = [300, 30_000]; // parameters, at least
const NICE = [1, 2, 5];

const ticks = (low, high) => {
  const found = [];
  for (let ten = 10 ** Math.floor(Math.log10(low)); ten <= high; ten *= 10)
    for (const m of NICE) if (m * ten >= low && m * ten <= high) found.push(m * ten);
  return found;
};

// Places for what is shown: parameters on a logarithmic axis, losses on a linear one. size: px, em of them a letter.
const scales = (points, { wide, high, em }) => {
  const [least, most] = [0, 1].map((end) => {
    const of = [...points.map(([n]) => n), NUMBERS[end]];
    return end ? Math.max(...of) * 1.15 : Math.min(...of) / 1.15;
  });
  const losses = points.map(([, loss]) => loss),
    low = Math.min(...losses, LOSSES[0]) - 0.03,
    top = Math.min(WORST, Math.max(...losses, LOSSES[1]));
  const left = 4.2 * em,
    foot = high - 3.6 * em;
  const x = (n) => left + (Math.log(n / least) / Math.log(most / least)) * (wide - left - EDGE);
  const y = (loss) => EDGE + (Math.max(0, top - loss) / (top - low)) * (foot - EDGE);
  return { x, y, least, most, low, top, left, foot, wide, high, em };
};

const axes = ({ x, y, least, most, low, top, left, foot, wide, high, em }) => {
  const text = (at, to, said, more) => svg("text", { x: at, y: to, "text-anchor": "middle", ...more }, said),
    rows = [];
  for (let loss = Math.ceil(low * 5) / 5; loss <= top; loss += 0.2) rows.push(loss);
  let free = -Infinity; // where the name of a tick has room
  const named = ticks(least, most).filter((n) => {
    const half = 0.3 * em * (n.toLocaleString("en").length + 1);
    if (x(n) - half < free || x(n) + half > wide) return false;
    free = x(n) + half;
    return true;
  });
  return [
    ...rows.map((loss) => svg("line", { x1: left, x2: wide - EDGE, y1: y(loss), y2: y(loss), class: "ls-grid" })),
    ...rows.map((loss) => text(left - 0.6 * em, y(loss) + 0.35 * em, loss.toFixed(1), { "text-anchor": "end" })),
    ...named.map((n) => text(x(n), foot + 1.5 * em, n.toLocaleString("en"))),
    text((left + wide) / 2, high - 0.5 * em, tr("numbers in the network (parameters)")),
    text(em, foot / 2, tr("dev loss, nats"), { transform: `rotate(-90 ${em} ${foot / 2})` }),
  ];
};

// One line for each window: Streamlit can mount the board twice while it draws the page, and then remove either.
const mounts = []; // { root, draw, say, refused }
const mounted = () => mounts.findLast(({ root }) => root.isConnected);
let newest = null; // { points, frontier }, as they were told last
const line = new Line({
  receive: (told) => {
    newest = told;
    mounted()?.draw();
  },
  have: () => null,
  wanted: () => Boolean(mounted()),
  lost: (why) => mounted()?.say(why ?? ""),
  refused: () => mounted()?.refused(),
  ordered: () => {},
});

makers.board = (root, view) => {
  const title = h("h1"),
    goals = h("ul.ls-lesson-goals", { "aria-label": tr("Goals") }),
    count = h("p.ls-board-count", { role: "status" }),
    lost = h("p.ls-status", { role: "status", "data-tone": "bad" });
  const chart = svg("svg", {
    role: "img",
    "aria-label": tr("Answers that were handed in"),
  });
  const picture = h("img", { alt: tr("QR code of the lesson’s link") }),
    link = h("a"),
    table = h("tbody");
  root.append(
    h(
      "div.ls-board",
      {},
      h("header", {}, h("div", {}, title, goals), count),
      lost,
      h(
        "div.ls-board-main",
        {},
        chart,
        h("aside", {}, picture, h("p", {}, tr("Join: ")), h("p.ls-board-link", {}, link), h("p.ls-note", {}, LEGEND)),
      ),
      h(
        "details",
        {},
        h("summary", {}, tr("As a table")),
        h("table", {}, h("thead", {}, h("tr", {}, ...HEADS.map((head) => h("th", {}, head)))), table),
      ),
    ),
  );
  const size = () => {
    const wide = chart.clientWidth || 900,
      high = Math.round(Math.max(240, Math.min(0.58 * wide, 0.68 * innerHeight)));
    return { wide, high, em: parseFloat(getComputedStyle(chart).fontSize) || 16 };
  };
  const draw = () => {
    const { points, frontier } = newest,
      { wide, high } = size(),
      at = scales(points, size());
    chart.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    chart.style.height = `${high}px`;
    const done = points.filter(([, , met]) => met).length;
    setText(
      count,
      points.length
        ? tr("{n} handed in, {done} reached the goals", { n: points.length, done })
        : tr("Nothing handed in yet"),
    );
    const path = frontier.map(([n, loss], i) => (i ? `H${at.x(n)}V${at.y(loss)}` : `M${at.x(n)} ${at.y(loss)}`));
    chart.replaceChildren(
      ...axes(at),
      ...(path.length ? [svg("path", { d: `${path.join("")}H${wide - EDGE}`, class: "ls-frontier" })] : []),
      ...points.map(([n, loss, met]) => {
        const text = tr("{loss} with {n} parameters", { loss: loss.toFixed(4), n: n.toLocaleString("en") });
        return svg(
          "circle",
          { cx: at.x(n), cy: at.y(loss), r: at.em / 2.2, class: met ? "ls-met" : "" },
          svg("title", {}, text),
        );
      }),
    );
    table.replaceChildren(
      ...points.map(([n, loss, met]) =>
        h(
          "tr",
          {},
          ...[n.toLocaleString("en"), loss.toFixed(4), met ? tr("yes") : tr("no")].map((cell) => h("td", {}, cell)),
        ),
      ),
    );
  };
  let drawn = 0;
  new ResizeObserver(() => newest && drawn !== chart.clientWidth && ((drawn = chart.clientWidth), draw())).observe(
    chart,
  );
  const refused = () => view.args.setTriggerValue("refused", true);
  mounts.push({ root, draw, say: (why) => setText(lost, why), refused });
  return (data) => {
    setText(title, data.title);
    goals.replaceChildren(...data.goals.map((goal) => h("li", {}, goal)));
    picture.hidden = !data.code;
    if (data.code && picture.src !== data.code) picture.src = data.code;
    link.href = data.link;
    setText(link, data.link.length > 90 ? tr("this lesson’s link") : data.link);
    if (data.line !== line.key) newest = JSON.parse(data.first);
    draw();
    line.open(data.line);
  };
};

const HEADS = [tr("Parameters"), tr("Dev loss"), tr("Goals reached")];
const LEGEND = tr("Filled: all goals reached. The line: no answer has a lower loss with as few numbers.");
