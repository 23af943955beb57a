"""A run as one HTML page for download: an animation of its letters and its loss that works offline.

The template is in assets/movie. Data of a run or of a user is inserted as JSON that cannot end
its script tag, and is shown only as text nodes.
"""

import html
import json
import math
import pathlib
from collections.abc import Sequence
from string import Template
from typing import NamedTuple

import torch
import torch.nn.functional as F

from core.config import Config
from core.counting.ngrams import UNIFORM
from core.data.corpus import CHARACTER, WORD
from core.data.parts import PARTS
from core.data.shown import Shown
from core.engine.history import History
from core.messages import language, mark, tr
from core.plots import GROUPS, PALETTE
from core.plots.letters import kinds, legend
from core.plots.loss import loss_range

ASSETS = pathlib.Path(__file__).parent.parent.parent / "assets" / "movie"
STYLES, SCRIPTS = ("movie.css", "narrow.css", "words.css"), ("letters.js", "loss.js", "time.js")  # joined in this order
COMMON = {  # texts of the template
    "step": mark("step"), "train_loss": mark("train loss"), "dev_loss": mark("dev loss"), "loss": mark("Loss in nats"),
    "curves": mark("Train and dev loss over training steps"), "play": mark("Play"), "time": mark("Time"),
}  # fmt: skip
TEXTS = {
    CHARACTER: {
        "where": mark("Where each character sits"),
        "moving": mark("The embeddings of characters, moving as the network learns"),
        "how": mark("exact, per character"),
        "written": mark("Names it writes"),
        "noscript": mark("This page needs JavaScript to move its characters; it asks nothing of any network."),
    },
    WORD: {
        "where": mark("Where each word sits"),
        "moving": mark("The embeddings of words, moving as the network learns"),
        "how": mark("of random samples, per word"),
        "written": mark("Sentences it writes"),
        "noscript": mark("This page needs JavaScript to move its words; it asks nothing of any network."),
    },
}
SAID = {"at": mark("at step {step}"), "step": mark("step {step}"), "pause": mark("Pause"), "play": mark("Play")}
CONTEXTS = {  # one, many
    CHARACTER: (mark("{n:,} character of context"), mark("{n:,} characters of context")),
    WORD: (mark("{n:,} word of context"), mark("{n:,} words of context")),
}
EACH = mark("{n:,} dimension each"), mark("{n:,} dimensions each")
UNITS = mark("{n:,} hidden unit"), mark("{n:,} hidden units")
STEPS = mark("{n:,} step"), mark("{n:,} steps")
SMOOTH = 6  # frames before and after over which the window is averaged, so that it moves smoothly
FINE = 400  # units between the middle and the edge of the narrowest window: less than a pixel each


class MovieFrame(NamedTuple):
    """The letters at one step: points (V, 2), aligned from frame to frame, and names written then."""

    step: int
    points: torch.Tensor
    names: Sequence[str]


def page(
    title: str,
    letters: Shown,
    frames: Sequence[MovieFrame],
    history: History,
    baselines: dict[str, float],
    level: str = CHARACTER,
) -> str:
    """One HTML file that plays `frames` (at least one, in order of step) with the exact losses of `history`.

    letters: at word level, words in the colours of parts of speech; names are sentences then. baselines: name -> dev
    loss of count models, drawn as dashed lines. The page makes no requests, and a
    Content-Security-Policy forbids them.
    """
    config = Config(**history.config)
    points = torch.stack([frame.points.double() for frame in frames])  # (frames, V, 2)
    flat = config.n_embd == 1
    if flat:
        points = _apart(points)
    seen = windows(points)
    unit = float(seen[:, 2:].max(1).values.min()) / FINE
    data = {
        "title": title,
        "said": {name: tr(text) for name, text in SAID.items()},
        "words": level == WORD,
        "about": _about(config, frames[-1].step, level),
        "axes": _axes(config.n_embd),
        "letters": letters.labels,
        "groups": letters.roles,
        "kinds": kinds(letters, "name"),
        "keys": legend(letters),
        "flat": flat,
        "unit": unit,
        "frames": [
            {"step": frame.step, "names": list(frame.names), "window": window, "points": places, "span": span}
            for frame, window, places, span in zip(
                frames, _whole(seen / unit), _whole(points.flatten(1) / unit), _spans(history, frames, level)
            )
        ],
        "losses": [(step, round(train, 4), round(dev, 4)) for step, train, dev in history.evaluations],
        "even": tr(UNIFORM),
        "baselines": [(tr(name), round(value, 4)) for name, value in baselines.items()],
    }
    texts = {name: html.escape(tr(text)) for name, text in (COMMON | TEXTS[level]).items()}
    return Template(_joined("movie.html")).substitute(
        texts, language=language(), style=_colours() + _joined(*STYLES), script=_joined(*SCRIPTS), data=as_json(data)
    )


