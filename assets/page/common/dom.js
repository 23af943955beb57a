// Helpers shared by the views. Text from data sets enters the page only as text nodes.
import { tr } from "./messages.js";

// h("div.chip", {title: "x"}, child, "text") -> element
export const h = (spec, attributes, ...children) => {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  element.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

// svg("circle", {r: 4}, child, "text") -> element
export const svg = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

// A character as it can be seen alone: white space as ␣, a mark that joins on a dotted circle (core/plots has the
// same).
export const glyph = (symbol) => (symbol.trim() === "" ? "␣" : /^\p{M}/u.test(symbol) ? `◌${symbol}` : symbol);
// The same within a sentence, whose order a character that is written from right to left must not turn.
export const quoted = (symbol) =>
  /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u.test(symbol)
    ? `\u2068${glyph(symbol)}\u2069`
    : glyph(symbol);

// Where so many or so wide characters stand under their bars that they would hide each other, a pointer tells them.
export const markCrowded = (element, symbols, room) =>
  element.classList.toggle("ls-crowded", symbols.map(glyph).join("").length > room);

export const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

// The letter under the pointer, in whichever panel, is lit in every panel.
export const lightLetter = (letter) =>
  document.dispatchEvent(new CustomEvent("letterspace:letter", { detail: letter }));
export const onLetterLit = (element, act) => {
  const listen = (event) =>
    element.isConnected ? act(event.detail) : document.removeEventListener("letterspace:letter", listen);
  document.addEventListener("letterspace:letter", listen);
};
export const lightOnHover = (element, letter) => {
  element.addEventListener("pointerenter", () => lightLetter(letter));
  element.addEventListener("pointerleave", () => lightLetter(null));
};

// What is said of a list of names is said of other words, too: "{Noun}s it writes", "{V} characters". In every
// language "{noun}s" is the plural; a translation may do without the noun.
const OF_CHARACTERS = {
  symbols: tr("characters"),
  symbol: tr("character"),
  measured: tr("exact, over every example of the split"),
};
const OF_WORDS = {
  symbols: tr("words"),
  symbol: tr("word"),
  measured: tr("over at most 3,000 random examples of the split, always the same; exact at rest"),
};
const NOUNS = {
  name: [tr("name"), tr("names")],
  word: [tr("word"), tr("words")],
  sentence: [tr("sentence"), tr("sentences")],
};
const capital = (word) => word[0].toUpperCase() + word.slice(1);
export let wording = { noun: "name", V: 27 };
export const inWords = (text) => {
  const { noun, V } = wording,
    [one, many] = NOUNS[noun];
  const said = {
    ...(noun === "sentence" ? OF_WORDS : OF_CHARACTERS),
    V: V.toLocaleString("en"),
  };
  for (const [name, value] of Object.entries(said)) text = text.replaceAll(`{${name}}`, value);
  return text
    .replaceAll("{noun}s", many)
    .replaceAll("{Noun}s", capital(many))
    .replaceAll("{noun}", one)
    .replaceAll("{Noun}", capital(one));
};
export const reword = (other) => {
  if (other.noun === wording.noun && other.V === wording.V) return;
  wording = other;
  document.querySelectorAll("[data-says]").forEach(speak);
};
// A heading, or a button whose tip it is, says a text again whenever the words are others.
const speak = (element) => {
  const text = inWords(element.dataset.says);
  if (element.tagName !== "BUTTON") return setText(element, text);
  element.dataset.tip = text;
  element.setAttribute("aria-description", text);
};

export const panelHead = (title, help, ...more) => {
  const heading = h("h2", { "data-says": title }),
    about = h("button.ls-help", { type: "button", "aria-label": tr("About this picture"), "data-says": help }, "?");
  [heading, about].forEach(speak);
  return h("header.ls-head", {}, heading, about, ...more);
};

// Call act(dx, dy) while somebody drags over `element`, if `may` says so.
export const onDrag = (element, may, act) => {
  let from = null;
  element.addEventListener("pointerdown", (event) => may() && (from = [event.clientX, event.clientY]), {
    capture: true,
  });
  addEventListener("pointermove", (event) => {
    if (!from || !element.isConnected) return;
    act(event.clientX - from[0], event.clientY - from[1]);
    from = [event.clientX, event.clientY];
  });
  addEventListener("pointerup", () => (from = null));
};

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// "light" or "dark", as views.js found it last. isDark looks again, for which the browser computes styles.
export const scheme = () => document.documentElement.dataset.lsScheme;

export const isDark = () => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app) return matchMedia("(prefers-color-scheme: dark)").matches; // as Streamlit, at first
  const [r, g, b] = getComputedStyle(app)
    .backgroundColor.match(/[\d.]+/g)
    .map(Number);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
};
