// A button that opens a short menu of commands: arrows move in it, Escape and a click beside it close it.
import { h } from "../common/dom.js";

// items: the buttons of the menu, which close it when they are pressed
export const menu = (label, items) => {
  const opener = h(
    "button.ls-press.ls-press-more",
    { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label, title: label },
    h("span", { "aria-hidden": "true" }, "⋯"),
  );
  const list = h("div.ls-menu", { role: "menu", "aria-label": label, hidden: "" }, ...items);
  const box = h("div.ls-menu-box", {}, opener, list);
  const usable = () => items.filter((item) => !item.disabled);
  const show = (open) => {
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  };
  const close = () => {
    show(false);
    opener.focus();
  };
  for (const item of items) {
    item.setAttribute("role", "menuitem");
    item.tabIndex = -1;
    item.addEventListener("click", close);
  }
  opener.addEventListener("click", () => {
    show(list.hidden);
    if (!list.hidden) usable()[0]?.focus();
  });
  const MOVES = { ArrowDown: 1, ArrowUp: -1 };
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = usable(),
      at = all.indexOf(document.activeElement);
    if (event.key === "Escape") close();
    else if (event.key in MOVES) all[(at + MOVES[event.key] + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation(); // letters, spaces and arrows mean other things on the page
  });
  box.addEventListener("focusout", ({ relatedTarget }) => box.contains(relatedTarget) || show(false));
  return box;
};
