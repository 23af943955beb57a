"""core/lessons/backward.py: gradients of one example and steps along them, against autograd."""

import json
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.engine.model import Parameters, forward, loss
from core.lessons.backward import backward, descend, lines, of_example
from core.lessons.stages import ForwardPass
from tests.support.networks import CORPUS, examples, execute, names, network, numbers


def autograd(parameters: Parameters, X, Y) -> tuple[float, Parameters]:
    """The loss and its gradients, by torch."""
    flat = parameters.flat.clone().requires_grad_()
    nats = F.cross_entropy(forward(Parameters(parameters.shape, flat), X).logits, Y)
    return float(nats.detach()), Parameters(parameters.shape, torch.autograd.grad(nats, flat)[0])


def example() -> ForwardPass:
    return ForwardPass.of(network(), CORPUS, "emm", "a")


@given(examples())
def test_gradients_are_those_of_autograd(shown):
    _, expected = autograd(shown.parameters, shown.X, shown.Y)
    torch.testing.assert_close(of_example(shown.parameters, shown.X, shown.Y).flat, expected.flat, rtol=1e-4, atol=1e-5)


@given(examples())
def test_the_lines_beside_them_run_in_order_give_what_is_shown(shown):
    p = shown.parameters
    scope = names(shown) | {"x": shown.seen.emb.flatten(1), "h": shown.seen.h, "probabilities": shown.probabilities}
    for code in lines(p.Wd is not None, p.shape.tied).values():
        scope = execute(code, scope)
    for name, gradient in of_example(p, shown.X, shown.Y).named().items():
        torch.testing.assert_close(scope[f"d{name}"], gradient, rtol=1e-4, atol=1e-5)


def test_only_the_rows_that_were_looked_up_have_a_gradient(few):
    shown = backward(example(), few(3).dev, 0, 0.1)
    layers = {layer["name"]: layer for layer in shown["layers"]}
    assert numbers(layers["C"]["heat"]).abs().sum(1).nonzero().flatten().tolist() == [5, 13]
    assert "only 2 of 27 rows" in shown["said"]
    for name, layer in layers.items():
        norm = math.sqrt(sum(x * x for x in numbers(layer["heat"]).flatten().tolist()))
        assert float(layer["norm"]) == pytest.approx(norm, rel=1e-3), name
        assert float(layer["moves"]) == pytest.approx(0.1 * norm, rel=1e-3)


# ---------------------------------------------------------------- steps on a copy


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_steps_are_those_of_a_loop_with_autograd_and_leave_the_network_alone(decay):
    shown = example()
    before, p = shown.parameters.freeze(), shown.parameters.clone()
    losses = []
    for _ in range(5):
        nats, gradients = autograd(p, shown.X, shown.Y)
        losses.append(nats)
        for tensor in (p.C, p.W1, p.W2):
            tensor -= 0.1 * decay * tensor
        p.flat -= 0.1 * gradients.flat
    stepped = descend(shown.parameters, shown.X, shown.Y, 5, 0.1, decay)
    assert stepped.losses[:5] == pytest.approx(losses, abs=1e-5) and len(stepped.losses) == 6
    torch.testing.assert_close(stepped.parameters.flat, p.flat, rtol=1e-4, atol=1e-5)
    assert shown.parameters.freeze() == before


@given(examples(), st.integers(0, 5), st.integers(0, 5))
def test_some_steps_and_then_more_are_all_of_them(shown, some, more):
    whole = descend(shown.parameters, shown.X, shown.Y, some + more, 0.1)
    first = descend(shown.parameters, shown.X, shown.Y, some, 0.1)
    then = descend(first.parameters, shown.X, shown.Y, more, 0.1)
    assert whole.losses == (*first.losses, *then.losses[1:])


HUGE = 1e38  # a step moves logits beyond what float32 holds, however a processor rounds


def test_a_rate_that_explodes_ends_at_the_first_loss_that_is_no_number_and_stays_plain_data(few):
    shown = example()
    stepped = descend(shown.parameters, shown.X, shown.Y, 50, HUGE)
    assert len(stepped.losses) < 50 and not math.isfinite(stepped.losses[-1])
    stage = backward(shown, few(3).dev, 50, HUGE)
    assert stage["tried"]["after"] in ("nan", "inf") and all(map(math.isfinite, stage["tried"]["losses"]))
    json.dumps(stage, allow_nan=False)


def test_the_dev_losses_beside_it_are_exact(few):
    shown, dev = example(), few(3).dev
    stepped = descend(shown.parameters, shown.X, shown.Y, 3, 0.1)
    expected = [loss(network, dev) for network in (shown.parameters, stepped.parameters)]
    assert backward(shown, dev, 3, 0.1)["tried"]["dev"] == [f"{nats:.4f}" for nats in expected]
    assert backward(shown, dev, 0, 0.1)["tried"]["dev"] == [f"{expected[0]:.4f}"]
