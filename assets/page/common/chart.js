// A long-lived Plotly chart that is moved from one figure of core/plots to the next.
import { reducedMotion } from "./dom.js";
import { onBigScreen, recolour, sized } from "./figure.js";
import { tableOf } from "./table.js";
import { mark, tr } from "./messages.js";

const PLOTLYS = [mark("Zoom"), mark("Pan"), mark("Reset axes")]; // its own buttons
const GLIDE = 200; // ms, the time between two snapshots
// index.html loads plotly.js while Streamlit starts; whichever script arrives first waits for the other.
const plotly = async () => {
  if (!window.Plotly)
    await new Promise((done, fail) => {
      const script = document.getElementById("ls-plotly");
      script.addEventListener("load", done);
      script.addEventListener("error", () => fail(new Error(tr("plotly.js could not be loaded."))));
    });
  const dictionary = Object.fromEntries(PLOTLYS.map((said) => [said, tr(said)]));
  window.Plotly.register({ moduleType: "locale", name: "here", dictionary, format: {} });
  return window.Plotly;
};

// A picture to keep has the page's background: on another the dark scheme's text could not be read.
const keep = (format, title) => ({
  name: `keep_${format}`,
  title,
  icon: Plotly.Icons[format === "png" ? "camera" : "disk"],
  click: ({ data, layout, clientWidth: width, clientHeight: height, pictures }) =>
    Plotly.downloadImage(
      {
        data,
        layout: {
          ...layout,
          images: pictures?.() ?? [], // what is drawn under or over the chart without Plotly
          paper_bgcolor: getComputedStyle(document.documentElement).getPropertyValue("--ls-paper"),
        },
      },
      { format, width, height, scale: format === "png" ? 2 : 1, filename: "letterspace" },
    ),
});
const buttons = () => [
  ["zoom2d", "pan2d", "resetScale2d"],
  [keep("png", tr("Download as PNG")), keep("svg", tr("Download as SVG"))],
];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const bare = ({ range, title, ...axis }) => axis;
// All that a glide does not move: traces without their data, axes without range and title.
const looks = ({ data, layout }) => [
  data.map(({ x, y, customdata, text, marker, ...rest }) => [rest, marker && { ...marker, size: 0 }]),
  { ...layout, xaxis: bare(layout.xaxis), yaxis: bare(layout.yaxis) },
];
// Plotly.animate leaves the line of a trace that has no points any more where it was; a redraw takes it away.
const empties = ({ data }, shown) => data.some(({ x }, i) => !x?.length && shown.data[i].x?.length);
// Plotly goes through all attributes of each trace at every figure, so it is only given traces that have points.
const pointed = ({ data }) => [...data.keys()].filter((i) => data[i].x?.some((x) => x !== null) ?? true);
// Of what glides: the last trace.
const places = ({ data }) => [data.at(-1).x, data.at(-1).y];
const ranges = (layout) => [layout.xaxis.range, layout.yaxis.range];
// Plotly writes into what it is given.
const copied = (layout) => ({ ...layout, xaxis: { ...layout.xaxis }, yaxis: { ...layout.yaxis } });

// An animation that a newer one replaces rejects without an error: no harm.
const settled = async (promise) => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) throw error;
  }
};

