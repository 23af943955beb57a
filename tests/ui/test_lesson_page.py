"""Lessons in streamlit.testing: a teacher makes one, a student opens it, predicts, trains and hands in; the board."""

import json
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.config import Config
from core.data import gallery
from core.data.dataset import Dataset
from core.engine.snapshot import FINISHED
from core.keeping import proof
from core.keeping.proof import Claim
from core.lessons import bundled
from core.lessons.lesson import Lesson
from core.serving.boards import Boards, Point
from core.ui import lesson, server
from core.ui.explore.commands import ASK_FIRST, FIXED
from core.ui.lesson import HIDE_LOSSES, SHOWN_LATER
from tests.support.visitor import APP, Visitor
from tests.support.waiting import eventually

SHORT = Lesson.of(
    {
        "title": "Short <b>",
        "cards": ["Say first."],
        "start": {"n_hidden": 10, "steps": 200},
        "free": ["n_hidden", "speed"],
        "hide": ["compare", "spelling", "below"],
        "questions": [{"ask": "loss", "step": 0}, {"ask": "nearest", "letter": "e", "step": 100}],
        "goals": ["parameters < 500", "step >= 200", "dev < 1"],
    }
)


@pytest.fixture
def visit():
    """visit(lesson=...) opens the page; every client is stopped at the end."""
    made = []

    def visit(**link) -> Visitor:
        made.append(Visitor(**link))
        return made[-1]

    yield visit
    for one in made:
        one.client.stop()


@pytest.fixture
def student(visit) -> Visitor:
    return visit(lesson=SHORT.link)


def attempt(visitor: Visitor):
    return visitor.at.session_state["visitor"].attempt


def hides_losses(visitor: Visitor) -> bool:
    hiding = HIDE_LOSSES.format(says=SHOWN_LATER)
    return hiding in [html.proto.body for html in visitor.at.get("html")]


def predict(visitor: Visitor, *said) -> None:
    for index, value in enumerate(said):
        attempt(visitor).predict(index, value, visitor.snapshot.vocabulary)
        visitor.look()


# ---------------------------------------------------------------- a student


def test_a_lesson_opens_from_its_link_with_its_run_and_only_what_is_free_can_be_changed(student):
    assert student.snapshot.config == SHORT.start and student.step == 0
    shown = student.view("lesson")
    assert shown["title"] == "Short <b>" and shown["goals"][0] == "fewer than 500 parameters"
    assert not student.control("Hidden units").disabled
    assert all(student.control(label).disabled for label in ("Words", "Embedding dimensions", "Learning rate", "Seed"))
    assert "Start from" not in [pills.label for pills in student.at.pills]
    kinds = {json.loads(element.proto.json)[0].get("kind") for element in student.at.get("bidi_component")}
    assert "bars" in kinds and not kinds & {"spelling", "structure", "network"}
    links = [link.proto.label for link in student.at.get("page_link")]
    assert any(label.startswith("Tune") for label in links)
    assert not any(label.startswith("Compare") for label in links)
    student.set("Hidden units", 20)
    assert student.snapshot.config == SHORT.start.with_(n_hidden=20)


def test_nothing_trains_before_the_questions_are_answered_and_then_the_run_answers_them(student):
    assert "Train" not in student.buttons() and student.view("lesson")["waiting"] == [0]
    assert hides_losses(student)  # its first loss is asked for, so it is not shown
    for name in ("train", "step"):
        assert student.answer(name) == ASK_FIRST
    assert student.answer("more_steps", 500) == FIXED
    assert student.step == 0 and student.snapshot.config.steps == 200
    predict(student, 3.0)
    revealed = student.told["lesson"]["revealed"]
    assert revealed[0]["truth"] == student.snapshot.exact[2] and revealed[1] is None
    assert student.view("lesson")["waiting"] == [1] and not hides_losses(student)
    predict(student, 3.0, 1)
    student.set("Speed", "max")
    student.press("Train")
    student.until(lambda: student.snapshot.state == FINISHED)
    told = student.told["lesson"]
    assert told["met"] == [True, True, False] and told["revealed"][1]["said"].startswith("At step 1")


def test_a_reload_finds_the_attempt_and_leaving_gives_every_control_back(student):
    predict(student, 3.0)
    mine = attempt(student)
    student.look()
    assert attempt(student) is mine and mine.said == {0: 3.0}
    assert student.told["lesson"]["address"] == SHORT.link
    student.at.session_state["visitor"].attempt = None
    student.look()
    assert student.told["lesson"] is None and not student.control("Learning rate").disabled
    assert "Start from" in [pills.label for pills in student.at.pills]


def test_who_leaves_while_a_loss_is_asked_for_sees_the_losses_again(student):
    assert hides_losses(student)
    student.at.session_state["visitor"].attempt = None
    student.look()
    assert not hides_losses(student)


def test_the_link_of_a_run_made_in_a_lesson_opens_both(visit):
    visitor = visit(lesson="seeds-and-luck", seed="7", steps="5000", step="0")
    assert visitor.snapshot.config == Config(seed=7, steps=5_000)
    assert visitor.view("lesson")["title"] == "Seeds and luck"


@pytest.mark.parametrize("text", ["no-such-lesson", "A" * 50, "<img src=x>", "../../etc/passwd", "eJw" * 3_000])
def test_a_lesson_that_cannot_be_read_gives_a_sentence_and_the_usual_page(visit, text):
    visitor = visit(lesson=text)
    assert attempt(visitor) is None and visitor.step == 0 and "Train" in visitor.buttons()
    (note,) = [note for note in visitor.notes if "lesson" in note]
    assert "<img" not in note


# ---------------------------------------------------------------- what the strip's script says


