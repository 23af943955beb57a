"""Loss over steps, with the count models it has to beat."""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection

from core.config import KNOB, Config
from core.counting.ngrams import COUNT_MODELS, UNIFORM
from core.engine.history import History
from core.messages import tr
from core.plots import LIGHT, STEP_MARGIN, axis, figure, step_axis, step_place
from core.plots.curves import Curves, with_points

MOST_CHANGES = 100  # live changes that are marked
NAMED = 0.2  # of the axis of steps: a shorter run before has no name on it
ROOM = 0.12  # of the loss axis: between two lines of count models with a label between them
# What labels take at least, in shares of the axes: a line's height, and the widths of the names of the run before, of
# a count model, and of a split at the end of its curve.
LINE, BEFORE_WIDE, COUNTED_WIDE, END_WIDE = 0.11, 0.24, 0.26, 0.14


def loss_figure(
    config: Config,
    step: int,
    history: History,
    baselines: dict[str, float],
    before: History | None = None,
    log_steps: bool = True,
) -> dict:
    """Minibatch, exact train and exact dev loss in nats per character, over log10(step + 1) or step.

    baselines: name -> dev loss of count models, drawn as labelled lines. before: the run
    before this one, on the same words, drawn as a ghost. Live changes of the run are marks above the axis of steps.
    """
    curves = Curves()
    return with_points(loss_form(config, step, history, baselines, before, log_steps, curves), curves)


def loss_form(
    config: Config,
    step: int,
    history: History,
    baselines: dict[str, float],
    before: History | None,
    log_steps: bool,
    curves: Curves,
) -> dict:
    """The same without the points of its curves, which are drawn in `curves`; those may have been made for any run."""
    place = step_place(log_steps)
    last = max(step, config.steps)
    ghost = before.evaluations if before else ()
    bottom, top = loss_range(history, baselines.values())
    exact = history.evaluations[-1][1:]
    ghosts = curves.draw("before", ghost, 1, log_steps)
    curves.draw("minibatch", history.losses, 1, log_steps, place(last))
    train, dev = (curves.draw(name, history.evaluations, k, log_steps) for k, name in ((1, "train"), (2, "dev")))
    traces = [
        _curve("ghost", 1.6, tr("before")),
        _curve("minibatch", 1, tr("minibatch")),
        _curve("train", 2.6, tr("train")),
        _curve("dev", 2.6, tr("dev")),
        _changes(history, place, bottom),
        _now(history, place, bottom, top),
        _looking_back(),
    ]
    crossed = lambda box: any(_crosses(curve, box, place(last), (bottom, top)) for curve in (ghosts, train, dev))
    ends = [_label_box(end, place(last), (bottom, top)) for end in _ends(history, place)]
    shapes, labels = _baselines(baselines, (bottom, top), log_steps, exact if step == 0 else (), crossed, ends)
    return figure(
        traces,
        margin=STEP_MARGIN,
        meta={"place": "log" if log_steps else "linear"},
        xaxis=step_axis(last, log_steps),
        yaxis=axis("", (bottom, top), nticks=7, tickformat=".1f" if top < 10 else ""),
        shapes=shapes,
        annotations=[*labels, *_before(ghost, place, place(last), (bottom, top), [*labels, *_ends(history, place)])],
    )


def _curve(colour: str, width: float, name: str) -> dict:
    """The trace of a curve, without its points."""
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": LIGHT[colour], "width": width},
        "hovertemplate": f"{tr('step')} %{{customdata:,}}<br>{name}: %{{y:.4f}}<extra></extra>",
    }


def _before(ghost: tuple, place, end: float, span: tuple[float, float], others: list[dict]) -> list[dict]:
    """The name of the ghost to the left of its end, above or below it: inside the picture, where it touches no other.

    end: of the axis of steps. span: the ends of the loss axis. others: labels as `_label_box` takes them.
    """
    if not ghost or place(ghost[-1][0]) < NAMED * end:
        return []
    x, y = place(ghost[-1][0]), ghost[-1][1]
    at = {"x": round(x, 5), "y": y, "xanchor": "right"}
    taken = [_label_box(other, end, span) for other in others]
    for side in ("bottom", "top"):
        box = _label_box(at | {"yanchor": side, "wide": BEFORE_WIDE}, end, span)
        if box[2] >= 0 and box[3] <= 1.02 and not any(_touch(box, other) for other in taken):
            font = {"color": LIGHT["quiet"], "size": 12}
            return [{"text": tr("run before"), "showarrow": False, "font": font} | at | {"yanchor": side}]
    return []


