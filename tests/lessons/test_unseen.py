"""core/lessons/unseen.py: contexts that training never showed, against sets of strings and distances in plain
Python.
"""

import json
import math
from collections import Counter

import pytest
import torch

from core.counting.ngrams import Baselines
from core.lessons.unseen import FOLLOWERS, NEAREST, Unseen, answers, losses, rival
from tests.support.networks import network


def windows(words, block_size: int) -> Counter:
    """(context, next character) -> times, by slicing strings."""
    found = Counter()
    for word in words:
        text = "." * block_size + word + "."
        found.update((text[i : i + block_size], text[i + block_size]) for i in range(len(word) + 1))
    return found


def written(context, dataset) -> str:
    return "".join(dataset.vocabulary.itos[i] for i in context)


@pytest.mark.parametrize("block_size", [1, 2, 3, 5])
def test_unseen_contexts_are_those_of_dev_that_no_training_word_has(datasets, block_size):
    data = datasets(block_size)
    unseen = Unseen.of(data)
    train, dev = (windows(split.words, block_size) for split in (data.train, data.dev))
    known = {context for context, _ in train}
    expected = {pair: n for pair, n in dev.items() if pair[0] not in known}
    found = {
        (written(unseen.examples.contexts[row], data), data.vocabulary.itos[i]): int(counts[i])
        for row, counts in enumerate(map(unseen.examples.followers, range(len(unseen))))
        for i in counts.nonzero().flatten().tolist()
    }
    assert found == expected
    assert unseen.share == pytest.approx(sum(expected.values()) / sum(dev.values()))
    times = unseen.examples.times[list(unseen.order)].tolist()
    assert times == sorted(times, reverse=True)


def test_three_characters_leave_155_contexts_unseen_and_one_none(datasets):
    assert len(Unseen.of(datasets(3))) == 155 and len(Unseen.of(datasets(1))) == 0  # counted above, too


@pytest.mark.parametrize(("block_size", "name"), [(1, "bigram"), (2, "trigram"), (3, "4-gram"), (8, "4-gram")])
def test_the_rival_sees_as_many_characters_up_to_three(baselines: Baselines, block_size, name):
    found, model = rival(baselines, block_size)
    assert found == name and model is baselines.models[name] and model.order == min(block_size, 3) + 1


def test_after_a_context_it_never_saw_counting_knows_nothing(dataset, baselines):
    unseen, (_, model) = Unseen.of(dataset), rival(baselines, 3)
    assert losses(network(), unseen, model)[1] == pytest.approx(math.log(27))
    assert answers(network(), dataset, unseen, model, 0)["even"]


def test_what_is_said_of_one_context(dataset, baselines):
    unseen, (_, model), p = Unseen.of(dataset), rival(baselines, 3), network(n_embd=4)
    itos, stoi = dataset.vocabulary.itos, dataset.vocabulary.stoi
    train, dev = windows(dataset.train.words, 3), windows(dataset.dev.words, 3)
    for i in (0, 7, 154):
        said = answers(p, dataset, unseen, model, i)
        json.dumps(said, allow_nan=False)
        context = "".join(said["context"])
        follows = {stoi[c]: n for (before, c), n in dev.items() if before == context}
        assert all(follows[k] == n for k, n in said["followed"]) and len(said["followed"]) == min(4, len(follows))
        place = lambda context: [x for s in context for x in p.C[stoi[s]].tolist()]
        apart = {before: math.dist(place(before), place(context)) for before, _ in train}
        nearest = sorted(apart, key=apart.get)[:NEAREST]
        assert [float(near["distance"]) for near in said["nearest"]] == pytest.approx(
            [apart[before] for before in nearest], abs=1e-3
        )
        for near in said["nearest"]:
            seen = "".join(near["context"])
            assert float(near["distance"]) == pytest.approx(apart[seen], abs=1e-3)
            assert near["times"] == sum(n for (before, _), n in train.items() if before == seen)
            assert all(train[seen, itos[k]] == n for k, n in near["followed"])


def test_the_losses_are_means_over_every_example_of_an_unseen_context(dataset, baselines):
    unseen, (_, model), p = Unseen.of(dataset), rival(baselines, 3), network()
    rows = set(map(tuple, unseen.examples.contexts.tolist()))
    new = torch.tensor([tuple(row) in rows for row in dataset.dev.X.tolist()])
    X, Y = dataset.dev.X[new], dataset.dev.Y[new]
    h = torch.tanh(p.C[X].flatten(1) @ p.W1 + p.b1)
    expected = torch.nn.functional.cross_entropy(h @ p.W2 + p.b2, Y)
    assert losses(p, unseen, model)[0] == pytest.approx(float(expected), abs=1e-5)
    assert FOLLOWERS == 4
