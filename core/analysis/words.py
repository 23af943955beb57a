"""One sentence about a run on words: its perplexity, against models that count."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from core.analysis.status import again, blind, likely_cause, not_learning
from core.counting.of_words import BEST, LONGEST
from core.data.dataset import watched_at_most
from core.engine.snapshot import FINISHED, STOPPED, Snapshot
from core.messages import mark, tr

SCORED = 2_000  # of the most frequent words
SHUFFLES = 40


class SamePart(NamedTuple):
    """share: of the nearest words in all dimensions, those that are of the same part of speech as the word itself.

    low, high: the least and the greatest share among SHUFFLES shuffles of the parts of speech.
    """

    share: float
    low: float
    high: float


def same_part(C: torch.Tensor, parts: Sequence[str], k: int = 10) -> SamePart | None:
    """How often the k nearest of each row of C (V, n_embd), by Euclidean distance, have its part of speech.

    parts: of each word. Compared are the SCORED most frequent words, without the two symbols that are no words. None
    if all have the same part, as those of a language that the list of parts does not have.
    """
    C, parts = C[2:SCORED].double(), parts[2:SCORED]
    if len({*parts}) < 2:
        return None
    names = {name: i for i, name in enumerate(dict.fromkeys(parts))}
    label = torch.tensor([names[part] for part in parts])
    nearest = torch.cdist(C, C).fill_diagonal_(torch.inf).topk(min(k, len(C) - 1), largest=False).indices
    generator = torch.Generator().manual_seed(0)

    def share(label: torch.Tensor) -> float:
        return float((label[nearest] == label[:, None]).double().mean())

    shuffled = [share(label[torch.randperm(len(label), generator=generator)]) for _ in range(SHUFFLES)]
    return SamePart(share(label), min(shuffled), max(shuffled))


def perplexity(loss: float) -> str:
    value = math.exp(loss) if loss < 700 else math.inf
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}" if value < 1e7 else f"{value:.1e}"


def sentence(
    snapshot: Snapshot, counted: dict[str, float] | None, exact: float | None, failed: str | None = None
) -> tuple[str, str]:
    """The status line of a run on words and its tone: "calm", "good" or "bad".

    counted: the losses of count models on dev, None while they are being counted. exact: the loss of all dev examples
    at this step, None if it is not known. failed: why nothing could be counted, or None.
    """
    uniform = math.log(len(snapshot.vocabulary))
    bad = snapshot.state == STOPPED or not_learning(snapshot.history, uniform)
    if snapshot.problem:
        return tr(snapshot.problem), "bad" if bad else "calm"
    if snapshot.goal is not None:
        return again(snapshot), "calm"
    if snapshot.news:
        return tr(snapshot.news), "calm"
    if cannot_see := blind(snapshot.config, of_words=True):
        return cannot_see, "calm"
    if bad:
        return tr("Not learning: {cause}.", cause=likely_cause(snapshot.config, snapshot.step)), "bad"
    loss = snapshot.exact[2] if exact is None else exact
    failure = failed is not None
    against = tr("Counting, to compare, failed ({why}).", why=failed) if failure else _against(loss, counted)
    text = f"{_said(snapshot, loss, exact is not None)} {against}"
    if snapshot.state != FINISHED:
        return text, "calm"
    return tr("Finished {step:,} steps. {more}", step=snapshot.step, more=text), "good"


def _said(snapshot: Snapshot, loss: float, exact: bool) -> str:
    if snapshot.step == 0 and snapshot.config.init == "frequency":
        said = mark("Not trained yet: it guesses each word as often as it occurs (perplexity {perplexity}).")
        return tr(said, perplexity=perplexity(loss))
    if exact:
        return tr("Perplexity {perplexity} (exact, over all dev examples).", perplexity=perplexity(loss))
    said = mark("Perplexity {perplexity} (about, on {count:,} random dev examples).")
    return tr(said, perplexity=perplexity(loss), count=watched_at_most(len(snapshot.vocabulary)))


def _against(loss: float, counted: dict[str, float] | None) -> str:
    if counted is None:
        return tr("Counting, to compare …")
    best = {"best": BEST, "longest": LONGEST, "perplexity": perplexity(counted[BEST])}
    told = tr("{best}, which counts up to {longest} words, has {perplexity}", **best)
    ahead = [name for name, other in counted.items() if other <= loss]
    if not ahead:
        return tr("The network is better than counting: {told}.", told=told)
    if ahead == [BEST]:
        return tr("Counting is better: {told}.", told=told)
    following = {"model": ahead[-1], "perplexity": perplexity(counted[ahead[-1]])}
    return tr("Next to beat: the {model} ({perplexity}); {told}.", **following, told=told)
