"""The Compare page without a browser: the empty library, the choice, what it shows, what its script may say."""

import dataclasses
import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.compare import MAX_COMPARED
from core.config import Config
from core.engine.run import Run
from core.plots import RUNS
from core.serving.visitors import name_of
from core.ui import components
from core.ui.compare import comparison
from core.ui.compare.comparison import coloured
from tests.support.runs_kept import saved
from tests.support.visitor import Visitor

PAGE, EXPLORE = "compare/page.py", "explore/page.py"


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


@pytest.fixture(scope="module")
def kept(dataset):
    """Seven small runs of our words, the oldest first."""
    runs = []
    for i in range(7):
        run = Run(Config(n_hidden=10 * (i + 1), seed=i), dataset)
        run.advance(30)
        runs.append(saved(run, id=f"run{i}", name=f"Run {i}", created=time.time() - 100 + i))
    return runs


def go(visitor: Visitor, page: str) -> None:
    visitor.at.switch_page(page)
    visitor.look()


def fill(visitor: Visitor, kept, whose: str | None = None) -> None:
    for run in kept:
        visitor.library.save(run, name_of(visitor.at.session_state["visitor"].token) if whose is None else whose)


# ---------------------------------------------------------------- what it shows


def test_an_empty_library_has_a_friendly_sentence_and_a_way_to_train(visitor):
    go(visitor, PAGE)
    assert visitor.view("library")["runs"] == []
    assert visitor.view("verdict")["hint"] == "Here you can compare runs that you have trained."
    assert "Train one on the Explore page" in [link.label for link in visitor.at.get("page_link")]


def test_of_two_runs_of_one_past_the_page_says_where_they_part(visitor, dataset):
    pair = []
    for i, plan in enumerate([(), [(20, "learning_rate", 0.5)]]):
        run = Run(Config(n_hidden=10), dataset, plan)
        run.advance(40)
        pair.append(saved(run, id=f"pair{i}", name=f"Pair {i}", created=time.time() - 10 + i))
    fill(visitor, pair)
    go(visitor, PAGE)
    shown = visitor.view("parting")
    assert shown["text"].startswith("The same to the last bit until step 20; they part at step 21, most in ")
    line = shown["figure"]["data"][0]
    assert [apart > 0 for apart in line["y"]] == [step > 20 for step in line["customdata"]]


def test_at_first_the_best_run_and_the_newest_other_one_stand_side_by_side_the_older_one_first(visitor, kept, dataset):
    fill(visitor, kept)
    go(visitor, PAGE)
    listed = visitor.view("library")
    assert [run["name"] for run in listed["runs"]] == [f"Run {i}" for i in reversed(range(7))]
    best = min(range(7), key=lambda i: kept[i].exact[2])
    pair = sorted({best, 5 if best == 6 else 6})
    assert listed["choice"]["ids"] == [f"run{i}" for i in pair] and listed["notes"] == [] and listed["gone"] is None
    assert listed["runs"][0]["about"] == "hidden units 70 · seed 6"
    assert listed["runs"][0]["facts"].startswith(f"30 steps · dev {kept[6].exact[2]:.4f} · ")
    assert visitor.view("verdict")["text"].startswith("“Run ")
    assert visitor.view("verdict")["headline"].startswith(("Best on dev: “Run ", "On dev “Run "))
    assert len(visitor.view("losses")["figure"]["data"]) == 6
    rows = {label: texts for label, texts, _ in visitor.view("table")["results"]}
    assert rows["Dev loss"] == [f"{kept[i].exact[2]:.4f}" for i in pair]
    assert "–" not in rows["Test loss"]
    maps = visitor.view("maps")["maps"]
    assert [one["name"] for one in maps] == [f"Run {i}" for i in pair] and "residual" in maps[1]["note"]
    assert visitor.view("parting")["text"].endswith("the shapes of their networks differ (Hidden units).")
    written = [[word for word, _ in run["words"]] for run in visitor.view("writings")["runs"]]
    assert [len(words) for words in written] == [12, 12]


def test_other_visitors_runs_are_listed_after_ones_own_and_not_chosen_by_themselves(visitor, kept):
    fill(visitor, kept[4:], "somebody else")
    go(visitor, PAGE)
    assert visitor.view("library")["choice"]["ids"] == [] and visitor.view("verdict")["text"] == ""
    fill(visitor, kept[:2])
    visitor.look()
    listed = visitor.view("library")
    assert [(run["id"], run["own"]) for run in listed["runs"]] == [
        ("run1", True), ("run0", True), ("run6", False), ("run5", False), ("run4", False),
    ]  # fmt: skip
    assert listed["choice"]["ids"] == ["run0", "run1"]


