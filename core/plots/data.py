"""The charts of the Data page: losses on one line, contexts by length, a descent, a mix of two models."""

import math
from collections.abc import Sequence

import torch

from core.counting.bigram import BigramTraining
from core.counting.mixture import POINTS, Mix
from core.counting.ngrams import UNIFORM
from core.counting.standings import Standing
from core.data.word_examples import Growth
from core.messages import mark, tr
from core.plots import LIGHT, STEP_MARGIN, axis, figure, step_axis, step_place
from core.plots.compare import spread

TOP = 3.6  # nats, a little above the loss of guessing: higher losses are drawn at the right edge
MARGIN = 0.06  # nats above and below what is drawn
SIDE = {"l": 48, "r": 16, "t": 8, "b": 38}


# ---------------------------------------------------------------- standings


def track(standings: Sequence[Standing]) -> dict:
    """Positions of train and dev losses and of the ticks, in percent of the line's width; the lowest loss is left."""
    losses = [loss for line in standings for loss in (line.train, line.dev) if math.isfinite(loss)]
    top = max([TOP, *(line.dev + 0.3 for line in standings if line.name == UNIFORM)])
    low, high = math.floor(10 * min(losses)) / 10 - 0.05, min(top, max(losses) + 0.05)
    place = lambda loss: round(100 * (min(loss, high) - low) / (high - low), 2) if math.isfinite(loss) else 100.0
    ticks = [tick / 2 for tick in range(math.ceil(2 * low), math.floor(2 * high) + 1)]
    return {
        "places": [[place(line.train), place(line.dev)] for line in standings],
        "ticks": [[place(tick), f"{tick:.1f}"] for tick in ticks],
    }


# ---------------------------------------------------------------- counts


def shades(counts: torch.Tensor) -> list[int]:
    """Colour strength of each count, 0 to 100, row by row: by its square root, so that rare pairs are visible."""
    return (100 * (counts / counts.max()).sqrt()).round().int().flatten().tolist()


def matrix(P: torch.Tensor, labels: list[str]) -> dict:
    """A picture of P (n, n), probabilities of what follows each character, and what can be read without seeing it.

    likeliest: for each character the three that follow it most often, with their probabilities.
    """
    found = P.topk(min(3, len(labels)), dim=1)
    likeliest = [
        [label, [[labels[i], f"{p:.3f}"] for i, p in zip(row, probabilities)]]
        for label, row, probabilities in zip(labels, found.indices.tolist(), found.values.tolist())
    ]
    return {"shades": shades(P), "likeliest": likeliest}


def growth_figure(found: Sequence[Growth], block_size: int) -> dict:
    """Contexts by length on a log axis: possible, in training, in dev, in dev but never in training.

    A line marks the run's block size.
    """
    lengths = [growth.length for growth in found]
    curves = [
        (tr("possible"), "baseline", "dash", [growth.possible for growth in found]),
        (tr("in train"), "train", "solid", [growth.train for growth in found]),
        (tr("in dev"), "dev", "solid", [growth.dev for growth in found]),
        (tr("in dev, never in train"), "dev", "dot", [growth.unseen for growth in found]),
    ]
    highest = math.log10(found[-1].possible) + 0.4
    ticks = range(0, math.ceil(highest), 2)
    line = {"color": LIGHT["zero"], "width": 1}
    mark = {"type": "line", "x0": block_size, "x1": block_size, "yref": "paper", "y0": 0, "y1": 1, "line": line}
    yaxis = axis("", (-0.3, highest), type="log", tickvals=[10**e for e in ticks])
    return figure(
        [_by_length(lengths, *curve) for curve in curves],
        margin=SIDE | {"l": 56, "r": 136},
        xaxis=axis(tr("characters of context"), (lengths[0] - 0.25, lengths[-1] + 0.25), tickvals=lengths),
        yaxis=yaxis | {"ticktext": [f"{10**e:,}" if e < 7 else f"10<sup>{e}</sup>" for e in ticks]},
        shapes=[mark | {"layer": "below"}] if block_size <= lengths[-1] else [],
        annotations=_line_names(curves, lengths[-1], yaxis["range"]),
    )


def _by_length(lengths: list[int], name: str, colour: str, dash: str, values: list[int]) -> dict:
    return {
        "type": "scatter",
        "x": lengths,
        "y": [value or None for value in values],  # a log axis cannot show 0
        "customdata": [f"{value:,}" for value in values],
        "mode": "lines+markers",
        "line": {"color": LIGHT[colour], "width": 2.2, "dash": dash},
        "marker": {"size": 6},
        "connectgaps": False,
        "hovertemplate": f"%{{x}} {tr('characters')}<br>{name}: %{{customdata}}<extra></extra>",
    }


def _line_names(curves: list, last: int, span: list[float]) -> list[dict]:
    """The name of each curve beside its end, moved up or down so that names do not overlap."""
    heights = spread([math.log10(max(1, values[-1])) for *_, values in curves], *span)
    how = {"x": last, "xanchor": "left", "xshift": 10, "showarrow": False}
    return [
        {"text": name, "y": height, **how, "font": {"color": LIGHT[colour], "size": 12}}
        for (name, colour, *_), height in zip(curves, heights)
    ]


