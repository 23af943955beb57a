"""What a page asks about the letters that were touched, and what it is told: on Explore, and look by look."""

import pytest

from core.analysis.survey import Grid, roll, survey, territories
from core.analysis.timeline import Timeline
from core.config import Config
from core.engine.log import Have
from core.engine.run import Run
from core.plots.landscape import NOT_IN_SPACE, NOT_TIED
from core.serving.landscapes import Asked
from core.serving.surveyor import DESCENT, FIELDS, TERRITORIES
from core.ui.explore.landscape import COARSE, FILM, FINE, LEAST, Follower, TouchedLetters, View, parse
from tests.support.landscapes import finished, landscape
from tests.support.snapshots import shot
from tests.support.visitor import Visitor

E, A = 5, 1


class Desk:
    """Stands for `Landscapes`: keeps what is asked, and answers when it is told to, over a small grid."""

    def __init__(self, dataset, network):
        self.asked, self.forgotten, self._dataset, self._network = [], [], dataset, network

    def ask(self, question, words) -> Asked:
        asked = Asked(self.forgotten.append)
        self.asked.append((question, asked))
        return asked

    @property
    def open(self) -> list:
        return [q for q, asked in self.asked if not asked.done.is_set() and asked not in self.forgotten]

    def answer(self) -> None:
        grid, of = Grid((0.0, 0.0), (1.0, 1.0), 3), lambda i: landscape(self._network, self._dataset.train, i)
        points = self._network.C.double()
        for question, asked in self.asked:
            if asked.done.is_set() or asked in self.forgotten:
                continue
            if question.what == FIELDS:
                asked.settle([finished(survey(of(i), grid, points)) for i in question.letters], None)
            elif question.what == DESCENT:
                asked.settle(finished(roll(of(question.letters[0]), question.start, 1.0)), None)
            else:
                asked.settle(finished(territories([of(i) for i in range(27)], grid)), None)


@pytest.fixture(scope="module")
def run(few) -> Run:
    run = Run(Config(n_hidden=5), few(3))
    run.advance(3)
    return run


@pytest.fixture
def desk(run) -> Desk:
    return Desk(run.dataset, run.parameters)


def view(run, step: int | None = None, rests: bool = True, axes=(), past: bool = False, number: int = 1) -> View:
    timeline, snapshot = Timeline(), shot(run, number)
    frame = timeline.update(snapshot, axes)
    frames = timeline.frames if past else ()
    step = run.step if step is None else step
    return View(
        number, step, frame, axes, snapshot.parameters(), run.dataset, rests, frames, snapshot.checkpoint
    )  # fmt: skip


def grids(desk) -> list[int]:
    return [question.grid.n for question in desk.open]


# ---------------------------------------------------------------- what a page says


def test_what_a_page_says_of_letters():
    said = {"letters": [5, 1], "aspect": 1.52, "lands": True, "dropped": [0.5, -2]}
    assert parse(said, 27) == TouchedLetters((5, 1), 1.6, True, (0.5, -2.0))
    assert parse({"letters": [0]}, 27) == TouchedLetters((0,))
    assert parse({"letters": [3], "aspect": float("nan"), "lands": 1, "dropped": [1e9, 0]}, 27) == TouchedLetters((3,))


@pytest.mark.parametrize(
    "said",
    [None, 7, [5], {}, {"letters": 5}, {"letters": [27]}, {"letters": [-1]}, {"letters": [True]}, {"letters": ["e"]},
     {"letters": [1, 2, 3]}, {"letters": [4, 4]}, {"letters": [[1]]}],
)  # fmt: skip
def test_what_cannot_be_said_of_letters_is_no_touch(said):
    assert parse(said, 27) == TouchedLetters()


# ---------------------------------------------------------------- look by look


def test_nothing_is_asked_and_nothing_told_until_a_letter_is_touched(desk, run):
    assert Follower().look(desk, view(run)) is None and Follower().look(desk, None) is None and not desk.asked


def test_at_rest_a_coarse_field_comes_first_and_then_a_fine_one(desk, run):
    follower = Follower(TouchedLetters((E,)))
    assert follower.look(desk, view(run))[FIELDS] is None and grids(desk) == [COARSE]
    desk.answer()
    told = follower.look(desk, view(run))
    assert (told[FIELDS]["n"], told[FIELDS]["step"], told["letters"]) == (COARSE, 3, [E]) and grids(desk) == [FINE]
    desk.answer()
    assert follower.look(desk, view(run))[FIELDS]["n"] == FINE and not desk.open
    assert "nats" in told[FIELDS]["said"]


def test_while_training_a_coarse_field_follows_one_at_a_time(desk, run):
    follower = Follower(TouchedLetters((E,)))
    for step in (10, 20, 30):
        follower.look(desk, view(run, step, rests=False))
    assert grids(desk) == [COARSE]
    desk.answer()
    assert follower.look(desk, view(run, 40, rests=False))[FIELDS]["step"] == 10 and grids(desk) == [COARSE]
    desk.answer()
    assert follower.look(desk, view(run, 50, rests=False))[FIELDS]["step"] == 40


def test_another_step_at_rest_gives_up_the_question_about_the_one_before(desk, run):
    follower = Follower(TouchedLetters((E,)))
    follower.look(desk, view(run, 10))
    follower.look(desk, view(run, 20))
    assert len(desk.forgotten) == 1 and grids(desk) == [COARSE]


