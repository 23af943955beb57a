"""Questions to a network that do not change it: names it writes, what comes next, how likely a name is.

All are pure functions of parameters, so a snapshot can be asked while training goes on.
"""

from dataclasses import dataclass

import torch

from core.data import BOUNDARY, DataError, Split, Vocabulary
from core.model import Parameters, forward, log_probabilities

LONGEST = 30  # an untrained network ends a word with probability 1 / V only


def sample(
    parameters: Parameters, vocabulary: Vocabulary, n: int, seed: int, temperature: float = 1.0, longest: int = LONGEST
) -> list[str]:
    """n words, cut at `longest` characters. Logits are divided by `temperature` (> 0).

    Word i, place j always uses the same uniform number of `seed` (inverse of the cumulative
    distribution), so while a network learns its words change no more than it did.
    """
    generator = torch.Generator().manual_seed(seed)
    uniforms = torch.rand(n, longest, generator=generator, dtype=torch.float64)
    X = torch.zeros(n, parameters.shape.block_size, dtype=torch.int64)
    written, ended = [], torch.zeros(n, 1, dtype=torch.bool)
    for column in uniforms.split(1, dim=1):
        logits = forward(parameters, X).logits.double()
        heights = torch.softmax(logits / temperature, 1).cumsum(1)
        ix = torch.searchsorted(heights, column * heights[:, -1:], right=True).clamp(max=len(vocabulary) - 1)
        written.append(ix)
        ended |= ix == 0
        if ended.all():
            break
        X = torch.cat([X[:, 1:], ix], 1)
    rows = torch.cat(written, 1).tolist()
    return ["".join(vocabulary.itos[i] for i in row).split(BOUNDARY)[0] for row in rows]


def next_char(parameters: Parameters, vocabulary: Vocabulary, context: str) -> list[float]:
    """P(next character | the end of `context`), one number for each of `vocabulary.itos`."""
    X = torch.tensor([vocabulary.context(context, parameters.shape.block_size)])
    return log_probabilities(parameters, X)[0].double().exp().tolist()


@dataclass(frozen=True)
class Score:
    """letters: (character, its probability) for each letter of the name and the final "."; loss: nats a character."""

    letters: tuple[tuple[str, float], ...]
    loss: float


def score(parameters: Parameters, vocabulary: Vocabulary, name: str) -> Score:
    """How likely the network finds `name`; DataError if it is empty or has a character the data has not."""
    if not name:
        raise DataError("Type a name of at least one letter.")
    letters = name + BOUNDARY
    indices = vocabulary.encode(letters)
    contexts = [vocabulary.context(name[:i], parameters.shape.block_size) for i in range(len(letters))]
    logp = log_probabilities(parameters, torch.tensor(contexts)).double()
    chosen = logp[range(len(letters)), indices]
    return Score(tuple(zip(letters, chosen.exp().tolist())), -float(chosen.mean()))


def word_losses(parameters: Parameters, split: Split) -> torch.Tensor:
    """The mean loss of each word of a split, in its order: (words,), nats a character."""
    logp = log_probabilities(parameters, split.contexts)[split.which, split.Y]  # (N,)
    lengths = torch.tensor([len(word) + 1 for word in split.words])
    word = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
    return torch.zeros(len(lengths)).index_add_(0, word, -logp) / lengths


def inspect(parameters: Parameters, vocabulary: Vocabulary, context: str) -> dict:
    """Every intermediate value for one context, as plain lists by name."""
    indices = vocabulary.context(context, parameters.shape.block_size)
    seen = forward(parameters, torch.tensor([indices]))
    values = {name: tensor[0].tolist() for name, tensor in seen._asdict().items()}
    return {"indices": indices, **values, "probabilities": seen.log_probabilities[0].exp().tolist()}
