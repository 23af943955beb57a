"""A run: model + data + minibatches + history, advanced step by step.

Everything a run does is a pure function of its config (and of the live changes made at
given steps): the same losses and weights to the last bit, however it was sliced, paused or
watched; on every machine by the kernel's path, on one machine and one torch by torch's.
"""

import math
import time
import uuid
from collections.abc import Iterable, Sequence

import numpy as np
import torch

from core.config import FULL, KNOB, Config, ConfigError, lower_rate
from core.data.corpus import WORD
from core.data.dataset import Dataset
from core.engine import moves
from core.engine.embeddings import pack, per_decade
from core.engine.history import (
    EVALUATIONS_PER_DECADE,
    KERNEL,
    LOSSES_PER_DECADE,
    OF_WORDS_PER_DECADE,
    TORCH,
    Change,
    History,
    checkpoints_per_decade,
    next_on_grid,
    on_grid,
)
from core.engine.minibatches import steps_at_once
from core.engine.model import Parameters, initial_weights
from core.engine.paths import Machine, Torch, possible
from core.messages import mark, said, tr

LOSS = mark(
    "Stopped after step {step:,}: the loss was no longer a finite number. "
    "The learning rate {rate:g} is too high for this network; try {lower:g}."
)
EXACT_LOSS = mark(
    "Stopped after step {step:,}: the exact loss was no longer a finite number. "
    "The learning rate {rate:g} is too high for this network; try {lower:g}."
)


