"""A run: model + data + minibatches + history, advanced step by step.

Everything a run does is a pure function of its config (and of the live changes made at
given steps): the same losses and weights to the last bit, on one machine and one torch,
however it was sliced, paused or watched.
"""

import math
import time
import uuid
from collections.abc import Iterable

import torch

from core.config import FULL, KNOB, Config, ConfigError
from core.data.dataset import Dataset
from core.engine.gradients import FullGradient, Workspace
from core.engine.history import (
    EVALUATIONS_PER_DECADE,
    LOSSES_PER_DECADE,
    Change,
    History,
    checkpoints_per_decade,
    next_on_grid,
    on_grid,
)
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters, initialise, loss


class Run:
    """One model in training. Not thread-safe: core/serving/client.py gives it a thread of its own.

    step: updates made. seconds: spent in `advance`. failure: None, or one sentence once a loss
    or weight stopped being finite; the run then stands at its last finite step and does not
    move again. plan: live changes still to come, (step, knob, value) in order of step; each is
    made on arrival, as if a person had. id: a random name, the same as long as the run is.
    """

    def __init__(self, config: Config, dataset: Dataset, plan: Iterable[Change] = ()):
        self.config, self.dataset, self.plan = config, dataset, list(plan)
        self.id, self.step, self.seconds, self.failure = uuid.uuid4().hex, 0, 0.0, None
        self.parameters = initialise(config, len(dataset.vocabulary))
        self.history = History(config.to_dict())
        self._checkpoints_per_decade = checkpoints_per_decade(len(self.parameters.flat))
        self._workspace = self._gradient = self._minibatches = None
        self._began = time.perf_counter()
        self._remember()

    @classmethod
    def resume(cls, history: History, dataset: Dataset, step: int, frozen: bytes) -> "Run":
        """The run that has this past and stands at `step` with the parameters `frozen`; it goes on bit for bit.

        ConfigError if the history's config or changes cannot be, or the parameters do not fit them.
        """
        run = cls(Config().with_(**history.config), dataset)
        if len(frozen) != 4 * len(run.parameters.flat):  # float32
            raise ConfigError("The weights of that run do not fit its network, so it cannot go on.")
        run.history, run.config, run.step = history.until(step), history.config_now(), step
        run.history.changes = list(history.changes)
        run.parameters.flat.copy_(Parameters.thaw(run.parameters.shape, frozen).flat)
        run.seconds = history.clock[-1][1] if history.clock else 0.0
        run._mark = run._sound = run._here()
        return run

    def fork(self, step: int) -> "Run":
        """Another run with this one's past until its checkpoint at `step`, ready to go on differently."""
        index = [at for at, _ in self.history.checkpoints].index(step)
        return Run.resume(self.history.until(step), self.dataset, step, self.history.parameters_at(index))

    # ------------------------------------------------------------ what a person does

    def set(self, **values) -> None:
        """Change live knobs from the next step on; ConfigError, and no change, if one cannot be."""
        cold = [name for name in values if name in KNOB and not KNOB[name].live]
        if cold:
            raise ConfigError(f"{KNOB[cold[0]].label} cannot change while a run goes on; it needs new weights.")
        changed = self.config.with_(**values)
        for name in values:
            if getattr(changed, name) != getattr(self.config, name):
                self.history.changes.append((self.step, name, getattr(changed, name)))
        if changed.batch_size != self.config.batch_size:
            self._workspace = self._gradient = None
        if changed != self.config:
            self.config, self._mark = changed, self._here()

    def advance(self, n: int) -> None:
        """Make n steps, or fewer if the run fails."""
        torch.set_num_threads(1)  # per thread; two threads are 30 times slower at these sizes
        target, self._began = self.step + n, time.perf_counter() - self.seconds
        with torch.inference_mode():
            self._follow_plan()
            while self.step < target and self.failure is None:
                self._advance_to(min(target, self._next_mark()))
                self._follow_plan()
        self.seconds = time.perf_counter() - self._began

    def put_aside(self) -> None:
        """Let go of what only stepping needs, some 9 MB; a next step makes it again."""
        self._workspace = self._gradient = self._minibatches = None

    def evaluate(self, split: str) -> float:
        """The exact mean loss of "train", "dev" or "test" now, nats per character."""
        with torch.inference_mode():
            return loss(self.parameters, getattr(self.dataset, split))

    # ------------------------------------------------------------ stepping

    def _follow_plan(self) -> None:
        while self.plan and self.plan[0][0] <= self.step:
            _, name, value = self.plan.pop(0)
            self.set(**{name: value})

    def _next_mark(self) -> int:
        """The next step at which something other than a minibatch loss happens."""
        marks = [next_on_grid(self.step, grid) for grid in (EVALUATIONS_PER_DECADE, self._checkpoints_per_decade)]
        marks += [step for step, _, _ in self.plan[:1]]
        return min(*marks, self.config.steps) if self.step < self.config.steps else min(marks)

    def _advance_to(self, stop: int) -> None:
        """Go on to `stop` (at most the next mark), undoing what turned out not to be finite.

        It goes back to the last mark or live change, never to where a caller happened to
        slice the run: so a run fails at the same step however it was advanced.
        """
        while self.step < stop:
            if not self._stretch(stop):
                self._back_to(*self._mark)
                self._creep()
                return
        if not self._remember():
            self._back_to(*self._mark)
            self._fail("the exact loss")

    def _back_to(self, step: int, flat: torch.Tensor) -> None:
        self.parameters.flat.copy_(flat)
        self.step = step
        losses, checkpoints = self.history.losses, self.history.checkpoints
        while losses and losses[-1][0] >= step:
            losses.pop()
        while checkpoints[-1][0] > step:
            checkpoints.pop()

    def _creep(self) -> None:
        """Repeat, one step at a time, a stretch that is known to fail; stop before it does."""
        before, start = self.parameters.flat.clone(), self.step
        while True:
            here = self.parameters.flat.clone()
            if not self._stretch(self.step + 1):
                self._back_to(start, before)
                return self._fail("the loss")
            before, start = here, self.step - 1

    def _fail(self, what: str) -> None:
        if not self._remember_losses():  # weights can be finite and their exact loss not
            self._back_to(*self._sound)
        rate = self.config.learning_rate_at(self.step)
        self.failure = (
            f"Stopped after step {self.step:,}: {what} was no longer a finite number. "
            f"The learning rate {rate:g} is too high for this network; try {rate / 10:g}."
        )

    def _stretch(self, stop: int) -> bool:
        """Steps towards `stop`, as far as one gathered block reaches. False if anything is not finite."""
        if self.config.batch_size == FULL:
            finite = self._full_step()
        else:
            finite = self._minibatch_steps(stop)
        return finite and bool(self.parameters.flat.isfinite().all())

    def _minibatch_steps(self, stop: int) -> bool:
        config = self.config
        if self._workspace is None:
            self._minibatches = Minibatches(self.dataset.train, config.seed, config.batch_size, config.n_embd)
            self._workspace = Workspace(self.parameters, config.batch_size)
        number, first = divmod(self.step, self._minibatches.steps)
        last = min(first + stop - self.step, self._minibatches.steps)
        if first == 0:  # what has to be repeated after a failure is never more than a block
            self._mark = self._here()
        X, Y = (part[first:last] for part in self._minibatches.block(number))
        start, rates = self.step, [config.learning_rate_at(self.step + i) for i in range(last - first)]
        logp = self._workspace.train(X, Y, rates, config.weight_decay)  # (steps, rows)
        self.step += last - first
        step = start if on_grid(start, LOSSES_PER_DECADE) else next_on_grid(start, LOSSES_PER_DECADE)
        while step < self.step:  # fsum: the same bits however the steps were sliced
            mean = -math.fsum(logp[step - start].tolist()) / config.batch_size
            self.history.losses.append((step, mean, rates[step - start], config.batch_size))
            step = next_on_grid(step, LOSSES_PER_DECADE)
        return bool(logp.isfinite().all())

    def _full_step(self) -> bool:
        """One step along the exact gradient of the training split."""
        rate, parameters = self.config.learning_rate_at(self.step), self.parameters
        if self._gradient is None:
            self._gradient = FullGradient(parameters, self.dataset.train)
        mean = self._gradient.look()
        parameters.decay(rate * self.config.weight_decay)
        parameters.flat.add_(self._gradient.gradients.flat, alpha=-rate)
        if on_grid(self.step, LOSSES_PER_DECADE):
            self.history.losses.append((self.step, mean, rate, FULL))
        self.step += 1
        return math.isfinite(mean)

    # ------------------------------------------------------------ remembering

    def _remember(self) -> bool:
        """Record what is due at this step. False, and nothing kept, if an exact loss is not finite."""
        last = self.step == self.config.steps
        if (last or on_grid(self.step, EVALUATIONS_PER_DECADE)) and not self._remember_losses():
            return False
        if last or on_grid(self.step, self._checkpoints_per_decade):
            self.history.checkpoints.append((self.step, self.parameters.freeze()))
            self._mark = self._here()
        return True

    def _here(self) -> tuple[int, torch.Tensor]:
        return self.step, self.parameters.flat.clone()

    def _remember_losses(self) -> bool:
        """Record the exact losses of this step, unless one is not finite; then False."""
        losses = self.evaluate("train"), self.evaluate("dev")
        if not all(map(math.isfinite, losses)):
            return False
        self._sound = self._mark = self._here()
        if not self.history.evaluations or self.history.evaluations[-1][0] < self.step:
            self.history.evaluations.append((self.step, *losses))
            self.history.clock.append((self.step, round(time.perf_counter() - self._began, 3)))
        return True
