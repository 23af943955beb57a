"""The two Streamlit components of the pages: a loader, and `view`, which shows any panel from its data.

The loader sends plotly.js (from the installed package), the JavaScript and the style sheets of assets/page
to the browser once. A view sends only data, so it can be called five times a second.
"""

import pathlib
from collections.abc import Callable, Mapping
from functools import cache

import streamlit as st

from core.plots import GROUPS, PALETTE
from core.plots.javascript import plotly_js

PAGE = pathlib.Path(__file__).parent.parent.parent / "assets" / "page"
SCRIPTS = (
    "dom.js", "time.js", "chart.js", "panels.js", "field.js", "landmarks.js", "landscape.js", "letters.js",
    "timebar.js", "address.js", "visitor.js", "below.js",
    "library.js", "compare.js", "data.js", "words.js", "counts.js", "heat.js",
    "inside.js", "stages.js", "storage.js", "layers.js", "touch.js", "tune.js",
    "tour.js", "guide.js", "page.js",
)  # fmt: skip
STYLES = (
    "page.css",
    "landscape.css",
    "compare.css",
    "data.css",
    "words.css",
    "inside.css",
    "touch.css",
    "tune.css",
    "guide.css",
)
PRESENT = """
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
[data-testid="stMainBlockContainer"] { max-width: none; }
"""

_LOADER_JS = """
export default function ({ data }) {
  if (window.letterspace?.render) return;
  for (const source of data.scripts) {
    const script = document.createElement("script");
    script.textContent = source;
    document.head.append(script);
  }
}
"""

_VIEW_JS = """
export default function (args) {
  const page = (window.letterspace ??= {});
  if (page.render) return page.render(args);
  (page.waiting ??= new Map()).set(args.parentElement, args);
}
"""


@cache
def _styles() -> str:
    return "".join((PAGE / name).read_text() for name in STYLES)


@cache
def _scripts() -> list[str]:
    return [plotly_js(), *((PAGE / name).read_text() for name in SCRIPTS)]


@st.cache_resource
def _components():
    """Registered once per process: registering again would make the browser mount every panel again."""
    loader = st.components.v2.component("letterspace_loader", js=_LOADER_JS, isolate_styles=False)
    view = st.components.v2.component(
        "letterspace_view", html="<div class='ls'></div>", js=_VIEW_JS, isolate_styles=False
    )
    return loader, view


def load() -> None:
    """Send scripts and styles to the browser. Call once in every run of a page, outside fragments."""
    st.html(f"<style>{_styles()}{_colours()}{PRESENT if st.session_state.present else ''}</style>")
    _components()[0](key="loader", data={"scripts": _scripts()})


def view(kind: str, on: Mapping[str, Callable[[], None]] | None = None, **data) -> None:
    """Show a panel. kind: the name of its renderer in assets/page; at most one view of each kind on a page.

    on: event name -> callback, called when the panel's JavaScript sends a value; `received` returns the value.
    """
    callbacks = {f"on_{name}_change": callback for name, callback in (on or {}).items()}
    common = {"kind": kind, "palette": PALETTE, "wording": st.session_state.wording}
    _components()[1](key=f"view_{kind}", data=common | data, **callbacks)


def received(kind: str, name: str):
    """The value that the panel's JavaScript last sent for this event: any JSON, not checked.

    None if there is none, or if the panel is no longer on the page.
    """
    return st.session_state.get(f"view_{kind}", {}).get(name)


def _colours() -> str:
    """The palette as CSS variables, and a class with two colours for each role of a character.

    JavaScript sets data-ls-scheme=dark on the root element if the page is dark.
    """
    schemes = (":root", 0), (":root[data-ls-scheme=dark]", 1)
    palette = "".join(
        f"{root}{{{''.join(f'--ls-{name}:{pair[i]};' for name, pair in PALETTE.items())}}}" for root, i in schemes
    )
    roles = (f".ls-{role}{{--role:var(--ls-{role});--on-role:var(--ls-on_{role})}}" for role in GROUPS)
    return palette + "".join(roles)