def _label_box(label: dict, end: float, span: tuple[float, float]) -> tuple[float, float, float, float]:
    """Left, right, lower and upper edge of a label, in shares of the axes. It has the parts of an annotation."""
    bottom, top = span
    x = label["x"] if label.get("xref") == "paper" else label["x"] / (end or 1.0)
    y, wide = (label["y"] - bottom) / (top - bottom), label.get("wide", COUNTED_WIDE)
    left = x - wide if label["xanchor"] == "right" else x
    low = y if label["yanchor"] == "bottom" else y - LINE
    return left, left + wide, low, low + LINE


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _ends(history: History, place) -> list[dict]:
    """Where the names of the splits are, as `_label_box` takes them."""
    step, *losses = history.evaluations[-1]
    at = {"x": place(step), "xanchor": "left", "wide": END_WIDE}
    return [at | {"y": loss, "yanchor": side} for loss in losses for side in ("bottom", "top")]


def _changes(history: History, place, bottom: float) -> dict:
    """A mark on the axis of steps for each live change that a person made, and what it was on hover."""
    by_hand = tr("a character moved by hand")
    said = lambda name, value: f"{tr(KNOB[name].label)}: {KNOB[name].value_text(value)}" if name in KNOB else by_hand
    made = [(step, said(name, value)) for step, name, value in history.changes][-MOST_CHANGES:]
    return {
        "type": "scatter",
        "x": [round(place(step), 5) for step, _ in made],
        "y": [bottom] * len(made),
        "customdata": [[f"{step:,}", said] for step, said in made],
        "mode": "markers",
        "marker": {"symbol": "triangle-up", "size": 11, "color": LIGHT["ink"]},
        "cliponaxis": False,
        "hovertemplate": f"{tr('from step')} %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>",
    }


TOPS = (3.5, 5.0, 8.0, 14.0, 30.0, 100.0, 300.0)  # upper ends of the loss axis; few, so that it rarely changes


def loss_range(history: History, counted: Collection[float] = ()) -> tuple[float, float]:
    """The ends of the loss axis, for the losses since a tenth of the steps; higher losses before are outside.

    counted: losses of count models. The axis does not begin far below the lowest that is drawn, as it would for words.
    """
    last = history.evaluations[-1][0]
    recent = [v for s, *both in history.evaluations if s >= last / 10 for v in both]
    highest, lowest = max(recent), min(recent)
    top = next((t for t in TOPS if highest <= 0.97 * t), 10 ** math.ceil(math.log10(highest * 1.05)))
    bottom = 1.9 if lowest > 1.97 else math.floor(lowest * 4) / 4 - 0.25
    drawn = min([lowest, *counted]) if counted else 0.0
    return max(0.0 if top > TOPS[1] else bottom, math.floor(drawn * 4) / 4 - 0.5), top


