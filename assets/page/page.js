// Routes each component call to the view it belongs to.
(() => {
  const page = window.letterspace;
  const views = new WeakMap();
  const shown = new Set();

  // how: { urgent, duration } for what a person does; what the server says may wait for its turn
  const draw = (element, how) => {
    const view = views.get(element);
    Promise.resolve(view?.update({ ...view.args.data, dark: page.dark }, page.time.now(), how)).catch(console.error);
  };

  const here = () =>
    [...shown].map((ref) => ref.deref() ?? shown.delete(ref)).filter((element) => element?.isConnected);

  // All views but `except` show what time it is.
  page.drawAll = ({ except, ...how } = {}) => {
    for (const element of here()) if (views.get(element).root !== except) draw(element, how);
  };

  page.render = (args) => {
    const { data, parentElement } = args;
    scheme();
    page.reword(data.wording);
    let view = views.get(parentElement);
    if (!view) {
      const root = parentElement.querySelector(".ls") ?? parentElement;
      root.replaceChildren();
      root.classList.add(`ls-view-${data.kind}`);
      view = { root, args };
      view.update = page.makers[data.kind](root, view);
      views.set(parentElement, view);
      shown.add(new WeakRef(parentElement));
    }
    view.args = args;
    view.receive ? view.receive(data) : draw(parentElement);
  };

  const scheme = () => {
    const dark = page.isDark();
    if (dark === page.dark) return;
    page.dark = dark;
    document.documentElement.dataset.lsScheme = dark ? "dark" : "light";
    page.drawAll();
  };

  const app = document.querySelector('[data-testid="stApp"]');
  new MutationObserver(scheme).observe(document.documentElement, { attributes: true, subtree: false });
  if (app) new MutationObserver(scheme).observe(app, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(scheme, 100));
  document.addEventListener("keydown", (event) => event.key === "Escape" && page.light(null));

  for (const args of page.waiting?.values() ?? []) page.render(args);
  page.waiting = null;
})();
