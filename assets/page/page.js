// Routes each component call to the view it belongs to.
(() => {
  const page = window.letterspace;
  const views = new WeakMap();
  const shown = new Set();

  const draw = (element) => {
    const view = views.get(element);
    Promise.resolve(view?.update({ ...view.data, dark: page.dark })).catch(console.error);
  };

  page.render = ({ data, parentElement }) => {
    scheme();
    let view = views.get(parentElement);
    if (!view) {
      const root = parentElement.querySelector(".ls") ?? parentElement;
      root.replaceChildren();
      root.classList.add(`ls-view-${data.kind}`);
      view = { update: page.makers[data.kind](root) };
      views.set(parentElement, view);
      shown.add(new WeakRef(parentElement));
    }
    view.data = data;
    draw(parentElement);
  };

  const scheme = () => {
    const dark = page.isDark();
    if (dark === page.dark) return;
    page.dark = dark;
    document.documentElement.dataset.lsScheme = dark ? "dark" : "light";
    for (const ref of shown) {
      const element = ref.deref();
      if (element?.isConnected) draw(element);
      else shown.delete(ref);
    }
  };

  const app = document.querySelector('[data-testid="stApp"]');
  new MutationObserver(scheme).observe(document.documentElement, { attributes: true, subtree: false });
  if (app) new MutationObserver(scheme).observe(app, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(scheme, 100));
  document.addEventListener("keydown", (event) => event.key === "Escape" && page.light(null));

  for (const args of page.waiting?.values() ?? []) page.render(args);
  page.waiting = null;
})();
