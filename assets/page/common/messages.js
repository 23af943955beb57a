// Sentences in the visitor's language. In the code every sentence is English: tr("Step {step}", { step }). A table for
// each other language maps each English message to its translation (assets/languages; core/messages.py reads it, too).
const language = document.documentElement.lang; // as the server wrote it into the index page

const load = async () => (await fetch(new URL(`../languages/${language}.json`, import.meta.url))).json();
// Without a table the page speaks English rather than not at all.
const table = language === "en" ? {} : await load().catch(() => ({}));

export const tr = (message, values = {}) =>
  (Object.hasOwn(table, message) ? table[message] : message).replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? values[name] : whole,
  );

// Says that a message is translated later, by `tr` where it is shown.
export const mark = (message) => message;

// The message for one or the one for many, by n, which is {n} in it: plural(3, mark("{n} step"), mark("{n} steps")).
export const plural = (n, one, many, values = {}) => tr(n === 1 ? one : many, { n: n.toLocaleString("en"), ...values });
