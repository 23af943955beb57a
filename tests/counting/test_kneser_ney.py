"""core/counting/kneser_ney.py against the textbook formula on strings, one n-gram at a time."""

import math
from collections import Counter, defaultdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.counting.kneser_ney import FALLBACK, ORDERS, KneserNey, discounts
from core.data.dataset import Split, split_words
from core.data.vocabulary import Vocabulary
from core.data.words import Words

word_lists = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)
orders = st.sampled_from(ORDERS)
modified_or_not = st.booleans()


class Textbook:
    """Interpolated Kneser-Ney over strings "^word$": no tensors, no padding, nothing shared with core."""

    def __init__(self, words, order, modified, V):
        self.order, self.modified, self.V = order, modified, V
        raw, before = Counter(), defaultdict(set)
        for word in words:
            text = f"^{word}$"
            for end in range(2, len(text) + 1):
                for length in range(1, min(order, end) + 1):
                    gram = text[end - length : end]
                    raw[gram] += 1
                    if length < end:
                        before[gram].add(text[end - length - 1])
        self.a = {g: n if len(g) == order or g[0] == "^" else len(before[g]) for g, n in raw.items()}
        self.after = defaultdict(dict)
        for gram, n in self.a.items():
            self.after[gram[:-1]][gram[-1]] = n
        self.D = {length: self.discounts(length) for length in range(1, order + 1)}

    def discounts(self, length):
        kinds = 3 if self.modified else 1
        n = Counter(count for gram, count in self.a.items() if len(gram) == length)
        if all(n[i] for i in range(1, kinds + 2)):
            Y = n[1] / (n[1] + 2 * n[2])
            found = [1 - 2 * Y * n[2] / n[1], 2 - 3 * Y * n[3] / max(1, n[2]), 3 - 4 * Y * n[4] / max(1, n[3])][:kinds]
            if min(found) > 0:
                return found
        return [0.5, 1.0, 1.5] if self.modified else [0.5]

    def p(self, c, h):
        """h: at most order - 1 characters, beginning with ^ where the word does."""
        lower = self.p(c, h[1:]) if h else 1 / self.V
        after = self.after.get(h)
        if not after:
            return lower
        D = self.D[len(h) + 1]
        cut = {c: D[min(n, len(D)) - 1] for c, n in after.items()}
        return (after.get(c, 0) - cut.get(c, 0) + sum(cut.values()) * lower) / sum(after.values())

    def loss(self, words):
        total, n = 0.0, 0
        for word in words:
            text = f"^{word}$"
            for i in range(1, len(text)):
                total -= math.log(self.p(text[i], text[max(0, i - self.order + 1) : i]))
                n += 1
        return total / n


@given(word_lists, word_lists, orders, modified_or_not)
def test_chances_are_the_probabilities_of_the_pairs_that_occur(train, other, order, modified):
    vocabulary = Vocabulary.of([*train, *other])
    seen, unseen = (Split.of(words, 5, vocabulary) for words in (train, other))
    model, (row, next, _) = KneserNey.fit(seen, order, modified), unseen.pairs
    assert torch.equal(model.pair_probabilities(unseen), model.probabilities(unseen.contexts)[row, next])


@given(word_lists, word_lists, orders, modified_or_not)
def test_the_loss_is_that_of_the_textbook(train, other, order, modified):
    vocabulary = Vocabulary.of([*train, *other])
    seen, unseen = (Split.of(words, 5, vocabulary) for words in (train, other))
    model = KneserNey.fit(seen, order, modified)
    textbook = Textbook(train, order, modified, len(vocabulary))
    for words, split in ((train, seen), (other, unseen)):
        assert model.loss(split) == pytest.approx(textbook.loss(words), abs=1e-12)


MANY_WORDS = [chr(code) for code in range(0x4E00, 0x4E00 + 300)]  # a character each, for the textbook
sentences_of_words = st.lists(st.lists(st.sampled_from(MANY_WORDS), min_size=1, max_size=8), min_size=1, max_size=12)


@given(sentences_of_words, sentences_of_words, st.sampled_from([2, 3, 5]), modified_or_not)
def test_so_it_is_on_sentences_of_many_words(train, other, order, modified):
    """Whose end is a word of its own, the full stop."""
    units, unseen_units = ([" ".join([*sentence, "."]) for sentence in part] for part in (train, other))
    vocabulary = Words.of([*units, *unseen_units])
    seen, unseen = (Split.of(part, 5, vocabulary) for part in (units, unseen_units))
    model = KneserNey.fit(seen, order, modified)
    textbook = Textbook(["".join(sentence) for sentence in train], order, modified, len(vocabulary))
    for part, split in ((train, seen), (other, unseen)):
        assert model.loss(split) == pytest.approx(textbook.loss(["".join(sentence) for sentence in part]), abs=1e-12)


