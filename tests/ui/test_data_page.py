"""The Data page in a visitor's words (streamlit.testing)."""

import math

import pytest

from core.config import Config
from core.counting.bigram import bigram_counts
from core.counting.kneser_ney import KneserNey
from core.engine.snapshot import TRAINING
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

PAGE = "data/page.py"


@pytest.fixture
def visitor():
    """Somebody who opened the app and went on to the Data page."""
    visitor = Visitor()
    visitor.at.switch_page(PAGE)
    visitor.look()
    yield visitor
    visitor.client.stop()


def open_tab(visitor: Visitor, name: str) -> None:
    visitor.at.session_state["data_tab"] = name
    visitor.look()


def line(visitor: Visitor, name: str) -> dict:
    (found,) = [line for line in visitor.view("standings")["lines"] if line["name"] == name]
    return found


def test_count_models_stand_beside_ones_own_run_by_dev_loss(visitor, datasets):
    shown = visitor.view("standings")
    devs = [float(line["nats"][1]) for line in shown["lines"]]
    assert devs == sorted(devs) and shown["lines"][0]["name"] == "Kneser-Ney 6"
    splits = datasets(5)
    losses = [KneserNey.fit(splits.train, 6).loss(split) for split in (splits.train, splits.dev, splits.test)]
    assert line(visitor, "Kneser-Ney 6")["nats"] == [f"{loss:.4f}" for loss in losses]
    assert line(visitor, "Kneser-Ney 6")["perplexity"] == [f"{math.exp(loss):.2f}" for loss in losses]
    mine = line(visitor, "Your run")
    assert mine["kind"] == "run" and mine["about"].startswith("0 steps")
    assert float(mine["nats"][1]) == pytest.approx(visitor.snapshot.exact[2], abs=5e-5)
    said = f"Counting is better: Kneser-Ney 6 reaches 1.9826 on dev. Your run has {visitor.snapshot.exact[2]:.4f}"
    assert shown["said"].startswith(said)


def test_the_run_climbs_while_it_trains_and_is_judged_on_test_once_it_rests(visitor, dataset):
    visitor.client.set(steps=10_000_000)  # it is still training when somebody looks
    visitor.client.speed("max")
    visitor.client.start()
    visitor.until(lambda: float(line(visitor, "Your run")["nats"][1]) < 2.8)
    assert visitor.snapshot.state == TRAINING and line(visitor, "Your run")["nats"][2] == "–"
    visitor.client.pause()
    visitor.look()
    train, dev, test = line(visitor, "Your run")["nats"]
    assert (train, dev) == tuple(f"{loss:.4f}" for loss in visitor.snapshot.exact[1:])
    assert float(test) == pytest.approx(float(dev), abs=0.1)
    assert f"Your run has {dev} after {visitor.snapshot.step:,} steps" in visitor.view("standings")["said"]


def test_runs_of_the_library_stand_there_too(visitor):
    visitor.client.step()
    before = visitor.snapshot.id
    visitor.client.reset(Config(seed=7))
    eventually(visitor.library.runs)  # another thread keeps them
    visitor.look()
    kept = [line for line in visitor.view("standings")["lines"] if line["kind"] == "kept"]
    (row,) = [row for row in visitor.library.runs() if row.id == before]
    assert [line["nats"][:2] for line in kept] == [[f"{loss:.4f}" for loss in row.exact[1:]]]


def test_any_word_becomes_windows_of_any_length(visitor):
    assert [w[:2] for w in visitor.view("windows")["windows"]] == [
        ["...", "e"], ["..e", "m"], [".em", "m"], ["emm", "a"], ["mma", "."],
    ]  # fmt: skip
    visitor.set("Word", " Ava ")
    visitor.set("Context length", 5)
    assert [w[:2] for w in visitor.view("windows")["windows"]] == [
        [".....", "a"], ["....a", "v"], ["...av", "a"], ["..ava", "."],
    ]  # fmt: skip
    visitor.set("Word", "<b>x")
    assert visitor.view("windows")["windows"] == []
    assert visitor.view("windows")["problem"].startswith("“<” does not occur in the data")


def test_x_and_y_of_the_first_five_names_and_the_vocabulary_with_its_counts(visitor, dataset):
    first = visitor.view("firstfive")["words"]
    assert [word["word"] for word in first] == ["emma", "olivia", "ava", "isabella", "sophia"]
    windows = [window for word in first for window in word["windows"]]
    assert len(windows) == 32 and windows[13][2:] == [[0, 0, 1], 22]
    letters = visitor.view("alphabet")
    assert dict(zip(letters["characters"], letters["counts"]))["."] == len(dataset.train.words)
    assert sum(letters["counts"]) == len(dataset.train)


def test_contexts_that_are_possible_and_those_that_occur(visitor):
    open_tab(visitor, "Contexts")
    rows = visitor.view("growth")["lengths"]
    assert [row["counts"][0] for row in rows[:3]] == ["27", "729", "19,683"] and len(rows) == 8
    assert rows[2]["counts"] == ["19,683", "5,411", "3,037", "155"] and rows[2]["share"] == "0.72 %"
    assert ["fk", 2, "rifka"] in rows[1]["such_as"]


def test_pairs_are_counted_and_the_network_is_asked_after_every_letter(visitor, dataset):
    open_tab(visitor, "Bigrams")
    shown = visitor.view("pairs")
    assert shown["counts"] == bigram_counts(dataset.train).flatten().tolist()
    for P in (shown["counted"], shown["network"]):
        assert [sum(row) for row in P] == pytest.approx([1] * 27, abs=0.002)
    visitor.client.step()
    visitor.look()
    assert visitor.view("pairs")["step"] == 1 and visitor.view("pairs")["network"] != shown["network"]


def test_a_single_layer_learns_the_counts_when_asked_to(visitor):
    open_tab(visitor, "Gradient descent")
    with pytest.raises(ValueError):
        visitor.view("descent")
    visitor.press("Train this layer")
    shown = visitor.view("descent")
    assert shown["reached"] == 1_735 and shown["losses"][-1] == [1_735, "2.4533", "2.4717"]
    assert len(shown["frames"]) == len(shown["losses"]) and len(shown["counted"]["shades"]) == 729
    visitor.set("Learning rate", 100.0)
    visitor.press("Train this layer")
    assert visitor.view("descent")["reached"] is None


def test_network_and_count_model_are_mixed_in_any_proportion(visitor):
    open_tab(visitor, "Mix")
    shown = visitor.view("mix")
    assert shown["model"] == "trigram" and (shown["losses"][0], len(shown["losses"])) == ("2.2393", 101)
    assert shown["losses"][-1] == line(visitor, "Your run")["nats"][1]
    visitor.set("Count model", "Kneser-Ney 5")
    assert visitor.view("mix")["losses"][0] == "1.9934"


def test_looking_at_the_data_changes_nothing_of_the_run(visitor):
    visitor.client.step()
    before = visitor.snapshot
    for tab in ("Contexts", "Bigrams", "Gradient descent", "Mix", "Examples"):
        open_tab(visitor, tab)
    assert (visitor.snapshot.frozen, visitor.snapshot.step) == (before.frozen, 1)


def test_the_knobs_are_as_they_were_when_somebody_comes_back(visitor):
    visitor.client.reset(Config(n_hidden=200))
    visitor.look()
    visitor.at.switch_page("explore/page.py")
    visitor.look()
    assert visitor.control("Hidden units").value == 200
