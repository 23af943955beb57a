"""The panels that are not charts: plain data, true to the network and the data."""

import json
from functools import partial

import pytest
import torch

from core.analysis.timeline import Timeline
from core.config import Config, parameter_counts
from core.engine.model import Parameters, initialise
from core.engine.probe import next_char, sample, score
from core.engine.run import Run
from core.plots import panels
from core.plots.panels import SAMPLES, Question, answers, coordinates, moment, next_chars, percentile, sizes, spelling
from tests.support.snapshots import shot

stacked = Parameters.stacked


@pytest.fixture(scope="module")
def snapshot(datasets):
    run = Run(Config(n_hidden=30, steps=400), datasets(3))
    run.advance(3)
    return shot(run)


@pytest.fixture(scope="module")
def parameters(snapshot):
    return snapshot.parameters()


# ---------------------------------------------------------------- a moment


@pytest.mark.parametrize("axes", [(), (2, 0), (0, 1, 2)])
def test_a_moment_is_its_frame_in_plain_rounded_numbers(few, axes):
    run, timeline = Run(Config(n_embd=3, n_hidden=5), few(3)), Timeline()
    run.advance(30)
    timeline.update(shot(run), axes)
    for frame in timeline.frames:
        told = json.loads(json.dumps(moment(frame), allow_nan=False))
        step, train, dev = frame.exact
        assert (told["step"], told["exact_step"]) == (frame.step, step)
        assert (told["train"], told["dev"]) == pytest.approx((train, dev), abs=1e-4)
        width = len(axes) or 2
        rows = [told["points"][i : i + width] for i in range(0, len(told["points"]), width)]
        assert torch.allclose(torch.tensor(rows), frame.seen.points.float(), atol=1e-4)
        assert told["window"] == pytest.approx([*frame.window.centre, frame.window.half], abs=1e-4)
        assert told["middle"] == pytest.approx([*frame.middle.centre, frame.middle.half], abs=1e-4)
        assert told["explained"] == [round(100 * share) for share in frame.seen.explained]
        assert len(told["explained"]) == width and told["nearest"] == [list(near) for near in frame.nearest]


def test_coordinates_are_the_first_six_numbers_of_each_character():
    assert coordinates(torch.tensor([[1.0, -2.25]])) == ["(1.000, -2.250)"]
    assert coordinates(torch.arange(6.0).view(1, 6))[0].endswith("5.000)")
    assert coordinates(torch.arange(7.0).view(1, 7))[0].endswith("5.000, …)")


# ---------------------------------------------------------------- what networks answer


@pytest.mark.parametrize(("block_size", "n_embd", "direct"), [(1, 1, False), (3, 2, False), (4, 10, True)])
def test_each_frame_s_answer_is_what_its_checkpoint_says_alone(few, block_size, n_embd, direct):
    dataset = few(block_size)
    run = Run(Config(block_size=block_size, n_embd=n_embd, n_hidden=10, direct=direct, learning_rate=0.5), dataset)
    run.advance(400)
    vocabulary, question = dataset.vocabulary, Question(5, 0.8, "em", "emma")
    networks = [shot(run).checkpoint(i) for i in range(len(run.history.checkpoints))]
    told = answers(stacked(networks), vocabulary, dataset.known, question)
    assert len(told) == len(networks) > 60 and json.dumps(told, allow_nan=False)
    for network, answer in zip(networks, told):
        words = sample(network, vocabulary, SAMPLES, 5, 0.8)
        assert answer["words"] == [[word, int(word in dataset.known)] for word in words]
        assert answer["next"] == pytest.approx(next_char(network, vocabulary, "em"), abs=1e-4)
        alone = score(network, vocabulary, "emma")
        assert answer["letters"] == pytest.approx([p for _, p in alone.letters], abs=1e-4)
        assert answer["loss"] == pytest.approx(alone.loss, abs=1e-3)
    assert len({json.dumps(answer) for answer in told}) == len(told)


def test_without_a_name_there_are_no_letters_and_no_loss(datasets, parameters):
    dataset = datasets(3)
    (told,) = answers(stacked([parameters]), dataset.vocabulary, dataset.known, Question(5, 1.0, "", ""))
    assert set(told) == {"words", "next"} and len(told["words"]) == SAMPLES == 12


def test_words_are_known_exactly_when_they_are_in_the_data(datasets, parameters):
    dataset, question = datasets(3), Question(5, 0.7, "", "")
    (told,) = answers(stacked([parameters]), dataset.vocabulary, dataset.known, question)
    listed = {word for split in (dataset.train, dataset.dev, dataset.test) for word in split.words}
    assert all(known == (word in listed) for word, known in told["words"])
    first = told["words"][0][0]
    (marked,) = answers(stacked([parameters]), dataset.vocabulary, frozenset({first}), question)
    assert [known for _, known in marked["words"]] == [int(word == first) for word, _ in told["words"]]