def _now(history: History, place, bottom: float, top: float) -> dict:
    """A labelled point at the end of each exact curve; at step 0 the curves are only these points.

    The name of the lower one is below it, unless it would lie over the ticks of the axis of steps.
    """
    step, train, dev = history.evaluations[-1]
    lower = "bottom right" if min(train, dev) - bottom > LINE * (top - bottom) else "middle right"
    places = [lower, "top right"] if dev >= train else ["top right", lower]
    colours = [LIGHT["train"], LIGHT["dev"]]
    return {
        "type": "scatter",
        "x": [round(place(step), 5)] * 2,
        "y": [train, dev],
        "mode": "markers+text",
        "marker": {"size": 7, "color": colours},
        "text": [f"<b>{tr('train')}</b>", f"<b>{tr('dev')}</b>"],
        "textposition": places,
        "textfont": {"color": colours, "size": 12},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _looking_back() -> dict:
    """The vertical line of the time cursor; the page's JavaScript sets its position."""
    line = {"color": LIGHT["ink"], "width": 1.5}
    return {"type": "scatter", "x": [], "y": [], "mode": "lines", "line": line, "hoverinfo": "skip"}


def _baselines(
    losses: dict[str, float],
    span: tuple[float, float],
    log_steps: bool,
    begun: tuple[float, ...],
    crossed: Callable[[tuple[float, ...]], bool],
    ends: list[tuple[float, ...]],
) -> tuple[list, list]:
    """A dashed line for each loss, labelled on the left, where a falling curve rarely is, or else on the right.

    There is no label if a line would go through it, above its own and below, or on both sides a curve or one of
    `ends`, the names of the splits. begun: the exact losses at step 0, while there is no other; their own labels are
    on the left. crossed: whether a curve goes through a box, which is in shares of the axes.
    """
    line = {"color": LIGHT["baseline"], "width": 1, "dash": "dash"}
    font = {"color": LIGHT["baseline"], "size": 12}
    left, right = {"x": 0.012 if log_steps else 0.4, "xanchor": "left"}, {"x": 1, "xanchor": "right"}
    shapes, labels, values = [], [], sorted(losses.values(), reverse=True)
    for name, value in losses.items():
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line})
        anchor = _free_side(value, values, span)
        taken = any(-0.1 < (loss - value) / (span[1] - span[0]) < 0.25 for loss in begun)
        label = {
            "text": f"{tr(name)} {value:.2f}",
            "y": value,
            "yanchor": anchor,
            "yshift": 1 if anchor == "top" else -1,
        }
        label |= {"xref": "paper", "showarrow": False, "font": font}
        for side in (right, left) if name == UNIFORM or taken else (left, right):
            box = _label_box(label | side, 1.0, span)
            met = crossed(box) or (side is right and any(_touch(box, e) for e in ends))
            if anchor and not met:
                labels.append(label | side)
                break
    return [shape | {"layer": "below"} for shape in shapes], labels


def _free_side(value: float, values: list[float], span: tuple[float, float]) -> str | None:
    """How the label of a line is anchored: "bottom", above it, or "top", below it; None if there is no room for it.

    values: of all lines, the highest first.
    """
    room, at = ROOM * (span[1] - span[0]), values.index(value)
    lower = values[at + 1] + room if at + 1 < len(values) else span[0]  # whose label may be above it
    if at == 0 or values[at - 1] - value >= room:
        return "bottom"
    return "top" if value - lower >= room else None


def _crosses(
    points: list[tuple], box: tuple[float, float, float, float], end: float, span: tuple[float, float]
) -> bool:
    """Whether a curve goes through the box of a label, in shares of the axes; end, span: as in `_before`."""
    left, right = (share * end for share in box[:2])
    low, high = (span[0] + share * (span[1] - span[0]) for share in box[2:])
    first, last = max(0, bisect_right(points, (left, math.inf)) - 1), bisect_left(points, (right,))  # near it
    for one, other in itertools.pairwise(points[first : last + 1]):
        beyond = (one[1] <= low and other[1] <= low) or (one[1] >= high and other[1] >= high)  # as most lines are
        if not beyond and one[0] < right and other[0] > left:
            ends = [_height(one, other, x) for x in (max(one[0], left), min(other[0], right))]
            if min(ends) < high and max(ends) > low:
                return True
    return False


def _height(one: tuple[float, float], other: tuple[float, float], x: float) -> float:
    """Where the line through two points, of which the second is further to the right, is at x."""
    return one[1] + (other[1] - one[1]) * (x - one[0]) / (other[0] - one[0])


def shown_baselines(losses: dict[str, float], four_gram: bool) -> dict[str, float]:
    """The count models on the loss chart: the 4-gram only when asked for."""
    longest = max(COUNT_MODELS, key=lambda name: COUNT_MODELS[name][0])
    return {name: value for name, value in losses.items() if four_gram or name != longest}
