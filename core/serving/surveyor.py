"""The process that computes landscapes for all visitors of a server: `python -m core.serving.surveyor FD`.

core/serving/landscapes.py starts it and is the other end of the socket FD; the process ends when that
is closed. Its priority is lower than that of training. Questions are worked on in small pieces, in turns,
so that a short one does not wait for a long one.

It receives (ticket, digest, words, request), where words is None if both ends still have the list with
this digest, or (ticket,) alone to withdraw a request. It sends (ticket, answer, problem), pickled.
"""

import gc
import os
import pickle
import sys
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import torch

from core.analysis.landscape import Landscape, LetterContexts, Slice
from core.analysis.survey import Descent, Field, Grid, Territories, roll, survey, territories
from core.data.corpus import Corpus
from core.engine.model import Parameters, Shape
from core.messages import said
from core.serving.datasets import Shared

NICE = 8  # so much lower in priority than the server; hosts are lower by 3
SHARED = 200_000_000  # bytes of data sets, and of what letters' contexts are in them
LISTS = 4  # word lists that both ends remember

FIELDS, DESCENT, TERRITORIES = "fields", "descent", "territories"


@dataclass(frozen=True)
class LandscapeRequest:
    """What is asked about a network. what: FIELDS of these letters, the DESCENT of the first of them from `start`,
    or TERRITORIES. frozen: its parameters, of this shape. points: where the picture shows each character, and
    basis: the directions of its axes in the embedding's space, row by row."""

    what: str
    shape: Shape
    frozen: bytes
    letters: tuple[int, ...]
    points: tuple[tuple[float, float], ...]
    basis: tuple[tuple[float, ...], ...]
    grid: Grid
    start: tuple[float, float] = (0.0, 0.0)


class Lists:
    """The word lists that were used last. Both ends have one of these, with the same calls and so the same lists."""

    def __init__(self):
        self._kept: OrderedDict[str, Corpus] = OrderedDict()

    def __contains__(self, digest: str) -> bool:
        return digest in self._kept

    def use(self, digest: str, words: Corpus | None) -> Corpus:
        """The list with this digest. words: the list, if it is a new one."""
        self._kept[digest] = words = self._kept.pop(digest, words)
        if len(self._kept) > LISTS:
            self._kept.popitem(last=False)
        return words


class Surveyor:
    """Serves one connection, in the thread or process that calls `serve`."""

    def __init__(self, connection: Connection):
        self._connection, self._lists, self._shared = connection, Lists(), Shared(SHARED)
        self._jobs: dict[int, Generator] = {}

    def serve(self) -> None:
        """Work until the connection is closed."""
        torch.set_num_threads(1)
        try:
            while True:
                self._receive(wait=not self._jobs)
                for ticket in list(self._jobs):
                    self._work(ticket)
                    self._receive()
        except (EOFError, OSError):
            return

    def _receive(self, wait: bool = False) -> None:
        while wait or self._connection.poll():
            ticket, *asked = self._connection.recv()
            if asked:
                self._jobs[ticket] = self._answer(*asked)
            else:
                self._jobs.pop(ticket, None)
            wait = False

    def _work(self, ticket: int) -> None:
        """One piece of a job."""
        try:
            with torch.inference_mode():
                next(self._jobs[ticket])
        except KeyError:  # withdrawn
            return
        except StopIteration as end:
            self._send(ticket, end.value, None)
        except Exception as error:  # other requests go on
            what = f"{type(error).__name__}: {error}"
            self._send(ticket, None, said("This landscape cannot be drawn ({error}).", error=what))

    def _send(self, ticket: int, answer, problem: str | None) -> None:
        del self._jobs[ticket]
        # Not by `send`, which shares the memory of tensors instead of copying it.
        self._connection.send_bytes(pickle.dumps((ticket, answer, problem)))

    # ------------------------------------------------------------ requests

    def _answer(self, digest: str, words: Corpus | None, request: LandscapeRequest) -> Generator:
        words = self._lists.use(digest, words)  # not in the generator: both ends must call it in the same order
        return self._answered(words, request)

    def _answered(self, words: Corpus, request: LandscapeRequest):
        """A generator that returns the answer: a Field of each letter, a Descent, or Territories."""
        network = Parameters.thaw(request.shape, request.frozen)
        basis = torch.tensor(request.basis)

        def landscape(letter: int) -> Landscape:
            at = torch.tensor(request.points[letter], dtype=torch.float64)
            return Landscape(network, self._letter(words, request.shape, letter), Slice(network.C[letter], at, basis))

        grid = request.grid
        if request.what == FIELDS:
            fields: list[Field] = []
            points = torch.tensor(request.points, dtype=torch.float64)
            for letter in request.letters:
                fields.append((yield from survey(landscape(letter), grid, points)))
            return fields
        if request.what == DESCENT:
            descent: Descent = yield from roll(landscape(request.letters[0]), request.start, grid.half[1])
            return descent
        landscapes = []
        for letter in range(request.shape.vocabulary_size):
            landscapes.append(landscape(letter))
            yield
        lands: Territories = yield from territories(landscapes, grid)
        return lands

    def _letter(self, words: Corpus, shape: Shape, letter: int) -> LetterContexts:
        examples = lambda: self._shared.dataset(words, shape.block_size).train
        key = LetterContexts, words, shape.block_size, letter
        return self._shared.get(key, lambda: LetterContexts.of(examples(), letter))


def main() -> None:
    os.nice(NICE)
    gc.freeze()
    Surveyor(Connection(int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
