"""What an open page is told of its run, and when: core/ui/explore/live.py, with a run in a host."""

import json
import math

import pytest

from core.config import Config
from core.data import gallery
from core.engine.log import NOTHING, Have
from core.plots import loss_feed, panels
from core.serving.channel import Look
from core.ui import server
from core.ui.explore.commands import bar
from tests.support.visitor import Visitor
from tests.support.waiting import eventually


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


def look(visitor: Visitor, at=None, always: bool = False) -> Look:
    return visitor.live.look(at or visitor.live.parse(None), always)


class Ear:
    """Stands for a line: hears when its page is woken."""

    def __init__(self, visitor: Visitor):
        self.woken = []
        visitor.live.opened(self)

    def wake(self, urgent: bool) -> None:
        self.woken.append(urgent)


def test_the_page_is_told_what_is_new_and_only_that(visitor):
    first = look(visitor, always=True)
    assert json.loads(first.text)["head"]["step"] == 0 and first.more == math.inf
    assert look(visitor, first.have).text is None
    visitor.client.step()
    told = json.loads(look(visitor, first.have).text)
    assert told["head"]["step"] == 1 and told["frames"][1] == 1 and [f["step"] for f in told["frames"][2]] == [1]


def test_a_run_that_the_page_has_not_drawn_yet_is_only_announced(visitor):
    first = look(visitor, always=True)
    visitor.client.reset(Config(n_embd=10))
    told = json.loads(look(visitor, first.have).text)
    assert told == {"seen": visitor.live.seen, "bar": bar(visitor.live)}
    assert told["seen"] != json.loads(first.text)["seen"]
    assert look(visitor, first.have).text is None
    visitor.look()  # the script runs again
    assert json.loads(look(visitor, first.have).text)["head"]["step"] == 0


def test_that_a_run_rests_is_said_first_and_what_takes_long_in_the_next_look(visitor):
    visitor.client.start()
    eventually(lambda: visitor.snapshot.step > 50)
    before = look(visitor)
    visitor.client.pause()
    looks = [look(visitor, before.have)]
    while looks[-1].more == 0:
        looks.append(look(visitor, looks[-1].have))
    told = [json.loads(one.text) for one in looks]
    assert [one["bar"]["state"] for one in told] == ["paused"] * len(told) and len(told) > 1
    assert (told[0]["why"], told[0]["answers"][2]) == (None, []) and len(told[0]["head"]["words"]) == 12
    assert told[-1]["why"]["pull"] and told[1]["answers"][2]
    visitor.client.step()  # from rest to rest: nothing is left out
    assert json.loads(look(visitor, looks[-1].have).text)["why"]["said"]


def test_while_a_run_trains_its_past_is_asked_only_for_a_page_that_shows_it(visitor):
    visitor.client.start()
    eventually(lambda: visitor.snapshot.step > 50)
    first = look(visitor)
    told = json.loads(first.text)
    assert len(told["frames"][2]) > 20 and len(told["answers"][2]) == 1 and first.more == math.inf
    assert visitor.live.hear("past", True)
    shown = look(visitor, first.have)
    count = lambda look: [have.count for have in look.have.feed]  # of frames, and of answers
    assert len({*count(shown)}) == 1
    assert visitor.live.hear("past", False)
    before, twice = count(shown)[1], 2 * visitor.snapshot.step  # by when there is another checkpoint
    visitor.client.speed("x100")
    eventually(lambda: visitor.snapshot.step > twice)
    later = look(visitor, shown.have)
    assert count(later)[1] == before < count(later)[0]
    visitor.client.pause()
    while later.more == 0 or count(later)[1] == before:
        later = look(visitor, later.have)
    assert len({*count(later)}) == 1


def test_what_the_controls_show_is_said_with_every_moment(visitor):
    before = visitor.told["seen"]
    assert before == visitor.view("time")["seen"]
    visitor.client.set(learning_rate=0.3)
    assert visitor.told["seen"] != before
    visitor.look()
    assert visitor.told["seen"] == visitor.view("time")["seen"]


