"""The charts of the Compare page: losses and embeddings of several runs, and results with other seeds."""

import math
from collections.abc import Sequence

from core.analysis.compare import Entry, Picture
from core.analysis.seeds import Survival
from core.data.shown import Shown
from core.messages import tr
from core.plots import FONT, LIGHT, RUNS, STEP_MARGIN, axis, escape, figure, step_axis, step_place
from core.plots.letters import kinds, letter_discs

LABELS = 24, 11  # characters of a run's name at the end of its line, on a wide and on a narrow chart
LETTER = 7  # px of a character in a label
ROW = 0.075  # of the axis' height that a line of text takes
TOP = 3.6  # nats: losses worse than guessing are outside the chart, unless all are worse
DISC = 19  # px
BAND_ROOM = 0.06  # share of the height left free above and below the curves


# ---------------------------------------------------------------- losses


def losses_figure(entries: Sequence[Entry], colours: Sequence[str] = RUNS, over_seconds: bool = False) -> dict:
    """Exact losses in nats, dev bold and train thin, over log10(step + 1) or seconds of training.

    colours: of the runs, names in PALETTE. A line's name is at the right, at the height of its end or as near as
    the other names allow, and a dotted line leads to it. layout.meta: the texts of the annotations and their width,
    in a long and in a short form; the page's JavaScript uses one of the two.
    """
    curves = [_points(entry, over_seconds) for entry in entries]
    last = max(rows[-1][0] for rows in curves)
    xaxis = axis(tr("seconds of training"), (-0.015 * last, 1.015 * last), nticks=6) if over_seconds else step_axis(
        max(entry.step for entry in entries), log_steps=True
    )  # fmt: skip
    bottom, top = losses_range([rows[-1][3] for rows in curves], [loss for rows in curves for loss in rows[-1][2:]])
    heights = spread([min(max(entry.dev, bottom), top) for entry in entries], bottom, top)
    traces, labels = [], []
    for entry, rows, colour, height in zip(entries, curves, colours, heights):
        traces += [_curve(rows, colour, entry.name, "train"), _curve(rows, colour, entry.name, "dev")]
        traces.append(_leader(rows[-1], xaxis["range"][1], height, colour))
        labels.append(_name(height, colour))
    wide, narrow = (_names(entries, longest, top) for longest in LABELS)
    yaxis = axis("", (bottom, top), nticks=7, tickformat=".2f" if top - bottom < 0.5 else ".1f")
    return figure(traces, margin=STEP_MARGIN, meta=[wide, narrow], xaxis=xaxis, yaxis=yaxis, annotations=labels)


def _points(entry: Entry, over_seconds: bool) -> list[tuple[float, int, float, float]]:
    """(place, step, train, dev) of all exact losses, oldest first."""
    rows = [*entry.history.evaluations, *([entry.exact] if entry.exact[0] > entry.history.evaluations[-1][0] else [])]
    clock, place = {0: 0.0, entry.exact[0]: entry.seconds} | dict(entry.history.clock), step_place(True)
    if over_seconds:
        return [(clock[step], step, train, dev) for step, train, dev in rows if step in clock]
    return [(place(step), step, train, dev) for step, train, dev in rows]


