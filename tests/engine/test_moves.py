"""A character that is put elsewhere while a run rests: a change like any other, which a link makes again."""

from urllib.parse import parse_qsl

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config, ConfigError
from core.engine import moves
from core.engine.history import History
from core.engine.run import Run
from core.keeping import link
from core.keeping.export import script
from core.keeping.proof import Claim, check
from core.serving.training import Training, untrained
from tests.support.runs_kept import saved

ROW = [0.1234567890123, -2.5]


def moved(few, path=None) -> Run:
    run = Run(Config(n_hidden=10), few(3), path=path)
    run.advance(7)
    run.move(4, ROW)
    run.advance(8)
    return run


def test_the_row_is_put_there_as_the_next_step_begins_and_the_run_goes_on_from_it(few):
    run = Run(Config(n_hidden=10), few(3))
    run.advance(7)
    before = run.parameters.flat.clone()
    run.move(4, ROW)
    assert torch.equal(run.parameters.flat, before), "until then it is as it was"
    other = Run.resume(run.history, few(3), 7, run.parameters.freeze())
    other.history.changes.clear()
    with torch.inference_mode():
        other.parameters.C[4] = torch.tensor(ROW)
    run.advance(1), other.advance(1)
    assert torch.equal(run.parameters.flat, other.parameters.flat) and not torch.equal(run.parameters.flat, before)


@pytest.mark.parametrize("path", ["kernel 1", "torch 1"])
def test_however_it_is_made_again_it_has_the_same_bits(few, path):
    run = moved(few, path)
    changes = tuple(run.history.changes)
    again = Run(Config(n_hidden=10), few(3), changes, path)
    again.advance(15)
    assert torch.equal(run.parameters.flat, again.parameters.flat) and again.history == run.history
    rested = Run(Config(n_hidden=10), few(3), path=path)
    rested.advance(7)
    rested.move(4, ROW)
    woken = Run.resume(rested.history.freeze(), few(3), 7, rested.parameters.freeze())  # kept, and opened later
    woken.advance(8)
    assert torch.equal(run.parameters.flat, woken.parameters.flat)
    plain = run.fork(7)
    assert plain.history.changes == [], "a branch from that step is of the run before"
    assert History.from_dict(run.history.to_dict()) == run.history


def test_its_link_and_its_answer_make_it_again_and_the_script_says_that_it_cannot(few):
    run = moved(few)
    asked = link.Link(Config(n_hidden=10), tuple(run.history.changes), path=run.history.path)
    assert link.parse(dict(parse_qsl(link.encode(asked)))) == (asked, [])
    kept = saved(run)
    claim = Claim.of(kept, kept.data, kept.digest)
    assert Claim.read(claim.written()) == claim and check(claim, few(3)).true
    with pytest.raises(ConfigError, match="moved by hand"):
        script(run.history, run.step, "few", few(3).digest, few(3).vocabulary.itos)


@pytest.mark.parametrize(("letter", "row"), [(5000, ROW), (4, [1.0]), (4, [1.0, 2.0, 3.0]), (4, [float("nan"), 0.0])])
def test_what_does_not_fit_the_network_is_refused(few, letter, row):
    run = Run(Config(n_hidden=10), few(3))
    with pytest.raises(ConfigError):
        run.move(letter, row)
    assert run.history.changes == []
    name, value = moves.written(letter, row)
    with pytest.raises(ConfigError):
        Run(Config(n_hidden=10), few(3), [(3, name, value)])


@given(st.text(max_size=30), st.one_of(st.text(max_size=60), st.integers(), st.none()))
def test_whatever_is_said_it_is_a_move_or_refused(name, value):
    try:
        letter, row = moves.read(f"moved_{name}", value)
    except ConfigError:
        return
    assert letter >= 0 and row and moves.checked_change(f"moved_{name}", value) == value


def test_going_on_from_there_is_a_new_run_that_trains_and_undo_brings_the_old_one_back(few):
    dataset = few(3)
    training = Training(untrained(Config(n_hidden=10), dataset), lambda *_: dataset, lambda: 0.0, lambda run: None)
    training.step()
    before = training.snapshot()
    training.move(4, ROW)
    after = training.snapshot()
    assert (after.number, after.state, after.step) == (before.number + 1, "training", 1)
    assert [name for _, name, _ in after.history.changes] == ["moved_4"] and after.previous == before.history
    training.undo()
    assert training.snapshot().history.changes == ()
