"""The embedding: letters with their trails, hover text in the full space."""

from core.plots import FONT, GROUPS, LIGHT, axis, escape, figure
from core.scene import View


def letters_figure(view: View) -> dict:
    """The embedding: a trail for each colour group, then the letters, hover text in the full space."""
    groups = view.snapshot.vocabulary.groups
    traces = [_trail(view, [i for i, g in enumerate(groups) if g == group], group) for group in GROUPS]
    w, titles = view.window, axis_titles(view)
    line = {"zeroline": True, "zerolinecolor": LIGHT["zero"], "nticks": 9}
    flat = {"showticklabels": False, "showgrid": False, "zeroline": False} if view.C.shape[1] == 1 else {}
    return figure(
        [*traces, _letters(view)],
        margin={"l": 44, "r": 10, "t": 8, "b": 40},
        meta=view.snapshot.number,
        xaxis=axis(titles[0], (w.x - w.half, w.x + w.half), **line),
        yaxis=axis(titles[1], (w.y - w.half, w.y + w.half), **line | flat),
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
