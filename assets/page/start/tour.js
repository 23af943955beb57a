// The tour's card. It floats over the page, marks the panel that it speaks of, and keeps out of its way.
import { h, reducedMotion, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const GAP = 16; // px between the card, the window and the panel
const EVERY = 400; // ms between two looks for the panel: pages draw late, tabs open
const SETTLING = 3; // looks after which what was scrolled to has come to rest
const NARROW = "(max-width: 760px)";
const narrow = () => matchMedia(NARROW).matches;

// The panel is marked by a rule of its own, as React forgets the classes of others.
const rule = document.createElement("style");
document.head.append(rule);
const SIDEBAR = '[data-testid="stExpandSidebarButton"]'; // opens what lies in a closed sidebar
const seen = (element) => {
  const box = element?.getBoundingClientRect();
  return Boolean(box?.width && box.height && box.right > 1 && box.left < innerWidth - 1);
};
const find = (selectors) => [...selectors, SIDEBAR].find((selector) => seen(document.querySelector(selector)));
const mark = (selector) => {
  const room = `@media ${NARROW} { [data-testid="stMainBlockContainer"] { padding-bottom: 26rem !important; }
    .ls-pinned { position: static !important; } }`;
  const text = selector
    ? `${selector} { outline: 3px solid var(--ls-ink) !important; outline-offset: ` +
      "3px; border-radius: 10px; scroll-margin: 3.6rem 0 1rem; }"
    : "";
  rule.textContent = card.open ? room + text : "";
};

const overlap = (a, b) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
// Above the time bar, whose buttons are wanted while a card is open.
const bottom = () => {
  const bar = document.querySelector(".ls-time")?.getBoundingClientRect();
  return bar?.width ? Math.min(innerHeight, Math.max(bar.top, innerHeight / 2)) : innerHeight;
};
// Bottom right, unless that hides the panel: then the corner, or the place above it, that hides least.
const place = (element, target) => {
  element.removeAttribute("style");
  if (narrow()) return;
  if (!target) return (element.style.bottom = `${innerHeight - bottom() + GAP}px`);
  const { width, height } = element.getBoundingClientRect(),
    box = target.getBoundingClientRect();
  const main = document.querySelector('[data-testid="stMain"]').getBoundingClientRect();
  const right = innerWidth - width - GAP,
    left = main.left + GAP,
    low = bottom() - height - GAP;
  const fits = (y) => Math.min(Math.max(y, 3 * GAP), low);
  const spots = [
    [right, low],
    [left, low],
    [right, fits(box.top - height - GAP)],
    [right, fits(0)],
    [left, fits(0)],
  ];
  const hidden = ([x, y]) => overlap(box, { left: x, top: y, right: x + width, bottom: y + height });
  const [x, y] = spots.reduce((best, spot) => (hidden(spot) < hidden(best) - 1 ? spot : best));
  Object.assign(element.style, { left: `${x}px`, top: `${y}px`, right: "auto", bottom: "auto" });
};

// what all mounts of the view share: another page mounts it anew
const card = { open: false, root: null, focus: false };

makers.tour = (root, view) => {
  const say = (name) => view.args.setTriggerValue(name, Date.now());
  const button = (spec, label, act, more = {}) => {
    const made = h(`button.${spec}`, { type: "button", ...more }, label);
    made.addEventListener("click", act);
    return made;
  };
  const opener = button("ls-tour-open", tr("Tour"), () => say(card.open ? "close" : "open"), {
    title: tr("Short cards in the lecture’s order"),
  });
  const place_line = h("span.ls-card-where"),
    title = h("h2"),
    text = h("p"),
    note = h("p.ls-card-note"),
    action = h("p.ls-card-action", { role: "status" });
  const go = button("ls-button.ls-card-go", "", () => ((card.focus = true), say("go")));
  const back = button("ls-button", tr("← Back"), () => say("back")),
    forward = button("ls-button", "", () => say("forward"));
  const close = button("ls-card-close", "×", () => say("close"), {
    "aria-label": tr("Close the card"),
    title: tr("Close (Esc)"),
  });
  const marks = h("span.ls-card-marks", { "aria-hidden": "true" });
  const box = h(
    "section.ls-card",
    { role: "dialog", tabindex: "-1", hidden: "" },
    h("div.ls-card-top", {}, place_line, close),
    h("div", { "aria-live": "polite" }, title, text, note),
    action,
    go,
    h("div.ls-card-foot", {}, marks, back, forward),
  );
  root.append(opener, box);

  box.addEventListener("keydown", (event) => {
    const act = {
      Escape: () => say("close"),
      ArrowRight: () => say("forward"),
      ArrowLeft: () => back.disabled || say("back"),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  let last = "",
    marked = null,
    shown = null,
    settling = 0;
  const watch = () => {
    if (!root.isConnected || !card.open || card.root !== root) return clearInterval(timer);
    const selector = shown.here ? (find(shown.panel) ?? null) : null;
    const target = selector && document.querySelector(selector);
    if (target === marked) return settling-- > 0 && place(box, target);
    marked = target;
    settling = SETTLING;
    mark(selector);
    if (target)
      target.scrollIntoView({ block: narrow() ? "start" : "nearest", behavior: reducedMotion() ? "auto" : "smooth" });
    place(box, target);
  };
  let timer = null;
  const look = () => {
    clearInterval(timer);
    mark(null);
    marked = undefined; // another card, even of the same panel, is placed anew
    place(box, null);
    watch();
    timer = setInterval(watch, EVERY);
  };
  addEventListener("resize", () => card.root === root && card.open && place(box, marked));

  return (data) => {
    const { palette, dark, ...rest } = data,
      now = JSON.stringify(rest);
    if (now === last) return;
    const moved = !shown || shown.at !== data.at || shown.here !== data.here || shown.open !== data.open;
    last = now;
    shown = data;
    const reached = data.open && (!card.open || card.focus),
      left = !data.open && box.contains(document.activeElement);
    Object.assign(card, { open: data.open, root, focus: false });
    const n = data.done.length,
      ready = data.done[data.at];
    setText(opener, data.begun ? tr("Tour {n}/{all}", { n: data.at + 1, all: n }) : tr("Tour"));
    opener.setAttribute("aria-expanded", String(data.open));
    box.hidden = !data.open;
    box.setAttribute("aria-label", tr("Tour, card {n} of {all}", { n: data.at + 1, all: n }));
    setText(place_line, `${tr("{n} of {all}", { n: data.at + 1, all: n })} · ${data.page}`);
    setText(title, data.title);
    setText(text, data.text);
    setText(note, data.note);
    note.hidden = !data.note;
    setText(action, data.action);
    action.classList.toggle("ls-done", ready);
    action.setAttribute("aria-label", `${ready ? tr("Done") : tr("To do")}: ${data.action}`);
    setText(go, tr("Go to {page}", { page: data.page }));
    go.hidden = data.here;
    back.disabled = data.at === 0;
    setText(forward, data.at + 1 === n ? tr("Finish") : ready ? tr("Next →") : tr("Skip →"));
    forward.classList.toggle("ls-card-next", ready && data.here);
    marks.replaceChildren(
      ...data.done.map((was, i) => h(`i${was ? ".ls-done" : ""}${i === data.at ? ".ls-now" : ""}`)),
    );
    if (moved) data.open ? look() : mark(null);
    if (reached) box.focus({ preventScroll: true });
    if (left) opener.focus({ preventScroll: true });
  };
};
