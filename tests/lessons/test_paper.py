"""The paper's tables as they are kept here: figures named in its text, and what must hold of any such table."""

import pytest

from core.lessons.paper import CORPORA, FILE, paper_sentence, ranked, results


def one(corpus: str, model: str, **more):
    found = [r for r in results() if (r.corpus, r.model) == (corpus, model)]
    found = [r for r in found if all(getattr(r, name) == value for name, value in more.items())]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("corpus", "model", "more", "valid", "test"),
    [  # the paper's tables 1 and 2, and DESIGN.md
        ("Brown", "Deleted interpolation", {}, 352, 336),
        ("Brown", "Kneser-Ney back-off", {"n": 5}, 332, 321),
        ("Brown", "Class-based back-off", {"n": 3, "classes": 500}, 326, 312),
        ("Brown", "MLP9", {"direct": False, "mixed": False}, 280, 276),
        ("Brown", "MLP10", {"hidden": 100, "features": 30, "mixed": True}, 265, 252),
        ("AP News", "MLP10", {"hidden": 60, "features": 100, "direct": True}, 104, 109),
        ("AP News", "Kneser-Ney back-off", {"n": 5}, 112, 117),
    ],
)
def test_results_that_the_paper_speaks_of(corpus, model, more, valid, test):
    found = one(corpus, model, **more)
    assert (found.valid, found.test) == (valid, test)


def test_every_line_of_the_file_is_there_once():
    lines = FILE.read_text(encoding="utf-8").splitlines()[1:]
    assert len(results()) == len(set(results())) == len(lines) == 26
    assert {r.corpus for r in results()} == CORPORA.keys()


def test_networks_have_all_that_networks_have_and_the_others_none_of_it():
    for r in results():
        assert r.is_network == r.model.startswith("MLP")
        assert (None in (r.hidden, r.features, r.direct, r.mixed)) != r.is_network
        assert min(r.valid, r.test) > 1 and r.n >= 3


def test_mixing_helps_every_network_that_is_given_with_and_without():
    """As the paper says: its networks 1, 3, 5, 7, 9 are 2, 4, 6, 8, 10 without the trigram."""
    for i in (1, 3, 5, 7, 9):
        alone, mixed = one("Brown", f"MLP{i}"), one("Brown", f"MLP{i + 1}")
        assert alone.about == mixed.about.removesuffix(", mixed")
        assert not alone.mixed and mixed.mixed and mixed.test < alone.test and mixed.valid < alone.valid


@pytest.mark.parametrize("corpus", CORPORA)
def test_ranked_by_test_perplexity(corpus):
    tests = [r.test for r in ranked(corpus)]
    assert tests == sorted(tests) and len(tests) == sum(r.corpus == corpus for r in results())


def test_verdicts_are_the_papers_own_comparison():
    """Its abstract of the results: 24 % on Brown; on AP News 117 against 109."""
    mixed = "The best network, mixed with the trigram, reaches a test perplexity of"
    assert paper_sentence("Brown") == f"{mixed} 252, the best model that only counts 312, 24\u00a0% more."
    assert paper_sentence("AP News") == f"{mixed} 109, the best model that only counts 117, 7\u00a0% more."


def test_what_a_result_is_about_tells_all_of_a_corpus_apart():
    for corpus in CORPORA:
        named = [(r.model, r.about) for r in ranked(corpus)]
        assert len(set(named)) == len(named)
    assert one("Brown", "MLP6").about == "4 words, 50 hidden, 30 dimensions, direct, mixed"
    assert one("Brown", "Class-based back-off", classes=1000).about == "3-gram, 1,000 classes"
