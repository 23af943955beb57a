// The URL is the saved experiment: what the server says of it, and the step that is shown.
(() => {
  const page = window.letterspace;
  const PAUSE = 1500; // ms between two notes of a step that runs on; browsers refuse many
  let query = null,
    home = null,
    written = 0,
    later = null,
    back = false;

  const here = () => document.querySelector(".ls-view-time"); // the other pages have addresses of their own

  // A new experiment is a new entry of the history; a step only corrects the entry that is there.
  page.writeAddress = (experiment = query) => {
    if (experiment === null || experiment === undefined || !here()) return;
    const fresh = query !== null && experiment !== query && !back && location.search !== ""; // "": just come from another page
    if (experiment !== query) back = false;
    [query, home] = [experiment, location.pathname];
    const url = page.address();
    if (url === location.pathname + location.search) return;
    clearTimeout(later);
    const wait = fresh || page.time.cursor !== null ? 0 : written + PAUSE - performance.now();
    if (wait > 0) return void (later = setTimeout(() => page.writeAddress(), wait));
    written = performance.now();
    history[fresh ? "pushState" : "replaceState"](history.state, "", url);
  };

  page.address = () => {
    const { frame, live, look } = page.time.now(),
      step = (live && look.goal) || frame?.step;
    const parts = query && step && !look.recorded ? [query, `step=${step}`] : [query].filter(Boolean); // "": no link can hold it
    if (look.present) parts.push("present=1");
    return location.pathname + (parts.length ? `?${parts.join("&")}` : "");
  };

  // Streamlit runs the script again when somebody goes back; which experiment that is, only the URL says.
  addEventListener("popstate", () => {
    if (!here() || location.pathname !== home) return;
    back = true;
    page.time.visit?.(location.search.slice(1));
  });

  page.makers.link = (root) => {
    const copy = page.h("button.ls-button.ls-copy", { type: "button" }, "Copy link");
    const said = page.h("span.ls-note", { role: "status" });
    root.append(page.h("div.ls-link", {}, copy, said));
    copy.addEventListener("click", async () => {
      if (!query)
        return page.setText(said, "This run had more live changes than a link can hold; take it home as a file.");
      const url = location.origin + page.address();
      if (!(await copied(url))) return page.setText(said, url); // to be copied by hand
      page.setText(said, "Copied: whoever opens it gets this very run.");
      setTimeout(() => page.setText(said, ""), 5000);
    });
    return () => {};
  };

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text); // only where the page came by https or from this machine
      return true;
    } catch {
      const area = page.h("textarea", { "aria-hidden": "true", style: "position:fixed;opacity:0" });
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
})();
