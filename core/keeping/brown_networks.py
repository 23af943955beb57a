"""The networks of the paper's table for Brown in training, each kept in a file from which it goes on bit for bit.

By the paper's section 4.1: stochastic gradient descent with a rate that starts at 0.001 for each example and is
divided by 1 + 1e-8 t after t examples, weight decay 0.0001, and the weights that are best on the validation part.
Ours makes a step with the sum of 32 examples where the paper makes one after each, starts from the frequencies of
the words, and ends after 20 passes, or when three passes made the validation part no better.
"""

import hashlib
import json
import math
import os
import pathlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from core.config import SGD
from core.counting.mixture import Model, alone_and_half
from core.data.dataset import Dataset, Examples
from core.data.vocabulary import DataError
from core.engine.history import KERNEL
from core.engine.minibatches import steps_at_once
from core.engine.model import Parameters, initial_weights
from core.engine.paths import Machine, Torch, possible
from core.lessons.paper import Result

VERSION = 1
BATCH = 32  # examples of a step
RATE, DECREASE, WEIGHT_DECAY = 1e-3, 1e-8, 1e-4  # the first two for each example
PATIENCE = 3  # passes without a better loss on the validation part, after which a network has learned enough
AT_ONCE = 64  # steps between two reports of progress
LARGEST_STATE = 100_000  # bytes of JSON
PARTS = ("train", "dev", "test")


@dataclass(frozen=True)
class Network:
    """What `initial_weights` reads of a Config, which itself ends at 32 dimensions; the paper has 60."""

    block_size: int
    n_embd: int
    n_hidden: int
    direct: bool
    seed: int = 42
    optimiser: str = SGD
    tied: bool = False
    init: str = "frequency"

    @classmethod
    def of(cls, row: Result) -> "Network":
        return cls(row.n - 1, row.features, row.hidden, row.direct)


@dataclass
class State:
    """step: made so far. valid: the loss on the validation part after each pass, nats per word. losses: of the best
    weights, once the network has learned enough: alone, and mixed with the trigram, on each of PARTS."""

    step: int = 0
    valid: list[float] = field(default_factory=list)
    losses: dict[str, list[float]] = field(default_factory=dict)

    @property
    def best(self) -> int:
        """The pass after which the validation part was best, from 1; 0 before the first."""
        return 1 + self.valid.index(min(self.valid)) if self.valid else 0

    def ended(self, passes: int) -> bool:
        return len(self.valid) >= passes or len(self.valid) - self.best >= PATIENCE


class Training:
    """One network, from its file if it has one. DataError if that belongs to other data, or is damaged."""

    def __init__(self, name: str, network: Network, data: Dataset, digest: str, folder: pathlib.Path):
        self.name, self._data, self.path = name, data, folder / f"{name}.safetensors"
        size, train = network.block_size, data.train
        self._train, self._valid = (_shortened(part, size) for part in (train, data.dev))
        self.parameters, self.state = initial_weights(network, train), State()
        self._best = self.parameters.flat.clone()
        way = possible(None, network)
        self._of = {"version": VERSION, "data": digest, "engine": way, "batch": BATCH, "rate": RATE, **asdict(network)}
        self.per_pass = math.ceil(len(train) / BATCH)
        if self.path.exists():
            self._read()
        self._engine = (Machine if way == KERNEL else Torch)(self.parameters, self._train, network.seed)

    def learn(self, passes: int) -> Iterator[int]:
        """Train until it has ended, and give the step each time some have been made; nothing is written here."""
        while not self.state.ended(passes):
            stop = (len(self.state.valid) + 1) * self.per_pass
            while self.state.step < stop:
                self._some_steps(stop)
                if self.state.step < stop:
                    yield self.state.step
            self.state.valid.append(self._loss_on_validation())
            if self.state.best == len(self.state.valid):
                self._best.copy_(self.parameters.flat)
            self.state.losses = {}
            yield self.state.step

    def measure(self, trigram: Model) -> dict[str, list[float]]:
        """The losses of the best weights: `State.losses`."""
        if not self.state.losses:
            best = Parameters(self.parameters.shape, self._best)
            parts = {name: getattr(self._data, name) for name in PARTS}
            with torch.inference_mode():
                self.state.losses = {name: [*alone_and_half(best, trigram, part)] for name, part in parts.items()}
        return self.state.losses

    def _some_steps(self, stop: int) -> None:
        state, block = self.state, steps_at_once(BATCH)
        number, first = divmod(state.step, block)
        last = min(first + AT_ONCE - first % AT_ONCE, block, first + stop - state.step)
        rates = [BATCH * RATE / (1 + DECREASE * BATCH * (state.step + i)) for i in range(last - first)]
        with torch.inference_mode():
            logp = self._engine.steps(BATCH, number, slice(first, last), rates, WEIGHT_DECAY)
        if not (logp.isfinite().all() and self.parameters.flat.isfinite().all()):
            raise DataError(f"{self.name} stopped after step {state.step:,}: its loss was no longer a finite number.")
        state.step += last - first

    def _loss_on_validation(self) -> float:
        with torch.inference_mode():
            return self._engine.loss(self._valid)

    # ------------------------------------------------------------ the file

    def keep(self) -> None:
        """Write all that going on needs, so that the file is always a whole one; OSError if it cannot be written."""
        tensors = {"now": self.parameters.flat, "best": self._best}
        text = json.dumps(self._of | asdict(self.state))
        state = json.dumps([text, _digest(text, *tensors.values())]).encode()
        write_whole(self.path, save(tensors | {"state": torch.frombuffer(bytearray(state), dtype=torch.uint8)}))

    def _read(self) -> None:
        damaged = DataError(f"{self.path} is damaged; delete it, and {self.name} is trained from the start.")
        if self.path.stat().st_size > 2 * 4 * len(self.parameters.flat) + LARGEST_STATE:
            raise damaged
        try:
            found = load(self.path.read_bytes())
            text, digest = json.loads(bytes(found["state"].tolist()))
            whole, said = digest == _digest(text, found["now"], found["best"]), json.loads(text)
        except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
            raise damaged from None
        if not whole:
            raise damaged
        state = State(*(said.pop(name) for name in asdict(self.state)))
        if said != self._of:
            raise DataError(f"{self.path} is of another corpus, or made in another way; name another folder by --keep.")
        self.parameters.flat.copy_(found["now"])
        self._best, self.state = found["best"], state


def _shortened(part: Examples, size: int) -> Examples:
    """The same examples with the last `size` words of their contexts, if those are longer."""
    long = part.X.shape[1] > size
    return Examples.counted(part.X[:, -size:], part.Y, part.vocabulary_size) if long else part


def _digest(text: str, *tensors: torch.Tensor) -> str:
    found = hashlib.sha256(text.encode())
    for tensor in tensors:
        found.update(tensor.numpy())
    return found.hexdigest()


def write_whole(path: pathlib.Path, raw: bytes) -> None:
    """Write a file so that whoever reads it finds the old bytes or the new ones, whenever this is killed."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
