"""What a network predicts: names it generates, what comes next, how likely a name is.

All are pure functions of parameters, so a snapshot can be used while training goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from core.data.dataset import Split
from core.data.vocabulary import DataError, Vocabulary
from core.engine.model import Parameters, pair_log_probabilities, to_logits

SMALL = 300  # symbols: with more of them, torch's products are the faster ones
LONGEST = 30  # an untrained network ends a word with probability 1 / V only


def logits(networks: Parameters, X: torch.Tensor) -> torch.Tensor:
    """Of F networks, as `Parameters.stacked` puts them together: X (F, B, block_size) -> (F, B, V) float64.

    Shortly before a run fails its weights are finite and their products are not: then all is computed in float64.
    """
    with np.errstate(all="ignore"):
        found = _logits_of(networks)(X.numpy())
        if not np.isfinite(found).all():
            found = _logits_of(doubled(networks))(X.numpy())
    return torch.from_numpy(found).double()


def log_probabilities(networks: Parameters, X: torch.Tensor) -> torch.Tensor:
    """log P(next symbol | context) of each context X (B, block_size) by each of F networks: (F, B, V), float64."""
    return torch.log_softmax(logits(networks, X.expand(len(networks.C), -1, -1)), 2)


def doubled(networks: Parameters) -> Parameters:
    """The same in float64."""
    return Parameters(networks.shape, networks.flat.double())


def sample(
    parameters: Parameters, vocabulary: Vocabulary, n: int, seed: int, temperature: float = 1.0, longest: int = LONGEST
) -> list[str]:
    """n words that one network writes: see `sample_all`."""
    return sample_all(Parameters.stacked([parameters]), vocabulary, n, seed, temperature, longest)[0]


def sample_all(
    networks: Parameters,
    vocabulary: Vocabulary,
    n: int,
    seed: int,
    temperature: float = 1.0,
    longest: int = LONGEST,
) -> list[list[str]]:
    """n words of each network, cut at `longest` characters. Logits are divided by `temperature` (> 0). The symbol
    that stands for all unknown words, if there is one, is never written; the others share its probability.

    Word i, place j always uses the same uniform number of `seed` (inverse of the cumulative
    distribution), so while a network learns its words change no more than it did.
    """
    uniforms = _uniforms(n, longest, seed)
    with np.errstate(all="ignore"):  # what comes of infinite logits is no number
        written = _written(networks, vocabulary, uniforms, temperature)
        if written is None:  # as in `logits`
            written = _written(doubled(networks), vocabulary, uniforms, temperature)
    return [[vocabulary.decode(vocabulary.until_end(word)) for word in words] for words in written.tolist()]


@lru_cache(64)
def _uniforms(n: int, longest: int, seed: int) -> np.ndarray:
    """Uniform numbers from 0 to 1, (n, longest), float64, not to be written to: always the same of a seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, longest, generator=generator, dtype=torch.float64).numpy()


def _written(
    networks: Parameters, vocabulary: Vocabulary, uniforms: np.ndarray, temperature: float
) -> np.ndarray | None:
    """Symbols of the words: (F, n, at most `longest`), until all have ended; None if float32 is too small for them.

    A page asks this five times a second: here is no operation that one word need not have.
    """
    F, V, block_size = len(networks.C), len(vocabulary), networks.shape.block_size
    to_logits, (n, longest) = _logits_of(networks), uniforms.shape
    written = np.full((F, n, block_size + longest), vocabulary.start)
    is_end = np.zeros(V, dtype=bool)
    is_end[sorted(vocabulary.ends)] = True
    tops, ended = [], np.zeros((F, n), dtype=bool)
    for place in range(longest):
        heights = to_logits(written[..., place : place + block_size]).astype(np.float64)  # (F, n, V)
        if temperature != 1.0:
            heights /= temperature
        if vocabulary.unknown is not None:
            heights[..., vocabulary.unknown] = -np.inf
        heights -= heights.max(2, keepdims=True)
        np.cumsum(np.exp(heights, out=heights), 2, out=heights)
        tops.append(heights[..., -1])
        ix = (heights <= (uniforms[:, place] * tops[-1])[..., None]).sum(2)
        written[..., block_size + place] = np.minimum(ix, V - 1, out=ix)
        ended |= is_end[ix]
        if ended.all():
            break
    enough = networks.flat.dtype == torch.float64 or np.isfinite(tops).all()
    return written[..., block_size : block_size + len(tops)] if enough else None


