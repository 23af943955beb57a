"""View or history -> Plotly figure, as plain dicts {"data": [...], "layout": {...}}.

Pure; every colour and axis rule of a chart lives here. Plain dicts because a page draws
five times a second: `plotly.graph_objects` takes 50 ms to build and check one of these
figures, a dict 1 ms. The tests put each through `go.Figure`, which checks every key.

A figure is made in the colours of the light scheme; the page's JavaScript swaps each for
its dark partner in `PALETTE` when the page is dark, so that a figure does not depend on
who looks at it. JavaScript moves a chart from one figure to the next and knows no data.
"""

import html
import math
import unicodedata
from collections.abc import Callable

from core.data.groups import ROLES

# name -> (light, dark). Light colours are all different: they are looked up by value.
# Colours of roles can be told apart by people who see no red, no green or no blue (tests/plots/test_colours.py).
PALETTE = {
    "vowel": ("#e5603c", "#ff8f6b"),
    "consonant": ("#3a6ea5", "#7db1e8"),
    "third": ("#3d5a0f", "#5f9a1f"),
    "fourth": ("#8a1355", "#e0408a"),
    "fifth": ("#c65bd0", "#f4efd6"),
    "sixth": ("#8f7d6c", "#8a7a62"),
    "boundary": ("#c99700", "#e8bc3a"),
    "on_vowel": ("#260b02", "#1d0902"),
    "on_consonant": ("#fffffe", "#06121f"),
    "on_third": ("#fefffe", "#060a02"),
    "on_fourth": ("#fffeff", "#0c0207"),
    "on_fifth": ("#1c0620", "#1a1808"),
    "on_sixth": ("#0d0905", "#0f0a06"),
    "on_boundary": ("#1f1700", "#1b1400"),
    "train": ("#0f766e", "#2dd4bf"),
    "minibatch": ("rgba(15,118,110,0.30)", "rgba(45,212,191,0.28)"),
    "dev": ("#7c3aed", "#b79cff"),
    "baseline": ("#6b7280", "#9aa3b2"),
    "ghost": ("#b4b9c2", "#4d5562"),
    "ink": ("#16181d", "#eceef2"),
    "quiet": ("#5d6470", "#a3abb8"),
    "grid": ("#eceef1", "#232933"),
    "zero": ("#d9dce2", "#333b47"),
    "paper": ("#ffffff", "#101318"),
    "run1": ("#1d4ed8", "#7aa2ff"),
    "run2": ("#c43302", "#ff925c"),
    "run3": ("#15803d", "#5fd38a"),
    "run4": ("#be1896", "#ff7fd6"),
    "run5": ("#8a6d00", "#e0cb5a"),
    "run6": ("#3f4854", "#b9c2cf"),
}
LIGHT = {name: light for name, (light, _) in PALETTE.items()}
RUNS = tuple(name for name in PALETTE if name.startswith("run"))  # of runs that are compared, in their order
GROUPS = (*ROLES, "boundary")  # each has a colour, and one for the letters on it
FONT = "Source Sans, sans-serif"
STEP_MARGIN = {"l": 40, "r": 34, "t": 6, "b": 38}  # the same for all charts over steps: they line up


def escape(text: str) -> str:
    """Text from a data set as Plotly shows it: letter for letter, no tags, no entities."""
    return html.escape(text, quote=False)  # Plotly knows no &quot;


def glyph(symbol: str) -> str:
    """A symbol of a vocabulary as it can be seen alone: white space as ␣, a mark that joins on a dotted circle.

    `page.glyph` in assets/page/dom.js is the same; what is told, asked and compared is the symbol itself.
    """
    if symbol.isspace():
        return "␣"
    return f"◌{symbol}" if unicodedata.category(symbol[0])[0] == "M" else symbol


def one_of(name: str) -> str:
    """What one character of a group is called: "vowel" of "vowels"."""
    return name if name.endswith("ss") else name.removesuffix("s")


def figure(traces: list[dict], **layout) -> dict:
    hover = {
        "bgcolor": LIGHT["paper"],
        "bordercolor": LIGHT["zero"],
        "font": {"color": LIGHT["ink"], "size": 13, "family": FONT},
    }
    common = {
        "font": {"family": FONT, "size": 13, "color": LIGHT["quiet"]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": LIGHT["quiet"], "activecolor": LIGHT["ink"]},
        "hovermode": "closest",
        "hoverlabel": hover,
    }
    return {"data": traces, "layout": common | layout}


def axis(title: str, span: tuple[float, float], **more) -> dict:
    title = {"text": title, "font": {"size": 12}, "standoff": 6}
    common = {"title": title, "range": list(span), "gridcolor": LIGHT["grid"], "tickfont": {"size": 11}}
    return common | {"zeroline": False} | more


def step_place(log_steps: bool) -> Callable[[int], float]:
    """Where a step stands on the axis of steps: log10(step + 1), as a log axis cannot show step 0; or step."""
    return (lambda step: math.log10(step + 1)) if log_steps else float


def step_axis(last: int, log_steps: bool) -> dict:
    """The axis of steps, 0 to `last`, with room for a whole point at either end."""
    place = step_place(log_steps)
    ticks = [0, *(10**e for e in range(1, 8) if 10**e <= last)]
    marks = (
        {"tickvals": [place(t) for t in ticks], "ticktext": [f"{t:,}" for t in ticks]} if log_steps else {"nticks": 6}
    )
    title = "step, log scale" if log_steps else "step"
    return axis(title, (-0.015 * place(last), 1.015 * place(last)), **marks)
