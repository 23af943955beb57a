"""The landscapes of the letters that somebody touched: what to ask for at each look, and what the page is told.

While a run trains a coarse field follows it; of a moment that rests a coarse field comes at once, a
fine one after it, and then those of all checkpoints, so that the time cursor finds them there. All
of it is worked out elsewhere, at lower priority (core/serving/surveyor.py): here nobody waits.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.analysis.timeline import Axes, Frame
from core.data.dataset import Dataset
from core.data.plain import is_number, is_whole
from core.engine.log import Log
from core.engine.model import Parameters
from core.messages import said, tr
from core.plots import landscape as plots
from core.serving.landscapes import Asked, Landscapes
from core.serving.surveyor import DESCENT, FIELDS, TERRITORIES, LandscapeRequest

COARSE, FINE, FILM, LANDS = 21, 41, 15, 21  # places along a side
LEAST, WORK = 7, 4e10  # and at least so many where the whole would take more multiplications than this
AT_ONCE = 8  # checkpoints that are asked for at a time
MOST_LETTERS = 2
FARTHEST = 1e4  # from the middle of the picture


@dataclass(frozen=True)
class TouchedLetters:
    """What a page says: letters touched (indices), the picture's width / height, whether it shows who would feel at
    home where, and where the first letter was let go, if it was dragged."""

    letters: tuple[int, ...] = ()
    aspect: float = 1.6
    lands: bool = False
    dropped: tuple[float, float] | None = None


def parse(said, vocabulary_size: int) -> TouchedLetters:
    """What a page says, as far as it can be; nothing touched for anything else."""
    letters, aspect, dropped = (
        said.get(name) if isinstance(said, dict) else None for name in ("letters", "aspect", "dropped")
    )
    if not isinstance(letters, list) or not all(is_whole(i, 0, vocabulary_size - 1) for i in letters):
        return TouchedLetters()
    if len(letters) > MOST_LETTERS or len({*letters}) < len(letters):
        return TouchedLetters()
    wide = is_number(aspect, 1, 10)  # rounded away from a square: the grid covers all of the picture
    round_away = math.ceil if wide else math.floor
    aspect = round_away(10 * aspect) / 10 if is_number(aspect, 0.1, 10) else TouchedLetters.aspect
    there = isinstance(dropped, list) and len(dropped) == 2 and all(is_number(x, -FARTHEST, FARTHEST) for x in dropped)
    place = (float(dropped[0]), float(dropped[1])) if there and letters else None
    return TouchedLetters(tuple(letters), aspect, said.get("lands") is True, place)


@dataclass(frozen=True)
class View:
    """A moment of a run as it is shown. past: the frames of its checkpoints, and checkpoint(i) the parameters there.

    parameters are fresh: nobody else has them.
    """

    number: int
    step: int
    frame: Frame
    axes: Axes
    parameters: Parameters
    dataset: Dataset
    rests: bool
    past: Sequence[Frame] = ()
    checkpoint: Callable[[int], Parameters] | None = None


@dataclass
class _Answer:
    """The newest answer to one kind of request, and the request that is on its way. key: what it is to."""

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
    """Follows one page's run with the landscapes of the letters that were touched there.

    film: fields of checkpoints, in the order in which they came; it begins anew for other letters.
    """

    touch: TouchedLetters = TouchedLetters()
    problem: str | None = None
    film: Log = field(default_factory=Log)
    _answers: dict[str, _Answer] = field(default_factory=lambda: {k: _Answer() for k in (FIELDS, DESCENT, TERRITORIES)})
    _film: dict[int, _Answer] = field(default_factory=dict)  # by the step of the checkpoint
    _film_of: tuple | None = None

    def look(self, landscapes: Landscapes, view: View | None) -> dict | None:
        """What the page is told, of the film only how long it is; None if no letter is touched, and then no view is
        needed."""
        letters = tuple(i for i in self.touch.letters if view and i < len(view.dataset.vocabulary))
        if not letters:
            for answer in self._answers.values():
                answer.drop()
            self._begin_film(None)
            return None
        tied, flat = view.parameters.shape.tied, len(view.axes) != 3 and not view.parameters.shape.tied
        self.problem = None if flat else plots.NOT_TIED if tied else plots.NOT_IN_SPACE
        run, dropped = (view.number, view.axes), self.touch.dropped
        what = (*run, self.touch.aspect, letters) if flat else None
        self._fields(landscapes, view, what, letters)
        start = (*run, letters[0], dropped) if flat and dropped else None
        self._once(DESCENT, landscapes, view, start, letters, dropped)
        lands = (*run, self.touch.aspect, view.step) if flat and self.touch.lands and view.rests else None
        self._once(TERRITORIES, landscapes, view, lands, letters)
        told = {kind: answer.data for kind, answer in self._answers.items()}
        self._filmed(landscapes, view, what, letters)
        return {"letters": list(letters), "problem": self.problem and tr(self.problem), **told, "film": self.film.have}

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return any(answer.asked for answer in (*self._answers.values(), *self._film.values()))

    # ------------------------------------------------------------ what to ask for

    def _fields(self, landscapes: Landscapes, view: View, what: tuple | None, letters: tuple[int, ...]) -> None:
        """A field of the newest step, coarse, then fine if it rests. One is worked out at a time; while training
        it is finished even if the run has gone on."""
        answer = self._answers[FIELDS]
        if what is None or (answer.key and answer.key[:4] != what):
            answer.drop()
        if what is None:
            return
        self._take(answer)
        key = (*what, view.step)
        if answer.waiting and (answer.waiting[:4] != what or (view.rests and answer.waiting[:5] != key)):
            answer.give_up()
        coarse, fine = (*key, COARSE), (*key, FINE)
        if answer.asked is None and answer.key not in (coarse, fine):
            self._ask(answer, FIELDS, landscapes, view, coarse, letters, COARSE)
        if answer.asked is None and view.rests and answer.key == coarse:
            self._ask(answer, FIELDS, landscapes, view, fine, letters, FINE)

    def _once(self, what: str, landscapes, view: View, key: tuple | None, letters, start=None) -> None:
        """Ask one thing once, and keep the answer as long as the key is the same."""
        answer = self._answers[what]
        if (answer.key or answer.waiting) != key:
            answer.drop()
        if key is None:
            return
        self._take(answer)
        if answer.key is None and answer.asked is None:
            self._ask(answer, what, landscapes, view, key, letters, LANDS, start or (0.0, 0.0))

    def _filmed(self, landscapes: Landscapes, view: View, what: tuple | None, letters) -> None:
        """Fields of the checkpoints, once nothing else is to be done."""
        self._begin_film(what)
        for answer in self._film.values():
            if answer.data is None and self._take(answer):
                self.film.rows.append(answer.data)
        newest = self._answers[FIELDS]
        busy = newest.asked is not None or sum(answer.asked is not None for answer in self._film.values()) >= AT_ONCE
        if what is not None and view.rests and newest.key and not busy:
            missing = [i for i, frame in enumerate(view.past) if frame.step not in self._film]
            for i in missing[:AT_ONCE]:
                frame, answer = view.past[i], self._film.setdefault(view.past[i].step, _Answer())
                then = replace(view, step=frame.step, frame=frame, parameters=view.checkpoint(i))
                self._ask(answer, FIELDS, landscapes, then, (*what, frame.step), letters, FILM)

    def _begin_film(self, what: tuple | None) -> None:
        """If the film is of something else, forget it."""
        if what != self._film_of:
            for answer in self._film.values():
                answer.give_up()
            self._film_of, self._film = what, {}
            self.film.restart()

    # ------------------------------------------------------------ asking

    def _take(self, answer: _Answer) -> bool:
        """What was asked for, if it is there by now; whether it is."""
        if answer.asked is None or not answer.asked.done.is_set():
            return False
        asked, key = answer.asked, answer.waiting
        answer.asked = answer.waiting = None
        if asked.problem:
            self.problem = asked.problem
            return False
        answer.key, answer.data = key, answer.made(asked.answer)
        return True

    def _ask(self, answer, what: str, landscapes, view: View, key: tuple, letters, n: int, start=(0.0, 0.0)) -> None:
        network, vocabulary = view.parameters, view.dataset.vocabulary
        request = LandscapeRequest(
            what, network.shape, network.freeze(), letters, tuple(map(tuple, view.frame.seen.points.tolist())),
            plots.directions(view.frame, view.axes),
            plots.grid_of(view.frame, self.touch.aspect, _affordable(n, view, letters, what)), start,
        )  # fmt: skip
        try:
            answer.asked, answer.waiting = landscapes.ask(request, view.dataset.corpus), key
        except OSError as error:
            self.problem = said("No landscape can be drawn here ({why}).", why=error.strerror)
            return
        step, plane = view.step, network.shape.n_embd > 2
        answer.made = {
            FIELDS: lambda fields: plots.fields_data(fields, step, n, vocabulary, plane),
            DESCENT: lambda descent: plots.descent_data(descent, vocabulary),
            TERRITORIES: plots.territories_data,
        }[what]


def _affordable(n: int, view: View, letters: tuple[int, ...], what: str) -> int:
    """n, or fewer places along a side where so many would keep a core busy for too long."""
    contexts, shape = view.dataset.train.contexts, view.parameters.shape
    if what == TERRITORIES:
        rows = len(contexts) * shape.block_size
    else:
        rows = sum(int((contexts == letter).any(1).sum()) for letter in letters)
    each = max(1, rows) * (shape.n_hidden + 1) * (shape.vocabulary_size + 10)
    return max(LEAST, min(n, math.isqrt(int(WORK / each))))
