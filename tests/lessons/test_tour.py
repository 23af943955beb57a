"""The tour's cards notice what they ask for and nothing else; glossary and reading list are whole."""

import dataclasses
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import KNOBS, Config
from core.data.word_examples import examples_of
from core.lessons.glossary import TERMS, WORKS
from core.lessons.tour import CARDS, PAGES, REFERENCE, START, TEMPERATURE, WIDER, Facts, done

AT_FIRST = Facts(page="", bigram=2.47)
# card -> what a visitor does about it, as facts that change; one that is nearly it, and one that is.
DONE = {
    "Count first": ({"page": "compare"}, {"page": "data"}),
    "Counting runs out of room": ({"page": "data", "tab": "Examples"}, {"page": "data", "tab": "Contexts"}),
    "Words become examples": ({"word": " Emma "}, {"word": "zoe"}),
    "Look up the embedding": ({"stage": "indices"}, {"stage": "lookup"}),
    "From logits to a loss": ({"stage": "softmax"}, {"labelled": True}),
    "Train": ({"step": 0}, {"step": 1}),
    "Find a learning rate": ({"page": "tune"}, {"searched": True}),
    "Names it has not seen": ({"dev": 2.47}, {"dev": 2.4699}),
    "A wider hidden layer": ({"n_hidden": WIDER - 10}, {"n_hidden": WIDER}),
    "Watch the letters separate": ({"step": 900}, {"cursor": 0}),
    "Down to 2.17": ({"n_embd": 10, "dev": 2.1751}, {"n_embd": 10, "dev": 2.1725}),
    "What made it better?": ({"page": "compare", "compared": 1}, {"page": "compare", "compared": 2}),
    "Let it generate names": ({"temperature": 1.0}, {"temperature": 0.9}),
    "Words, as in the paper": ({"step": 9}, {"of_words": True, "step": 1}),
    "The company a word keeps": ({"touched": True}, {"of_words": True, "touched": True}),
    "A dog was running in a …": ({"of_words": True}, {"of_words": True, "asked": True}),
}
WORDS = [
    "embedding", "context", "block size", "logits", "softmax", "nats", "perplexity", "minibatch", "live knob", "PCA",
    "Procrustes", "silhouette", "Kneser-Ney", "temperature", "tanh", "one-hot", "cross-entropy", "overfitting",
    "bigram", "checkpoint", "fork", "seed", "gradient", "learning rate", "dev",
]  # fmt: skip
facts = st.builds(
    Facts,
    page=st.sampled_from(list(PAGES)),
    bigram=st.floats(0, 4),
    tab=st.sampled_from(["", "Examples", "Contexts"]),
    word=st.text(max_size=5),
    stage=st.sampled_from(["", "lookup", "tanh"]),
    labelled=st.booleans(),
    step=st.integers(0, 10**7),
    dev=st.floats(0, math.inf),
    n_embd=st.integers(1, 32),
    n_hidden=st.integers(0, 500),
    searched=st.booleans(),
    cursor=st.none() | st.integers(0, 10**7),
    compared=st.integers(0, 6),
    temperature=st.floats(0.2, 2),
)


# ---------------------------------------------------------------- the tour


def test_there_are_cards_on_every_page_of_the_run_the_first_says_train_and_the_last_three_are_of_words():
    assert len({card.title for card in CARDS}) == len(CARDS) == 16
    assert [card.of_words for card in CARDS] == [False] * 13 + [True] * 3
    assert CARDS[0].title == "Train"
    assert {card.page for card in CARDS} == PAGES.keys() - {START, REFERENCE}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_a_card_notices_its_action_and_not_what_is_nearly_it(card):
    nearly, really = DONE[card.title]
    assert not done(card, AT_FIRST)
    assert not done(card, dataclasses.replace(AT_FIRST, **nearly))
    assert done(card, dataclasses.replace(AT_FIRST, **really))


@given(facts)
def test_whatever_is_so_each_card_says_yes_or_no(so):
    assert all(isinstance(done(card, so), bool) for card in CARDS)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_cards_are_short_and_in_whole_sentences(card):
    assert len(card.text) <= 270 and card.text.endswith(".") and card.action.endswith(".")
    assert len(re.findall(r"[.:?] ", card.text)) < 5


def test_what_facts_are_at_first_is_what_a_visit_begins_with():
    config = Config()
    assert (AT_FIRST.n_embd, AT_FIRST.n_hidden) == (config.n_embd, config.n_hidden)
    assert AT_FIRST.temperature == TEMPERATURE and math.isinf(AT_FIRST.dev)


def test_the_tables_of_the_third_card():
    card = CARDS[2]
    assert all(f"{27**k:,}" in card.text for k in (1, 2, 3))


def test_most_rows_of_the_third_table_stay_empty(dataset):
    assert len(dataset.train.contexts) < 27**3 / 2


def test_emma_gives_five_examples(dataset):
    assert len(examples_of(dataset.vocabulary, "emma", 3)) == 5 and "emma alone gives five" in CARDS[3].text


def test_a_4_gram_does_better_than_the_last_network_of_the_tour(baselines):
    assert baselines.dev["4-gram"] < 2.17 < baselines.dev["trigram"]


# ---------------------------------------------------------------- glossary and reading


def test_terms_are_told_apart_and_say_where_they_occur():
    names = [term.name.lower() for term in TERMS]
    assert len(set(names)) == len(names) >= 40
    assert all(term.page in PAGES and term.place for term in TERMS)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_term_is_explained_in_one_or_two_sentences(term):
    assert term.text.endswith(".") and 20 < len(term.text) <= 240
    assert len(re.findall(r"[.?](?= [A-Z]|$)", term.text)) <= 2


def found(typed: str) -> list[str]:
    return [term.name for term in TERMS if typed.lower() in f"{term.name} {term.other} {term.text}".lower()]


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_every_knob_is_found_by_its_name_and_by_its_label(knob):
    assert found(knob.name) and found(knob.label)


@pytest.mark.parametrize("word", WORDS)
def test_words_of_the_pages_are_found(word):
    assert found(word)


def test_what_is_read_has_a_link_and_says_what_here_comes_from_it():
    assert all(work.link.startswith("https://") and work.used.endswith(".") for work in WORKS)
    assert len({work.link for work in WORKS}) == len(WORKS)
