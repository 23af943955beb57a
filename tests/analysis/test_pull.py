"""core/analysis/pull.py: the pull on a letter is how the exact loss falls, and a sentence's numbers are counted."""

import re

import pytest

from core.analysis import pull
from core.analysis.pull import pulls, step_sentence
from core.config import FULL, Config
from core.engine.minibatches import Minibatches, steps_at_once
from core.engine.model import Parameters, loss
from core.engine.probe import next_all
from core.engine.run import Run


@pytest.mark.parametrize("config", [Config(n_hidden=10), Config(n_embd=3, n_hidden=5, direct=True), Config(n_embd=1)])
def test_the_pull_on_a_letter_is_how_fast_the_exact_loss_falls_that_way(few, config):
    run, data = Run(config, few(3)), few(3)
    run.advance(50)
    found = pulls(run.parameters, data)
    assert found.shape == run.parameters.C.shape
    for letter in (0, 1, 5):
        for k in range(config.n_embd):
            ends = []
            for way in (0.02, -0.02):
                moved = run.parameters.flat.clone()
                other = Parameters(run.parameters.shape, moved)
                other.C[letter, k] += way
                ends.append(loss(other, data.train))
            assert float(found[letter, k]) == pytest.approx((ends[1] - ends[0]) / 0.04, rel=0.02, abs=3e-5)


def test_for_a_network_that_is_too_large_there_is_no_pull(few, monkeypatch):
    monkeypatch.setattr(pull, "WORK", 10)
    assert pulls(Run(Config(n_hidden=10), few(3)).parameters, few(3)) is None


@pytest.mark.parametrize("step", [0, 7, 1023, 1024])
def test_after_a_step_the_letter_that_moved_most_is_named_with_what_the_minibatch_said(few, step):
    config, data = Config(n_hidden=20, learning_rate=0.5), few(3)
    run = Run(config, data)
    run.advance(step)
    before = Parameters(run.parameters.shape, run.parameters.flat.clone())
    run.advance(1)
    text = step_sentence(before, run.parameters.C, step, config, data)
    distance = [float((a - b).norm()) for a, b in zip(run.parameters.C, before.C)]
    letter = distance.index(max(distance))
    itos, stacked = data.vocabulary.itos, Parameters.stacked([before])
    assert text.startswith(f"“{data.vocabulary.label(letter)}” moved most, by {max(distance):.2g}: ")
    number, row = divmod(step, steps_at_once(32))
    picks = Minibatches(data.train, config.seed, 32, config.n_embd).picks(number)[row].tolist()
    seen = [(data.train.X[i].tolist(), int(data.train.Y[i])) for i in picks]
    among = [(context, following) for context, following in seen if letter in context]
    assert f" of {len(among)} of this step's 32 examples" in text
    guessed = sum(next_all(stacked, context)[0] for context, _ in among)
    for label, came, said in re.findall(r"“([^”]+)” (\d+)× \(guessed: ([\d.]+)\)", text):
        i = itos.index(label)
        assert int(came) == sum(following == i for _, following in among) > float(guessed[i])
        assert float(said) == pytest.approx(float(guessed[i]), abs=0.051)


def test_nothing_is_said_of_a_full_batch_or_if_nothing_moved(few):
    run = Run(Config(n_hidden=5), few(3))
    C = run.parameters.C.clone()
    assert step_sentence(run.parameters, C, 0, run.config, few(3)) == ""
    assert step_sentence(run.parameters, C + 1, 0, run.config.with_(batch_size=FULL), few(3)) == ""
    assert step_sentence(run.parameters, C * float("nan"), 0, run.config, few(3)) == ""
