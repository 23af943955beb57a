"""What the live line tells of a run on words: losses and their errors, count models, neighbours of a word."""

import bisect
from collections.abc import Callable

import torch

from core.analysis.geometry import nearest_to
from core.analysis.judgements import agreement
from core.analysis.meaning import along, closed_groups
from core.analysis.timeline import Frame, Window, inliers, steady_window
from core.analysis.words import SCORED, same_part, sentence
from core.counting.of_words import BEST, LONGEST, WordCounts
from core.data.corpus import Corpus
from core.data.parts import part_of
from core.data.plain import is_whole
from core.engine.model import mean_loss
from core.engine.snapshot import TRAINING, Snapshot
from core.plots import words
from core.plots.feed import Broadcast
from core.serving.background import Failed
from core.ui import server
from core.ui.explore.wordcases import CaseLook
from core.ui.explore.wordexact import ExactLook

STEPS = 4  # at which the neighbours of a word are told, evenly spaced on the log scale
NEIGHBOURS = 5
MOST_TOUCHED = 4  # words that are followed at a time


class WordLook:
    """The part of a page's messages that only runs on words have. then: called when there is news, in any thread."""

    def __init__(self, then: Callable[[], None]):
        self._then = then
        # the word that is looked at, those that were touched, the newest last, and two pairs for axes, or None
        self.asked: tuple = None, (), None
        self.news = 0  # counts what was made in the background
        self._losses: tuple[tuple, dict] | None = None  # the newest known, with the run and step they are of
        self._counted: tuple[tuple, list] | None = None
        self._cases = CaseLook(self._told)
        self._exact = ExactLook(self._told)
        self._window: tuple[tuple, Window] | None = None  # of the axes, and what they are of

    def hear(self, said: object, V: int) -> None:
        """[word that is looked at or null, [words that were touched], axes or null], which can be anything.

        axes: four words, the two pairs one after the other.
        """
        known = lambda i: is_whole(i, 0, min(V, words.SHOWN) - 1)
        if isinstance(said, list) and len(said) == 3 and isinstance(said[1], list):
            at, touched, axes = said
            sound = isinstance(axes, list) and len(axes) == 4 and all(map(known, axes))
            pairs = ((axes[0], axes[1]), (axes[2], axes[3])) if sound else None
            self.asked = at if known(at) else None, tuple(filter(known, touched))[-MOST_TOUCHED:], pairs

    def message(self, snapshot: Snapshot, broadcast: Broadcast, frame: Frame) -> dict:
        """frame: at the time cursor."""
        context, frames = broadcast.context, broadcast.frames
        counts = server.word_counts(snapshot.corpus, self._told)
        failed = counts.why if isinstance(counts, Failed) else None
        counts, losses = counts or None, self._look_at_losses(snapshot)
        exact = self._exact.look(snapshot)
        points, meaning = self._meaning(snapshot, frame)
        text, tone = sentence(snapshot, counts and counts.dev, exact and exact["dev"], failed)
        return {
            "status": {"text": text, "tone": tone},
            "sampled": losses,
            "exact": exact,
            "counted": counts and {name: round(loss, 4) for name, loss in counts.dev.items()},
            "counting_failed": failed is not None,
            "counted_next": counts and self._next(counts, snapshot.corpus, context),
            "near": self._near(frame, points),
            "meaning": meaning,
            "earlier": self._earlier(snapshot, frames),
            **self._cases.message(snapshot, counts, context),
        }

    def _told(self) -> None:
        self.news += 1
        self._then()

    # ------------------------------------------------------------ losses

    def _look_at_losses(self, snapshot: Snapshot) -> dict | None:
        """The standard errors of the sampled losses, and how words lie together.

        While it trains, those of an earlier step may do: they hardly change.
        """
        rests = snapshot.state != TRAINING
        key = snapshot.id, snapshot.exact[0] if rests else snapshot.history.evaluations[-1][0]
        make = lambda: _losses(snapshot)
        made = server.background().get(("losses", id(self)), ("losses", *key), make, self._told)
        if made:
            self._losses = key, made
        return self._losses[1] if self._losses and self._losses[0][0] == snapshot.id else None

    # ------------------------------------------------------------ what comes next, by counting

    def _next(self, counts: WordCounts, corpus: Corpus, context: str) -> list[list]:
        key = corpus.identity, context
        if self._counted is None or self._counted[0] != key:
            X = torch.tensor([corpus.vocabulary.context(context, LONGEST - 1)])
            self._counted = key, words.likeliest(counts.models[BEST].probabilities(X)[0], corpus.vocabulary)
        return self._counted[1]

    # ------------------------------------------------------------ neighbours

    def _meaning(self, snapshot: Snapshot, frame: Frame) -> tuple[torch.Tensor, dict | None]:
        """The places of the words that the map shows, and how they come to the page if they are along chosen axes."""
        pairs = self.asked[2]
        if pairs is None or max(map(max, pairs)) >= len(frame.C):
            return frame.seen.points, None
        of, points = (snapshot.number, pairs), along(frame.C, pairs)
        last = self._window[1] if self._window and self._window[0] == of else None
        window = steady_window(points[inliers(points)], last)
        self._window = of, window
        return points, words.meaning(frame, pairs, points, window)

    def _near(self, frame: Frame, points: torch.Tensor) -> list[dict]:
        """Of the word that is looked at and of each that was touched. points (V, 2): of the picture."""
        at, touched, _ = self.asked
        asked = dict.fromkeys([*([] if at is None else [at]), *touched])
        return [
            {"word": i, "step": frame.step, **words.near(frame.C, points, i)}
            for i in asked
            if i < min(len(frame.C), words.SHOWN)
        ]

    def _earlier(self, snapshot: Snapshot, frames: list[Frame]) -> dict | None:
        """The neighbours of the word that was touched last, at a few moments: [step, seconds, [words]]."""
        if not self.asked[1] or self.asked[1][-1] >= min(len(snapshot.vocabulary), words.SHOWN):
            return None
        i, steps = self.asked[1][-1], [frame.step for frame in frames]
        wanted = [(steps[-1] + 1) ** (k / (STEPS - 1)) - 1 for k in range(STEPS)]
        indices = sorted({max(0, bisect.bisect_right(steps, step + 0.5) - 1) for step in wanted})
        rows = []
        for index in indices:
            near = nearest_to(frames[index].C, i, NEIGHBOURS)
            rows.append([steps[index], _seconds(snapshot, steps[index]), [snapshot.vocabulary.label(j) for j in near]])
        return {"name": snapshot.vocabulary.label(i), "rows": rows}


