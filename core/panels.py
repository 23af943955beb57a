"""Snapshot -> the plain data of the panels that are not charts. Pure, JSON-able."""

import torch

from core.config import parameter_counts
from core.data import BOUNDARY, Dataset, Vocabulary
from core.model import Parameters
from core.ngrams import CountModel
from core.probe import next_char, sample, score, word_losses
from core.snapshot import Snapshot

SAMPLES = 12


def readout(snapshot: Snapshot) -> dict:
    """The large numbers: step, exact losses with the step they belong to, pace."""
    step, train, dev = snapshot.exact
    return {
        "step": snapshot.step,
        "exact_step": step,
        "train": round(train, 3),
        "dev": round(dev, 3),
        "rate": round(snapshot.steps_per_second),
    }


def names(parameters: Parameters, vocabulary: Vocabulary, known: frozenset[str], seed: int, temperature: float) -> dict:
    """A dozen words the network writes, from the same random numbers at every step, each marked known or new."""
    words = sample(parameters, vocabulary, SAMPLES, seed, temperature)
    return {"names": [{"text": word, "known": word in known} for word in words]}


def next_bars(parameters: Parameters, vocabulary: Vocabulary, bigram: CountModel, context: str) -> dict:
    """P(next | context) for every character, the network's and the bigram's; DataError for unknown characters."""
    ours = next_char(parameters, vocabulary, context)
    theirs = bigram.probabilities(torch.tensor([vocabulary.context(context, 1)]))[0].tolist()
    padded = (BOUNDARY * parameters.shape.block_size + context)[-parameters.shape.block_size :]
    bars = [
        {"text": s, "group": group, "p": round(p, 5), "bigram": round(q, 5)}
        for s, group, p, q in zip(vocabulary.itos, vocabulary.groups, ours, theirs)
    ]
    return {"context": padded, "bars": bars}


def spelling(parameters: Parameters, dataset: Dataset, name: str) -> dict:
    """A name letter by letter, its loss, and the share of dev names that the network finds less likely."""
    result = score(parameters, dataset.vocabulary, name)
    losses = word_losses(parameters, dataset.dev)
    return {
        "letters": [{"text": s, "p": round(p, 5)} for s, p in result.letters],
        "loss": round(result.loss, 3),
        "percentile": round(100 * float((losses > result.loss).double().mean())),
        "known": name in dataset.known,
    }


def sizes(snapshot: Snapshot) -> dict[str, int]:
    """Numbers in each parameter, by name."""
    return parameter_counts(snapshot.config, len(snapshot.vocabulary))