@pytest.fixture
def strip(student, monkeypatch):
    """say(value) lets the strip's script say it to the callbacks of core/ui/lesson.py."""
    state = student.at.session_state
    context = SimpleNamespace(session_state=SimpleNamespace(), context=SimpleNamespace(url="http://here/?lesson=x"))
    context.session_state.visitor = state["visitor"]
    monkeypatch.setattr(lesson, "st", context)
    monkeypatch.setattr(lesson.session, "client", lambda: student.client)
    monkeypatch.setattr(lesson.session, "live", lambda: student.live)
    monkeypatch.setattr(lesson.session, "visitor_name", lambda: "ann")
    boards = Boards()
    monkeypatch.setattr(lesson.server, "boards", lambda: boards)

    def say(value=None):
        monkeypatch.setattr(lesson.components, "received", lambda kind, name: value)
        return context.session_state

    say.boards = boards
    return say


HOSTILE = None, True, -1, "x", [], {}, {"index": 9}, {"index": True, "value": 1}, {"index": 0}, {"index": 1, "value": 5}


@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_the_script_says_is_no_answer_or_a_sentence(strip, student, said):
    strip(said)
    lesson.predict()
    assert attempt(student).said == {}


def test_an_answer_is_handed_in_proves_itself_and_stands_on_the_board(strip, student):
    strip({"index": 0, "value": 3})
    lesson.predict()
    strip({"index": 1, "value": 1})
    lesson.predict()
    student.client.start()
    lesson.hand_in()
    student.client.speed("max")
    eventually(lambda: student.snapshot.state == FINISHED)
    lesson.hand_in()
    claim = Claim.read(attempt(student).answer)
    verdict = proof.check(claim, Dataset.of_corpus(gallery.words("names"), 3))
    assert verdict.true and verdict.numbers["dev"] == student.snapshot.exact[2]
    (point,) = strip.boards.points(SHORT.digest)
    assert (point.parameters, point.dev, point.met) == (421, student.snapshot.exact[2], False)


def test_start_again_is_the_lessons_run_with_the_predictions_that_were_made(strip, student):
    attempt(student).predict(0, 3.0, student.snapshot.vocabulary)
    student.client.reset(SHORT.start.with_(n_hidden=50))
    strip()
    lesson.again()
    assert student.snapshot.config == SHORT.start and attempt(student).said == {0: 3.0}


# ---------------------------------------------------------------- a teacher


def test_a_teacher_makes_a_lesson_of_the_open_run_and_its_link_opens_it(visit):
    teacher = visit()
    teacher.set("Hidden units", 30)
    teacher.at.switch_page("start/page.py")
    teacher.look()
    fields = {
        "made_title": "Small is enough", "made_cards": "First card.\n\nSecond card.", "made_goals": "dev < 2.36\n",
        "made_letter_0": "e", "made_ask_0": "nearest", "made_hints": "One hint.",
    }  # fmt: skip
    widgets = [*teacher.at.text_input, *teacher.at.text_area, *teacher.at.selectbox]
    for name, value in fields.items():
        next(widget for widget in widgets if widget.key == name).set_value(value)
    teacher.press("Make the lesson")
    links = [code.value for code in teacher.at.code if "lesson=" in code.value]
    made = bundled.asked(links[0].partition("lesson=")[2])
    assert (made.title, made.cards, made.start) == (
        "Small is enough",
        ("First card.", "Second card."),
        Config(n_hidden=30),
    )
    assert (
        made.free == ("learning_rate", "speed")
        and made.questions[0].letter == "e"
        and str(made.goals[0]) == "dev < 2.36"
    )
    assert links[1].endswith(f"board?lesson={made.link}")
    assert visit(lesson=made.link).snapshot.config == Config(n_hidden=30)


@pytest.mark.parametrize(
    ("field", "value", "said"), [("made_title", " ", "title"), ("made_goals", "dev = 2", "A goal is")]
)
def test_a_lesson_that_cannot_be_is_answered_with_a_sentence(visit, field, value, said):
    teacher = visit()
    teacher.at.switch_page("start/page.py")
    teacher.look()
    fields = {"made_title": "Title", "made_cards": "Card."} | {field: value}
    for name, text in fields.items():
        next(w for w in [*teacher.at.text_input, *teacher.at.text_area] if w.key == name).set_value(text)
    teacher.press("Make the lesson")
    assert any(said in note for note in teacher.notes)


# ---------------------------------------------------------------- the board


def board(**link) -> AppTest:
    at = AppTest.from_file(str(APP.parent / "board" / "page.py"), default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, [e.message for e in at.exception]
    return at


def test_the_board_shows_what_was_handed_in_and_how_to_join():
    server.boards().add(SHORT.digest, "ann", Point(421, 2.5, True))
    server.boards().add(SHORT.digest, "bob", Point(3_481, 2.6, False))
    (shown,) = [json.loads(element.proto.json)[0] for element in board(lesson=SHORT.link).get("bidi_component")]
    told = json.loads(shown["first"])
    assert told == {"points": [[421, 2.5, True], [3481, 2.6, False]], "frontier": [[421, 2.5]]}
    assert shown["link"].endswith(f"?lesson={SHORT.link}") and shown["code"].startswith("data:image/svg+xml")


def test_a_board_whose_script_runs_again_keeps_its_line():
    at = board(lesson=SHORT.link)
    lines = [json.loads(run.get("bidi_component")[0].proto.json)[0]["line"] for run in (at, at.run())]
    assert lines[0] == lines[1] and server.pages().find(lines[0], None)


def test_a_board_of_no_lesson_says_so():
    (said,) = [info.value for info in board(lesson="none").info]
    assert "no lesson called “none”" in said
