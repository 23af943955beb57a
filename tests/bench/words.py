"""Training on words, ours against nn.Module with autograd and torch.optim: `python -m tests.bench.words`.

The same network, minibatches and optimiser, in turn, on one core; processor time, so that other work on the
machine counts as little as it can. How many times as fast is the median over rounds in which both had their turn.
The share of the peak is of what a large product of matrices reaches here.

With --learning instead: how far the preset "Words" is after some seconds of one core's time, at sizes of vocabulary.
"""

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from core.analysis.words import SCORED, same_part
from core.config import WORD_PRESETS, Config
from core.data.dataset import Dataset
from core.data.parts import part_of
from core.data.sentences import english
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters, initial_weights, mean_loss
from core.engine.paths import Torch
from core.engine.run import Run

ROUNDS = 15
SIZES = {2_000: 8, 17_000: 2}  # words in the vocabulary -> steps of a round; all rounds are in one block
LEARNING = {2_000: (2, 5, 10, 30), 5_000: (30, 180)}  # words in the vocabulary -> seconds of training


class Network(nn.Module):
    """The tied network as one writes it with torch.nn."""

    def __init__(self, start: Parameters):
        super().__init__()
        self.C = nn.Embedding.from_pretrained(start.C.clone(), freeze=False)
        self.hidden = nn.Linear(*start.W1.shape)
        self.back = nn.Linear(*start.W2.shape, bias=False)
        self.b2 = nn.Parameter(start.b2.clone())
        with torch.no_grad():
            self.hidden.weight.copy_(start.W1.T), self.hidden.bias.copy_(start.b1), self.back.weight.copy_(start.W2.T)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        h = torch.tanh(self.hidden(self.C(X).flatten(1)))
        return nn.functional.linear(self.back(h), self.C.weight, self.b2)


def ours(config: Config, data: Dataset) -> tuple[Callable[[int], None], Parameters]:
    """What makes n steps, and the parameters that it changes."""
    parameters = initial_weights(config, data.train)
    engine, rows, done = Torch(parameters, data.train, config.seed), config.batch_size, 0

    def steps(n: int) -> None:
        nonlocal done
        with torch.inference_mode():
            engine.steps(rows, 0, slice(done, done + n), [config.learning_rate] * n, 0.0)
        done += n

    return steps, parameters


def by_autograd(config: Config, data: Dataset) -> tuple[Callable[[int], None], Network]:
    """The same by torch.nn."""
    network = Network(initial_weights(config, data.train))
    by = torch.optim.Adagrad(network.parameters(), lr=config.learning_rate)
    picks, done = Minibatches(data.train, config.seed, config.batch_size, config.n_embd).picks(0), 0

    def steps(n: int) -> None:
        nonlocal done
        for ix in picks[done : done + n]:
            loss = nn.functional.cross_entropy(network(data.train.X[ix]), data.train.Y[ix])
            by.zero_grad()
            loss.backward()
            by.step()
        done += n

    return steps, network


def peak() -> float:
    """Floating point operations per second of processor time in a product of large matrices."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return statistics.median(2 * 1024**3 / seconds(torch.mm, a, b) for _ in range(9))


def seconds(work: Callable, *arguments) -> float:
    """Of processor time."""
    began = time.process_time()
    work(*arguments)
    return time.process_time() - began


def learning(V: int, moments: tuple[int, ...]) -> None:
    """Print the exact dev perplexity and how words lie together, after seconds of processor time in `Run.advance`."""
    config = WORD_PRESETS["Words"].with_(steps=1_000_000)
    data = Dataset.of_corpus(english(V).corpus, config.block_size)
    parts = list(map(part_of, data.vocabulary.itos[:SCORED]))
    run, took = Run(config, data), 0.0
    for moment in moments:
        while took < moment:
            took += seconds(run.advance, 20)
        loss, _ = mean_loss(run.parameters, data.dev)
        share, low, high = same_part(run.parameters.C, parts)
        print(
            f"V {V:6,}, {took:5.1f} s, {run.step:6,} steps: dev perplexity {math.exp(loss):5.1f}; "
            f"nearest ten of the same part {share:.0%} (by chance {low:.0%} to {high:.0%})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--learning", action="store_true", help="how much is learned in so many seconds")
    torch.set_num_threads(1)
    if parser.parse_args().learning:
        print(f"load {os.getloadavg()[0]:.1f}")
        for V, moments in LEARNING.items():
            learning(V, moments)
    else:
        against_autograd()


def against_autograd() -> None:
    top = peak()
    print(f"peak of a product of matrices: {top / 1e9:.0f} GFLOP/s; load {os.getloadavg()[0]:.1f}")
    for V, n in SIZES.items():
        config = WORD_PRESETS["Words"]
        data = Dataset.of_corpus(english(V).corpus, config.block_size)
        mine, parameters = ours(config, data)
        theirs, network = by_autograd(config, data)
        mine(2), theirs(2)
        apart = (network.C.weight.detach() - parameters.C).abs()
        assert float((apart > 1e-3).float().mean()) < 1e-3, "not the same steps"
        times = [(seconds(mine, n), seconds(theirs, n)) for _ in range(ROUNDS)]
        one, other = (n * config.batch_size / statistics.median(part) for part in zip(*times))
        ratio = statistics.median(theirs / mine for mine, theirs in times)
        K = config.block_size * config.n_embd
        each = 6 * (K * config.n_hidden + config.n_hidden * config.n_embd + config.n_embd * V)
        print(
            f"V {V:6,}: ours {one:7,.0f} examples/s, autograd {other:7,.0f}: {ratio:.2f} times; "
            f"{100 * one * each / top:.0f} % of the peak"
        )


if __name__ == "__main__":
    main()
