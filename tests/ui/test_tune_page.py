"""The Tune page in the words that stand on it (streamlit.testing)."""

import re

import pytest

from core.analysis.diagnosis import spaced
from core.analysis.finder import candidates
from core.config import PRESETS, Config
from core.engine.run import Run
from core.engine.snapshot import TRAINING
from tests.support.visitor import Visitor

PAGE = "tune/page.py"
LOADED = 150  # seconds: on a busy machine processes of low priority may have to wait


class Tuner(Visitor):
    """On the Tune page. What is clicked in its pictures is tried in tests/browser/test_tune.py."""

    def __init__(self, **link: str):
        super().__init__(**link)
        self.at.switch_page(PAGE).run()
        self._sound()

    @property
    def run(self) -> dict:
        return self.view("tune_run")


@pytest.fixture
def tuner():
    made = []

    def visit(**link: str) -> Tuner:
        made.append(Tuner(**link))
        return made[-1]

    yield visit
    for one in made:
        for name in ("rates", "sizes"):
            if search := one.at.session_state[name]:
                search.cancel()
        one.client.stop()


def test_an_untrained_network_is_examined_at_once_and_nothing_is_alarming(tuner):
    visitor = tuner()
    assert (visitor.run["step"], visitor.run["alarms"], visitor.run["examined"]) == ("0", [], "")
    _, train, dev = visitor.snapshot.exact
    assert visitor.run["losses"] == f"train {train:.4f}, dev {dev:.4f}"
    assert visitor.run["fit"] == ["early", "Too early to judge: this needs about 500 steps."]
    assert visitor.view("repairs")["expected"] == "3.296"
    assert visitor.view("finder")["found"] is None and visitor.view("sizes")["found"] is None
    assert visitor.buttons() == ["Train", "Reset", "Find a learning rate", "Try sizes"]


def test_plain_randn_raises_alarms_and_its_mend_is_shown(tuner):
    visitor = tuner(init="lecture")
    assert [text.split(":")[0].split(",")[0] for text in visitor.run["alarms"]] == [
        "The first loss was 16.73",
        "39 % of hidden activations were beyond 0.99 at the start",
    ]
    assert visitor.run["mend"] == "Mend it: a new run with scaled initialisation"
    rows = visitor.view("repairs")["rows"]
    assert visitor.view("repairs")["first"] == rows[0]["loss"] == "16.727" and rows[-1]["loss"] == "3.291"


def test_what_is_said_of_a_run_has_no_other_train_loss_than_the_one_beside_its_name(tuner):
    visitor = tuner(learning_rate="10", step="777")
    visitor.until(lambda: visitor.snapshot.step == visitor.snapshot.exact[0] == 777 and not visitor.run["examined"])
    step, train, _ = visitor.snapshot.exact
    assert step == 777 > visitor.snapshot.history.evaluations[-1][0], "no step whose losses the history has"
    assert visitor.run["losses"].startswith(f"train {train:.4f}, dev ")
    assert visitor.run["alarms"][0].startswith(f"At step 777 the loss is {train:.2f}, ")
    kind, said = visitor.run["fit"]
    assert kind == "nothing" and re.findall(r"\d+\.\d+", said) == ["3.30"]  # of the uniform guess


def test_what_is_measured_grows_as_the_run_trains(tuner):
    visitor = tuner()
    visitor.press("Train")
    visitor.until(lambda: visitor.snapshot.step > 20)
    assert visitor.snapshot.state == TRAINING and "Pause" in visitor.buttons()
    visitor.press("Pause")
    visitor.until(lambda: not visitor.run["examined"])
    checkpoints = [step for step, _ in visitor.snapshot.history.checkpoints]
    steps = [checkpoints[i] for i in spaced(checkpoints)]
    for name in ("activity", "ratios", "norms"):
        assert visitor.run[name]["data"][0]["customdata"] == steps
    visitor.press("Reset")
    assert visitor.run["step"] == "0" and visitor.run["ratios"]["data"][0]["customdata"] == [0]


def test_a_rate_is_searched_for_while_the_run_trains_and_the_run_is_not_disturbed(tuner, dataset):
    visitor = tuner(n_hidden="20")
    visitor.client.speed("x100")  # so that it goes on all the while
    visitor.set("Steps of each run", 100)
    visitor.press("Train", "Find a learning rate")
    assert "Cancel" in visitor.buttons() and visitor.button("Try sizes").disabled
    visitor.until(lambda: "Cancel" not in visitor.buttons(), within=LOADED)
    visitor.press("Pause")
    assert visitor.snapshot.step > 100
    found = visitor.view("finder")["found"]
    (rates,) = [trace for trace in found["figure"]["data"] if trace.get("name") == "rates"]
    assert [row[0] for row in rates["customdata"]] == list(candidates(-3, 0))
    assert found["best"] in candidates(-3, 0) and found["text"].startswith(f"Best: {found['best']:g}, a loss of ")
    run = Run(Config(n_hidden=20), dataset)
    run.advance(visitor.snapshot.step)
    assert visitor.snapshot.frozen == run.parameters.freeze(), "not the same to the last bit"
    assert visitor.control("Steps of each run").value == 100


def test_a_search_is_cancelled_and_what_it_found_stays(tuner):
    visitor = tuner()
    visitor.press("Try sizes")
    visitor.until(lambda: visitor.at.session_state["sizes"].progress.done, within=LOADED)
    visitor.press("Cancel")
    assert "Cancel" not in visitor.buttons() and not visitor.button("Find a learning rate").disabled
    cells = [cell for row in visitor.view("sizes")["found"]["rows"] for cell in row]
    assert len(cells) == 16 and 0 < sum(cell["dev"] is not None for cell in cells) < 16
    assert sum(cell["best"] for cell in cells) == 1
    assert visitor.at.session_state["sizes"].batch._workers == []


def test_a_search_that_is_cancelled_before_it_found_anything_leaves_no_panel_that_says_it_is_starting(tuner):
    visitor = tuner()
    visitor.press("Try sizes")
    visitor.press("Cancel")
    found = visitor.view("sizes")["found"]
    assert found is None or any(cell["dev"] for row in found["rows"] for cell in row)
    visitor.press("Try sizes")
    assert "Cancel" in visitor.buttons()
    visitor.press("Cancel")


def test_what_was_found_for_another_run_is_said_to_be(tuner):
    visitor = tuner()
    visitor.press("Try sizes")
    visitor.until(lambda: visitor.at.session_state["sizes"].progress.done, within=LOADED)
    visitor.press("Cancel")
    assert visitor.view("sizes")["found"]["whose"] == ""
    visitor.client.reset(Config(n_hidden=300, n_embd=10))
    visitor.look()
    assert visitor.view("sizes")["found"]["whose"] == "" and visitor.view("sizes")["own"] == [300, 10]
    visitor.client.reset(PRESETS["Too hot"])
    visitor.look()
    assert visitor.view("sizes")["found"]["whose"] == "of another run: all knobs at their defaults"


def test_the_knobs_of_explore_are_as_they_were_after_a_visit(tuner):
    visitor = tuner(n_hidden="20")
    visitor.client.set(learning_rate=0.018)
    visitor.at.switch_page("explore/page.py").run()
    assert visitor.control("Learning rate").value == 0.018 and visitor.control("Hidden units").value == 20
