"""core/analysis/judgements.py: nearness of words against the judgements of people."""

import hashlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.judgements import FILE, agreement, correlation, judged_pairs, ranks
from core.data.sentences import english

PAIRS = judged_pairs()


def test_the_list_is_the_one_whose_licence_is_told():
    digest = "a6213cb88bffa79deea79275ba969a6c2c1a54e47e858903b5618839548c8910"
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == digest
    assert len(PAIRS) == 350, "352, of which one pair is the same word twice and one pair is there twice"
    assert ("money", "cash", pytest.approx((9.15 + 9.08) / 2)) in PAIRS


def test_words_that_lie_as_people_judge_agree_wholly_and_shuffled_judgements_do_not():
    itos, places = [], []
    for number, (one, other, mean) in enumerate(PAIRS[:120]):
        itos += [f"{one}{number}", f"{other}{number}"]
        places += [[1000.0 * number, 0.0], [1000.0 * number, 10.0 - mean]]
    renamed = {pair[:2]: (f"{pair[0]}{number}", f"{pair[1]}{number}") for number, pair in enumerate(PAIRS[:120])}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "core.analysis.judgements.judged_pairs",
            lambda: tuple((*renamed[pair[:2]], pair[2]) for pair in PAIRS[:120]),
        )
        found = agreement(torch.tensor(places), itos)
    assert found.pairs == 120 and found.correlation == pytest.approx(1.0)
    assert -0.5 < found.low < 0 < found.high < 0.5


def test_the_bundled_vocabulary_has_enough_pairs_and_a_small_one_has_not():
    words = english(2_000).corpus.vocabulary.itos
    found = agreement(torch.randn(len(words), 5, generator=torch.Generator().manual_seed(1)), words)
    assert found.pairs == 85 and abs(found.correlation) < 0.4
    assert agreement(torch.zeros(len(words), 5), words).correlation == 0.0, "all in one place"
    assert agreement(torch.randn(4, 2), ["<s>", "<unk>", "money", "cash"]) is None


def test_words_that_begin_a_sentence_elsewhere_are_found_in_lower_case():
    words = sorted({word.lower() for pair in PAIRS[:60] for word in pair[:2]})
    assert agreement(torch.randn(len(words), 2), words).pairs >= 60


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=12))
def test_ranks_are_those_that_one_counts(values):
    expected = [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2 for value in values
    ]
    assert ranks(torch.tensor(values)).tolist() == expected


def test_a_correlation_is_that_of_the_textbook():
    a, b = torch.tensor([1.0, 2.0, 3.0, 4.0]).double(), torch.tensor([2.0, 1.0, 4.0, 3.0]).double()
    assert correlation(a, b) == pytest.approx(0.6)
    assert correlation(a, -a) == pytest.approx(-1.0)