def test_a_loss_that_is_older_than_the_run_says_its_step_until_the_newest_is_known(visitor, kept):
    step, train, dev = next(row for row in kept[0].history.evaluations if row[0] == 20)
    fill(visitor, [dataclasses.replace(kept[0], exact=(step, train, dev))])
    go(visitor, PAGE)
    listed = visitor.view("library")["runs"][0]["facts"]
    assert listed.startswith(f"30 steps · dev {kept[0].exact[2]:.4f} · ")  # it is being compared, so it is known
    visitor.at.session_state["chosen"] = []
    visitor.look()
    assert visitor.view("library")["runs"][0]["facts"].startswith(f"30 steps · dev {dev:.4f} at step 20 · ")


def test_losses_over_seconds_when_asked_for(visitor, kept):
    fill(visitor, kept[:2])
    go(visitor, PAGE)
    assert visitor.view("losses")["figure"]["layout"]["xaxis"]["title"]["text"] == "step, log scale"
    visitor.at.segmented_control[0].set_value("seconds").run()
    assert visitor.view("losses")["figure"]["layout"]["xaxis"]["title"]["text"] == "seconds of training"


def test_a_single_run_is_not_compared_but_can_be_trained_with_other_seeds(visitor, kept):
    fill(visitor, kept[:1])
    go(visitor, PAGE)
    assert visitor.view("verdict")["text"] == ""
    assert visitor.button("Train 4 seeds, about 5 seconds")
    visitor.set("Seeds", 8)
    assert visitor.button("Train 8 seeds, about 5 seconds")


def test_the_explore_page_is_found_as_it_was_left(visitor, kept):
    visitor.set("Hidden units", 50)
    visitor.set("Temperature", 1.5)
    visitor.set("Speed", "max")
    before = visitor.snapshot
    fill(visitor, kept[:2])
    go(visitor, PAGE)
    visitor.look()
    go(visitor, EXPLORE)
    assert visitor.snapshot.number == before.number
    shown = {label: visitor.control(label).value for label in ("Hidden units", "Temperature")}
    assert shown == {"Hidden units": 50, "Temperature": 1.5} and visitor.told["bar"]["speed"] == "max"


# ---------------------------------------------------------------- what its script says


def act() -> None:
    """A page that does nothing but what `act` names, as a callback of the library does."""
    import streamlit as st

    from core.ui import session
    from core.ui.compare import comparison

    session.begin()
    comparison.begin()
    comparison.HANDLERS[st.session_state.act]()


@pytest.fixture
def say(monkeypatch, kept):
    """say(what, value) -> the session's state after the page's script said so; at first with `kept` in the library."""
    at = AppTest.from_function(act, default_timeout=60)
    words = {}
    monkeypatch.setattr(components, "received", lambda kind, name: words["value"])

    def say(what: str, value):
        words["value"], at.session_state["act"] = value, what
        at.run()
        assert not at.exception, [e.message for e in at.exception]
        return at.session_state

    visitor = say("rename", None)["visitor"]
    for run in kept:
        visitor.library.save(run)
    yield say
    visitor.client.stop()


def names(state) -> list[str]:
    return [row.name for row in state["visitor"].library.runs()]


def test_a_run_keeps_its_colour_whatever_is_chosen_beside_it():
    first, second, third, *_ = RUNS
    known = coloured(["a", "b"], {})
    assert known == {"a": first, "b": second}
    known = coloured(["b"], known)
    assert known["b"] == second and known["a"] == first, "while nobody needs it"
    known = coloured(["b", "c"], known)
    assert known == {"a": first, "b": second, "c": third}
    known = coloured(["a", "b", "c"], known)
    assert known == {"a": first, "b": second, "c": third}
    known = coloured(["c", "d", "e", "f", "g", "h"], known)
    assert known["c"] == third and sorted(known.values()) == sorted(RUNS) and known.keys() == set("cdefgh")


def test_runs_are_chosen_in_order_and_a_seventh_is_refused_in_a_few_words(say):
    state = say("choice", {"ids": ["run3", "run1"], "heard": 1})
    assert state["chosen"] == ["run3", "run1"] and state["heard"] == 1 and state["refused"] is None
    state = say("choice", {"ids": [f"run{i}" for i in range(7)], "heard": 2})
    assert state["chosen"] == [f"run{i}" for i in range(MAX_COMPARED)] and "At most 6" in state["refused"]
    state = say("choice", {"ids": [], "heard": 3})
    assert state["chosen"] == [] and state["refused"] is None


