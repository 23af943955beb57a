"""Links: the page opens the run that its URL says, and says what it could not take."""

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from core.config import Config
from core.engine.run import Run
from core.engine.snapshot import PAUSED, READY, TRAINING
from core.keeping import link
from core.ui import session
from tests.support.visitor import Visitor

CHANGES = ((40, "learning_rate", 0.5), (40, "batch_size", 64), (200, "weight_decay", 0.001))
CONFIG = Config(n_hidden=30, seed=7, schedule="cosine", decay_at=500)


@pytest.fixture
def visit():
    """visit(...) opens the page by a link with these parameters; every client is stopped at the end."""
    visitors = []

    def visit(**params: str) -> Visitor:
        visitors.append(Visitor(**params))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.client.stop()


def test_without_a_link_nothing_is_said_and_the_run_is_the_default_one(visit):
    visitor = visit()
    assert visitor.snapshot.config == Config() and visitor.notes == [] and visitor.snapshot.number == 1
    assert link.parse(dict(_params(visitor)))[0].config == Config()


def _params(visitor: Visitor) -> list[tuple[str, str]]:
    return [tuple(part.split("=", 1)) for part in visitor.told["address"].split("&")]


def test_a_link_sets_every_knob_that_it_names(visit):
    visitor = visit(n_hidden="30", seed="7", schedule="cosine", decay_at="500")
    assert visitor.snapshot.config == CONFIG and visitor.snapshot.state == READY and visitor.notes == []
    assert visitor.control("Hidden units").value == 30 and visitor.control("Schedule").value == "cosine"


def test_a_link_is_opened_though_the_first_run_of_the_page_is_broken_off(visit, monkeypatch):
    """As when the browser asks for the page again meanwhile: after a lost connection, say."""
    open_experiment, broken = session._open_experiment, []

    def break_off(*values) -> bool:
        if broken:
            return open_experiment(*values)
        broken.append(values)
        raise RerunException(RerunData(query_string="seed=7"))

    monkeypatch.setattr(session, "_open_experiment", break_off)
    visitor = visit(seed="7")
    assert broken and visitor.snapshot.config == Config(seed=7) and visitor.control("Seed").value == 7


def test_a_link_rebuilds_its_run_with_its_changes_to_its_step_to_the_last_bit(visit, datasets):
    visitor = visit(**link.to_params(link.Link(CONFIG, CHANGES, step=1_234)))
    assert visitor.told["training"] or visitor.step == 1_234
    visitor.until(lambda: visitor.snapshot.state == PAUSED and visitor.step == 1_234)
    run = Run(CONFIG, datasets(3), CHANGES)
    run.advance(1_234)
    shown = visitor.snapshot
    assert shown.frozen == run.parameters.freeze() and shown.history == run.history.freeze()
    assert shown.exact == (1_234, run.evaluate("train"), run.evaluate("dev"))
    assert visitor.head["train"] == round(run.evaluate("train"), 7)
    assert visitor.control("Learning rate").value == 0.5 and visitor.notes == []


def test_a_rebuild_says_how_far_it_is_and_pause_and_train_do_what_they_say(visit):
    visitor = visit(step="10000000", steps="10000000")
    assert visitor.snapshot.state == TRAINING and "Pause" in visitor.buttons()
    assert "of 10,000,000" in visitor.status
    visitor.press("Pause")
    held = visitor.step
    visitor.look()
    assert visitor.step == held and visitor.snapshot.state == PAUSED
    visitor.set("Learning rate", 0.3)  # from here on it is one's own
    assert visitor.snapshot.goal is None and "of 10,000,000" not in visitor.status


def test_the_address_says_the_experiment_that_it_came_from_and_grows_with_each_change(visit):
    visitor = visit(**link.to_params(link.Link(CONFIG, CHANGES, step=300)))
    visitor.until(lambda: visitor.snapshot.state == PAUSED)
    found, said = link.parse(dict(_params(visitor)))
    assert said == [] and (found.config, found.changes) == (CONFIG, CHANGES)
    assert found.data == "names" and visitor.snapshot.corpus.digest.startswith(found.digest)
    visitor.set("Batch size", 128)
    assert link.parse(dict(_params(visitor)))[0].changes == (*CHANGES, (300, "batch_size", 128))


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"n_hidden": "<img src=x onerror=alert(1)>"}, "Hidden units cannot be"),
        ({"n_hidden": "9999"}, "the limit is 500"),
        ({"learning_rate": "nan"}, "Learning rate cannot be"),
        ({"changes": "5.n_embd.3"}, "cannot change while training"),
        ({"data": "cities.0123456789ab"}, "made with other words (cities, 0123456789ab)"),
        ({"seed": "1" * 9_000}, "longer than 8,192 characters"),
    ],
)
def test_what_a_link_cannot_mean_is_said_in_a_sentence_that_can_be_put_away(visit, params, said):
    visitor = visit(**params)
    (note,) = visitor.notes
    assert said in note and note.endswith(".") and "<" not in note
    assert visitor.snapshot.config == Config(n_hidden=500 if params == {"n_hidden": "9999"} else 100)
    visitor.press("OK")
    assert visitor.notes == []


def test_names_that_no_link_has_are_passed_over(visit):
    visitor = visit(utm_source="newsletter", n_hidden="30")
    assert visitor.notes == [] and visitor.snapshot.config == Config(n_hidden=30)


def test_presenting_changes_no_run(visit):
    shown = visit(present="1")
    assert shown.snapshot.config == Config() and shown.snapshot.number == 1 and shown.notes == []
    shown.press("Leave the big screen")
    assert shown.told["present"] is False and "Leave the big screen" not in shown.buttons()
    shown.press("Big screen")
    assert shown.told["present"] is True and "Leave the big screen" in shown.buttons() and shown.snapshot.number == 1


def test_the_words_of_the_app_are_those_that_its_links_name(visit):
    address = visit().told["address"]
    assert address.startswith("data=names.bd02dfd33179&engine=")  # the sha256 of assets/names.txt
