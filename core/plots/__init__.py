"""Functions that make Plotly figures, as plain dicts {"data": [...], "layout": {...}}. Pure.

All rules about colours and axes are in this package. Figures are plain dicts because a page draws five times
a second: `plotly.graph_objects` takes 50 ms to build and check a figure, a dict 1 ms. The tests check every
figure with `go.Figure`.

A figure has the colours of the light scheme; on a dark page JavaScript replaces each with its dark partner in
`PALETTE`, so that a figure is the same for all visitors. JavaScript animates a chart from one figure to the
next and does not interpret its data.
"""

import html
import math
from collections.abc import Callable

from core.data.groups import ROLES
from core.messages import tr

# name -> (light, dark). All light colours are different, because JavaScript looks them up by value.
# The colours of roles can be distinguished with any kind of colour blindness (tests/plots/test_colours.py).
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
    "part1": ("#1d4ed8", "#7aa2ff"),
    "part2": ("#c43302", "#ff925c"),
    "part3": ("#15803d", "#5fd38a"),
    "part4": ("#be1896", "#ff7fd6"),
    "part5": ("#8a6d00", "#e0cb5a"),
    "run1": ("#138613", "#5ffa38"),
    "run2": ("#c91db8", "#f91fb8"),
    "run3": ("#28037c", "#a651fb"),
    "run4": ("#4f4917", "#fdfdb4"),
    "run5": ("#e00647", "#f90637"),
    "run6": ("#8a2863", "#dd88aa"),
    # parts of speech (core/data/parts.py)
    "noun": ("#2166ac", "#7db2e8"),
    "name": ("#0b8793", "#4dd0dd"),
    "verb": ("#c5312b", "#ff8f80"),
    "aux": ("#b85c00", "#ffb056"),
    "adj": ("#2b7d2b", "#77cf77"),
    "adv": ("#6a7300", "#c8d24f"),
    "pron": ("#6f4bb0", "#c0a4ff"),
    "det": ("#b02a7f", "#ff8fd0"),
    "prep": ("#7d4a3c", "#d9a08f"),
    "conj": ("#8a6d1d", "#e0c46a"),
    "num": ("#17191e", "#f4f5f7"),
    "other": ("#6c7381", "#9ba4b3"),
}
LIGHT = {name: light for name, (light, _) in PALETTE.items()}
RUNS = tuple(name for name in PALETTE if name.startswith("run"))  # of compared runs, and of nothing else
GROUPS = (*ROLES, "boundary")  # each has a colour, and a colour "on_..." for letters on it
FONT = "Source Sans, sans-serif"
STEP_MARGIN = {"l": 40, "r": 34, "t": 6, "b": 38}  # the same for all charts over steps, so that they are aligned


def escape(text: str) -> str:
    """Text from a data set, escaped so that Plotly shows it literally."""
    return html.escape(text, quote=False)  # Plotly does not support &quot;


def one_of(name: str) -> str:
    """The singular of a group's name, in English: "vowel" for "vowels"."""
    if name == "auxiliaries":
        return "auxiliary"
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
    common = {"title": title, "range": list(span), "gridcolor": LIGHT["grid"], "tickfont": {"size": 12}}
    return common | {"zeroline": False} | more


def step_place(log_steps: bool) -> Callable[[int], float]:
    """Function from a step to its x: log10(step + 1), because a log axis cannot show step 0; or the step itself."""
    return (lambda step: math.log10(step + 1)) if log_steps else float


def step_axis(last: int, log_steps: bool) -> dict:
    """The axis of steps from 0 to `last`, with space for a point at both ends."""
    place = step_place(log_steps)
    ticks = [0, *(10**e for e in range(1, 8) if 10**e <= last)]
    marks = (
        {"tickvals": [place(t) for t in ticks], "ticktext": [f"{t:,}" for t in ticks]} if log_steps else {"nticks": 6}
    )
    title = tr("step, log scale") if log_steps else tr("step")
    return axis(title, (-0.015 * place(last), 1.015 * place(last)), **marks)
