"""The figure of the embedding: letters with trails, links to their neighbours, hover text.

The traces have no x and y: the page's JavaScript (assets/page/explore/letters.js) fills them in from the frames of
core/analysis/timeline.py, for any step.
"""

from core.analysis.structure import claim, compared
from core.analysis.timeline import Axes
from core.data.parts import PARTS
from core.data.shown import Shown
from core.messages import mark, tr
from core.plots import FONT, GROUPS, LIGHT, axis, escape, figure, one_of

ENDS = {
    "name": mark("start and end of a name"),
    "word": mark("start and end of a word"),
    "sentence": mark("start and end of a sentence"),
}
TRAIL = 14  # checkpoints in the trail of each letter; constant, so that a trail can be animated


def letters_figure(shown: Shown, n_embd: int, number: int, axes: Axes = (), noun: str = "name") -> dict:
    """A trail for each colour group that occurs, a hull around the first, lines to letters drawn beside their places,
    arrows the way letters are pulled and to letters outside of the picture, the links of a chosen letter, in space
    the axes, then the letters.

    noun: what one of the words is called. layout.meta: picture (another when the run or the axes are
    others), members (for each trail the indices of its characters), trail (positions behind a letter),
    names and groups (of each character), keys (what each colour means), apart and claim (the role whose
    letters the hull is around, and what it says), dimensions (of the embedding), line (there is one dimension
    only, and heights mean nothing), space (three dimensions, to be turned), aligned (a projection,
    turned onto the one before), titles (of the axes, "{}" standing for a percentage).
    """
    groups, titles = shown.roles, axis_titles(n_embd, axes)
    occurring = [group for group in GROUPS if group in groups]
    # Labels need not be measured, which is slow while the axes glide: the margins have room for them.
    line = {"zeroline": True, "zerolinecolor": LIGHT["zero"], "nticks": 9, "ticklabeloverflow": "allow"}
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False}
    space, flat = len(axes) == 3, n_embd == 1
    meta = {
        "picture": f"{number} {axes}",
        "members": [[i for i, g in enumerate(groups) if g == group] for group in occurring],
        "trail": TRAIL,
        "names": [escape(label) for label in shown.labels],
        "groups": [escape(kind) for kind in kinds(shown, noun)],
        "keys": legend(shown),
        "line": flat,
        "space": space,
        "aligned": n_embd > 2 and not axes,
        "titles": list(titles),
        "apart": list(compared(groups)[:1]),
        "claim": claim(shown.names),
        "dimensions": n_embd,
    }
    in_space = [_axes_in_space()] if space else []
    return figure(
        [*map(_trail, occurring), _hull(), _leaders(), _pull(), _arrows(), _links(), *in_space, letter_discs(shown)],
        margin={"l": 10, "r": 10, "t": 8, "b": 10} if space else {"l": 44, "r": 14, "t": 8, "b": 40},
        meta=meta,
        dragmode=False,  # zoom by the toolbar or two fingers: a drag would end in an empty grid
        xaxis=axis("" if space else titles[0], (-1.0, 1.0), **(bare if space else line)),
        yaxis=axis("" if space else titles[1], (-1.0, 1.0), **(bare if space else line | (bare if flat else {}))),
    )


def axis_titles(n_embd: int, axes: Axes = ()) -> tuple[str, ...]:
    """Raw dimensions by their number; of a projection, how much of the variance each axis shows."""
    if axes:
        share = mark("dimension {n} ({share} % of the variance)")
        named = [tr("dimension {n}", n=i + 1) if n_embd <= 2 else tr(share, n=i + 1, share="{}") for i in axes]
        return tuple(named)
    if n_embd <= 2:
        return tr("dimension {n}", n=1), tr("dimension {n}", n=2) if n_embd == 2 else ""
    return (tr("{share} % of the variance of {n} dimensions", share="{}", n=n_embd),) * 2


