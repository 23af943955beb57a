// Helpers shared by the views. Text from data sets enters the page only as text nodes.
(() => {
  const page = (window.letterspace ??= {});

  // h("div.chip", {title: "x"}, child, "text") -> element
  page.h = (spec, attributes, ...children) => {
    const [tag, ...classes] = spec.split(".");
    const element = document.createElement(tag || "div");
    element.classList.add(...classes);
    for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // A character as it can be seen alone: white space as ␣, a mark that joins on a dotted circle (core/plots has the same).
  page.glyph = (symbol) => (symbol.trim() === "" ? "␣" : /^\p{M}/u.test(symbol) ? `◌${symbol}` : symbol);
  // The same within a sentence, whose order a character that is written from right to left must not turn.
  page.quoted = (symbol) =>
    /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u.test(symbol)
      ? `\u2068${page.glyph(symbol)}\u2069`
      : page.glyph(symbol);

  // Where so many or so wide characters stand under their bars that they would hide each other, a pointer tells them.
  page.crowd = (element, symbols, room) =>
    element.classList.toggle("ls-crowded", symbols.map(page.glyph).join("").length > room);

  page.setText = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  // The letter under the pointer, in whichever panel, is lit in every panel.
  page.light = (letter) => document.dispatchEvent(new CustomEvent("letterspace:letter", { detail: letter }));
  page.onLight = (element, act) => {
    const listen = (event) =>
      element.isConnected ? act(event.detail) : document.removeEventListener("letterspace:letter", listen);
    document.addEventListener("letterspace:letter", listen);
  };
  page.lights = (element, letter) => {
    element.addEventListener("pointerenter", () => page.light(letter));
    element.addEventListener("pointerleave", () => page.light(null));
  };

  // What is said of a list of names is said of other words, too: "{Noun}s it writes", "{V} characters".
  page.wording = { noun: "name", V: 27 };
  page.say = (text) => {
    const { noun, V } = page.wording,
      Noun = noun[0].toUpperCase() + noun.slice(1);
    return text.replaceAll("{noun}", noun).replaceAll("{Noun}", Noun).replaceAll("{V}", V.toLocaleString("en"));
  };
  page.reword = (wording) => {
    if (wording.noun === page.wording.noun && wording.V === page.wording.V) return;
    page.wording = wording;
    document.querySelectorAll("[data-says]").forEach(speak);
  };
  // A heading, or a button whose tip it is, says a text again whenever the words are others.
  const speak = (element) => {
    const text = page.say(element.dataset.says);
    if (element.tagName !== "BUTTON") return page.setText(element, text);
    element.dataset.tip = text;
    element.setAttribute("aria-description", text);
  };

  page.head = (title, help, ...more) => {
    const heading = page.h("h2", { "data-says": title }),
      about = page.h("button.ls-help", { type: "button", "aria-label": "About this picture", "data-says": help }, "?");
    [heading, about].forEach(speak);
    return page.h("header.ls-head", {}, heading, about, ...more);
  };

  // Call act(dx, dy) while somebody drags over `element`, if `may` says so.
  page.turn = (element, may, act) => {
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

  page.reduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  page.isDark = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    const [r, g, b] = (getComputedStyle(app ?? document.body).backgroundColor.match(/[\d.]+/g) ?? [255, 255, 255]).map(
      Number,
    );
    return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  };
})();