def test_other_letters_another_run_and_no_letter_drop_what_was_known(desk, run):
    follower = Follower(TouchedLetters((E,)))
    follower.look(desk, view(run))
    desk.answer()
    follower.look(desk, view(run))
    follower.touch = TouchedLetters((E, A))
    told = follower.look(desk, view(run))
    assert told[FIELDS] is None and desk.open[0].letters == (E, A)
    desk.answer()
    told = follower.look(desk, view(run))
    assert [one["letter"] for one in told[FIELDS]["of"]] == [E, A]
    assert follower.look(desk, view(run, number=2))[FIELDS] is None
    follower.touch = TouchedLetters()
    assert follower.look(desk, view(run)) is None and not desk.open


def test_in_three_dimensions_there_is_no_plane_to_lie_in(desk, few):
    run = Run(Config(n_embd=3, n_hidden=5), few(3))
    told = Follower(TouchedLetters((E,))).look(desk, view(run, axes=(0, 1, 2)))
    assert told["problem"] == NOT_IN_SPACE and not desk.asked


def test_with_tied_output_weights_there_is_none(desk, few):
    run = Run(Config(tied=True, n_hidden=5), few(3))
    told = Follower(TouchedLetters((E,))).look(desk, view(run))
    assert told["problem"] == NOT_TIED and told[FIELDS] is None and not desk.asked
    with pytest.raises(ValueError, match="tied"):
        landscape(run.parameters, few(3).train, E)


def test_a_letter_that_is_dropped_rolls_once_and_is_put_back(desk, run):
    follower = Follower(TouchedLetters((E,), dropped=(0.5, 0.5)))
    follower.look(desk, view(run))
    assert [q.start for q in desk.open if q.what == DESCENT] == [(0.5, 0.5)]
    desk.answer()
    told = follower.look(desk, view(run))
    assert told[DESCENT]["path"][0] == [0.5, 0.5]
    assert follower.look(desk, view(run, 99))[DESCENT] == told[DESCENT]  # on a copy, as it was then
    follower.touch = TouchedLetters((E,))
    assert follower.look(desk, view(run))[DESCENT] is None


def test_territories_are_asked_for_at_rest_only(desk, run):
    follower = Follower(TouchedLetters((E,), lands=True))
    follower.look(desk, view(run, rests=False))
    assert TERRITORIES not in {q.what for q in desk.open}
    follower.look(desk, view(run))
    assert TERRITORIES in {q.what for q in desk.open}
    desk.answer()
    assert len(follower.look(desk, view(run))[TERRITORIES]["costs"]) == 27


def test_checkpoints_get_fields_of_their_own(desk, run):
    follower, steps = Follower(TouchedLetters((E,))), [step for step, _ in run.history.checkpoints]

    def filmed() -> tuple[Have, list[dict]]:
        """What the page is told that there is, and what there is."""
        return follower.look(desk, view(run, past=True))["film"], [*follower.film.rows]

    for _ in range(3):
        assert filmed()[1] == []
        desk.answer()
    have, film = filmed()
    assert [one["step"] for one in film] == steps and all(one["n"] == FILM for one in film)
    assert have.count == len(film) and filmed() == (have, film) and not desk.open
    follower.touch = TouchedLetters((A,))
    assert filmed() == (Have(have.epoch + 1, 0), [])


def test_a_problem_is_told(desk, run):
    follower = Follower(TouchedLetters((E,)))
    follower.look(desk, view(run))
    desk.asked[0][1].settle(None, "No.")
    assert follower.look(desk, view(run))["problem"] == "No."

    def refuse(question, words):
        raise OSError(11, "no more processes")

    desk.ask = refuse
    seen = Follower(TouchedLetters((E,))).look(desk, view(run))
    assert seen["problem"] == "No landscape can be drawn here (no more processes)."


def test_networks_that_are_much_work_get_fewer_places(desk, run, monkeypatch):
    monkeypatch.setattr("core.ui.explore.landscape.WORK", 1e5)
    Follower(TouchedLetters((E,))).look(desk, view(run))
    assert grids(desk) == [LEAST]


# ---------------------------------------------------------------- on the page


def test_on_explore_a_touched_letter_gets_its_landscape_and_follows_the_cursor():
    visitor = Visitor()
    try:
        visitor.press("Step", "Step")
        assert visitor.told["landscape"] is None
        visitor.live.hear("touched", {"letters": [E]})
        visitor.until(lambda: ((visitor.told["landscape"] or {}).get(FIELDS) or {}).get("n") == FINE, 90)
        field = visitor.told["landscape"][FIELDS]
        assert field["step"] == 2 and field["of"][0]["name"] == "e"
        assert field["of"][0]["now"] == pytest.approx(visitor.snapshot.exact[1], abs=1e-5)
        assert len(field["of"][0]["costs"]) == FINE * FINE
        visitor.live.hear("cursor", 1)
        visitor.until(lambda: (visitor.told["landscape"][FIELDS] or {}).get("step") == 1, 60)
        visitor.live.hear("touched", {"letters": []})
        assert visitor.told["landscape"] is None
    finally:
        visitor.client.stop()