# ---------------------------------------------------------------- the bigram by gradient descent


def descent_figure(descent: BigramTraining) -> dict:
    """Train and dev loss of the one-layer network over log10(step + 1), and the count model's train loss."""
    place, last = step_place(True), descent.losses[-1][0]
    steps = [step for step, _, _ in descent.losses]
    low, high = descent.target - MARGIN, descent.losses[0][1] + MARGIN
    rule = {"color": LIGHT["baseline"], "width": 1, "dash": "dash"}
    target = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": descent.target, "y1": descent.target}
    label = {
        "text": tr("counting {loss:.4f}", loss=descent.target), "xref": "paper", "x": 0.01, "y": descent.target,
        "xanchor": "left", "yanchor": "bottom", "showarrow": False, "font": {"color": LIGHT["baseline"], "size": 12},
    }  # fmt: skip
    curves = (("train", [train for _, train, _ in descent.losses]), ("dev", [dev for _, _, dev in descent.losses]))
    return figure(
        [_loss(name, [round(place(step), 5) for step in steps], losses, steps) for name, losses in curves],
        margin=STEP_MARGIN | {"l": 44, "r": 16},
        xaxis=step_axis(last, True),
        yaxis=axis("", (low, high), nticks=6, tickformat=".1f"),
        shapes=[target | {"line": rule, "layer": "below"}],
        annotations=[label],
    )


def _loss(name: str, xs: list[float], losses: list[float], steps: list[int]) -> dict:
    return {
        "type": "scatter",
        "x": xs,
        "y": [round(loss, 5) for loss in losses],
        "customdata": steps,
        "mode": "lines+markers",
        "line": {"color": LIGHT[name], "width": 2.4},
        "marker": {"size": 4},
        "hovertemplate": f"{tr('step')} %{{customdata:,}}<br>{tr(name)}: %{{y:.4f}}<extra></extra>",
    }


# ---------------------------------------------------------------- mixes


def mix_figure(mixed: Mix, model: str) -> dict:
    """Dev loss over the network's weight, 0 to 1, with the least and the paper's half and half marked.

    The last trace is the position of the slider, which the page's JavaScript moves along the first trace.
    """
    weights = [i / (POINTS - 1) for i in range(POINTS)]
    finite = [
        loss for loss in mixed.losses if math.isfinite(loss)
    ]  # the loss is infinite if a network gives a true character probability 0
    bottom, top = (min(finite), max(finite)) if finite else (0.0, TOP)
    room = max(top - bottom, 0.01)
    curve = {
        "type": "scatter",
        "x": weights,
        "y": [round(loss, 6) if math.isfinite(loss) else None for loss in mixed.losses],
        "mode": "lines",
        "line": {"color": LIGHT["dev"], "width": 2.6},
        "hovertemplate": f"{tr('network')} %{{x:.0%}}<br>{tr('dev')}: %{{y:.4f}}<extra></extra>",
    }
    ends = (0.0, tr(model), "left"), (1.0, tr("network"), "right")
    names = [
        {
            "text": tr("{model} alone", model=name), "x": at, "y": bottom - 0.16 * room, "xanchor": side,
            "showarrow": False, "font": {"color": LIGHT["baseline"], "size": 12},
        }
        for at, name, side in ends
    ]  # fmt: skip
    marked = (mixed.best, mixed.least, mark("least"), 10), (0.5, mixed.half, mark("half and half"), 7)
    marks = [_marked(*point) for point in marked if math.isfinite(point[1])]
    return figure(
        [curve, *marks, _here()],
        margin=SIDE,
        xaxis=axis(tr("weight of the network"), (-0.02, 1.02), tickformat=".0%", nticks=6),
        yaxis=axis("", (bottom - 0.22 * room, top + 0.14 * room), nticks=6, tickformat=".2f" if room > 0.1 else ".3f"),
        annotations=names,
    )


def _marked(weight: float, loss: float, name: str, size: int) -> dict:
    least = name == "least"
    side = "left" if weight > 0.75 else "right" if weight < 0.25 else "center"
    return {
        "type": "scatter",
        "x": [round(weight, 4)],
        "y": [round(loss, 6)],
        "mode": "markers+text",
        "marker": {
            "size": size,
            "color": LIGHT["dev" if least else "paper"],
            "line": {"color": LIGHT["dev"], "width": 2},
        },
        "text": [f"<b>{tr(name)} {loss:.4f}</b>" if least else f"{tr(name)} {loss:.4f}"],
        "textposition": f"bottom {side}" if least else "top left",
        "textfont": {"color": LIGHT["dev" if least else "quiet"], "size": 12},
        "cliponaxis": False,
        "hovertemplate": f"{tr(name)}: {tr('network')} %{{x:.1%}}<br>{tr('dev')}: %{{y:.4f}}<extra></extra>",
    }


def _here() -> dict:
    marker = {"size": 11, "color": LIGHT["ink"]}
    return {"type": "scatter", "x": [], "y": [], "mode": "markers", "marker": marker, "hoverinfo": "skip"}
