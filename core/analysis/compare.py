"""Comparing runs: the data of each run, a table of their results and knobs, and aligned embeddings. Pure.

The summary sentence is in core/analysis/verdict.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import torch

from core.analysis.geometry import Projection, neighbours, procrustes, project
from core.analysis.timeline import NEAREST, Window, steady_window
from core.config import KNOB, KNOBS, Config
from core.data.dataset import WATCHED, Dataset
from core.data.parts import chosen
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.data.words import Words
from core.engine import moves
from core.engine.experiment import default_name, live_changes
from core.engine.history import Change
from core.engine.model import loss
from core.engine.probe import sample
from core.engine.saved import SavedRun
from core.messages import mark, tr

MAX_COMPARED = 6  # runs at a time
OF_EACH_PART = 5  # words of a part of speech in a picture
SAMPLES = 12
SAMPLES_SEED = KNOB["seed"].default  # the same random numbers for every run
CHANGES_SHOWN = 3
TOO_DIFFERENT = 0.7  # residual above which arrows from the first run's picture say nothing
EXACT = mark("Train loss"), mark("Dev loss"), mark("Test loss")
SAMPLED = (
    mark("Train loss, of at most {n:,} examples of a text"),
    mark("Dev loss, of at most {n:,} examples of a text"),
    mark("Test loss, of at most {n:,} examples of a text"),
)
AGO = (  # one, many, seconds
    (mark("1 day ago"), mark("{n} days ago"), 86_400),
    (mark("1 hour ago"), mark("{n} hours ago"), 3_600),
    (mark("1 minute ago"), mark("{n} minutes ago"), 60),
)
ALIKE = 2.0  # pictures of at most so many times the size share a window


@dataclass(frozen=True, kw_only=True)
class Entry(SavedRun):
    """A run as comparing needs it: without its checkpoints, and under the name that people read.

    exact: at `step`, or earlier if the words of the run are not known here. test: at `step`, None if the words are
    not known. words: (generated text at temperature 1, whether it is in the data; False if that is not known).
    """

    words: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, saved: SavedRun, dataset: Dataset) -> "Entry":
        """dataset: the visitor's words with the run's block size; used only if the run learned from the same words."""
        ours, parameters = (dataset.digest, dataset.corpus.most) == saved.text, saved.parameters()
        exact, test = saved.exact, saved.test
        if ours and exact[0] < saved.step and not saved.failure:
            exact = saved.step, *(loss(parameters, dataset.watched(split)) for split in ("train", "dev"))
        if ours and test is None:
            test = loss(parameters, dataset.watched("test"))
        written = sample(parameters, _vocabulary(saved), SAMPLES, SAMPLES_SEED)
        known = {
            "history": replace(saved.history, checkpoints=(), embeddings=()),
            "name": saved.name or default_name(Config(**saved.history.config), saved.data, saved.most),
            "exact": exact,
            "test": test,
            "words": tuple((word, ours and word in dataset.known) for word in written),
        }
        return cls(**{field.name: getattr(saved, field.name) for field in fields(SavedRun)} | known)

    @cached_property
    def start(self) -> Config:
        """The config at step 0."""
        return Config(**self.history.config)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Live changes since."""
        return live_changes(self.history.changes)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return _vocabulary(self)

    @cached_property
    def shown(self) -> Shown:
        """What pictures show: all characters, in groups from the alphabet; some words of each part of speech."""
        return Shown.of(self.vocabulary) if self.most is None else chosen(self.vocabulary, OF_EACH_PART)

    @property
    def labels(self) -> list[str]:
        """Of every symbol, shown or not."""
        return [self.vocabulary.label(i) for i in range(len(self.itos))]

    @cached_property
    def C(self) -> torch.Tensor:
        """(as many as are shown, n_embd): the embedding at `step`."""
        return self.parameters().C[list(self.shown.ids)]

    @property
    def dev(self) -> float:
        return self.exact[2]


def _vocabulary(saved: SavedRun) -> Vocabulary:
    return Vocabulary(saved.itos) if saved.most is None else Words(saved.itos)


def comparable(entries: Sequence[Entry]) -> bool:
    """Whether the losses can be compared: all runs learned from the same words, with the same vocabulary."""
    return len({entry.text for entry in entries}) == 1


def of_words(entries: Sequence[Entry]) -> bool:
    """Whether any of the runs learned words, not characters."""
    return any(entry.most is not None for entry in entries)