def windows(points: torch.Tensor) -> torch.Tensor:
    """The part of the plane to show at each frame: points (frames, V, 2) -> (frames, 4), centre and half sizes.

    Every letter is always inside. The window is the mean of the windows that neighbouring frames need, so it
    grows and moves smoothly.
    """
    reach = torch.cat([points.amax(1), -points.amin(1)], 1).T.unsqueeze(0)  # (1, 4, frames): high x, y, minus low x, y
    needed = F.max_pool1d(reach, 2 * SMOOTH + 1, 1, SMOOTH)
    calm = F.avg_pool1d(needed, 2 * SMOOTH + 1, 1, SMOOTH, count_include_pad=False)[0]
    high, low = calm[:2].T, -calm[2:].T
    return torch.cat([(high + low) / 2, ((high - low) / 2).clamp(min=1e-3)], 1)


def _apart(points: torch.Tensor) -> torch.Tensor:
    """Letters on a line (one dimension), with different heights that have no meaning, so that they do not overlap."""
    heights = torch.arange(points.shape[1]) % 7 - 3
    spread = 0.1 * (points[..., 0].amax() - points[..., 0].amin())
    return torch.stack([points[..., 0], (spread * heights).expand(points.shape[:2])], 2)


def _spans(history: History, frames: Sequence[MovieFrame], level: str) -> list[tuple[float, float]]:
    """The ends of the loss axis at each frame, from the losses up to it; of words always those of all losses."""
    if level == WORD:
        losses = [loss for _, *both in history.evaluations for loss in both]
        return [(math.floor(4 * min(losses)) / 4 - 0.25, math.ceil(4 * max(losses)) / 4)] * len(frames)
    known = ([row for row in history.evaluations if row[0] <= frame.step] for frame in frames)
    return [loss_range(History({}, evaluations=rows)) for rows in known]


def _whole(numbers: torch.Tensor) -> list[list[int]]:
    return numbers.round().long().tolist()


def _about(config: Config, step: int, level: str) -> str:
    numbers = (CONTEXTS[level], config.block_size), (EACH, config.n_embd), (UNITS, config.n_hidden), (STEPS, step)
    return ", ".join(tr(one if n == 1 else many, n=n) for (one, many), n in numbers)


def _axes(n_embd: int) -> str:
    if n_embd == 1:
        return tr("height only keeps letters apart")
    return tr("raw coordinates") if n_embd == 2 else tr("PCA of {n} dimensions", n=n_embd)


def as_json(data) -> str:
    """JSON that is safe inside a script tag: ASCII, and none of the characters that mean something in HTML."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _colours() -> str:
    """The palette as CSS variables, for both schemes, and a class for each group with its two colours."""
    light, dark = ("".join(f"--{name}:{both[scheme]};" for name, both in PALETTE.items()) for scheme in (0, 1))
    groups = "".join(f".{group}{{--role:var(--{group});--on-role:var(--on_{group})}}" for group in GROUPS)
    groups += "".join(f".{part}{{--role:var(--{part})}}" for part in PARTS)
    return f":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n{groups}\n"


def _joined(*names: str) -> str:
    return "".join((ASSETS / name).read_text(encoding="utf-8") for name in names)