class Run:
    """One model in training. Not thread-safe: core/serving/client.py gives it a thread of its own.

    step: updates made. seconds: spent in `advance`. failure: None, or one sentence once a loss
    or weight stopped being finite; the run then stands at its last finite step and does not
    move again. plan: live changes still to come, (step, knob, value) in order of step; each is
    made on arrival, as if by a person. id: random, constant for the life of the run.
    path: one of `core.engine.history.PATHS`; None for the newest. If this machine cannot take it,
    another is taken, and the history records it.
    """

    def __init__(self, config: Config, dataset: Dataset, plan: Iterable[Change] = (), path: str | None = None):
        self.config, self.dataset, self.plan = config, dataset, list(plan)
        self.id, self.step, self.seconds, self.failure = uuid.uuid4().hex, 0, 0.0, None
        path = possible(path, config)
        self.parameters = initial_weights(config, dataset.train, by_torch=path == TORCH)
        self.history = History(config.to_dict(), paths=[(0, path)])
        self._checkpoints_per_decade = checkpoints_per_decade(len(self.parameters.flat))
        of_words, V = dataset.corpus.level == WORD, len(dataset.vocabulary)
        self._embeddings_per_decade = per_decade(of_words, V, config.n_embd, len(self.parameters.flat))
        engine = Machine if path == KERNEL else Torch
        self._engine = engine(self.parameters, dataset.train, config.seed)
        self._evaluations_per_decade = OF_WORDS_PER_DECADE if of_words else EVALUATIONS_PER_DECADE
        self._watched = [dataset.watched(split) for split in ("train", "dev")]
        self._began = time.perf_counter()
        for _, name, value in self.plan:
            if moves.is_move(name):
                self._check_move(*moves.read(name, value))
        self._remember()

    @classmethod
    def resume(cls, history: History, dataset: Dataset, step: int, frozen: bytes) -> "Run":
        """The run that has this past and stands at `step` with the parameters `frozen`; it goes on bit for bit.

        ConfigError if the history's config or changes cannot be, or the parameters do not fit them.
        """
        run = cls(Config().with_(**history.config), dataset, path=history.path)
        here = run.history.path
        if len(frozen) != 4 * len(run.parameters.flat):  # float32
            raise ConfigError(tr("The weights of that run do not fit its network, so it cannot go on."))
        run.history, run.config, run.step = history.until(step), history.config_now(), step
        run.history.changes = list(history.changes)
        if run.history.path != here:
            run.history.paths.append((step, here))
        for _, name, value in history.changes:
            if moves.is_move(name):
                run._check_move(*moves.read(name, value))
        run.parameters.flat.copy_(Parameters.thaw(run.parameters.shape, frozen).flat)
        run.seconds = history.clock[-1][1] if history.clock else 0.0
        run._restart = run._last_finite = run._position()
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
            knob = tr(KNOB[cold[0]].label)
            raise ConfigError(tr("{knob} cannot change while a run goes on; it needs new weights.", knob=knob))
        changed = self.config.with_(**values)
        for name in values:
            if getattr(changed, name) != getattr(self.config, name):
                self._note_change(name, getattr(changed, name))
        if changed != self.config:
            self.config, self._restart = changed, self._position()

    def _note_change(self, name: str, value: int | float | str) -> None:
        """Of several changes of one knob at one step only the last has an effect: it replaces the others."""
        changes = self.history.changes
        changes[:] = [change for change in changes if change[:2] != (self.step, name)]
        if value != moves.of_knobs(changes).get(name, self.history.config[name]):  # else it is back where it was
            changes.append((self.step, name, value))

    def move(self, letter: int, row: Sequence[float]) -> None:
        """Let a character go on from another row of C as the next step begins; ConfigError if it cannot be."""
        name, value = moves.written(letter, row)
        self._check_move(*moves.read(name, value))
        self.history.changes.append((self.step, name, value))
        self._restart = self._position()

    def _check_move(self, letter: int, row: Sequence[float]) -> None:
        if letter >= self.parameters.shape.vocabulary_size or len(row) != self.config.n_embd:
            raise ConfigError(tr("The moved character does not fit this network."))

    def _make_moves(self) -> None:
        for at, name, value in self.history.changes:
            if at == self.step and moves.is_move(name):
                letter, row = moves.read(name, value)
                self.parameters.C[letter] = torch.tensor(row)

    def advance(self, n: int) -> None:
        """Make n steps, or fewer if the run fails."""
        torch.set_num_threads(1)  # per thread; two threads are 30 times slower at these sizes
        target, self._began = self.step + n, time.perf_counter() - self.seconds
        with torch.inference_mode():
            self._follow_plan()
            while self.step < target and self.failure is None:
                self._advance_to(min(target, self._next_event()))
                self._follow_plan()
        self.seconds = time.perf_counter() - self._began

    def free_buffers(self) -> None:
        """Free what only steps need, up to 9 MB; the next step makes it again."""
        self._engine.free_buffers()

    def evaluate(self, split: str) -> float:
        """The exact mean loss of "train", "dev" or "test" now, nats per character."""
        with torch.inference_mode():
            return self._engine.loss(getattr(self.dataset, split))

    def losses(self) -> tuple[float, float]:
        """The mean losses of train and dev now, over `Dataset.watched`: exact at character level."""
        with torch.inference_mode():
            train, dev = (self._engine.loss(examples) for examples in self._watched)
        return train, dev

    # ------------------------------------------------------------ stepping

    def _follow_plan(self) -> None:
        while self.plan and self.plan[0][0] <= self.step:
            _, name, value = self.plan.pop(0)
            if moves.is_move(name):
                self.move(*moves.read(name, value))
            else:
                self.set(**{name: value})

    def _next_event(self) -> int:
        """The next step at which something other than a minibatch loss happens."""
        grids = self._evaluations_per_decade, self._checkpoints_per_decade, self._embeddings_per_decade
        events = [next_on_grid(self.step, grid) for grid in grids if grid]
        events += [step for step, _, _ in self.plan[:1]]
        return min(*events, self.config.steps) if self.step < self.config.steps else min(events)

    def _advance_to(self, stop: int) -> None:
        """Go on to `stop` (at most the next event), undoing steps whose numbers are not finite.

        It goes back to the last `_restart`, never to where a caller sliced the run: so a run fails
        at the same step however it was advanced.
        """
        while self.step < stop:
            if not self._advance_block(stop):
                self._go_back(*self._restart)
                self._replay_to_failure()
                return
        if not self._remember():
            self._go_back(*self._restart)
            self._fail(EXACT_LOSS)

    def _go_back(self, step: int, flat: torch.Tensor) -> None:
        self.parameters.flat.copy_(flat)
        self.step = step
        losses = self.history.losses
        while losses and losses[-1][0] >= step:
            losses.pop()
        for rows in (self.history.checkpoints, self.history.embeddings):
            while rows and rows[-1][0] > step:
                rows.pop()

    def _replay_to_failure(self) -> None:
        """Repeat, one step at a time, steps that are known to fail; stop at the last finite one."""
        before, start = self.parameters.flat.clone(), self.step
        while True:
            here = self.parameters.flat.clone()
            if not self._advance_block(self.step + 1):
                self._go_back(start, before)
                return self._fail(LOSS)
            before, start = here, self.step - 1

    def _fail(self, why: str) -> None:
        if not self._remember_losses():  # weights can be finite and their exact loss not
            self._go_back(*self._last_finite)
        rate = self.config.learning_rate_at(self.step)
        self.failure = said(why, step=self.step, rate=rate, lower=lower_rate(rate))

    def _advance_block(self, stop: int) -> bool:
        """Steps towards `stop`, as far as one gathered block reaches. False if anything is not finite."""
        self._make_moves()
        if self.config.batch_size == FULL:
            finite = self._full_step()
        else:
            finite = self._minibatch_steps(stop)
        return finite and _finite(self.parameters.flat)

    def _minibatch_steps(self, stop: int) -> bool:
        config, at_once = self.config, steps_at_once(self.config.batch_size)
        number, first = divmod(self.step, at_once)
        last = min(first + stop - self.step, at_once)
        if first == 0:  # what has to be repeated after a failure is never more than a block
            self._restart = self._position()
        start, rates = self.step, config.learning_rates(self.step, self.step + last - first)
        logp = self._engine.steps(config.batch_size, number, slice(first, last), rates, config.weight_decay)
        self.step += last - first
        step = start if on_grid(start, LOSSES_PER_DECADE) else next_on_grid(start, LOSSES_PER_DECADE)
        while step < self.step:  # fsum: the same bits however the steps were sliced
            mean = -math.fsum(logp[step - start].tolist()) / config.batch_size
            self.history.losses.append((step, mean, rates[step - start], config.batch_size))
            step = next_on_grid(step, LOSSES_PER_DECADE)
        return _finite(logp)

    def _full_step(self) -> bool:
        """One step along the exact gradient of the training split."""
        rate = self.config.learning_rate_at(self.step)
        mean = self._engine.whole_step(rate, self.config.weight_decay)
        if on_grid(self.step, LOSSES_PER_DECADE):
            self.history.losses.append((self.step, mean, rate, FULL))
        self.step += 1
        return math.isfinite(mean)

    # ------------------------------------------------------------ remembering

    def _remember(self) -> bool:
        """Record what is due at this step. False, and nothing kept, if an exact loss is not finite."""
        last = self.step == self.config.steps
        if (last or on_grid(self.step, self._evaluations_per_decade)) and not self._remember_losses():
            return False
        if last or on_grid(self.step, self._checkpoints_per_decade):
            self.history.checkpoints.append((self.step, self.parameters.freeze()))
            self._restart = self._position()
        elif self._embeddings_per_decade and on_grid(self.step, self._embeddings_per_decade):
            self.history.embeddings.append((self.step, pack(self.parameters.C)))
        return True

    def _position(self) -> tuple[int, torch.Tensor]:
        return self.step, self.parameters.flat.clone()

    def _remember_losses(self) -> bool:
        """Record the losses of this step over `Dataset.watched`, unless one is not finite; then False."""
        losses = self.losses()
        if not all(map(math.isfinite, losses)):
            return False
        self._last_finite = self._restart = self._position()
        if not self.history.evaluations or self.history.evaluations[-1][0] < self.step:
            self.history.evaluations.append((self.step, *losses))
            seconds = time.perf_counter() - self._began if self.step else 0.0  # not of what was made before it trains
            self.history.clock.append((self.step, round(seconds, 3)))
        return True


def _finite(numbers: torch.Tensor) -> bool:
    """Whether all are finite, by NumPy: torch takes ten times as long to say so."""
    return bool(np.isfinite(numbers.numpy()).all())
