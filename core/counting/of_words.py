"""Count models at word level, on the same split as the network. Adding to every count, as at character level, is
hopeless for thousands of words: but for the unigram all are Kneser-Ney."""

from dataclasses import dataclass

from core.counting.kneser_ney import KneserNey
from core.counting.ngrams import CountModel
from core.data.corpus import Corpus
from core.data.dataset import Dataset

LONGEST = 5  # words, the predicted one among them, of the longest model
UNIGRAM = "unigram"  # how often each word occurs
BEST = f"Kneser-Ney {LONGEST}"
ORDERS = {BEST: LONGEST, "trigram": 3, "bigram": 2}


@dataclass(frozen=True)
class WordCounts:
    """models: by name, the one with the longest context first; dev: the exact loss of each, nats per word."""

    models: dict[str, KneserNey | CountModel]
    dev: dict[str, float]

    @classmethod
    def of(cls, corpus: Corpus) -> "WordCounts":
        longest = Dataset.of_corpus(corpus, LONGEST - 1)
        fitted = KneserNey.fit_all(longest.train, [*ORDERS.values()])
        models = {name: fitted[order] for name, order in ORDERS.items()}
        models |= {UNIGRAM: CountModel.fit(longest.train, 1, 1.0)}
        return cls(models, {name: model.loss(longest.dev) for name, model in models.items()})
