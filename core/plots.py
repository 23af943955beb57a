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
from itertools import pairwise

from core.config import Config
from core.history import History
from core.ngrams import COUNT_MODELS, UNIFORM
from core.scene import View

# name -> (light, dark). Light colours are all different: they are looked up by value.
PALETTE = {
    "vowel": ("#e5603c", "#ff8f6b"),
    "consonant": ("#3a6ea5", "#7db1e8"),
    "boundary": ("#c99700", "#e8bc3a"),
    "on_vowel": ("#260b02", "#1d0902"),
    "on_consonant": ("#fffffe", "#06121f"),
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
}
LIGHT = {name: light for name, (light, _) in PALETTE.items()}
GROUPS = ("vowel", "consonant", "boundary")
FONT = "Source Sans, sans-serif"
POINTS = 400  # the most that a curve sends to the browser


def escape(text: str) -> str:
    """Text from a data set as Plotly shows it: letter for letter, no tags, no entities."""
    return html.escape(text, quote=False)  # Plotly knows no &quot;


def _figure(traces: list[dict], **layout) -> dict:
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


def _axis(title: str, span: tuple[float, float], **more) -> dict:
    title = {"text": title, "font": {"size": 12}, "standoff": 6}
    common = {"title": title, "range": list(span), "gridcolor": LIGHT["grid"], "tickfont": {"size": 11}}
    return common | {"zeroline": False} | more


# ---------------------------------------------------------------- letters


def letters(view: View) -> dict:
    """The embedding: a trail for each colour group, then the letters, hover text in the full space."""
    groups = view.snapshot.vocabulary.groups
    traces = [_trail(view, [i for i, g in enumerate(groups) if g == group], group) for group in GROUPS]
    w, titles = view.window, axis_titles(view)
    line = {"zeroline": True, "zerolinecolor": LIGHT["zero"], "nticks": 9}
    flat = {"showticklabels": False, "showgrid": False, "zeroline": False} if view.C.shape[1] == 1 else {}
    return _figure(
        [*traces, _letters(view)],
        margin={"l": 44, "r": 10, "t": 8, "b": 40},
        meta=view.snapshot.number,
        xaxis=_axis(titles[0], (w.x - w.half, w.x + w.half), **line),
        yaxis=_axis(titles[1], (w.y - w.half, w.y + w.half), **line | flat),
    )


def axis_titles(view: View) -> tuple[str, str]:
    """Raw dimensions as they are; of a projection, how much of the variance each axis shows."""
    n_embd = view.C.shape[1]
    if n_embd == 1:
        return "dimension 1", ""
    if n_embd == 2:
        return "dimension 1", "dimension 2"
    return tuple(f"{share:.0%} of the variance of {n_embd} dimensions" for share in view.explained)


def letters_note(view: View) -> str:
    """What the axes are, in a few words beside the title."""
    n_embd = view.C.shape[1]
    if n_embd == 1:
        return "height only keeps letters apart"
    return "raw coordinates" if n_embd == 2 else f"PCA of {n_embd} dimensions"


def _heights(view: View) -> list[float]:
    """Vertical places. On a line (n_embd 1) they mean nothing and only keep letters apart."""
    if view.C.shape[1] == 1:
        return [round(view.window.half * 0.2 * (i % 7 - 3), 4) for i in range(len(view.C))]
    return [round(y, 4) for y in view.points[:, 1].tolist()]


def _trail(view: View, members: list[int], group: str) -> dict:
    """One line with gaps through where each member was; as long in every frame."""
    xs, ys, heights = [], [], _heights(view)
    for i in members:
        past = [points[i].tolist() for points in view.trails]
        xs += [round(x, 4) for x, _ in past] + [None]
        ys += [round(y, 4) if view.C.shape[1] > 1 else heights[i] for _, y in past] + [None]
    line = {"color": LIGHT[group], "width": 2}
    return {"type": "scatter", "x": xs, "y": ys, "mode": "lines", "line": line, "opacity": 0.4, "hoverinfo": "skip"}


def _letters(view: View) -> dict:
    vocabulary = view.snapshot.vocabulary
    names, groups = [escape(s) for s in vocabulary.itos], vocabulary.groups
    customdata = [
        [name, group, _coordinates(row), ", ".join(names[j] for j in near)]
        for name, group, row, near in zip(names, _group_names(groups), view.C.tolist(), view.nearest)
    ]
    return {
        "type": "scatter",
        "x": [round(x, 4) for x in view.points[:, 0].tolist()],
        "y": _heights(view),
        "mode": "markers+text",
        "text": [f"<b>{name}</b>" for name in names],
        "marker": {"size": 25, "color": [LIGHT[g] for g in groups], "line": {"width": 1.5, "color": LIGHT["paper"]}},
        "textfont": {"size": 15, "color": [LIGHT[f"on_{g}"] for g in groups], "family": FONT},
        "textposition": "middle center",
        "customdata": customdata,
        "hovertemplate": "<b>%{customdata[0]}</b>  %{customdata[1]}<br>%{customdata[2]}"
        "<br>nearest: <b>%{customdata[3]}</b><extra></extra>",
    }


def _group_names(groups: tuple[str, ...]) -> list[str]:
    return ["start and end of a name" if g == "boundary" else g for g in groups]


def _coordinates(row: list[float]) -> str:
    shown = ", ".join(f"{x:.3f}" for x in row[:6])
    return f"({shown}{', …' if len(row) > 6 else ''})"


# ---------------------------------------------------------------- loss


