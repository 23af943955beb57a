"""The panels that are not charts: plain data, true to the network and the data."""

import json

import pytest

from core.config import Config, parameter_counts
from core.data import DataError
from core.panels import SAMPLES, names, next_bars, readout, sizes, spelling
from core.probe import next_char, score
from core.trainer import Trainer


@pytest.fixture(scope="module")
def snapshot(datasets):
    trainer = Trainer(Config(n_hidden=30, steps=400), datasets, "max")
    try:
        for _ in range(3):
            trainer.step()
        return trainer.snapshot
    finally:
        trainer.stop()


@pytest.fixture(scope="module")
def parameters(snapshot):
    return snapshot.parameters()


def test_the_readout_is_the_snapshots_own_numbers(snapshot):
    _, train, dev = snapshot.exact
    expected = {"step": 3, "exact_step": 3, "train": round(train, 3), "dev": round(dev, 3), "rate": 0}
    assert readout(snapshot) == expected


@pytest.mark.parametrize("context", ["", "a", ".", "em", "emma", "..e", "isabella"])
def test_next_bars_sum_to_one_both_ways_in_the_order_of_the_vocabulary(datasets, baselines, parameters, context):
    vocabulary = datasets(3).vocabulary
    panel = next_bars(parameters, vocabulary, baselines.models["bigram"], context)
    bars = panel["bars"]
    assert [bar["text"] for bar in bars] == list(vocabulary.itos)
    assert [bar["group"] for bar in bars] == list(vocabulary.groups)
    assert sum(bar["p"] for bar in bars) == pytest.approx(1, abs=27e-5)
    assert sum(bar["bigram"] for bar in bars) == pytest.approx(1, abs=27e-5)
    assert panel["context"] == ("..." + context)[-3:]
    assert [bar["p"] for bar in bars] == pytest.approx(next_char(parameters, vocabulary, context), abs=1e-5)
    assert json.dumps(panel, allow_nan=False)


def test_the_bigrams_bars_are_counts_of_the_training_names_plus_one(datasets, baselines, parameters):
    train = datasets(3).train
    panel = next_bars(parameters, datasets(3).vocabulary, baselines.models["bigram"], "q")
    after = [(word + ".")[i + 1] for word in train.words for i, s in enumerate(word) if s == "q"]
    for bar in panel["bars"]:
        assert bar["bigram"] == pytest.approx((after.count(bar["text"]) + 1) / (len(after) + 27), abs=1e-5)


def test_an_unknown_character_is_refused_in_a_sentence(datasets, baselines, parameters):
    with pytest.raises(DataError, match="“é” does not occur"):
        next_bars(parameters, datasets(3).vocabulary, baselines.models["bigram"], "é")
    with pytest.raises(DataError, match="“é” does not occur"):
        spelling(parameters, datasets(3), "zoé")
    with pytest.raises(DataError, match="at least one letter"):
        spelling(parameters, datasets(3), "")


@pytest.mark.parametrize("name", ["emma", "a", "zzyzx"])
def test_a_spellings_percentile_is_the_share_of_dev_names_found_less_likely(datasets, parameters, name):
    dataset = datasets(3)
    panel = spelling(parameters, dataset, name)
    mine = score(parameters, dataset.vocabulary, name).loss
    others = dataset.dev.words  # by brute force, each name on its own
    worse = sum(score(parameters, dataset.vocabulary, other).loss > mine for other in others)
    assert panel["percentile"] == pytest.approx(100 * worse / len(others), abs=0.6)  # it is a whole number
    assert [letter["text"] for letter in panel["letters"]] == [*name, "."]
    assert panel["loss"] == round(mine, 3)


def test_a_name_is_known_exactly_when_it_is_in_the_data(datasets, parameters):
    dataset = datasets(3)
    panel = names(parameters, dataset.vocabulary, dataset.known, seed=5, temperature=0.7)["names"]
    assert len(panel) == SAMPLES == 12
    listed = {word for split in (dataset.train, dataset.dev, dataset.test) for word in split.words}
    assert all(name["known"] == (name["text"] in listed) for name in panel)
    assert spelling(parameters, dataset, "emma")["known"] and not spelling(parameters, dataset, "qqqq")["known"]
    first = panel[0]["text"]
    marked = names(parameters, dataset.vocabulary, frozenset({first}), seed=5, temperature=0.7)["names"]
    assert [name["known"] for name in marked] == [name["text"] == first for name in marked]


def test_the_same_seed_writes_the_same_names_and_another_seed_others(datasets, parameters):
    dataset = datasets(3)
    written = [names(parameters, dataset.vocabulary, dataset.known, seed, 1.0) for seed in (5, 5, 6)]
    assert written[0] == written[1] != written[2]


def test_sizes_are_those_of_the_parameters_by_name(snapshot):
    p = snapshot.parameters()
    assert sizes(snapshot) == {name: tensor.numel() for name, tensor in p.named().items()}
    assert sizes(snapshot) == parameter_counts(snapshot.config, 27)
    assert sum(sizes(snapshot).values()) == len(p.flat)