def test_a_change_of_what_the_controls_show_is_urgent_and_steps_are_not(visitor):
    visitor.client.speed("x100")
    ear = Ear(visitor)
    visitor.client.start()
    eventually(lambda: visitor.snapshot.step > 100)
    assert {*ear.woken} == {True, False}
    ear.woken.clear()
    visitor.client.pause()
    assert True in ear.woken


def test_the_answers_to_another_question_come_with_the_next_look(visitor):
    visitor.press("Step")
    at = look(visitor, always=True).have
    visitor.set("Context", "q")
    told = json.loads(look(visitor, at).text)
    frames, answers = at.feed
    assert told["answers"][:2] == [answers.epoch + 1, 0] and told["frames"] == [*frames, []]
    assert told["question"]["bars"]["context"] == "..q"
    after = visitor.live.parse([[told[name][0], 1] for name in ("frames", "answers")] + [[0, 0]] * loss_feed.LISTS)
    assert "question" not in json.loads(look(visitor, after, always=True).text), "a reader who has it"


def test_who_has_been_away_is_told_the_rest(visitor):
    visitor.press("Step", "Step")
    told = visitor.told
    have = [[told["epoch"], 1], [told["asked"], 1], *[[0, 0]] * loss_feed.LISTS]
    again = json.loads(look(visitor, visitor.live.parse(have), always=True).text)
    assert again["frames"] == [told["epoch"], 1, told["frames"][1:]] and len(told["frames"]) == 3
    assert visitor.live.parse(have).feed == (Have(told["epoch"], 1), Have(told["asked"], 1))


@pytest.mark.parametrize("said", [None, -1, 2.5, True, "3", [3], {}, 10**400])
def test_a_time_cursor_is_a_step_or_nothing(visitor, said):
    assert visitor.live.hear("cursor", 3) and visitor.live.cursor == 3
    assert visitor.live.hear("cursor", said)
    assert visitor.live.cursor == (said if said == 10**400 else None)
    visitor.look()
    assert look(visitor, always=True).text


@pytest.mark.parametrize("name", ["train", "__init__", "client", "", "ack"])
def test_there_is_nothing_else_that_a_browser_may_say(visitor, name):
    assert visitor.live.hear(name, 1) is False


def test_the_percentile_of_a_name_is_that_of_the_step_at_rest(visitor, monkeypatch):
    assert visitor.told["percentile"] is None  # untrained, every name is about as likely as by chance
    monkeypatch.setattr(panels, "LIKELIER", -1.0)
    visitor.press("Step")
    assert visitor.live._placing._placed[2] == 0
    assert 0 <= visitor.told["percentile"] <= 100 and visitor.live._placing._placed[2] == 1
    visitor.set("Name", "")
    assert visitor.told["percentile"] is None


def test_a_session_is_found_by_its_key_as_long_as_it_lasts(visitor):
    assert server.pages().find(visitor.live.key, visitor.live.token) is visitor.live
    assert visitor.view("time")["line"] == visitor.live.key


def test_fields_of_checkpoints_are_told_once(visitor):
    visitor.press("Step", "Step")
    visitor.live.hear("touched", {"letters": [5]})
    at, told = visitor.live.parse(None), []

    def filmed() -> bool:
        nonlocal at
        found = look(visitor, at)
        at = found.have
        if found.text and (landscape := json.loads(found.text)["landscape"]):
            told.extend(field["step"] for field in landscape["film"][2])
        return len(told) >= 3 and found.more == math.inf

    eventually(filmed, 90)
    assert told == [0, 1, 2]
    again = json.loads(look(visitor, at._replace(film=NOTHING), always=True).text)
    assert [field["step"] for field in again["landscape"]["film"][2]] == [0, 1, 2]


def test_the_curve_of_a_run_on_other_words_is_not_drawn_beside_these(visitor):
    visitor.press("Step")
    visitor.press("New seed")
    assert visitor.told["loss"]["data"][0]["x"] == [0.0, round(math.log10(2), 5)]
    visitor.press("Step")
    visitor.client.reset(words=gallery.words("lojban"))
    visitor.look()
    assert visitor.snapshot.previous and not visitor.snapshot.alike
    assert visitor.told["loss"]["data"][0]["x"] == []
    visitor.press("Undo")
    assert visitor.snapshot.alike
