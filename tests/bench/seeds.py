"""Eight seeds of one experiment, in the ways there are to train them: `python -m tests.bench.seeds`.

Seconds until all eight have made so many steps on the training split of assets/names.txt
(block size 3, batch 32), in brackets how many times faster than in turn, then the seconds of
processor time that took: what a busy machine distorts less, and divided by its free cores the
least that processes can take. Every way in turn, in rounds whose order rotates, medians:

- in turn: eight `Run`s in this process, one core
- batched: all eight in one program on one core, every matrix product a `bmm`, on the same
  minibatches and with the same exact losses and checkpoints as `Run`'s
- processes: `core.serving.jobs.Batch`, the start of its processes and the way back included

One round of 20,000 steps on two cores for which some 14 other processes fought, so by processor
time only: (2, 100) 12.1 s in turn, 10.1 s batched, 15.3 s in processes; (10, 200) 17.8, 24.3 and
25.9 s. Two processes on two free cores would need half of theirs, so they are the quickest way
by about 1.6 and 1.4 times, and more with more cores; starting one costs some 1.6 s, so runs of
2,000 steps gain nothing on two cores. Measure again where nothing else runs before quoting.
"""

import base64
import os
import statistics
import time

import torch

from core.analysis.seeds import other_seeds
from core.config import Config
from core.data.corpus import Corpus
from core.data.dataset import Dataset, load_words
from core.engine.history import CHECKPOINTS_PER_DECADE, EVALUATIONS_PER_DECADE, on_grid
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters, Shape, initialise, loss
from core.engine.run import Run
from core.serving.jobs import Batch
from tests.bench.timing import arguments, print_table

SEEDS = other_seeds(42, 8)
SHAPES = ((2, 100), (10, 200))  # (n_embd, n_hidden)
STEPS = (2_000, 20_000)
BASE = "in turn"


class Batched:
    """S networks trained at once: the step of `core.engine.gradients.Workspace` with S in front of every shape."""

    def __init__(self, config: Config, dataset: Dataset):
        self.rate, self.step, self._dataset = config.learning_rate, 0, dataset
        V, rows, S = len(dataset.vocabulary), config.batch_size, len(SEEDS)
        shape = Shape.of(config, V)
        self.flat = torch.stack([initialise(config.with_(seed=seed), V).flat for seed in SEEDS])  # (S, parameters)
        self.networks = [Parameters(shape, flat) for flat in self.flat]
        one, K, H = self.networks[0], shape.block_size * shape.n_embd, shape.n_hidden
        sizes = [one.C_flat.numel(), one.layer1.numel(), one.layer2T.numel()]
        layer1, layer2T = self.flat.split(sizes, 1)[1:]
        self._layer1, self._layer2T = layer1.view(S, K + 1, H), layer2T.view(S, V, 1 + H)
        self._minibatches = [Minibatches(dataset.train, seed, rows, config.n_embd) for seed in SEEDS]
        inputs = torch.ones(S, K + 1 + H, rows)
        self._x, self._in1, self._in2, self._h = inputs[:, :K], inputs[:, : K + 1], inputs[:, K:], inputs[:, K + 1 :]
        self._logits, self._dlogits = torch.empty(S, V, rows), torch.empty(S, V, rows)
        self._dh, self._dx = torch.empty(S, H, rows), torch.empty(S, K, rows)

    @torch.inference_mode()
    def advance(self, n: int) -> None:
        each, stop = self._minibatches[0].steps, self.step + n
        while self.step < stop:
            number, first = divmod(self.step, each)
            if first == 0:
                self._gather(number)
            for places, onehot in zip(self._places[first:], self._onehot[first : first + stop - self.step]):
                self._remember()
                self._update(places, onehot)
                self.step += 1

    def _gather(self, number: int) -> None:
        blocks = [minibatches.block(number) for minibatches in self._minibatches]
        offsets = torch.arange(len(blocks)).unsqueeze(1) * self.flat.shape[1]
        self._places = (torch.stack([block[0] for block in blocks], 1) + offsets).flatten(1)  # (steps, S K rows)
        Y = torch.stack([block[1] for block in blocks], 1).unsqueeze(2)  # (steps, S, 1, rows)
        shape = (*Y.shape[:2], *self._logits.shape[1:])
        self._onehot = torch.zeros(shape).scatter_(2, Y, -1 / Y.shape[3])  # (steps, S, V, rows)

    def _remember(self) -> None:
        if on_grid(self.step, EVALUATIONS_PER_DECADE):
            for network in self.networks:
                for part in (self._dataset.train, self._dataset.dev):
                    loss(network, part)
        if on_grid(self.step, CHECKPOINTS_PER_DECADE):
            for network in self.networks:
                base64.b64encode(network.freeze())

    def _update(self, places: torch.Tensor, onehot: torch.Tensor) -> None:
        flat, layer1, layer2T, x, h, dh = self.flat.view(-1), self._layer1, self._layer2T, self._x, self._h, self._dh
        x.copy_(flat.index_select(0, places).view(x.shape))
        torch.bmm(layer1.mT, self._in1, out=dh)
        torch.tanh(dh, out=h)
        torch.bmm(layer2T, self._in2, out=self._logits)
        logp = torch.log_softmax(self._logits, 1)
        torch._log_softmax_backward_data(onehot, logp, 1, logp.dtype, out=self._dlogits)
        torch.bmm(layer2T[:, :, 1:].mT, self._dlogits, out=dh)
        torch.ops.aten.tanh_backward.grad_input(dh, h, grad_input=dh)
        torch.bmm(layer1[:, :-1], dh, out=self._dx)
        layer2T.baddbmm_(self._dlogits, self._in2.mT, alpha=-self.rate)
        layer1.baddbmm_(self._in1, dh.mT, alpha=-self.rate)
        flat.index_add_(0, places, self._dx.view(-1), alpha=-self.rate)


