// The URL is the saved experiment: what the server says of it, and the step that is shown.
import { h, setText } from "./dom.js";
import { time } from "./time.js";
import { tr } from "./messages.js";

export const makers = {};

const PAUSE = 1500; // ms between two notes of a step that runs on; browsers refuse many
let query = null,
  home = null,
  written = 0,
  later = null,
  back = false;

const here = () => document.querySelector(".ls-view-time"); // the other pages have addresses of their own

// A new experiment is a new entry of the history; a step only corrects the entry that is there.
export const writeAddress = (experiment = query) => {
  if (experiment === null || experiment === undefined || !here()) return;
  // "": just come from another page
  const fresh = query !== null && experiment !== query && !back && location.search !== "";
  if (experiment !== query) back = false;
  [query, home] = [experiment, location.pathname];
  const url = pageAddress();
  if (url === location.pathname + location.search) return;
  clearTimeout(later);
  const wait = fresh || time.cursor !== null ? 0 : written + PAUSE - performance.now();
  if (wait > 0) return void (later = setTimeout(() => writeAddress(), wait));
  written = performance.now();
  history[fresh ? "pushState" : "replaceState"](history.state, "", url);
};

export const pageAddress = () => {
  const { frame, live, look } = time.now(),
    step = (live && look.goal) || frame?.step;
  // "": no link can hold it
  const parts = query && step && !look.recorded ? [query, `step=${step}`] : [query].filter(Boolean);
  if (look.present) parts.push("present=1");
  if (look.lesson) parts.push(`lesson=${look.lesson.address}`);
  return location.pathname + (parts.length ? `?${parts.join("&")}` : "");
};

// Streamlit runs the script again when somebody goes back; which experiment that is, only the URL says.
addEventListener("popstate", () => {
  if (!here() || location.pathname !== home) return;
  back = true;
  time.visit?.(location.search.slice(1));
});

makers.link = (root) => {
  const copy = h("button.ls-button.ls-copy", { type: "button" }, tr("Copy link"));
  const said = h("span.ls-note", { role: "status" });
  root.append(h("div.ls-link", {}, copy, said));
  copy.addEventListener("click", async () => {
    if (!query) return setText(said, tr("This run has more live changes than a link can hold; download it as a file."));
    const url = location.origin + pageAddress();
    if (!(await copied(url))) return setText(said, url); // to be copied by hand
    setText(said, tr("Copied. The link opens exactly this run."));
    setTimeout(() => setText(said, ""), 5000);
  });
  return () => {};
};

const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text); // only where the page came by https or from this machine
    return true;
  } catch {
    const area = h("textarea", { "aria-hidden": "true", style: "position:fixed;opacity:0" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
};
