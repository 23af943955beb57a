"""Landscapes that are worked out elsewhere: in a thread and in a process the same, and never without an answer."""

import threading

import pytest
import torch

from core.analysis.survey import Grid, survey
from core.config import Config
from core.data.corpus import Corpus
from core.engine.model import Parameters, Shape, initialise
from core.serving.landscapes import ENDED, Landscapes, surveyor_process, surveyor_thread
from core.serving.surveyor import DESCENT, FIELDS, LISTS, TERRITORIES, LandscapeRequest, Lists
from tests.support.landscapes import finished, landscape
from tests.support.processes import started
from tests.support.waiting import eventually

E, GRID = 5, Grid((0.0, 0.0), (2.0, 2.0), 5)
PATIENCE = 60.0  # a process imports torch first


@pytest.fixture(scope="module", params=[surveyor_thread, surveyor_process], ids=["thread", "process"])
def landscapes(request):
    landscapes = Landscapes(request.param)
    yield landscapes
    landscapes.stop()


@pytest.fixture(scope="module")
def network() -> Parameters:
    return initialise(Config(n_hidden=10), 27)


def request(network: Parameters, what: str = FIELDS, letters=(E,), grid: Grid = GRID, **more) -> LandscapeRequest:
    points = tuple(map(tuple, network.C.double().tolist()))
    basis = ((1.0, 0.0), (0.0, 1.0))
    return LandscapeRequest(what, network.shape, network.freeze(), letters, points, basis, grid, **more)


def answer(landscapes: Landscapes, request: LandscapeRequest, words: Corpus):
    asked = landscapes.ask(request, words)
    assert asked.done.wait(PATIENCE) and asked.problem is None, asked.problem
    return asked.answer


def test_a_field_is_the_one_that_is_made_here(landscapes, network, small, few):
    (field,) = answer(landscapes, request(network), small)
    points = network.C.double()
    expected = finished(survey(landscape(network, few(3).train, E), GRID, points))
    assert torch.equal(field.losses, expected.losses) and torch.equal(field.elsewhere, expected.elsewhere)
    assert (field.now, field.least, field.lowest) == (expected.now, expected.least, expected.lowest)


def test_two_letters_a_way_down_and_territories(landscapes, network, small):
    assert [field.letter for field in answer(landscapes, request(network, letters=(E, 1)), small)] == [E, 1]
    down = answer(landscapes, request(network, DESCENT, start=(1.5, 1.5)), small)
    assert down.places[0].tolist() == [1.5, 1.5] and down.losses[-1] <= down.losses[0]
    assert answer(landscapes, request(network, TERRITORIES), small).costs.shape == (27, 5, 5)


def test_what_cannot_be_is_a_problem_and_what_comes_after_it_is_answered(landscapes, network, small):
    broken = LandscapeRequest(
        FIELDS, Shape(27, 3, 2, 11, False), network.freeze(), (E,), ((0.0, 0.0),) * 27, ((1.0, 0.0),), GRID
    )
    asked = landscapes.ask(broken, small)
    assert asked.done.wait(PATIENCE) and asked.answer is None
    assert asked.problem.startswith("This landscape cannot be drawn (")
    answer(landscapes, request(network), small)


def test_word_lists_are_sent_once_and_again_after_others(landscapes, network, words):
    lists = [Corpus(f"list {i}", tuple(words[200 * i : 200 * i + 200])) for i in range(LISTS + 2)]
    V = [len(one.vocabulary) for one in lists]
    first = {}
    for i in (*range(LISTS + 2), 0, 1, LISTS + 1):
        asked = request(initialise(Config(n_hidden=10), V[i]))
        (field,) = answer(landscapes, asked, lists[i])
        assert field.now == first.setdefault(i, field.now)
    assert len({*first.values()}) == LISTS + 2


def test_a_short_question_does_not_wait_for_a_long_one_and_a_forgotten_one_has_no_answer(landscapes, network, small):
    long = landscapes.ask(request(network, TERRITORIES, grid=Grid((0.0, 0.0), (2.0, 2.0), 101)), small)
    answer(landscapes, request(network), small)
    assert not long.done.is_set()
    long.forget()
    answer(landscapes, request(network), small)
    assert not long.done.is_set()


def test_both_ends_forget_the_same_lists(small):
    lists = Lists()
    for digest in ("a", "b", "a", "c", "d", "e"):
        lists.use(digest, small)
    assert "a" in lists and "b" not in lists and lists.use("a", None) is small


def test_a_process_that_ended_is_replaced_and_what_it_was_asked_is_said_to_have_no_answer(network, small):
    landscapes, others = Landscapes(surveyor_process), started()
    try:
        answer(landscapes, request(network), small)
        asked = landscapes.ask(request(network, TERRITORIES, grid=Grid((0.0, 0.0), (2.0, 2.0), 201)), small)
        (surveyor,) = started() - others
        surveyor.kill()
        assert asked.done.wait(PATIENCE) and asked.problem == ENDED
        eventually(lambda: landscapes.ask(request(network), small).done.wait(PATIENCE), PATIENCE)
        answer(landscapes, request(network), small)
    finally:
        landscapes.stop()


def test_a_thread_that_cannot_start_leaves_no_process_and_asking_again_starts_both(network, small, monkeypatch):
    landscapes, children = Landscapes(surveyor_process), started()

    def no_more_threads(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more_threads)
        with pytest.raises(OSError, match="can't start new thread"):
            landscapes.ask(request(network), small)
    assert started() <= children
    try:
        answer(landscapes, request(network), small)
    finally:
        landscapes.stop()


def test_stopping_ends_the_process_and_asking_again_starts_one(network, small):
    ended = []

    def start():
        connection, reap = surveyor_thread()
        return connection, lambda: (reap(), ended.append(1))

    landscapes = Landscapes(start)
    answer(landscapes, request(network), small)
    landscapes.stop()
    assert ended == [1]
    answer(landscapes, request(network), small)
    landscapes.stop()
    assert ended == [1, 1]
