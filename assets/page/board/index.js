// The view of the board: kind -> maker. assets/page/page.js loads this file when it is first shown.
// What was handed in is pushed over the live line (core/ui/board/wall.py).
import { h, setText, svg } from "../common/dom.js";
import { Line } from "../common/line.js";
import { tr } from "../common/messages.js";

export const makers = {};

const WIDE = 900,
  HIGH = 520,
  LEFT = 70,
  BELOW = 56,
  EDGE = 16;
const LOSSES = [2, 2.9], // nats, at least
  NUMBERS = [300, 30_000]; // parameters, at least
const NICE = [1, 2, 5];

const ticks = (low, high) => {
  const found = [];
  for (let ten = 10 ** Math.floor(Math.log10(low)); ten <= high; ten *= 10)
    for (const m of NICE) if (m * ten >= low && m * ten <= high) found.push(m * ten);
  return found;
};

// Places for what is shown: parameters on a logarithmic axis, losses on a linear one.
const scales = (points) => {
  const [least, most] = [0, 1].map((end) => {
    const of = [...points.map(([n]) => n), NUMBERS[end]];
    return end ? Math.max(...of) * 1.15 : Math.min(...of) / 1.15;
  });
  const losses = points.map(([, loss]) => loss),
    low = Math.min(...losses, LOSSES[0]) - 0.03,
    high = Math.max(...losses, LOSSES[1]);
  const x = (n) => LEFT + (Math.log(n / least) / Math.log(most / least)) * (WIDE - LEFT - EDGE);
  const y = (loss) => EDGE + ((high - loss) / (high - low)) * (HIGH - BELOW - EDGE);
  return { x, y, least, most, low, high };
};

const axes = ({ x, y, least, most, low, high }) => {
  const rows = [];
  for (let loss = Math.ceil(low * 5) / 5; loss <= high; loss += 0.2) rows.push(loss);
  return [
    ...rows.map((loss) => svg("line", { x1: LEFT, x2: WIDE - EDGE, y1: y(loss), y2: y(loss), class: "ls-grid" })),
    ...rows.map((loss) => svg("text", { x: LEFT - 10, y: y(loss) + 6, "text-anchor": "end" }, loss.toFixed(1))),
    ...ticks(least, most).map((n) =>
      svg("text", { x: x(n), y: HIGH - BELOW + 26, "text-anchor": "middle" }, n.toLocaleString("en")),
    ),
    svg(
      "text",
      { x: (LEFT + WIDE) / 2, y: HIGH - 4, "text-anchor": "middle" },
      tr("numbers in the network (parameters)"),
    ),
    svg(
      "text",
      { x: 18, y: HIGH / 2, "text-anchor": "middle", transform: `rotate(-90 18 ${HIGH / 2})` },
      tr("dev loss, nats"),
    ),
  ];
};

// One line for each window: Streamlit can mount the board twice while it draws the page, and then remove either.
const mounts = []; // { root, draw, say }
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
  refused: () => {}, // after the server has begun anew, the page's script runs again and brings another key
  ordered: () => {},
});

makers.board = (root) => {
  const title = h("h1"),
    goals = h("ul.ls-lesson-goals", { "aria-label": tr("Goals") }),
    count = h("p.ls-board-count", { role: "status" }),
    lost = h("p.ls-status", { role: "status", "data-tone": "bad" });
  const chart = svg("svg", {
    viewBox: `0 0 ${WIDE} ${HIGH}`,
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
  const draw = () => {
    const { points, frontier } = newest,
      at = scales(points);
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
      ...(path.length ? [svg("path", { d: `${path.join("")}H${WIDE - EDGE}`, class: "ls-frontier" })] : []),
      ...points.map(([n, loss, met]) => {
        const text = tr("{loss} with {n} parameters", { loss: loss.toFixed(4), n: n.toLocaleString("en") });
        return svg("circle", { cx: at.x(n), cy: at.y(loss), r: 8, class: met ? "ls-met" : "" }, svg("title", {}, text));
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
  mounts.push({ root, draw, say: (why) => setText(lost, why) });
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
