"""The charts of the Tune page: losses by learning rate, and the internal state of a run over its steps."""

import math
from collections.abc import Sequence

from core.analysis.diagnosis import Checkup
from core.analysis.finder import GOOD, TOO_LOW, Findings, Trial
from core.messages import tr
from core.plots import LIGHT, STEP_MARGIN, axis, figure, step_axis, step_place
from core.plots.compare import spread

TICKS = (1, 1.5, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.3, 3.6, 4, 5, 7, 10, 15, 20, 30, 50, 100)  # nats
MAX_TICKS = 7
ROOM = 0.06  # share of the height left free above and below the curves
LABEL_MARGIN = {**STEP_MARGIN, "r": 108}  # room for "0.001 too low"
NAME_MARGIN = {**STEP_MARGIN, "r": 30}  # for the name of a parameter
MAX_CURVES = 5  # curves of single rates
SMALL_ROW = 0.11  # of the height of a small chart's axis that a line of text takes
PARAMETERS = {"C": "part3", "W1": "part1", "b1": "part1", "W2": "part4", "b2": "part4", "Wd": "part5"}


# ---------------------------------------------------------------- learning rates


def finder_figure(found: Findings, own: float, low: int, high: int) -> dict:
    """Loss (log scale) over log10 of the learning rate: the sweep behind, the short runs before it, the best ringed.

    The points of the trace "rates" can be clicked; customdata[0] is the rate. own: the rate of the run.
    """
    swept = tr("sweep at {rate}: {loss}, averaged", rate="%{customdata}", loss="%{y:.3f}")
    bottom, top = _loss_range(found, [trial.loss for trial in found.trials])
    within = lambda loss: min(max(loss, bottom), top)
    runs = [trial for trial in found.trials if math.isfinite(trial.loss)]
    traces = [
        _line(found.swept, within, {"color": LIGHT["minibatch"], "width": 1}),
        _line(found.smooth, within, {"color": LIGHT["baseline"], "width": 2})
        | {
            "hoverinfo": "all",
            "customdata": [f"{rate:.2g}" for rate, _ in found.smooth],
            "hovertemplate": f"{swept}<extra></extra>",
        },
        _others(runs, within),
        _rates(found, runs, within),
        _exploded([trial for trial in found.trials if not math.isfinite(trial.loss)], top),
        _best(found.best, within),
    ]
    return figure(
        traces,
        margin={"l": 40, "r": 14, "t": 16, "b": 38},
        xaxis=axis(tr("learning rate, log scale"), (low - 0.08, high + 0.08), **_decades(low, high)),
        yaxis=_loss_axis(bottom, top),
        shapes=[_upright(math.log10(own))] if low <= math.log10(own) <= high else [],
        annotations=[_mark(math.log10(own), tr("yours {rate:g}", rate=own))] if low <= math.log10(own) <= high else [],
    )


def _loss_range(found: Findings, losses: Sequence[float]) -> tuple[float, float]:
    """From below the lowest loss to above the first; higher losses are drawn at the top edge."""
    known = [loss for loss in losses if math.isfinite(loss)] + [loss for _, loss in found.smooth]
    least = min(known, default=2.0)
    start = found.start or max((loss for _, loss in found.smooth[:1]), default=3.3)
    top = max(start * 1.15, least * 1.2)
    return least * (top / least) ** -ROOM, top


def _loss_axis(bottom: float, top: float) -> dict:
    ticks: list[float] = []
    for tick in TICKS:
        if bottom <= tick <= top and (not ticks or math.log(tick / ticks[-1]) > math.log(top / bottom) / MAX_TICKS):
            ticks.append(tick)
    marks = {"tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
    return axis("", (math.log10(bottom), math.log10(top)), type="log", **marks)


def _decades(low: int, high: int) -> dict:
    return {"tickvals": list(range(low, high + 1)), "ticktext": [f"{10.0**e:g}" for e in range(low, high + 1)]}


def _line(rows, within, line: dict) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [round(math.log10(rate), 4) for rate, _ in rows],
        "y": [round(within(loss), 5) for _, loss in rows],
        "line": line,
        "hoverinfo": "skip",
    }


def _others(runs: Sequence[Trial], within) -> dict:
    """The single runs of rates that have several."""
    dots = [(math.log10(t.rate), within(loss)) for t in runs if len(t.losses) > 1 for loss in t.losses]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(x, 4) for x, _ in dots],
        "y": [round(y, 5) for _, y in dots],
        "marker": {"color": LIGHT["minibatch"], "size": 6},
        "hoverinfo": "skip",
    }


