"""The landscapes of the letters that somebody touched: what to ask for at each look, and what the page is told.

While a run trains a coarse field follows it; of a moment that rests a coarse field comes at once and
a fine one after it. All of it is worked out elsewhere, at lower priority (core/serving/surveyor.py):
here nobody waits but for a moment's coarse field, and that not while training.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from core.analysis.timeline import Axes, Frame
from core.data.dataset import Dataset
from core.engine.model import Parameters
from core.plots import landscape as plots
from core.serving.landscapes import Asked, Landscapes
from core.serving.surveyor import DESCENT, FIELDS, TERRITORIES, Question

COARSE, FINE, LANDS = 21, 41, 21  # places along a side
LEAST, WORK = 7, 4e10  # and at least so many where the whole would take more multiplications than this
PATIENCE = 0.7  # seconds that a page at rest waits for a coarse field, so that a touch is answered at once
MOST_LETTERS = 2
FARTHEST = 1e4  # from the middle of the picture


@dataclass(frozen=True)
class Touch:
    """What a page says: letters touched (indices), the picture's width / height, whether it shows who would feel at
    home where, and where the first letter was let go, if it was dragged."""

    letters: tuple[int, ...] = ()
    aspect: float = 1.6
    lands: bool = False
    dropped: tuple[float, float] | None = None


def parse(said, vocabulary_size: int) -> Touch:
    """What a page says, as far as it can be; nothing touched for anything else."""
    if not isinstance(said, dict):
        return Touch()
    letters, aspect, dropped = (said.get(name) for name in ("letters", "aspect", "dropped"))
    whole = isinstance(letters, list) and len(letters) <= MOST_LETTERS and len({*map(str, letters)}) == len(letters)
    if not whole or not all(type(i) is int and 0 <= i < vocabulary_size for i in letters):
        return Touch()
    aspect = round(float(aspect), 1) if _number(aspect, 100.0) and aspect > 0 else Touch.aspect
    there = isinstance(dropped, list) and len(dropped) == 2 and all(_number(x, FARTHEST) for x in dropped)
    place = (float(dropped[0]), float(dropped[1])) if there and letters else None
    return Touch(tuple(letters), aspect, said.get("lands") is True, place)


def _number(value, most: float) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= most


@dataclass(frozen=True)
class View:
    """A moment of a run as it is shown. parameters are fresh: nobody else has them."""

    number: int
    step: int
    frame: Frame
    axes: Axes
    parameters: Parameters
    dataset: Dataset
    rests: bool


@dataclass
class _Kind:
    """A kind of question: the newest answer and what it is to, and the one that is on its way."""

    key: tuple | None = None
    data: dict | None = None
    waiting: tuple | None = None
    asked: Asked | None = None
    made: Callable | None = None  # from that one's answer to data

    def give_up(self) -> None:
        """Wait no more."""
        if self.asked:
            self.asked.forget()
        self.waiting = self.asked = None

    def drop(self) -> None:
        self.give_up()
        self.key = self.data = None


@dataclass
class Follower:
    """Follows one page's run with the landscapes of the letters that were touched there."""

    touch: Touch = Touch()
    problem: str | None = None
    _kinds: dict[str, _Kind] = field(default_factory=lambda: {k: _Kind() for k in (FIELDS, DESCENT, TERRITORIES)})

    def look(self, landscapes: Landscapes, view: View | None) -> dict | None:
        """What the page is told; None if no letter is touched, and then no view is needed."""
        if not self.touch.letters or view is None:
            for kind in self._kinds.values():
                kind.drop()
            return None
        letters = tuple(i for i in self.touch.letters if i < len(view.dataset.vocabulary))
        wanted = bool(letters) and len(view.axes) != 3
        self.problem = plots.NOT_IN_SPACE if letters and not wanted else None
        what = view.number, view.axes, self.touch.aspect
        self._fields(landscapes, view, (*what, letters) if wanted else None, letters)
        dropped = self.touch.dropped if wanted else None
        self._once(DESCENT, landscapes, view, dropped and (view.number, view.axes, letters[0], dropped), letters, dropped)
        lands = wanted and self.touch.lands and view.rests
        self._once(TERRITORIES, landscapes, view, (*what, view.step) if lands else None, letters, None)
        told = {kind: self._kinds[kind].data for kind in (FIELDS, DESCENT, TERRITORIES)}
        return {"letters": list(letters), "problem": self.problem, **told}

    def _fields(self, landscapes: Landscapes, view: View, what: tuple | None, letters: tuple[int, ...]) -> None:
        """A field of the newest step, coarse, then fine if it rests. One is worked out at a time; while training
        it is finished even if the run has gone on."""
        kind = self._kinds[FIELDS]
        if what is None or (kind.key and kind.key[:4] != what):
            kind.drop()
        if what is None:
            return
        self._take(kind)
        key = (*what, view.step)
        if kind.waiting and (kind.waiting[:4] != what or (view.rests and kind.waiting[:5] != key)):
            kind.give_up()
        coarse, fine = (*key, COARSE), (*key, FINE)
        if kind.asked is None and kind.key not in (coarse, fine):
            self._ask(FIELDS, landscapes, view, coarse, letters, COARSE)
            if view.rests and kind.asked and kind.asked.done.wait(PATIENCE):
                self._take(kind)
        if kind.asked is None and view.rests and kind.key == coarse:
            self._ask(FIELDS, landscapes, view, fine, letters, FINE)

    def _once(self, what: str, landscapes: Landscapes, view: View, key: tuple | None, letters, start) -> None:
        """Ask one thing once, and keep the answer as long as the key is the same."""
        kind = self._kinds[what]
        if (kind.key or kind.waiting) not in (key, None) or key is None:
            kind.drop()
        if key is None:
            return
        self._take(kind)
        if kind.key is None and kind.asked is None:
            self._ask(what, landscapes, view, key, letters, LANDS, start or (0.0, 0.0))
            if what == DESCENT and kind.asked and kind.asked.done.wait(PATIENCE):
                self._take(kind)

    def _take(self, kind: _Kind) -> None:
        """The answer, if there is one by now."""
        if kind.asked is None or not kind.asked.done.is_set():
            return
        asked, key = kind.asked, kind.waiting
        kind.asked = kind.waiting = None
        if asked.problem:
            self.problem = asked.problem
            return
        kind.key, kind.data = key, kind.made(asked.answer)

    def _ask(self, what, landscapes: Landscapes, view: View, key: tuple, letters, n: int, start=(0.0, 0.0)) -> None:
        frame, network, vocabulary = view.frame, view.parameters, view.dataset.vocabulary
        grid = plots.grid_of(frame, self.touch.aspect, _affordable(n, view, letters, what))
        question = Question(
            what, network.shape, network.freeze(), letters, tuple(map(tuple, frame.seen.points.tolist())),
            plots.directions(frame, view.axes), grid, start,
        )  # fmt: skip
        kind = self._kinds[what]
        try:
            kind.asked, kind.waiting = landscapes.ask(question, view.dataset.words), key
        except OSError as error:
            self.problem = f"No landscape can be drawn here ({error.strerror})."
            return
        step, plane = view.step, network.shape.n_embd > 2
        kind.made = {
            FIELDS: lambda fields: {
                "step": step, "n": n, "said": plots.sentence(fields, vocabulary, plane),
                "of": [plots.field_data(one, vocabulary) for one in fields],
            },
            DESCENT: lambda descent: plots.descent_data(descent, vocabulary),
            TERRITORIES: plots.territories_data,
        }[what]  # fmt: skip


def _affordable(n: int, view: View, letters: tuple[int, ...], what: str) -> int:
    """n, or fewer places along a side where so many would keep a core busy for too long."""
    contexts, shape = view.dataset.train.contexts, view.parameters.shape
    if what == TERRITORIES:
        rows = len(contexts) * shape.block_size
    else:
        rows = sum(int((contexts == letter).any(1).sum()) for letter in letters)
    each = max(1, rows) * (shape.n_hidden + 1) * (shape.vocabulary_size + 10)
    return max(LEAST, min(n, math.isqrt(int(WORK / each))))