def in_turn(config: Config, dataset: Dataset, steps: int) -> None:
    for seed in SEEDS:
        Run(config.with_(seed=seed), dataset).advance(steps)


def batched(config: Config, dataset: Dataset, steps: int) -> None:
    Batched(config, dataset).advance(steps)


def processes(config: Config, dataset: Dataset, steps: int) -> None:
    batch = Batch(config, (), steps, SEEDS, Corpus("names", tuple(load_words())))
    while (progress := batch.poll()).share < 1:
        time.sleep(0.05)
    assert len(progress.done) == len(SEEDS), progress.failed


WAYS = {BASE: in_turn, "batched (bmm)": batched, "processes": processes}


def check(config: Config, dataset: Dataset) -> None:
    """The batched program trains the same networks."""
    together = Batched(config, dataset)
    together.advance(300)
    for seed, flat in zip(SEEDS, together.flat):
        run = Run(config.with_(seed=seed), dataset)
        run.advance(300)
        torch.testing.assert_close(flat, run.parameters.flat, rtol=1e-3, atol=1e-5)


def seconds(way, *what) -> tuple[float, float]:
    """By the clock on the wall, and of processor time, that of processes which ended meanwhile included."""
    began, used = time.perf_counter(), sum(os.times()[:4])
    way(*what)
    return time.perf_counter() - began, sum(os.times()[:4]) - used


def main() -> None:
    options = arguments(__doc__.partition("\n")[0])
    torch.set_num_threads(1)
    dataset = Dataset.of(load_words(), 3)
    print(f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} processes busy before (workers give way to them)")
    columns, table = [], {name: [] for name in WAYS}
    for size in SHAPES:
        config = Config(n_embd=size[0], n_hidden=size[1])
        check(config, dataset)
        for steps in STEPS[:1] if options.quick else STEPS:
            print(f"(n_embd, n_hidden) {size}, {steps:,} steps ...", flush=True)
            seen, names = {name: [] for name in WAYS}, list(WAYS)
            for i in range(options.rounds):
                for name in names[i % len(names) :] + names[: i % len(names)]:
                    seen[name].append(seconds(WAYS[name], config, dataset, steps))
            columns.append(f"{size}, {steps:,}")
            base = statistics.median(wall for wall, _ in seen[BASE])
            for name, turns in seen.items():
                wall, used = map(statistics.median, zip(*turns))
                table[name].append(f"{wall:.1f} ({base / wall:.2f}), {used:.1f}")
    print()
    print_table("seconds (times as fast), processor time; steps", columns, table)


if __name__ == "__main__":
    main()