def _seconds(snapshot: Snapshot, step: int) -> float:
    """Of training until the newest evaluation at or before a step."""
    return max((seconds for at, seconds in snapshot.history.clock if at <= step), default=0.0)


def _losses(snapshot: Snapshot) -> dict:
    """train, dev: standard errors of the losses of the samples.

    same_part: the step, the share of nearest words of the same part of speech, and its range by chance; None if all
    words have one part. groups: name, size, and the same shares of each closed group. judged: the pairs of words that
    people judged, the correlation of nearness with their judgements, and its range by chance; None for a text with
    few of those words.
    """
    data, network = server.dataset(snapshot.corpus, snapshot.config.block_size), snapshot.parameters()
    found = {split: round(mean_loss(network, data.watched(split))[1], 4) for split in ("train", "dev")}
    parts = [part_of(word) for word in snapshot.vocabulary.itos[:SCORED]]
    found["groups"] = [
        [name, size, *(round(x, 3) for x in shares)]
        for name, size, *shares in closed_groups(network.C, snapshot.vocabulary.itos)
    ]
    judged = agreement(network.C, snapshot.vocabulary.itos)
    found["judged"] = judged and [judged.pairs, *(round(x, 3) for x in judged[1:])]
    shares = same_part(network.C, parts)
    found["same_part"] = shares and [snapshot.step, *(round(x, 3) for x in shares)]
    return found