def letters_note(n_embd: int, axes: Axes = ()) -> str:
    """A few words about the axes, beside the title."""
    if n_embd == 1:
        return tr("each letter's one learned number; height only keeps letters apart")
    if n_embd == 2:
        return tr("each letter's two learned numbers")
    return tr("drag to turn") if len(axes) == 3 else ""  # above two dimensions the select box beside it names the axes


def _trail(group: str) -> dict:
    """One line, with gaps, through the earlier positions of each letter of a group."""
    line = {"color": LIGHT[group], "width": 2}
    return {"type": "scatter", "mode": "lines", "line": line, "opacity": 0.4, "hoverinfo": "skip"}


def _links() -> dict:
    """Lines from the chosen letter to its nearest letters in the full space."""
    line = {"color": LIGHT["ink"], "width": 1.5, "dash": "dot"}
    return {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip"}


def _hull() -> dict:
    """Around the letters of the first group, once they are apart from the second."""
    look = {"fill": "toself", "fillcolor": LIGHT["vowel"], "opacity": 0.1, "hoverinfo": "skip"}
    return {"type": "scatter", "mode": "lines", "line": {"color": LIGHT["vowel"], "width": 1, "shape": "spline"}} | look


def _leaders() -> dict:
    """From where letters are to where they are drawn, as they would lie over one another."""
    line = {"color": LIGHT["baseline"], "width": 1}
    return {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip"}


def _pull() -> dict:
    """Arrows from the letters the way they are pulled, while the run rests."""
    line = {"color": LIGHT["ink"], "width": 1.5}
    return {"type": "scatter", "mode": "lines", "line": line, "opacity": 0.6, "hoverinfo": "skip"}


def _arrows() -> dict:
    """Beside letters that are drawn at the rim, an arrow to where they are."""
    return {"type": "scatter", "mode": "text", "textfont": {"size": 15, "color": LIGHT["ink"]}, "hoverinfo": "skip"}


def _axes_in_space() -> dict:
    line = {"color": LIGHT["zero"], "width": 1.5}
    font = {"size": 12, "color": LIGHT["quiet"]}
    return {"type": "scatter", "mode": "lines+text", "line": line, "textfont": font, "hoverinfo": "skip"}


def letter_discs(shown: Shown, size: int = 25) -> dict:
    """Characters on discs `size` px wide, without positions. customdata: name, group, coordinates, nearest."""
    names, groups = shown.labels, shown.roles
    return {
        "type": "scatter",
        "mode": "markers+text",
        "text": [f"<b>{escape(name)}</b>" for name in names],
        "marker": {
            "size": size,
            "opacity": 1,
            "color": [LIGHT[g] for g in groups],
            "line": {"width": 1.5, "color": LIGHT["paper"]},
        },
        "textfont": {
            "size": [round(size * (0.6 if len(name) == 1 else 0.48)) for name in names],
            "color": [LIGHT.get(f"on_{g}", LIGHT["ink"]) for g in groups],
            "family": FONT,
        },
        "textposition": "middle center",
        "hovertemplate": "<b>%{customdata[0]}</b>  %{customdata[1]}<br>%{customdata[2]}"
        f"<br>{tr('nearest:')} <b>%{{customdata[3]}}</b><extra></extra>",
    }


def legend(shown: Shown) -> list[list[str]]:
    """[group, singular name], in the order of GROUPS, or of parts of speech."""
    called = {group: tr(one_of(name)) for group, name in shown.names.items()}
    called |= {"boundary": tr("start/end")} if "boundary" in shown.roles else {}
    return [[group, called[group]] for group in (*GROUPS, *PARTS) if group in called]


def kinds(shown: Shown, noun: str) -> list[str]:
    """The kind of each character, such as "vowel"; can contain text typed by a user. noun: see `Corpus.noun`."""
    called = dict(legend(shown)) | {"boundary": tr(ENDS[noun])}
    return [called[group] for group in shown.roles]