# ---------------------------------------------------------------- knobs in a few words


def shown(value, name: str) -> str:
    """A value as text for a person. name: of its knob, or of what else runs differ in."""
    return KNOB[name].value_text(value) if name in KNOB else value


def summary(config: Config, changes: Sequence[Change] = ()) -> str:
    """The knobs that differ from the defaults, such as “hidden units 300 · seed 7 · 2 changes while training”."""
    other = [knob for knob in KNOBS if getattr(config, knob.name) != knob.default]
    said = [f"{tr(knob.label.lower())} {shown(getattr(config, knob.name), knob.name)}" for knob in other]
    if len(changes) == 1:
        said.append(tr("1 change while training"))
    elif changes:
        said.append(tr("{n} changes while training", n=len(changes)))
    return " · ".join(said) or tr("all knobs at their defaults")


def change_text(change: Change) -> str:
    step, name, value = change
    if moves.is_move(name):
        return tr("character {i} moved by hand at step {step:,}", i=moves.read(name, value)[0], step=step)
    knob = tr(KNOB[name].label.lower())
    return tr("{knob} {value} from step {step:,}", knob=knob, value=shown(value, name), step=step)


def differing(entries: Sequence[Entry]) -> list[str]:
    """The names of the knobs whose values at step 0 differ between the runs, in the order of the knob table."""
    return [k.name for k in KNOBS if len({getattr(entry.start, k.name) for entry in entries}) > 1]


# ---------------------------------------------------------------- the table


def table(entries: Sequence[Entry]) -> dict:
    """The results and knobs of the runs as plain data.

    results: [label, a text for each run, the indices of the best runs (none if they cannot be compared)];
    different: [label, a text for each run]; alike: [label, one text for all].
    """
    names = differing(entries)
    return {
        "results": [*_losses(entries), *_sizes(entries)],
        "different": [[tr(KNOB[n].label), [shown(getattr(e.start, n), n) for e in entries]] for n in names],
        "alike": [
            [tr(k.label), shown(getattr(entries[0].start, k.name), k.name)] for k in KNOBS if k.name not in names
        ],
    }


def _losses(entries: Sequence[Entry]) -> list:
    train, dev = ([entry.exact[i] for entry in entries] for i in (1, 2))
    names = SAMPLED if of_words(entries) else EXACT
    train_loss, dev_loss, test_loss = (tr(name, **({"n": WATCHED} if of_words(entries) else {})) for name in names)
    late = ["" if e.exact[0] == e.step else f" {tr('at {step:,}', step=e.exact[0])}" for e in entries]
    rows = [
        [label, [f"{loss_text(nats)}{at}" for nats, at in zip(losses, late)], _best(entries, losses)]
        for label, losses in ((train_loss, train), (dev_loss, dev))
    ]
    tests = [entry.test for entry in entries]
    rows.append([test_loss, ["–" if test is None else loss_text(test) for test in tests], _best(entries, tests)])
    rows.append([tr("Dev perplexity"), [perplexity(entry.dev) for entry in entries], _best(entries, dev)])
    return rows


def loss_text(loss: float) -> str:
    return f"{loss:.4f}" if loss < 1e4 else f"{loss:.1e}"


def perplexity(loss: float) -> str:
    """e ** loss as text: guessing among this many equally likely characters has the same loss."""
    return f"{math.exp(loss):,.2f}" if loss < 12 else f"{math.exp(loss):.1e}" if loss < 700 else "over 1e+300"


def _best(entries: Sequence[Entry], losses: Sequence[float | None]) -> list[int]:
    known = [loss for loss in losses if loss is not None]
    if len(set(known)) < 2 or not comparable(entries):
        return []
    return [i for i, loss in enumerate(losses) if loss == min(known)]


def _sizes(entries: Sequence[Entry]) -> list:
    rows = [
        [tr("Steps"), [tr("{n:,}, then it broke down", n=e.step) if e.failure else f"{e.step:,}" for e in entries]],
        [tr("Parameters"), [f"{e.parameter_count:,}" for e in entries]],
        [tr("Training time"), [duration(e.seconds) for e in entries]],
    ]
    if any(e.changes for e in entries):
        rows.append([tr("Changes while training"), [_changes(e.changes) for e in entries]])
    if len({e.digest for e in entries}) > 1:
        rows.append([tr("Words"), [e.data for e in entries]])
    if len({e.most for e in entries}) > 1:
        rows.append([tr("Vocabulary"), [tr("{n:,} symbols", n=len(e.itos)) for e in entries]])
    return [[label, texts, []] for label, texts in rows]


