// The link to the page in another language (core/ui/language.py): it keeps what else the URL says when it is pressed.
const renew = ({ target }) => {
  const link = target.closest?.("a.ls-language");
  if (!link) return;
  const there = new URL(location.href);
  there.searchParams.set("lang", link.hreflang);
  [link.href, link.target] = [there.href, "_self"];
};
for (const kind of ["pointerdown", "click"]) addEventListener(kind, renew, true);
