"""The results of Bengio et al. 2003: their tables 1 and 2, from assets/bengio2003.csv.

Perplexities per word, on two corpora, of networks and of count models. They cannot be compared with any
number measured here, where characters are predicted.
"""

import csv
import pathlib
from dataclasses import dataclass
from functools import cache

from core.messages import mark, tr

FILE = pathlib.Path(__file__).parent.parent.parent / "assets" / "bengio2003.csv"
SOURCE = mark("Bengio, Ducharme, Vincent, Jauvin 2003, JMLR 3, 1137–1155, tables 1 and 2")
ALONE = mark(
    "The best network reaches a test perplexity of {network}, "
    "the best model that only counts {counting}, {more}\u00a0% more."
)
MIXED = mark(
    "The best network, mixed with the trigram, reaches a test perplexity of {network}, "
    "the best model that only counts {counting}, {more}\u00a0% more."
)
CORPORA = {"Brown": 16_383, "AP News": 17_964}  # name -> words in the vocabulary


@dataclass(frozen=True)
class Result:
    """One row of the tables. n: the words of an n-gram, including the predicted one.

    classes: of a class-based model; hidden, features, direct, mixed: of a network ("MLP1" to
    "MLP10"), its units, embedding dimensions, direct connections, and whether it was mixed with
    the trigram. None for what a model does not have. train, valid, test: perplexity; the paper
    gives the first for some models only.
    """

    corpus: str
    model: str
    n: int
    classes: int | None
    hidden: int | None
    features: int | None
    direct: bool | None
    mixed: bool | None
    train: int | None
    valid: int
    test: int

    @property
    def is_network(self) -> bool:
        return self.hidden is not None

    @property
    def about(self) -> str:
        """Its settings in a few words."""
        if not self.is_network:
            return tr("{n}-gram", n=self.n) + (tr(", {n:,} classes", n=self.classes) if self.classes else "")
        kept = [tr("{n} words", n=self.n - 1), tr("{n} hidden", n=self.hidden), tr("{n} dimensions", n=self.features)]
        return ", ".join([*kept, *[tr("direct")] * self.direct, *[tr("mixed")] * self.mixed])


@cache
def results() -> tuple[Result, ...]:
    """All rows, in the order of the paper."""
    whole = lambda text: int(text) if text else None
    chosen = lambda text: text == "yes" if text else None
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Result(
                row["corpus"], row["model"], int(row["n"]), whole(row["classes"]), whole(row["hidden"]),
                whole(row["features"]), chosen(row["direct"]), chosen(row["mix"]), whole(row["train_ppl"]),
                int(row["valid_ppl"]), int(row["test_ppl"]),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def ranked(corpus: str) -> list[Result]:
    """The models of one corpus, the best on test first; equals in the paper's order."""
    return sorted((result for result in results() if result.corpus == corpus), key=lambda result: result.test)


def paper_sentence(corpus: str) -> str:
    """The best network and the best count model, compared by test perplexity as in the paper."""
    lines = ranked(corpus)
    network = next(line for line in lines if line.is_network)
    counting = next(line for line in lines if not line.is_network)
    more = counting.test / network.test - 1
    said = MIXED if network.mixed else ALONE
    return tr(said, network=network.test, counting=counting.test, more=f"{100 * more:.0f}")