def _changes(changes: Sequence[Change]) -> str:
    more = len(changes) - CHANGES_SHOWN
    said = [change_text(change) for change in changes[:CHANGES_SHOWN]] + ([tr("{n} more", n=more)] if more > 0 else [])
    return "; ".join(said) or tr("none")


def duration(seconds: float) -> str:
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def ago(seconds: float) -> str:
    """A time span as text, such as "3 hours ago"."""
    for one, many, size in AGO:
        if seconds >= size:
            n = int(seconds / size)
            return tr(many, n=n) if n > 1 else tr(one)
    return tr("just now")


# ---------------------------------------------------------------- aligned embeddings


@dataclass(frozen=True)
class Picture:
    """An embedding in the plane, aligned to the first run by translation, rotation, reflection and scale.

    points (V, 2); before (V, 2): the points of the first run, if the two are alike enough (TOO_DIFFERENT) to compare
    them letter by letter; residual: the remaining difference, 0 to 1 (`geometry.Aligned`). Both are None for the first
    run, and for runs with other characters, which are not aligned. explained: the share of the variance on each axis
    of the projection. nearest: for each character the indices of its nearest characters in the full space. window:
    the part of the plane that is shown (`pictures` sets it); shared: whether it is also that of the first run.
    """

    points: torch.Tensor
    explained: tuple[float, float]
    nearest: list[list[int]]
    before: torch.Tensor | None = None
    residual: float | None = None
    window: Window | None = None
    shared: bool = True


def pictures(entries: Sequence[Entry]) -> list[Picture]:
    """A picture of each run. All share one window, except those whose letters would be lost or cut off in it."""
    projections = [project(entry.C) for entry in entries]
    first = entries[0].vocabulary, projections[0].points
    found = [_picture(entry, seen, *first, i > 0) for i, (entry, seen) in enumerate(zip(entries, projections))]
    own = [_window(picture) for picture in found]
    alike = [1 / ALIKE <= window.half / own[0].half <= ALIKE for window in own]
    common = steady_window(torch.cat([picture.points for picture, same in zip(found, alike) if same]), None)
    windows = [common if same else window for same, window in zip(alike, own)]
    return [replace(p, window=window, shared=same) for p, window, same in zip(found, windows, alike)]


def _window(picture: Picture) -> Window:
    """For one picture alone, with the places from which its arrows come."""
    places = [picture.points] + ([] if picture.before is None else [picture.before])
    return steady_window(torch.cat(places), None)


def _picture(entry: Entry, seen: Projection, vocabulary: Vocabulary, target: torch.Tensor, align: bool) -> Picture:
    nearest = neighbours(entry.C, min(NEAREST, len(entry.C) - 1))
    if not align or entry.vocabulary != vocabulary:
        return Picture(seen.points, seen.explained, nearest)
    aligned = procrustes(seen.points, target)
    before = target if aligned.residual <= TOO_DIFFERENT else None
    return Picture(aligned.points, seen.explained, nearest, before, aligned.residual)


def picture_note(entry: Entry, picture: Picture, first: bool) -> str:
    """What a picture shows, how far it is from the first run's, and whether it has a scale of its own."""
    n = entry.start.n_embd
    if n > 2:
        of_all = mark("PCA of {n} dimensions, {share:.0f} % of the variance")
        said = [tr(of_all, n=n, share=100 * sum(picture.explained))]
    else:
        said = [tr("raw coordinates, 2 dimensions") if n == 2 else tr("raw coordinates, 1 dimension")]
    if picture.residual is not None:
        alike = mark("residual {residual:.2f}")
        different = mark("residual {residual:.2f}: too different for arrows")
        said.append(tr(alike if picture.before is not None else different, residual=picture.residual))
    elif not first:
        other = mark("other characters, not aligned"), mark("another vocabulary, not aligned")
        said.append(tr(other[entry.most is not None]))
    if entry.most is not None:
        said.append(tr("{n} frequent words", n=len(entry.shown)))
    if not picture.shared:
        said.append(tr("a scale of its own"))
    return "; ".join(said)