def losses_range(ends: Sequence[float], last: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis for curves that end at `ends` on dev, and at `last` on either split.

    From below the lowest to the uniform guess, or higher if the best run needs it: a run that diverged
    is outside the chart, so that the others are not flattened.
    """
    top = max(TOP, 1.15 * min(ends))
    low = min(last)
    return low - 0.08 * (top - low), top


def spread(heights: Sequence[float], bottom: float, top: float, row: float = ROW) -> list[float]:
    """The heights moved apart, in the same order and within the axis, so that lines of text do not overlap.

    row: the height of a line, as a share of the axis.
    """
    row *= top - bottom
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed, floor = {}, bottom + row / 2
    for i in order:
        placed[i] = max(heights[i], floor)
        floor = placed[i] + row
    ceiling = top - row / 2
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - row
    return [placed[i] for i in range(len(heights))]


def _curve(rows: list, colour: str, name: str, split: str) -> dict:
    return {
        "type": "scatter",
        "x": [round(x, 5) for x, *_ in rows],
        "y": [round(dev if split == "dev" else train, 5) for *_, train, dev in rows],
        "customdata": [step for _, step, _, _ in rows],
        "mode": "lines",
        "line": {"color": LIGHT[colour], "width": 3 if split == "dev" else 1.1},
        "hovertemplate": f"<b>{escape(name)}</b><br>{tr('step')} %{{customdata:,}}"
        f"<br>{tr(split)}: %{{y:.4f}}<extra></extra>",
    }


def _leader(end: tuple, right: float, height: float, colour: str) -> dict:
    x, _, _, dev = end
    line = {"color": LIGHT[colour], "width": 1, "dash": "dot"}
    places = {"x": [round(x, 5), right], "y": [round(dev, 5), round(height, 5)]}
    return {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip", **places}


def _names(entries: Sequence[Entry], longest: int, top: float) -> dict:
    """The name of a run that is above the chart has an arrow."""
    names = [e.name if len(e.name) <= longest else e.name[: longest - 1].rstrip() + "…" for e in entries]
    names = [f"{name} ↑" if entry.dev > top else name for name, entry in zip(names, entries)]
    return {"right": LETTER * max(map(len, names)) + 12, "texts": [f"<b>{escape(name)}</b>" for name in names]}


def _name(height: float, colour: str) -> dict:
    font = {"color": LIGHT[colour], "size": 12}
    how = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 3, "showarrow": False, "font": font, "align": "left"}
    return {"text": "", "y": round(height, 5), "yanchor": "middle", **how}


def parting_figure(distances: Sequence[tuple[int, float]]) -> dict:
    """The distance of two runs, as a share of the first one's length, over log10(step + 1)."""
    place = step_place(True)
    rows = [(round(place(step), 5), round(apart, 5), step) for step, apart in distances if math.isfinite(apart)]
    of_first = tr("of the first one's length")
    line = {
        "type": "scatter", "mode": "lines", "line": {"color": LIGHT["ink"], "width": 2},
        "x": [x for x, _, _ in rows], "y": [y for _, y, _ in rows], "customdata": [step for _, _, step in rows],
        "hovertemplate": f"{tr('step')} %{{customdata:,}}<br>%{{y:.4f}} {of_first}<extra></extra>",
    }  # fmt: skip
    top = 1.08 * max((y for _, y, _ in rows), default=0.0) or 1.0
    xaxis = step_axis(max(step for step, _ in distances), log_steps=True)
    return figure([line], margin=STEP_MARGIN, xaxis=xaxis, yaxis=axis("", (-0.03 * top, top), nticks=5))


# ---------------------------------------------------------------- embeddings


def map_figure(entry: Entry, picture: Picture) -> dict:
    """The letters of one run, with arrows from their places in the first run."""
    (x, y), half = picture.window.centre, picture.window.half
    bare = {"showticklabels": False, "nticks": 7}
    return figure(
        [*_arrows(picture), _placed_discs(entry, picture)],
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        xaxis=axis("", (x - half, x + half), **bare),
        yaxis=axis("", (y - half, y + half), **bare),
    )


def _arrows(picture: Picture) -> list[dict]:
    """Arrows: shafts as one line with gaps, and heads that end at the edge of the discs."""
    now = picture.points.tolist()
    before = [] if picture.before is None else picture.before.tolist()
    ends = [(a, b) for a, b in zip(before, now) if a != b]
    look = {"type": "scatter", "opacity": 0.75, "hoverinfo": "skip"}
    shafts = look | {
        "mode": "lines",
        "x": [v for (a, _), (b, _) in ends for v in (round(a, 4), round(b, 4), None)],
        "y": [v for (_, a), (_, b) in ends for v in (round(a, 4), round(b, 4), None)],
        "line": {"color": LIGHT["baseline"], "width": 1.2},
    }
    angles = [round(math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])), 1) for a, b in ends]
    head = {"symbol": "arrow", "angle": angles, "standoff": DISC / 2, "size": 8, "color": LIGHT["baseline"]}
    heads = look | {
        "mode": "markers",
        "x": [round(b, 4) for _, (b, _) in ends],
        "y": [round(b, 4) for _, (_, b) in ends],
        "marker": head,
    }
    return [shafts, heads]


def _placed_discs(entry: Entry, picture: Picture) -> dict:
    names = [escape(label) for label in entry.shown.labels]
    where = [f"({', '.join(f'{x:.3f}' for x in row[:6])}{', …' if len(row) > 6 else ''})" for row in entry.C.tolist()]
    near = [", ".join(names[j] for j in row) for row in picture.nearest]
    kind = [escape(text) for text in kinds(entry.shown, "name")]
    look = letter_discs(entry.shown, DISC) if entry.most is None else _word_marks(entry.shown)
    return look | {
        "x": [round(x, 4) for x, _ in picture.points.tolist()],
        "y": [round(y, 4) for _, y in picture.points.tolist()],
        "customdata": [list(row) for row in zip(names, kind, where, near)],
    }


def _word_marks(shown: Shown) -> dict:
    """Words beside small dots, without positions."""
    colours = [LIGHT[role] for role in shown.roles]
    return letter_discs(shown, DISC) | {
        "text": [escape(label) for label in shown.labels],
        "marker": {"size": 5, "color": colours},
        "textfont": {"size": 12, "color": colours, "family": FONT},
        "textposition": "top center",
    }