def test_the_same_seed_writes_the_same_names_and_another_seed_others(datasets, parameters):
    dataset = datasets(3)
    ask = partial(answers, stacked([parameters]), dataset.vocabulary, dataset.known)
    said = [ask(Question(seed, 1.0, "", "")) for seed in (5, 5, 6)]
    assert said[0] == said[1] != said[2]


# ---------------------------------------------------------------- what stands still


@pytest.mark.parametrize("context", ["", "a", ".", "em", "emma", "..e", "isabella"])
def test_the_bigram_s_chances_sum_to_one_in_the_order_of_the_vocabulary(datasets, baselines, context):
    corpus = datasets(3).corpus
    panel = next_chars(corpus, baselines.models["bigram"], 3, context)
    assert panel["characters"] == list(corpus.vocabulary.itos) and panel["groups"] == list(corpus.shown.roles)
    assert sum(panel["bigram"]) == pytest.approx(1, abs=27e-4)
    assert panel["context"] == ("..." + context)[-3:] and panel["problem"] is None
    assert json.dumps(panel, allow_nan=False)


def test_the_bigram_s_chances_are_counts_of_the_training_names_plus_one(datasets, baselines):
    vocabulary, train = datasets(3).vocabulary, datasets(3).train
    panel = next_chars(datasets(3).corpus, baselines.models["bigram"], 3, "q")
    after = [(word + ".")[i + 1] for word in train.words for i, s in enumerate(word) if s == "q"]
    for character, chance in zip(vocabulary.itos, panel["bigram"]):
        assert chance == pytest.approx((after.count(character) + 1) / (len(after) + 27), abs=1e-4)


def test_an_unknown_character_is_answered_in_a_sentence_and_by_the_start_of_a_word(datasets, baselines):
    dataset = datasets(3)
    panel = next_chars(dataset.corpus, baselines.models["bigram"], 3, "é")
    assert "“é” does not occur" in panel["problem"] and panel["problem"].endswith(".")
    assert panel["bigram"] == next_chars(dataset.corpus, baselines.models["bigram"], 3, "")["bigram"]
    assert panel["context"] == "..."
    told = spelling(dataset.vocabulary, dataset.known, "zoé")
    assert "“é” does not occur" in told["problem"] and told["characters"] == [] and not told["known"]


def test_a_name_is_spelled_with_its_end_and_an_empty_one_not_at_all(datasets):
    dataset = datasets(3)
    emma = spelling(dataset.vocabulary, dataset.known, "emma")
    assert emma == {"characters": [*"emma."], "known": True, "problem": None}
    assert not spelling(dataset.vocabulary, dataset.known, "qqqq")["known"]
    assert spelling(dataset.vocabulary, dataset.known, "") == {"characters": [], "known": False, "problem": None}


@pytest.mark.parametrize("name", ["emma", "a", "zzyzx"])
def test_a_percentile_is_the_share_of_dev_names_found_less_likely(datasets, parameters, name, monkeypatch):
    monkeypatch.setattr(panels, "LIKELIER", -1.0)
    dataset = datasets(3)
    mine = score(parameters, dataset.vocabulary, name).loss
    others = dataset.dev.words  # by brute force, each name on its own
    worse = sum(score(parameters, dataset.vocabulary, other).loss > mine for other in others)
    found = percentile(parameters, dataset, name)
    assert isinstance(found, int) and found == pytest.approx(100 * worse / len(others), abs=0.6)


def test_a_name_that_is_no_likelier_than_by_a_uniform_guess_is_not_placed_among_others(datasets):
    dataset = datasets(3)
    untrained = initialise(Config(), 27)
    assert percentile(untrained, dataset, "emma") is None
    knows = untrained.clone()
    knows.b2 += torch.log(dataset.train.Y.bincount(minlength=27) + 1.0)  # how often each letter occurs
    assert 0 < percentile(knows, dataset, "anna") <= 100 and percentile(knows, dataset, "qqqq") is None


def test_sizes_are_those_of_the_parameters_by_name(snapshot):
    p = snapshot.parameters()
    assert sizes(snapshot) == {name: tensor.numel() for name, tensor in p.named().items()}
    assert sizes(snapshot) == parameter_counts(snapshot.config, 27)
    assert sum(sizes(snapshot).values()) == len(p.flat)
