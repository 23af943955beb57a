// A panel that is built anew whenever its data is another.
export const rebuilt = (box, build) => {
  let last = "";
  return (data) => {
    const { dark, palette, ...rest } = data,
      now = JSON.stringify(rest);
    if (now === last) return;
    last = now;
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    box.replaceChildren(...build(rest));
    if (focused) box.querySelector(`[data-k="${CSS.escape(focused)}"]`)?.focus();
  };
};
