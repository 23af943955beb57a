"""core/engine/probe.py: what a network is asked must not depend on how it is asked."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.data.vocabulary import DataError, Vocabulary
from core.engine.model import Parameters, Shape, forward, initialise, loss
from core.engine.probe import (
    LONGEST,
    logits,
    next_all,
    next_char,
    sample,
    sample_all,
    score,
    score_all,
    spelled,
    word_losses,
)

VOCABULARY = Vocabulary.of(["abcdefghijklmnopqrstuvwxyz"])
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15)


def network(block_size: int = 3, seed: int = 1, direct: bool = False, sure: float = 0.3) -> Parameters:
    """A network that is neither uniform nor certain: the lecture's draws, all made smaller."""
    config = Config(block_size=block_size, n_embd=4, n_hidden=30, seed=seed, init="lecture", direct=direct)
    parameters = initialise(config, len(VOCABULARY))
    parameters.flat.mul_(sure)
    return parameters


# ---------------------------------------------------------------- samples


@given(st.integers(1, 8), st.integers(0, 2**31 - 1), st.floats(0.1, 3))
def test_the_same_seed_writes_the_same_words(block_size, seed, temperature):
    parameters = network(block_size)
    before = parameters.freeze()
    words = sample(parameters, VOCABULARY, 8, seed, temperature)
    torch.manual_seed(seed + 1)  # torch's own generator has no part in it
    assert words == sample(parameters, VOCABULARY, 8, seed, temperature)
    assert parameters.freeze() == before
    assert len(words) == 8 and all(len(word) <= LONGEST and set(word) <= set(VOCABULARY.itos[1:]) for word in words)


def test_another_seed_writes_other_words():
    written = {tuple(sample(network(), VOCABULARY, 8, seed)) for seed in range(20)}
    assert len(written) == 20


@pytest.mark.parametrize("block_size", [1, 3, 8])
def test_near_temperature_zero_every_word_takes_the_likeliest_character_each_time(block_size):
    parameters, word = network(block_size), ""
    while len(word) < LONGEST:
        chances = next_char(parameters, VOCABULARY, word)
        character = VOCABULARY.itos[chances.index(max(chances))]
        if character == ".":
            break
        word += character
    for temperature in (1e-3, 1e-6, 1e-12):
        assert sample(parameters, VOCABULARY, 5, 42, temperature) == [word] * 5


def test_a_tiny_change_of_the_network_leaves_nearly_every_word_as_it_was():
    parameters = network()
    nudged = parameters.clone()
    nudged.flat.add_(torch.randn(nudged.flat.shape, generator=torch.Generator().manual_seed(0)), alpha=1e-5)
    before, after = (sample(p, VOCABULARY, 500, 42) for p in (parameters, nudged))
    assert parameters.freeze() != nudged.freeze()
    assert sum(a == b for a, b in zip(before, after)) >= 490


def test_first_letters_come_as_often_as_the_network_finds_them_likely():
    first = Counter((word + ".")[0] for word in sample(network(), VOCABULARY, 20_000, 42, longest=1))
    for character, chance in zip(VOCABULARY.itos, next_char(network(), VOCABULARY, "")):
        spread = math.sqrt(chance * (1 - chance) / 20_000)
        assert first[character] / 20_000 == pytest.approx(chance, abs=5 * spread)


def test_a_higher_temperature_writes_more_different_words():
    def different(temperature):
        return len(set(sample(network(sure=0.6), VOCABULARY, 200, 42, temperature, longest=3)))

    assert different(0.05) < different(0.5) < different(2.0)


def test_a_network_that_never_ends_a_word_is_cut():
    parameters = Parameters(Shape(27, 3, 2, 0, False))
    parameters.b2[0] = -1e4
    assert {len(word) for word in sample(parameters, VOCABULARY, 20, 42)} == {LONGEST}
    assert {len(word) for word in sample(parameters, VOCABULARY, 20, 42, longest=5)} == {5}


def test_a_network_that_ends_every_word_at_once_writes_empty_ones():
    parameters = Parameters(Shape(27, 3, 2, 0, False))
    parameters.b2[0] = 1e4
    assert sample(parameters, VOCABULARY, 3, 42) == ["", "", ""]


# ---------------------------------------------------------------- what comes next, and how likely a name is