def loss(
    config: Config,
    step: int,
    history: History,
    baselines: dict[str, float],
    before: History | None = None,
    log_steps: bool = True,
) -> dict:
    """Minibatch, exact train and exact dev loss in nats per character, over log10(step + 1) or step.

    baselines: name -> dev loss of count models, drawn as labelled lines. before: the run
    before this one, drawn as a ghost.
    """
    place = (lambda s: math.log10(s + 1)) if log_steps else float
    last = max(step, config.steps)
    ghost = before.evaluations if before else ()
    bottom, top = loss_range(history)
    traces = [
        _curve(place, ((s, train) for s, train, _ in ghost), "ghost", 1.6, "before"),
        _curve(place, (row[:2] for row in history.losses), "minibatch", 1, "minibatch", place(last)),
        _curve(place, ((s, train) for s, train, _ in history.evaluations), "train", 2.6, "train"),
        _curve(place, ((s, dev) for s, _, dev in history.evaluations), "dev", 2.6, "dev"),
        _now(history, place),
    ]
    shapes, labels = _baselines(baselines, bottom, top, log_steps)
    ticks = [0, *(10**e for e in range(1, 8) if 10**e <= last)]
    marks = (
        {"tickvals": [place(t) for t in ticks], "ticktext": [f"{t:,}" for t in ticks]} if log_steps else {"nticks": 6}
    )
    title = "step, log scale" if log_steps else "step"
    return _figure(
        traces,
        margin={"l": 40, "r": 34, "t": 6, "b": 38},
        xaxis=_axis(title, (-0.015 * place(last), 1.015 * place(last)), **marks),
        yaxis=_axis("", (bottom, top), nticks=7, tickformat=".1f" if top < 10 else ""),
        shapes=shapes,
        annotations=labels,
    )


def _curve(place, rows, colour: str, width: float, name: str, end: float | None = None) -> dict:
    rows = [(round(place(s), 5), round(y, 5), s) for s, y in rows if math.isfinite(y)]
    if end is not None:
        rows = _thinned(rows, end)
    xs, ys, steps = zip(*rows) if rows else ((), (), ())
    return {
        "type": "scatter",
        "x": list(xs),
        "y": list(ys),
        "customdata": list(steps),
        "mode": "lines",
        "line": {"color": LIGHT[colour], "width": width},
        "hovertemplate": f"step %{{customdata:,}}<br>{name}: %{{y:.4f}}<extra></extra>",
    }


def _thinned(rows: list, end: float) -> list:
    """At most POINTS rows, evenly along the axis: the first of each cell."""
    cells = [int(x / (end or 1.0) * (POINTS - 1)) for x, _, _ in rows]
    return rows[:1] + [row for row, (a, b) in zip(rows[1:], pairwise(cells)) if b > a]


LADDER = (3.5, 5.0, 8.0, 14.0, 30.0, 100.0, 300.0)  # tops of the loss axis: it moves rarely


def loss_range(history: History) -> tuple[float, float]:
    """A frame for the losses of the last factor of ten in steps; what was far above leaves it."""
    last = history.evaluations[-1][0]
    recent = [v for s, *both in history.evaluations if s >= last / 10 for v in both]
    highest, lowest = max(recent), min(recent)
    top = next((t for t in LADDER if highest <= 0.97 * t), 10 ** math.ceil(math.log10(highest * 1.05)))
    bottom = 1.9 if lowest > 1.97 else math.floor(lowest * 4) / 4 - 0.25
    return (0.0 if top > LADDER[1] else bottom), top


def _now(history: History, place) -> dict:
    """A named point at the end of each exact curve: at step 0 there is nothing else to see."""
    step, train, dev = history.evaluations[-1]
    places = ["bottom right", "top right"] if dev >= train else ["top right", "bottom right"]
    colours = [LIGHT["train"], LIGHT["dev"]]
    return {
        "type": "scatter",
        "x": [round(place(step), 5)] * 2,
        "y": [train, dev],
        "mode": "markers+text",
        "marker": {"size": 7, "color": colours},
        "text": ["<b>train</b>", "<b>dev</b>"],
        "textposition": places,
        "textfont": {"color": colours, "size": 11.5},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _baselines(losses: dict[str, float], bottom: float, top: float, log_steps: bool) -> tuple[list, list]:
    """A dashed line for each, labelled where a falling curve seldom is; no label where it would touch another."""
    line = {"color": LIGHT["baseline"], "width": 1, "dash": "dash"}
    font = {"color": LIGHT["baseline"], "size": 11.5}
    shapes, labels, last = [], [], math.inf
    for name, value in sorted(losses.items(), key=lambda item: -item[1]):
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line})
        if last - value < 0.065 * (top - bottom):
            continue
        last = value
        at = {"x": 1, "xanchor": "right"} if name == UNIFORM else {"x": 0.012 if log_steps else 0.4, "xanchor": "left"}
        how = {"xref": "paper", "yanchor": "bottom", "yshift": -1, "showarrow": False, "font": font} | at
        labels.append({"text": f"{name} {value:.2f}", "y": value, **how})
    return [shape | {"layer": "below"} for shape in shapes], labels


def shown_baselines(losses: dict[str, float], four_gram: bool) -> dict[str, float]:
    """The count models on the loss chart: the 4-gram only when asked for."""
    longest = max(COUNT_MODELS, key=lambda name: COUNT_MODELS[name][0])
    return {name: value for name, value in losses.items() if four_gram or name != longest}
