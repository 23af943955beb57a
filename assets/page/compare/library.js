// The library: a list of runs that are chosen, named, opened and deleted in place.
import { h, panelHead, setText } from "../common/dom.js";
import { tr } from "../common/messages.js";

export const makers = {};

const LONGEST = 80; // characters of a name, as core/keeping/runfile.py has it

makers.library = (root, view) => {
  const tell = (name, value) => view.args.setTriggerValue(name, value);
  const count = h("span.ls-note"),
    notes = h("div.ls-notes", { role: "status" }),
    list = h("ul.ls-runs", { "aria-label": tr("Runs") });
  const undo = h("button.ls-button.ls-undo", { type: "button" }, tr("Undo")),
    gone = h("span");
  const line = h("p.ls-gone", { role: "status" }, gone, undo);
  const others = h("li.ls-section", {}, tr("Other runs on this server"));
  const empty = h("p.ls-facts", {}, tr("None yet. Every run with at least one step is kept here."));
  root.append(
    panelHead(
      tr("Your runs"),
      tr(
        "Every run with at least one step is kept here. Tick two to six to see " +
          "them side by side. Click a name to change it.",
      ),
      count,
    ),
    line,
    notes,
    empty,
    list,
  );
  undo.addEventListener("click", () => tell("undelete", true));
  const rows = new Map(); // id -> the parts of its item
  let ids = [],
    heard = 0,
    most = 6;

  // What was chosen is told as a whole, with a number: an answer to an older choice changes nothing here.
  const choose = (box, id) => {
    if (box.checked && ids.length >= most) {
      box.checked = false;
      return say([tr("At most {most} runs can be compared; remove one first.", { most })]);
    }
    ids = box.checked ? [...ids, id] : ids.filter((other) => other !== id);
    say([]);
    view.args.setStateValue("choice", { ids, heard: ++heard });
  };

  const say = (texts) => notes.replaceChildren(...texts.map((text) => h("p", {}, text)));

  const made = (id) => {
    const box = h("input", { type: "checkbox" }),
      dot = h("i.ls-dot");
    const name = h("input.ls-rename", {
      type: "text",
      maxlength: LONGEST,
      "aria-label": tr("Name"),
      spellcheck: "false",
      autocomplete: "off",
    });
    const about = h("p.ls-about"),
      facts = h("p.ls-facts");
    const open = h(
      "button.ls-button",
      { type: "button", title: tr("Go on with this run on the Explore page") },
      tr("Open"),
    );
    const remove = h("button.ls-button", { type: "button" }, tr("Delete"));
    const item = h(
      "li.ls-run",
      {},
      h("label.ls-pick", {}, box, dot),
      h("div.ls-run-text", {}, name, about, facts),
      h("div.ls-run-acts", {}, open, remove),
    );
    box.addEventListener("change", () => choose(box, id));
    open.addEventListener("click", () => tell("open", id));
    remove.addEventListener("click", () => ((view.undoNext = true), tell("delete", id)));
    name.addEventListener("keydown", (event) => {
      if (event.key === "Escape") name.value = name.dataset.kept;
      if (event.key === "Enter" || event.key === "Escape") name.blur();
    });
    name.addEventListener("blur", () => name.value !== name.dataset.kept && tell("rename", [id, name.value]));
    return { item, box, dot, name, about, facts, open, remove };
  };

  const fill = (parts, run) => {
    const { item, box, name, about, facts, open, remove } = parts;
    if (document.activeElement !== name) name.value = run.name;
    name.dataset.kept = run.name;
    name.title = run.name;
    setText(about, run.about);
    setText(facts, run.facts + (run.failure ? tr(" · broke down") : ""));
    facts.title = run.failure ?? "";
    box.setAttribute("aria-label", tr("Compare {name}", { name: run.name }));
    open.setAttribute("aria-label", tr("Open {name}", { name: run.name }));
    remove.setAttribute("aria-label", tr("Delete {name}", { name: run.name }));
    item.classList.toggle("ls-current", run.current);
  };

  // As the server will (core/ui/compare/comparison.py): a run keeps its colour, another gets one that is free.
  const colourOf = ({ colours, coloured }) => {
    const of = new Map(ids.filter((id) => coloured[id]).map((id) => [id, coloured[id]])),
      unused = colours.filter((colour) => !Object.values(coloured).includes(colour));
    const kept = [...of.values()],
      free = [...unused, ...colours.filter((colour) => !unused.includes(colour) && !kept.includes(colour))];
    for (const id of ids) if (!of.has(id)) of.set(id, free.shift());
    return of;
  };

  const mark = (data) => {
    const of = colourOf(data);
    for (const [id, { item, box, dot }] of rows) {
      const at = ids.indexOf(id);
      box.checked = at >= 0;
      item.classList.toggle("ls-chosen", at >= 0);
      dot.style.background = at >= 0 ? `var(--ls-${of.get(id)})` : "";
    }
  };

  return (data) => {
    most = data.most;
    if (data.choice.heard >= heard) [ids, heard] = [data.choice.ids, data.choice.heard];
    for (const id of [...rows.keys()])
      if (!data.runs.some((run) => run.id === id)) (rows.get(id).item.remove(), rows.delete(id));
    const own = data.runs.filter((run) => run.own).length,
      items = [];
    for (const run of data.runs) {
      if (!rows.has(run.id)) rows.set(run.id, made(run.id));
      if (items.length === own && !run.own) items.push(others);
      items.push(rows.get(run.id).item);
      fill(rows.get(run.id), run);
    }
    if (own === data.runs.length) others.remove();
    items.forEach((item, i) => list.children[i] !== item && list.insertBefore(item, list.children[i] ?? null));
    mark(data);
    setText(count, data.runs.length ? tr("{n} · compare two to six", { n: own }) : "");
    line.hidden = !data.gone;
    if (data.gone) setText(gone, tr("Deleted “{name}”.", { name: data.gone.name }));
    if (data.gone && view.undoNext) undo.focus();
    view.undoNext = false;
    empty.hidden = own > 0;
    say(data.notes);
  };
};