def test_a_name_is_given_bounded_and_taken_back(say):
    assert names(say("rename", ["run6", "Mine"]))[0] == "Mine"
    assert len(names(say("rename", ["run6", "x" * 10_000]))[0]) == 80
    assert names(say("rename", ["run6", "a\nb\x00c\u202e"]))[0] == "a b c"
    assert names(say("rename", ["run6", "  "]))[0] == "2-D · 70 hidden · seed 6"


def test_a_run_is_deleted_and_brought_back_until_something_else_is_done(say):
    state = say("delete", "run6")
    assert "Run 6" not in names(state) and state["gone"] == ("run6", "Run 6")
    state = say("undelete", True)
    assert names(state)[0] == "Run 6" and state["gone"] is None
    say("delete", "run6")
    state = say("rename", ["run5", "Other"])
    assert state["gone"] is None
    state = say("undelete", True)
    assert "Run 6" not in names(state)


def test_open_goes_on_with_the_run_itself(say, kept):
    state = say("open", "run2")
    assert state["leaving"] and state["refused"] is None
    shown = state["visitor"].client.snapshot
    assert (shown.id, shown.step, shown.frozen) == ("run2", 30, kept[2].frozen)


def test_a_run_of_other_words_is_not_opened_and_a_sentence_says_why(say, few):
    run = Run(Config(n_hidden=5), few(3))
    run.advance(5)
    state = say("rename", None)
    state["visitor"].library.save(saved(run, id="few"))
    state = say("open", "few")
    assert not state["leaving"] and "other words" in state["refused"]


HOSTILE = [
    None, True, 7, -1, 1e308, "run99", "", "' OR 1=1 --", [], ["run1"], {}, {"ids": 3}, {"ids": [1, None, {}, []]},
    [["run1"], "x"], ["run1", 7], ["run1", None], ["run1", "x", "y"], {"ids": ["run99"], "heard": "x"},
]  # fmt: skip


@pytest.mark.parametrize("what", ["choice", "rename", "delete", "open", "undelete"])
def test_whatever_else_it_says_does_nothing(say, what):
    before = names(say("rename", None))
    for value in HOSTILE:
        state = say(what, value)
        assert names(state) == before and not state["leaving"]
        assert set(state["chosen"] or []) <= {f"run{i}" for i in range(7)}
        json.dumps([state["chosen"], state["heard"]])


# ---------------------------------------------------------------- other seeds


def test_other_seeds_are_trained_in_the_background_shown_and_kept(visitor, kept):
    fill(visitor, kept[:2])
    go(visitor, PAGE)
    visitor.set("Seeds", 2)
    visitor.press("Train 2 seeds, about 5 seconds")
    assert visitor.at.get("progress") and "Cancel" in visitor.buttons()
    visitor.until(lambda: not visitor.at.session_state["reseeding"])
    visitor.look()
    shown = visitor.view("reseeds")
    assert shown["text"].startswith("With 2 other seeds the dev losses ") and shown["failed"] == []
    assert [seed for seed, _ in shown["devs"]] == [1, 2] and shown["own"] == f"{kept[0].exact[2]:.4f}"
    again = {row.name: row for row in visitor.library.runs()}
    assert {"seed 1 of “Run 0”", "seed 2 of “Run 0”"} <= again.keys()
    assert f"{again['seed 1 of “Run 0”'].exact[2]:.4f}" == shown["devs"][0][1]
    assert again["seed 2 of “Run 0”"].config == Config(n_hidden=10, seed=2)


def test_cancel_ends_the_processes_at_once(visitor, kept):
    fill(visitor, kept[:1])
    go(visitor, PAGE)
    visitor.press("Train 4 seeds, about 5 seconds")
    batch = visitor.at.session_state["reseeding"].batch
    began = time.monotonic()
    visitor.press("Cancel")
    assert time.monotonic() - began < 5  # this machine may be busy
    assert visitor.at.session_state["reseeding"] is None and batch.poll().share < 1
    visitor.look()
    assert "Cancel" not in visitor.buttons()


# ---------------------------------------------------------------- how long it takes


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "about 5 seconds"), (23, "about 25 seconds"), (54, "about 55 seconds"), (70, "about 1 minute"),
     (600, "about 10 minutes")],
)  # fmt: skip
def test_a_time_is_said_as_roughly_as_it_is_known(seconds, text):
    assert comparison.about(seconds) == text


def test_seeds_take_as_long_as_the_longest_share_of_a_core(monkeypatch):
    from tests.support.entries import entry

    monkeypatch.setattr(comparison.os, "cpu_count", lambda: 2)
    run = entry("a", 2.3, seconds=10.0)
    taken = [comparison.seconds_for(run, n) - comparison.STARTING for n in (2, 3, 4, 8)]
    assert taken == [10, 20, 20, 40]