def _rates(found: Findings, runs: Sequence[Trial], within) -> dict:
    count = lambda t: len(t.losses) + t.broke
    several = lambda t: tr("median of {n} runs", n=count(t)) if count(t) > 1 else tr("one run")
    return {
        "type": "scatter",
        "name": "rates",
        "mode": "lines+markers",
        "x": [round(math.log10(t.rate), 4) for t in runs],
        "y": [round(within(t.loss), 5) for t in runs],
        "line": {"color": LIGHT["train"], "width": 2.2},
        "marker": {"color": LIGHT["train"], "size": 9},
        "customdata": [[t.rate, f"{t.loss:.4f}", several(t), tr(found.judge(t))] for t in runs],
        "hovertemplate": f"<b>%{{customdata[0]}}</b>: %{{customdata[3]}}<br>{tr('loss')} %{{customdata[1]}}, "
        f"%{{customdata[2]}}<br>{tr('click to use')}<extra></extra>",
    }


def _exploded(broken: Sequence[Trial], top: float) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(math.log10(t.rate), 4) for t in broken],
        "y": [round(top, 5)] * len(broken),
        "marker": {"color": LIGHT["part2"], "size": 9, "symbol": "x"},
        "cliponaxis": False,
        "customdata": [t.rate for t in broken],
        "hovertemplate": f"<b>%{{customdata}}</b>: {tr('explodes; the loss was no longer a number')}<extra></extra>",
    }


def _best(best: Trial | None, within) -> dict:
    trials = [best] if best else []
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [round(math.log10(t.rate), 4) for t in trials],
        "y": [round(within(t.loss), 5) for t in trials],
        "marker": {"color": "rgba(0,0,0,0)", "size": 19, "line": {"color": LIGHT["ink"], "width": 2}},
        "text": [f"<b>{t.rate:g}</b>" for t in trials],
        "textposition": "top center",
        "textfont": {"color": LIGHT["ink"], "size": 14},
        "hoverinfo": "skip",
    }


def _upright(x: float) -> dict:
    line = {"color": LIGHT["quiet"], "width": 1.2, "dash": "dash"}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line, "layer": "below"}


def _mark(x: float, text: str) -> dict:
    font = {"color": LIGHT["quiet"], "size": 12}
    return {"text": text, "x": x, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False, "font": font}


def shown_trials(found: Findings) -> list[Trial]:
    """At most MAX_CURVES trials: the lowest rate, the best, the highest, and those halfway between."""
    curves = [trial for trial in found.trials if trial.curve]
    if not curves:
        return []
    last = len(curves) - 1
    best = curves.index(found.best) if found.best in curves else last // 2
    return [curves[i] for i in sorted({0, best // 2, best, (best + last + 1) // 2, last})][:MAX_CURVES]


def curves_figure(found: Findings, steps: int) -> dict:
    """Exact train loss (log scale) over log10(step + 1) for the rates of `shown_trials`, each labelled at its end."""
    shown, place = shown_trials(found), step_place(True)
    bottom, top = _loss_range(found, [trial.curve[-1][1] for trial in shown])
    logs = [math.log10(min(max(trial.curve[-1][1], bottom), top)) for trial in shown]
    heights = spread(logs, math.log10(bottom), math.log10(top))
    traces, labels = [], []
    for trial, height in zip(shown, heights):
        word = found.judge(trial)
        colour = LIGHT["train" if word == GOOD else "part1" if word == TOO_LOW else "part2"]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [round(place(step), 4) for step, _ in trial.curve],
                "y": [round(loss, 5) for _, loss in trial.curve],
                "customdata": [step for step, _ in trial.curve],
                "line": {"color": colour, "width": 2.8 if trial is found.best else 1.8},
                "hovertemplate": f"<b>{trial.rate:g}</b><br>{tr('step')} %{{customdata:,}}: %{{y:.4f}}<extra></extra>",
            }
        )
        labels.append(_end(f"<b>{trial.rate:g}</b> {tr(word)}", height, colour))
    return figure(
        traces,
        margin=LABEL_MARGIN,
        xaxis=step_axis(steps, log_steps=True),
        yaxis=_loss_axis(bottom, top),
        annotations=labels,
    )


def _end(text: str, height: float, colour: str) -> dict:
    """The label of a line, at the right of the chart."""
    how = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 4, "yanchor": "middle", "showarrow": False}
    return {"text": text, "y": round(height, 5), "font": {"color": colour, "size": 12}, **how}