# ---------------------------------------------------------------- other seeds


def band_figure(entry: Entry, band: Sequence[tuple[int, float, float, float]], colour: str) -> dict:
    """Exact dev loss over log10(step + 1): the run over a band of other seeds, (step, lowest, median, highest)."""
    place, (bottom, top) = step_place(True), band_range(entry, band)
    xs = [round(place(step), 5) for step, *_ in band]
    edge = {"color": LIGHT["ghost"], "width": 1}
    fill = {"fill": "tonexty", "fillcolor": LIGHT["zero"]}
    low, middle, high = ([round(row[i], 5) for row in band] for i in (1, 2, 3))
    seen = {"type": "scatter", "mode": "lines", "x": xs, "hoverinfo": "skip"}
    rows = [(round(place(step), 5), step, dev) for step, _, dev in entry.history.evaluations]
    own = seen | {
        "x": [x for x, _, _ in rows],
        "y": [round(dev, 5) for _, _, dev in rows],
        "line": {"color": LIGHT[colour], "width": 2.6},
        "hoverinfo": "all",
        "customdata": [step for _, step, _ in rows],
        "hovertemplate": f"<b>{escape(entry.name)}</b><br>{tr('step')} %{{customdata:,}}"
        f"<br>{tr('dev')}: %{{y:.4f}}<extra></extra>",
    }
    median = seen | {
        "y": middle,
        "line": {"color": LIGHT["baseline"], "width": 1.4, "dash": "dash"},
        "hoverinfo": "all",
        "customdata": [[step, round(least, 5), round(most, 5)] for step, least, _, most in band],
        "hovertemplate": f"{tr('step')} %{{customdata[0]:,}}<br>{tr('median of the seeds')}: %{{y:.4f}}"
        f"<br>%{{customdata[1]:.4f}} {tr('to')} %{{customdata[2]:.4f}}<extra></extra>",
    }
    return figure(
        [seen | {"y": low, "line": edge}, seen | {"y": high, "line": edge} | fill, median, own],
        margin=STEP_MARGIN,
        xaxis=step_axis(max(entry.step, band[-1][0] if band else 0), log_steps=True),
        yaxis=axis("", (bottom, top), nticks=6, tickformat=".1f" if top - bottom > 0.5 else ".2f"),
    )


def band_range(entry: Entry, band: Sequence[tuple[int, float, float, float]]) -> tuple[float, float]:
    """The ends of the axis for the band and the run, without early losses that are worse than guessing."""
    own = [dev for _, _, dev in entry.history.evaluations]
    values = [loss for _, low, _, high in band for loss in (low, high)] + own
    top = max(min(max(values), TOP), entry.dev, *(high for *_, high in band[-1:]))
    room = BAND_ROOM * max(top - min(values), 1e-3)
    return min(values) - room, top + room


def overlap_figure(entry: Entry, survival: Survival) -> dict:
    """For each character the share of its nearest that two seeds have in common, against chance."""
    names, groups = [escape(label) for label in entry.shown.labels], entry.shown.roles
    line = {"color": LIGHT["ink"], "width": 1.2, "dash": "dash"}
    chance = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": survival.chance, "y1": survival.chance}
    label = {
        "text": f"{tr('chance')}<br>{survival.chance:.0%}", "xref": "paper", "x": 1, "xanchor": "left", "xshift": 4,
        "y": survival.chance, "yanchor": "middle", "align": "left", "showarrow": False,
        "font": {"color": LIGHT["ink"], "size": 12},
    }  # fmt: skip
    keeps = tr("{letter} keeps {share} of its nearest", letter="<b>%{customdata}</b>", share="%{y:.0%}")
    bars = {
        "type": "bar",
        "x": list(range(len(names))),
        "y": [round(share, 4) for share in survival.overlap],
        "marker": {"color": [LIGHT[group] for group in groups]},
        "customdata": names,
        "hovertemplate": keeps + "<extra></extra>",
    }
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "tickangle": 0, "showgrid": False}
    if of_words := entry.most is not None:
        ticks |= {"tickangle": -90, "tickfont": {"size": 12}}
    top = max(0.3, 1.1 * max(survival.overlap))
    return figure(
        [bars],
        margin={"l": 40, "r": 48, "t": 6, "b": 70 if of_words else 24},
        bargap=0.2,
        xaxis=axis("", (-0.7, len(names) - 0.3), **ticks),
        yaxis=axis("", (0.0, math.ceil(20 * top) / 20), nticks=6, tickformat=".0%"),
        shapes=[chance | {"line": line}],
        annotations=[label],
    )
