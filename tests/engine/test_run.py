"""A run: the same to the last bit however it is sliced, and the same as plain SGD written by somebody else."""

import hashlib
import json
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import FULL, KNOBS, Config, ConfigError
from core.engine.history import EVALUATIONS_PER_DECADE, History, on_grid
from core.engine.minibatches import EXAMPLES_AT_ONCE, Minibatches
from core.engine.model import forward
from core.engine.probe import sample
from core.engine.run import Run
from tests.support.runs import EXPLODES, assert_same

SMALL = Config(n_hidden=12, steps=2_000)


def trained(config: Config, dataset, slices, changes=(), watched=False) -> Run:
    """A run advanced in `slices`, with live `changes` made at given steps."""
    run, changes = Run(config, dataset), dict(changes)
    target = sum(slices)
    stops = sorted({sum(slices[: i + 1]) for i in range(len(slices))} | {s for s in changes if s < target})
    for stop in [0, *stops]:
        run.advance(stop - run.step)
        if watched:
            run.evaluate("dev")
            sample(run.parameters, dataset.vocabulary, 3, seed=stop)
        run.set(**changes.get(stop, {}))
    return run


def picked(config: Config, dataset, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """X and Y of minibatch `step`, drawn here from its definition."""
    train, size = dataset.train, config.batch_size
    if size == FULL:
        return train.X, train.Y
    steps = max(1, EXAMPLES_AT_ONCE // size)
    key = f"{config.seed}/{size}/{step // steps}".encode()
    seed = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
    picks = torch.randint(len(train), (steps, size), generator=torch.Generator().manual_seed(seed))[step % steps]
    return train.X[picks], train.Y[picks]


def by_autograd(config: Config, dataset, steps: int) -> dict[str, torch.Tensor]:
    """The same training by torch.autograd and torch.optim.SGD: weight decay on all but the biases."""
    parameters = Run(config, dataset).parameters
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in parameters.named().items()}
    for name, leaf in leaves.items():
        setattr(parameters, name, leaf)
    biases = [leaves["b1"], leaves["b2"]]
    weights = [leaf for name, leaf in leaves.items() if name not in ("b1", "b2")]
    groups = [{"params": weights, "weight_decay": config.weight_decay}, {"params": biases, "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups, lr=config.learning_rate)
    for step in range(steps):
        X, Y = picked(config, dataset, step)
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(forward(parameters, X).logits, Y).backward()
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate_at(step)
        optimiser.step()
    return {name: leaf.detach() for name, leaf in leaves.items()}


def assert_close(run: Run, expected: dict[str, torch.Tensor]) -> None:
    for name, tensor in run.parameters.named().items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=2e-5, msg=lambda m, n=name: f"{n}: {m}")


SLICES = st.lists(st.integers(1, 60), min_size=1, max_size=5)


@settings(max_examples=16)
@given(slices=SLICES, batch_size=st.sampled_from([1, 32]), direct=st.booleans(), watched=st.booleans())
def test_a_run_is_the_same_to_the_last_bit_however_it_is_sliced_and_watched(few, slices, batch_size, direct, watched):
    config = SMALL.with_(batch_size=batch_size, direct=direct)
    assert_same(
        trained(config, few(3), slices, watched=watched),
        trained(config, few(3), [sum(slices)]),
    )


@settings(max_examples=6)
@given(slices=st.lists(st.integers(1, 6), min_size=2, max_size=4), batch_size=st.sampled_from([4096, 1000, FULL]))
def test_large_and_full_batches_are_as_deterministic(few, slices, batch_size):
    config = SMALL.with_(batch_size=batch_size, weight_decay=1e-3)
    assert_same(
        trained(config, few(3), slices, watched=True),
        trained(config, few(3), [sum(slices)]),
    )


CHANGES = st.dictionaries(
    st.integers(0, 150),
    st.sampled_from(
        [{"learning_rate": 0.03}, {"batch_size": 64}, {"batch_size": 1}, {"batch_size": FULL, "learning_rate": 0.5},
         {"weight_decay": 0.01}, {"schedule": "cosine", "decay_at": 100}, {"steps": 77}]
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=12)
@given(slices=SLICES, changes=CHANGES)
def test_live_changes_at_given_steps_give_the_same_run_however_it_is_sliced(few, slices, changes):
    assert_same(
        trained(SMALL, few(3), slices, changes, watched=True),
        trained(SMALL, few(3), [sum(slices)], changes),
    )


def test_a_run_across_several_blocks_of_minibatches_is_the_same_in_odd_slices(few):
    config = SMALL.with_(batch_size=500)  # 65 steps a block
    assert_same(trained(config, few(3), [64, 3, 61, 70, 2]), trained(config, few(3), [200]))


@pytest.mark.parametrize("batch_size", [1, 32, 4096, FULL])
def test_one_step_is_plain_autograd_and_sgd(few, batch_size):
    config = SMALL.with_(batch_size=batch_size, init="lecture")
    run = Run(config, few(3))
    run.advance(1)
    assert_close(run, by_autograd(config, few(3), 1))


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("weight_decay", [0.0, 0.02])
@pytest.mark.parametrize("n_hidden", [0, 12])
def test_twenty_steps_are_those_of_torch_optim_with_decay_on_all_but_biases(few, direct, weight_decay, n_hidden):
    config = SMALL.with_(direct=direct, weight_decay=weight_decay, n_hidden=n_hidden, n_embd=3)
    run = Run(config, few(3))
    run.advance(20)
    assert_close(run, by_autograd(config, few(3), 20))


def test_a_full_batch_follows_the_gradient_of_all_examples_for_twenty_steps(few):
    config = SMALL.with_(batch_size=FULL, direct=True, weight_decay=0.01)
    run = Run(config, few(3))
    run.advance(20)
    assert_close(run, by_autograd(config, few(3), 20))


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "paper"])
def test_a_schedule_acts_at_its_step_and_is_recorded(few, schedule):
    config = SMALL.with_(schedule=schedule, decay_at=10)
    run = Run(config, few(3))
    run.advance(20)
    assert_close(run, by_autograd(config, few(3), 20))
    assert [(s, rate) for s, _, rate, _ in run.history.losses] == [(s, config.learning_rate_at(s)) for s in range(20)]
    if schedule == "step":
        assert [rate for _, _, rate, _ in run.history.losses] == [0.1] * 10 + [0.1 * 0.1] * 10


def test_minibatch_t_depends_on_seed_step_and_size_alone(few):
    dataset = few(3)
    for size in (1, 32, 4096):
        config = SMALL.with_(batch_size=size, seed=7)
        Y = Minibatches(dataset.train, 7, size, config.n_embd).block(1)[1]
        assert torch.equal(Y[0], picked(config, dataset, len(Y))[1])


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_evaluate_is_the_plain_mean_over_all_examples(datasets, split):
    run = Run(Config(init="lecture", direct=True, n_hidden=30), datasets(3))
    run.advance(50)
    part = getattr(run.dataset, split)
    plain = torch.nn.functional.cross_entropy(forward(run.parameters, part.X).logits.double(), part.Y)
    assert run.evaluate(split) == pytest.approx(float(plain), abs=1e-5)


def test_exact_losses_are_of_the_step_they_are_labelled_with(few):
    run = trained(SMALL, few(3), [40])
    for step, train, dev in run.history.evaluations:
        other = trained(SMALL, few(3), [step] if step else [])
        assert (train, dev) == (other.evaluate("train"), other.evaluate("dev"))


def test_evaluations_fall_on_fixed_steps_about_twenty_a_decade_and_on_the_last_one(few):
    run = trained(SMALL.with_(steps=1_234), few(3), [1_500])
    steps = [s for s, *_ in run.history.evaluations]
    assert steps == sorted({s for s in range(1_501) if on_grid(s, EVALUATIONS_PER_DECADE)} | {1_234})
    assert sum(100 <= s < 1_000 for s in steps) == EVALUATIONS_PER_DECADE
    assert 1_234 in [s for s, _ in run.history.checkpoints]


def test_the_rate_and_batch_size_of_every_step_are_recorded_after_live_changes(few):
    changes = {20: {"learning_rate": 0.03}, 30: {"batch_size": 64, "learning_rate": 0.03}, 40: {"batch_size": FULL}}
    run = trained(SMALL, few(3), [50], changes)
    used = {s: (rate, size) for s, _, rate, size in run.history.losses}
    assert len(used) == 50
    assert used[19] == (0.1, 32) and used[20] == (0.03, 32) and used[29] == (0.03, 32)
    assert used[30] == (0.03, 64) and used[39] == (0.03, 64) and used[40] == (0.03, FULL) and used[49] == (0.03, FULL)
    assert run.history.changes == [(20, "learning_rate", 0.03), (30, "batch_size", 64), (40, "batch_size", FULL)]
    assert run.history.config == SMALL.to_dict()


def test_of_several_changes_of_a_knob_at_one_step_only_the_last_is_kept(few):
    run = trained(SMALL, few(3), [20])
    for rate in (0.2, 0.3, 0.5):
        run.set(learning_rate=rate)
    run.set(batch_size=64)
    assert run.history.changes == [(20, "learning_rate", 0.5), (20, "batch_size", 64)]
    run.set(learning_rate=SMALL.learning_rate)  # back where it was: nothing has changed
    assert run.history.changes == [(20, "batch_size", 64)] and run.history.config_now() == run.config
    run.advance(5)
    run.set(learning_rate=0.5)
    assert run.history.changes == [(20, "batch_size", 64), (25, "learning_rate", 0.5)]


@pytest.mark.parametrize("name", [knob.name for knob in KNOBS if not knob.live])
def test_a_cold_knob_is_refused_and_nothing_changes(few, name):
    run, same = (trained(SMALL, few(3), [10]) for _ in range(2))
    with pytest.raises(ConfigError, match="cannot change while a run goes on"):
        run.set(learning_rate=0.5, **{name: getattr(SMALL, name)})
    assert_same(run, same)


@pytest.mark.parametrize("values", [{"learning_rate": -1}, {"batch_size": 5_000}, {"colour": 1}])
def test_a_live_value_that_cannot_be_is_refused_and_nothing_changes(few, values):
    run, same = (trained(SMALL, few(3), [10]) for _ in range(2))
    with pytest.raises(ConfigError):
        run.set(steps=99, **values)
    assert_same(run, same)


@settings(max_examples=8)
@given(slices=st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_a_run_fails_at_the_same_step_however_it_was_sliced(few, slices):
    assert_same(trained(EXPLODES, few(3), [*slices, 400]), trained(EXPLODES, few(3), [sum(slices) + 400]))


def test_a_failed_run_says_why_stands_at_its_last_finite_step_and_stays_there(few):
    run = trained(EXPLODES, few(3), [400])
    assert run.failure.startswith(f"Stopped after step {run.step:,}: ") and "try 0.1." in run.failure
    assert 0 < run.step < 400 and run.parameters.flat.isfinite().all()
    assert all(math.isfinite(run.evaluate(split)) for split in ("train", "dev", "test"))
    numbers = [x for row in run.history.losses + run.history.evaluations for x in row if isinstance(x, float)]
    assert all(map(math.isfinite, numbers))
    assert json.loads(run.history.to_json())
    assert all(step <= run.step for step, *_ in run.history.losses + run.history.evaluations + run.history.checkpoints)
    assert run.history.evaluations[-1] == (run.step, run.evaluate("train"), run.evaluate("dev"))
    before, failure = run.parameters.flat.clone(), run.failure
    run.advance(10)
    assert torch.equal(run.parameters.flat, before) and run.failure == failure
    for index in range(len(run.history.checkpoints)):
        frozen = bytearray(run.history.parameters_at(index))
        assert torch.frombuffer(frozen, dtype=torch.float32).isfinite().all()


def test_the_split_does_not_depend_on_the_seed_and_the_weights_do(few):
    runs = [Run(SMALL.with_(seed=seed), few(3)) for seed in (1, 2)]
    assert runs[0].dataset is runs[1].dataset
    assert not torch.equal(runs[0].parameters.flat, runs[1].parameters.flat)
    assert not torch.equal(picked(runs[0].config, few(3), 0)[1], picked(runs[1].config, few(3), 0)[1])


def test_the_default_run_beats_the_bigram_within_four_thousand_steps(datasets, baselines):
    run = Run(Config(), datasets(3))
    run.advance(4_000)
    assert run.evaluate("dev") < baselines.dev["bigram"]


def test_the_history_of_a_run_comes_back_from_its_file(few, tmp_path):
    run = trained(SMALL, few(3), [100], {50: {"batch_size": FULL, "learning_rate": 0.2}})
    (tmp_path / "run.json").write_text(run.history.to_json())
    assert History.load(tmp_path / "run.json") == run.history