# ---------------------------------------------------------------- inside a run


def activity_figure(checkups: Sequence[Checkup], n_hidden: int, last: int) -> dict:
    """Shares of hidden activations beyond 0.97 and 0.99, and of dead units, over log10(step + 1)."""
    rows = {
        "> 0.97": ([c.activity.saturated for c in checkups], "quiet", 1.6),
        "> 0.99": ([c.activity.flat for c in checkups], "ink", 2.4),
        tr("dead"): ([c.dead / max(1, n_hidden) for c in checkups], "part2", 2.4),
    }
    heights = spread([values[-1] for values, _, _ in rows.values()], 0.0, 1.0, SMALL_ROW)
    traces, labels = [], []
    for (name, (values, colour, width)), height in zip(rows.items(), heights):
        traces.append(_over_steps(checkups, values, name, LIGHT[colour], width, ".1%"))
        labels.append(_end(name, height, LIGHT[colour]))
    return figure(
        traces,
        margin={**NAME_MARGIN, "r": 46},
        xaxis=step_axis(last, log_steps=True),
        yaxis=axis("", (-0.02, 1.02), tickformat=".0%", nticks=5),
        annotations=labels,
    )


def ratios_figure(checkups: Sequence[Checkup], last: int) -> dict:
    """log10 of update to weight, parameter by parameter, with the rule of thumb, -3."""
    made = _by_parameter([(c, c.ratios) for c in checkups], last)
    line = {"color": LIGHT["baseline"], "width": 1.2, "dash": "dash"}
    rule = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": -3, "y1": -3, "line": line, "layer": "below"}
    return made | {"layout": made["layout"] | {"shapes": [rule]}}


def norms_figure(checkups: Sequence[Checkup], last: int) -> dict:
    """log10 of the gradient's norm, parameter by parameter."""
    logs = lambda c: {n: math.log10(norm) for n, norm in c.norms.items() if 0 < norm < math.inf}
    return _by_parameter([(c, logs(c)) for c in checkups], last)


def _by_parameter(rows: Sequence[tuple[Checkup, dict[str, float]]], last: int) -> dict:
    """A line for each parameter: weights bold, biases thin and in the colour of their layer."""
    settled = [value for c, values in rows if c.step >= 1 for value in values.values()] or [-3.0, -1.0]
    bottom, top = math.floor(max(min(settled), -8.0)), math.ceil(min(max(settled), 2.0))
    top = max(top, bottom + 1)
    names = [name for name in PARAMETERS if any(name in values for _, values in rows)]
    ends = {name: next(values[name] for _, values in reversed(rows) if name in values) for name in names}
    heights = spread([min(max(ends[name], bottom), top) for name in names], bottom, top, SMALL_ROW)
    traces, labels = [], []
    for name, height in zip(names, heights):
        colour, bias = LIGHT[PARAMETERS[name]], name.startswith("b")
        there = [(c, values[name]) for c, values in rows if name in values]
        width = 1.0 if bias else 2.2
        traces.append(_over_steps([c for c, _ in there], [v for _, v in there], name, colour, width, ".2f"))
        labels.append(_end(name if bias else f"<b>{name}</b>", height, colour))
    ticks = list(range(bottom, top + 1, max(1, math.ceil((top - bottom) / 6))))
    marks = {"tickvals": ticks, "ticktext": [f"10<sup>{tick}</sup>" for tick in ticks]}
    return figure(
        traces,
        margin=NAME_MARGIN,
        xaxis=step_axis(last, log_steps=True),
        yaxis=axis("", (bottom - 0.1, top + 0.1), **marks),
        annotations=labels,
    )


def _over_steps(checkups: Sequence[Checkup], values, name: str, colour: str, width: float, digits: str) -> dict:
    place = step_place(True)
    return {
        "type": "scatter",
        "mode": "lines" if len(checkups) > 1 else "markers",
        "x": [round(place(c.step), 4) for c in checkups],
        "y": [round(value, 4) for value in values],
        "customdata": [c.step for c in checkups],
        "line": {"color": colour, "width": width},
        "marker": {"color": colour, "size": 5},
        "hovertemplate": f"<b>{name}</b> {tr('at step')} %{{customdata:,}}: %{{y:{digits}}}<extra></extra>",
    }
