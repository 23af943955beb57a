"""The chart of how well vowels separate from consonants over steps, with the band of shuffled labels."""

from collections.abc import Mapping

from core.analysis.structure import Separation, compared
from core.messages import tr
from core.plots import LIGHT, STEP_MARGIN, axis, escape, figure, step_axis, step_place

ENDS = (0.12, 0.25, 0.5, 0.75, 1.0, 1.2)  # ends of the axis above and below 0; few, so that it rarely changes
ROOM = 1.1  # factor on the highest and lowest value, so that a point fits
LABEL = 0.1  # share of the height above 0 that is left below the band for a line of text


def structure_figure(
    separations: list[tuple[int, Separation]], last: int, names: Mapping[str, str], log_steps: bool = True
) -> dict:
    """The mean silhouette at each (step, separation), oldest first, over log10(step + 1) or step, 0 to `last`.

    The band is where 95 % of the silhouettes of shuffled labels lie; the dashed line their middle.
    names: as in `core.data.shown.Shown`; the curve has the name and the colour of the first group.
    """
    place, xaxis = step_place(log_steps), step_axis(last, log_steps)
    xs = [round(place(step), 5) for step, _ in separations]
    found = [separation for _, separation in separations]
    bottom, top = silhouette_range(found)
    role = next(iter(compared(names)), "baseline")
    scores = _scores(xs, separations, LIGHT[role])
    now = _now(xs, found, 0.5 * place(last)) | _label(tr(names.get(role, "")), LIGHT[role])
    return figure(
        [*_band(xs, found, xaxis["range"][0]), scores, now],
        margin=STEP_MARGIN,
        xaxis=xaxis,
        yaxis=axis("", (bottom, top), nticks=8, zeroline=True, zerolinecolor=LIGHT["zero"]),
        annotations=[_band_label(xs[0], min(separation.low for separation in found))] if found else [],
    )


def silhouette_range(found: list[Separation]) -> tuple[float, float]:
    """The ends of the axis for scores and bands."""
    values = [value for separation in found for value in (separation.score, separation.low, separation.high)]
    top = _end(max(values, default=0.0))
    return -_end(-min(values, default=0.0) + LABEL * top), top


def _end(reach: float) -> float:
    return next((end for end in ENDS if ROOM * reach <= end), ENDS[-1])


def _curve(xs: list[float], ys: list[float], line: dict) -> dict:
    ys = [round(y, 5) for y in ys]
    return {"type": "scatter", "x": xs, "y": ys, "mode": "lines", "line": line, "hoverinfo": "skip"}


def _band(xs: list[float], found: list[Separation], left: float) -> list[dict]:
    """The band's edges and middle, from x + `left` (< 0) of the first step, so that the band of one step is visible."""
    xs, found = [x + left for x in xs[:1]] + xs, found[:1] + found
    edge = {"color": LIGHT["ghost"], "width": 1}
    middle = {"color": LIGHT["baseline"], "width": 1, "dash": "dash"}
    fill = {"fill": "tonexty", "fillcolor": LIGHT["grid"]}  # between this edge and the one before
    return [
        _curve(xs, [separation.low for separation in found], edge),
        _curve(xs, [separation.high for separation in found], edge) | fill,
        _curve(xs, [separation.middle for separation in found], middle),
    ]


def _scores(xs: list[float], separations: list[tuple[int, Separation]], colour: str) -> dict:
    line = {"color": colour, "width": 2.6}
    return _curve(xs, [separation.score for _, separation in separations], line) | {
        "customdata": [[step, round(separation.low, 5), round(separation.high, 5)] for step, separation in separations],
        "hoverinfo": "all",
        "hovertemplate": f"{tr('step')} %{{customdata[0]:,}}<br>{tr('silhouette')}: %{{y:.4f}}"
        f"<br>{tr('shuffled labels')}: %{{customdata[1]:.4f}} {tr('to')} %{{customdata[2]:.4f}}<extra></extra>",
    }


def _now(xs: list[float], found: list[Separation], half: float) -> dict:
    """A labelled point at the end of the curve; at step 0 the curve is only this point."""
    right = bool(xs) and xs[-1] > half
    return {
        "type": "scatter",
        "x": xs[-1:],
        "y": [round(separation.score, 5) for separation in found[-1:]],
        "mode": "markers+text",
        "textposition": "top left" if right else "top right",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _label(name: str, colour: str) -> dict:
    return {
        "marker": {"size": 7, "color": colour},
        "text": [f"<b>{escape(name)}</b>"],
        "textfont": {"color": colour, "size": 12},
    }


def _band_label(x: float, low: float) -> dict:
    font = {"color": LIGHT["quiet"], "size": 12}
    how = {"xanchor": "left", "yanchor": "top", "showarrow": False, "font": font}
    return {"text": tr("what shuffled labels give (95 %)"), "x": x, "y": round(low, 5), **how}