@pytest.mark.parametrize("modified", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_so_it_is_on_a_thousand_names_where_discounts_come_from_the_counts(words, order, modified):
    train, dev, _ = split_words(words[:1000])
    vocabulary = Vocabulary.of(words)
    textbook = Textbook(train, order, modified, len(vocabulary))
    assert textbook.D[2] not in ([0.5], [0.5, 1.0, 1.5])
    model = KneserNey.fit(Split.of(train, 6, vocabulary), order, modified)
    for part in (train, dev):
        assert model.loss(Split.of(part, 6, vocabulary)) == pytest.approx(textbook.loss(part), abs=1e-12)


@pytest.mark.parametrize(
    ("order", "ordinary", "modified"),
    [  # dev loss of all names, by Textbook above (a second each, so not here)
        (2, 2.471486940, 2.471504009),
        (3, 2.236564570, 2.235681508),
        (4, 2.077862048, 2.067322493),
        (5, 2.012251062, 1.993397259),
        (6, 2.006346175, 1.982628032),
    ],
)
def test_what_it_reaches_on_the_names(datasets, order, ordinary, modified):
    train, dev = datasets(5).train, datasets(5).dev
    losses = [KneserNey.fit(train, order, kind).loss(dev) for kind in (False, True)]
    assert losses == pytest.approx([ordinary, modified], abs=1e-9)


@pytest.mark.parametrize("modified", [False, True])
def test_probabilities_are_positive_and_sum_to_one_after_every_seen_context_and_a_sample_of_others(datasets, modified):
    train = datasets(5).train
    anything = torch.randint(27, (20_000, 5), generator=torch.Generator().manual_seed(1))
    starts = anything * (torch.arange(5) >= torch.arange(20_000).unsqueeze(1) % 6)  # "." before the first few
    for order in ORDERS:
        model = KneserNey.fit(train, order, modified)
        for X in (train.contexts, anything, starts):
            P = model.probabilities(X)
            assert P.dtype == torch.float64 and P.shape == (len(X), 27)
            assert (P > 0).all() and torch.allclose(P.sum(1), torch.ones(1, dtype=torch.float64), rtol=0, atol=1e-12)


@given(word_lists, orders, modified_or_not)
def test_so_they_are_after_every_context_of_a_small_alphabet(train, order, modified):
    every = torch.cartesian_prod(*[torch.arange(4)] * 5)
    P = KneserNey.fit(Split.of(train, 5, Vocabulary.of([*train, "abc"])), order, modified).probabilities(every)
    assert (P > 0).all() and torch.allclose(P.sum(1), torch.ones(1, dtype=torch.float64), rtol=0, atol=1e-12)


def test_a_character_that_follows_only_one_other_is_not_expected_elsewhere():
    """ "u" is as frequent as "a", but only after "q": after a new character Kneser-Ney expects "a"."""
    words = ["qu"] * 6 + ["ba", "ca", "da", "fa", "ga", "ha"]
    vocabulary = Vocabulary.of([*words, "z"])
    after_z = torch.tensor([vocabulary.context("z", 5)])
    P = KneserNey.fit(Split.of(words, 5, vocabulary), 3).probabilities(after_z)[0]
    assert P[vocabulary.stoi["a"]] > 4 * P[vocabulary.stoi["u"]]


def test_discounts_are_those_of_chen_and_goodman():
    counts = torch.tensor([[1.0] * 10 + [2.0] * 5 + [3.0] * 3 + [4.0] * 2 + [9.0, 0.0]], dtype=torch.float64)
    assert discounts(counts, 1) == pytest.approx((0.5,))  # 10 / (10 + 2 * 5)
    assert discounts(counts, 3) == pytest.approx((1 - 2 * 0.5 * 5 / 10, 2 - 3 * 0.5 * 3 / 5, 3 - 4 * 0.5 * 2 / 3))


@pytest.mark.parametrize("counts", [[1.0, 1.0, 2.0], [5.0] * 27, [1.0] * 10 + [2.0, 3.0, 3.0, 4.0]])
def test_where_counts_of_counts_give_no_discount_fixed_ones_are_taken(counts):
    assert discounts(torch.tensor([counts]), 3) == FALLBACK[3]


def test_a_model_can_be_asked_about_longer_contexts_than_it_reads(datasets):
    model, vocabulary = KneserNey.fit(datasets(5).train, 4), datasets(5).vocabulary
    short, long = (torch.tensor([vocabulary.context("emm", n)]) for n in (3, 8))
    assert torch.equal(model.probabilities(short), model.probabilities(long))