export const Chart = class {
  // glide: letters tween from figure to figure and one unit is as long on both axes
  constructor(element, { glide, label }) {
    Object.assign(this, {
      element,
      glide,
      shown: null,
      next: null,
      drawn: [], // which traces of a figure Plotly has
      busy: false,
      still: true,
      gliding: false,
      resized: false,
      touched: false,
      homing: false,
      held: false,
    });
    element.setAttribute("role", "figure"); // its toolbar can be used, which an image must not have within
    element.setAttribute("aria-label", label);
    this.table = tableOf(label);
    this.watcher = new ResizeObserver(() => {
      this.resized = true;
      if (this.given && onBigScreen() !== this.scale) this.enlarge(); // entered or left while nothing new came
      this.work();
    });
  }

  // The newest figure, as large as the screen asks for.
  enlarge() {
    this.scale = onBigScreen();
    this.next = sized(this.given, this.scale);
  }

  // The newest figure wins; one that comes while the chart is busy waits, and replaces an older one that waits.
  // how.urgent: a person asked for it, so what glides now is cut short; how.duration: of the glide to it.
  show(figure, palette, dark, how = {}) {
    this.given = dark ? recolour(figure, new Map(Object.values(palette))) : figure;
    this.enlarge();
    this.duration = how.duration;
    if (how.urgent && this.gliding)
      settled(
        Plotly.animate(this.element, [null], {
          mode: "immediate",
          transition: { duration: 0 },
          frame: { duration: 0, redraw: false },
        }),
      );
    return this.work();
  }

  // Plotly loses a drag when the figure moves under it: hold still while a button is down.
  // (It also loses count of clicks, so the double click that takes a zoom back is counted here.)
  hold({ detail: clicks }) {
    if (!this.still) return;
    this.held = true;
    const release = () => {
      this.held = false;
      if (clicks === 2) this.home();
      this.work();
    };
    addEventListener("mouseup", () => setTimeout(release), { once: true, capture: true });
  }

  home() {
    this.touched = false;
    this.homing = true;
    this.work();
  }

  // One thing at a time: fit a new size, go home, move to the newest figure.
  async work() {
    if (this.busy) return;
    this.busy = true;
    try {
      while (!this.held && (this.next || (this.shown && (this.resized || this.homing)))) {
        if (this.resized && this.shown) await this.resize();
        if (this.homing) await this.setAxes(this.shown.layout, 0);
        this.homing = false;
        const figure = this.next;
        this.next = null;
        if (figure) await this.move(figure);
      }
    } finally {
      this.busy = false;
    }
  }

  async move(figure) {
    const asked = figure.layout;
    figure = { data: figure.data, layout: this.fitted(asked) };
    // nobody has zoomed it
    if (this.shown && asked.meta?.picture !== this.shown.asked.meta?.picture) this.touched = false;
    if (this.shown && same(asked, this.shown.asked) && same(figure.data, this.shown.data)) return;
    if (!this.shown) await this.mount(figure);
    else if (same(looks(figure), looks(this.shown)) && (this.glide || !empties(figure, this.shown)))
      await this.animate(figure);
    else await this.redraw(figure);
    this.shown = { ...figure, asked };
    this.table.show(figure);
  }

  async mount(figure) {
    await plotly();
    if (!this.glide) await new Promise((done) => setTimeout(done)); // the letters come first
    const config = {
      showTips: false,
      displaylogo: false,
      responsive: false,
      modeBarButtons: buttons(),
      locale: "here",
      scrollZoom: false,
      doubleClick: false,
    };
    this.drawn = pointed(figure);
    await Plotly.newPlot(this.element, this.traces(figure), this.draggable(figure.layout), config);
    (this.element.closest(".ls-land") ?? this.element).after(...this.table.parts);
    this.element.on("plotly_relayout", (change) => this.notice(change));
    this.element.addEventListener("mousedown", (event) => this.hold(event), { capture: true });
    this.watcher.observe(this.element);
  }

  // With a uid, Plotly keeps the elements of a trace when another is added before it.
  traces({ data }, which = this.drawn) {
    return which.map((i) => ({ ...data[i], uid: String(i) }));
  }

  // Add the traces that have points only now, each at its place in the order.
  async add(figure) {
    const added = pointed(figure).filter((i) => !this.drawn.includes(i));
    if (!added.length) return;
    this.drawn = [...this.drawn, ...added].sort((a, b) => a - b);
    const places = added.map((i) => this.drawn.indexOf(i));
    await this.quietly(() => Plotly.addTraces(this.element, this.traces(figure, added), places));
  }

  // A finger that moves over a chart scrolls the page; a mouse zooms unless the figure, or a person, chose otherwise.
  draggable(layout) {
    const chosen =
      this.shown && layout.dragmode === this.shown.layout.dragmode
        ? this.element.layout.dragmode
        : (layout.dragmode ?? "zoom");
    return { ...copied(layout), dragmode: matchMedia("(pointer: coarse)").matches ? false : chosen };
  }

  // Whoever zooms keeps the zoom; a double click or the home button gives it back. Plotly names both ends of a zoom,
  // "xaxis.range[0]"; what we do to the axes ourselves sets whole ranges.
  notice(change) {
    const keys = Object.keys(change);
    if (keys.some((key) => key.includes("range["))) Object.assign(this, { touched: true, zoomed: change });
    else if (this.moving) return;
    else if (
      keys.some((key) => key.endsWith("autorange")) ||
      (keys.includes("xaxis.range") && keys.includes("yaxis.range"))
    )
      this.home();
  }

  // Letters alone, or axes alone: Plotly stalls one when both are animated at once.
  async animate(figure) {
    await this.add(figure);
    if (!same(ranges(figure.layout), ranges(this.shown.layout)) && !this.touched)
      await this.setAxes(figure.layout, reducedMotion() ? 0 : GLIDE);
    const titles = [figure.layout.xaxis.title.text, figure.layout.yaxis.title.text];
    if (!same(titles, [this.shown.layout.xaxis.title.text, this.shown.layout.yaxis.title.text]))
      await this.quietly(() =>
        Plotly.relayout(this.element, { "xaxis.title.text": titles[0], "yaxis.title.text": titles[1] }),
      );
    const still = same(places(figure), places(this.shown)); // a glide that moves nothing would only be waited for
    const duration = this.glide && !still && !reducedMotion() ? (this.duration ?? GLIDE) : 0;
    const data = this.traces(figure).map(({ x, y, customdata, text, marker }) => ({
      x,
      y,
      ...(customdata && { customdata }),
      ...(text && { text }),
      ...(Array.isArray(marker?.size) && { marker: { size: marker.size } }),
    }));
    const glide = {
      mode: "immediate",
      transition: { duration, easing: "linear" },
      frame: { duration, redraw: false },
    };
    this.gliding = true;
    await settled(Plotly.animate(this.element, { data, traces: data.map((_, i) => i) }, glide));
    this.gliding = false;
  }

  async setAxes({ xaxis, yaxis }, duration) {
    const ranges = { "xaxis.range": [...xaxis.range], "yaxis.range": [...yaxis.range] };
    if (!duration) return this.quietly(() => Plotly.relayout(this.element, ranges));
    const layout = { xaxis: { range: [...xaxis.range] }, yaxis: { range: [...yaxis.range] } };
    const options = {
      mode: "immediate",
      transition: { duration, easing: "cubic-in-out" },
      frame: { duration, redraw: false },
    };
    await this.quietly(() => Plotly.animate(this.element, { layout }, options));
    if (this.touched) await this.quietly(() => Plotly.relayout(this.element, this.zoomed)); // somebody zoomed meanwhile
  }

  async redraw(figure) {
    const layout = this.draggable(figure.layout);
    if (this.touched) for (const axis of ["xaxis", "yaxis"]) layout[axis].range = this.element.layout[axis].range;
    this.drawn = pointed(figure);
    await this.quietly(() => Plotly.react(this.element, this.traces(figure), layout));
  }

  // What we do to the axes ourselves is not a person's zoom.
  async quietly(act) {
    this.moving = true;
    try {
      await settled(act());
    } finally {
      this.moving = false;
    }
  }

  async resize() {
    this.resized = false;
    if (!this.element.isConnected || !this.element.clientWidth) return;
    const layout = this.fitted(this.shown.asked);
    await this.quietly(() => Plotly.Plots.resize(this.element));
    this.shown.layout = layout;
    if (!this.touched && this.glide) await this.setAxes(layout, 0);
  }

  // Widen the longer side, so that distances in the picture are distances in the plane.
  fitted(layout) {
    if (!this.glide) return layout;
    const { l, r, t, b } = layout.margin;
    const width = Math.max(50, this.element.clientWidth - l - r),
      height = Math.max(50, this.element.clientHeight - t - b);
    const stretched = (axis, factor) => {
      const [low, high] = axis.range,
        middle = (low + high) / 2,
        half = ((high - low) / 2) * Math.max(1, factor);
      return { ...axis, range: [middle - half, middle + half] };
    };
    return {
      ...layout,
      xaxis: stretched(layout.xaxis, width / height),
      yaxis: stretched(layout.yaxis, height / width),
    };
  }
};
