"""One sentence about a run on words: its perplexity, against models that count."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from core.analysis.status import blind, likely_cause, not_learning
from core.counting.of_words import BEST, LONGEST
from core.data.dataset import watched_at_most
from core.engine.snapshot import FINISHED, STOPPED, Snapshot

SCORED = 2_000  # of the most frequent words
SHUFFLES = 40


class SamePart(NamedTuple):
    """share: of the nearest words in all dimensions, those that are of the same part of speech as the word itself.

    low, high: the least and the greatest share among SHUFFLES shuffles of the parts of speech.
    """

    share: float
    low: float
    high: float


def same_part(C: torch.Tensor, parts: Sequence[str], k: int = 10) -> SamePart:
    """How often the k nearest of each row of C (V, n_embd), by Euclidean distance, have its part of speech.

    parts: of each word. Compared are the SCORED most frequent words, without the two symbols that are no words.
    """
    C, parts = C[2:SCORED].double(), parts[2:SCORED]
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
        return snapshot.problem, "bad" if bad else "calm"
    if snapshot.goal is not None:
        return f"Training the run of your link again: step {snapshot.step:,} of {snapshot.goal:,}.", "calm"
    if cannot_see := blind(snapshot.config):
        return cannot_see.replace("letter", "word"), "calm"
    if bad:
        return f"Not learning: {likely_cause(snapshot.config, snapshot.step)}.", "bad"
    done = f"Finished {snapshot.step:,} steps. " if snapshot.state == FINISHED else ""
    loss = snapshot.exact[2] if exact is None else exact
    against = f"Counting, to compare, failed ({failed})." if failed is not None else _against(loss, counted)
    return done + _said(snapshot, loss, exact is not None) + against, "good" if done else "calm"


def _said(snapshot: Snapshot, loss: float, exact: bool) -> str:
    if snapshot.step == 0 and snapshot.config.init == "frequency":
        return f"Not trained yet: it guesses each word as often as it occurs (perplexity {perplexity(loss)}). "
    how = (
        "exact, over all dev examples"
        if exact
        else f"about, on {watched_at_most(len(snapshot.vocabulary)):,} random dev examples"
    )
    return f"Perplexity {perplexity(loss)} ({how}). "


def _against(loss: float, counted: dict[str, float] | None) -> str:
    if counted is None:
        return "Counting, to compare …"
    best = counted[BEST]
    told = f"{BEST}, which counts up to {LONGEST} words, has {perplexity(best)}"
    ahead = [name for name, other in counted.items() if other <= loss]
    if not ahead:
        return f"The network is better than counting: {told}."
    if ahead == [BEST]:
        return f"Counting is better: {told}."
    return f"Next to beat: the {ahead[-1]} ({perplexity(counted[ahead[-1]])}); {told}."