def _logits_of(networks: Parameters) -> Callable[[np.ndarray], np.ndarray]:
    """The logits of F networks as a function: contexts (F, n, block_size) -> (F, n, V).

    For small networks by numpy: for a few contexts torch's operations take four times as long, most of it to begin.
    """
    if networks.shape.vocabulary_size > SMALL:
        return lambda X: to_logits(networks, torch.from_numpy(X))[-1].numpy()
    C, W1, W2 = (part.numpy() for part in (networks.C, networks.W1, networks.outputs))
    b1, b2 = (part.unsqueeze(1).numpy() for part in (networks.b1, networks.b2))
    Wd, each = networks.Wd, np.arange(len(C))[:, None, None]

    def logits(X: np.ndarray) -> np.ndarray:
        x = C[each, X].reshape(*X.shape[:2], -1)
        h = x @ W1
        h += b1
        out = np.tanh(h, out=h) @ W2
        out += b2
        return out if Wd is None else out + x @ Wd.numpy()

    return logits


def next_char(parameters: Parameters, vocabulary: Vocabulary, context: str) -> list[float]:
    """P(next character | the end of `context`), one number for each of `vocabulary.itos`."""
    X = vocabulary.context(context, parameters.shape.block_size)
    return next_all(Parameters.stacked([parameters]), X)[0].tolist()


def next_all(networks: Parameters, context: list[int]) -> torch.Tensor:
    """P(next character | context) by each network: (F, V), float64."""
    X = torch.tensor([context]).expand(len(networks.C), 1, -1)
    return torch.softmax(logits(networks, X), 2).squeeze(1)


@dataclass(frozen=True)
class Score:
    """letters: (character, its probability) for each letter of the name and the final "."; loss: nats a character."""

    letters: tuple[tuple[str, float], ...]
    loss: float


def score(parameters: Parameters, vocabulary: Vocabulary, name: str) -> Score:
    """How likely the network finds `name`; DataError if it is empty or has a character the data has not."""
    X, Y = spelled(vocabulary, parameters.shape.block_size, name)
    logp = score_all(Parameters.stacked([parameters]), X, Y)[0]
    letters = zip((vocabulary.itos[i] for i in Y.tolist()), logp.exp().tolist())
    return Score(tuple(letters), -float(logp.mean()))


def spelled(vocabulary: Vocabulary, block_size: int, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The examples of one name, its end among them: X (letters + 1, block_size), Y (letters + 1,)."""
    if not name:
        raise DataError("Type a name of at least one letter.")
    Y = [*vocabulary.encode(name), vocabulary.stop]
    padded = [vocabulary.start] * block_size + Y
    return torch.tensor([padded[i : i + block_size] for i in range(len(Y))]), torch.tensor(Y)


def score_all(networks: Parameters, X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """log P of each of the examples X (B, block_size), Y (B,) by each network: (F, B), float64, nats."""
    return log_probabilities(networks, X)[:, torch.arange(len(Y)), Y]


def word_losses(parameters: Parameters, split: Split) -> torch.Tensor:
    """The mean loss of each word of a split, in its order: (words,), nats a character."""
    logp = pair_log_probabilities(parameters, split)[split.pair]  # (N,)
    word = torch.repeat_interleave(torch.arange(len(split.words)), split.lengths)
    return torch.zeros(len(split.words)).index_add_(0, word, -logp) / split.lengths