@given(st.text("abcdefghijklmnopqrstuvwxyz.", max_size=12), st.integers(1, 8), st.booleans())
def test_chances_of_the_next_character_are_those_of_the_pass_and_sum_to_one(context, block_size, direct):
    parameters = network(block_size, direct=direct)
    chances = next_char(parameters, VOCABULARY, context)
    assert len(chances) == 27 and sum(chances) == pytest.approx(1, abs=1e-5)
    X = torch.tensor([([0] * block_size + VOCABULARY.encode(context))[-block_size:]])
    assert chances == pytest.approx(torch.softmax(forward(parameters, X).logits[0], 0).tolist(), rel=1e-4)


@given(names, st.integers(1, 8), st.booleans())
def test_a_name_s_score_is_made_of_the_chances_of_its_letters(name, block_size, direct):
    parameters = network(block_size, direct=direct)
    found = score(parameters, VOCABULARY, name)
    ended = name + "."
    expected = [next_char(parameters, VOCABULARY, name[:i])[VOCABULARY.stoi[s]] for i, s in enumerate(ended)]
    assert "".join(letter for letter, _ in found.letters) == ended
    assert [chance for _, chance in found.letters] == pytest.approx(expected, rel=1e-5)
    assert found.loss == pytest.approx(-sum(map(math.log, expected)) / len(ended), rel=1e-5)


@pytest.mark.parametrize("block_size", [1, 3, 5])
def test_the_losses_of_a_split_s_words_are_their_scores(datasets, block_size):
    dataset, parameters = datasets(block_size), network(block_size)
    losses = word_losses(parameters, dataset.dev)
    assert losses.shape == (len(dataset.dev.words),)
    for word, nats in list(zip(dataset.dev.words, losses.tolist()))[::60]:
        assert nats == pytest.approx(score(parameters, dataset.vocabulary, word).loss, rel=1e-4)
    lengths = torch.tensor([len(word) + 1 for word in dataset.dev.words])
    whole = loss(parameters, dataset.dev)
    assert float((losses * lengths).sum() / lengths.sum()) == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize(("name", "why"), [("", "at least one letter"), ("zoë", "“ë” does not occur"), ("Al", "“A”")])
def test_a_name_that_cannot_be_scored_is_refused_in_one_sentence(name, why):
    with pytest.raises(DataError, match=why) as caught:
        score(network(), VOCABULARY, name)
    assert str(caught.value).endswith(".") and ". " not in str(caught.value)


# ---------------------------------------------------------------- many networks at once


@given(st.lists(st.integers(0, 99), min_size=1, max_size=6), names, st.integers(1, 8), st.booleans())
def test_each_of_a_stack_answers_as_it_does_alone(seeds, name, block_size, direct):
    networks = [network(block_size, seed, direct) for seed in seeds]
    stack, (X, Y) = Parameters.stacked(networks), spelled(VOCABULARY, block_size, name)
    assert logits(stack, X.expand(len(seeds), -1, -1)).shape == (len(seeds), len(name) + 1, 27)
    words = sample_all(stack, VOCABULARY, 8, 42, 0.7)
    chances, letters = next_all(stack, VOCABULARY.context(name, block_size)), score_all(stack, X, Y)
    for i, one in enumerate(networks):
        assert words[i] == sample(one, VOCABULARY, 8, 42, 0.7)
        assert chances[i].tolist() == pytest.approx(next_char(one, VOCABULARY, name), rel=1e-4)
        assert letters[i].exp().tolist() == pytest.approx(
            [p for _, p in score(one, VOCABULARY, name).letters], rel=1e-4
        )


@pytest.mark.parametrize("direct", [False, True])
def test_a_network_about_to_overflow_still_answers_in_numbers_and_leaves_the_others_alone(direct):
    sound, huge = network(direct=direct), network(direct=direct)
    huge.flat.mul_(1e25)
    X = torch.tensor([VOCABULARY.context("em", 3)])
    assert huge.flat.isfinite().all() and not forward(huge, X).logits.isfinite().all()
    stack = Parameters.stacked([sound, huge])
    chances = next_all(stack, VOCABULARY.context("em", 3))
    assert chances.sum(1).tolist() == pytest.approx([1, 1], abs=1e-6)
    assert chances[0].tolist() == pytest.approx(next_char(sound, VOCABULARY, "em"), rel=1e-4)
    assert score_all(stack, *spelled(VOCABULARY, 3, "emma")).isfinite().all()


# ---------------------------------------------------------------- inside
