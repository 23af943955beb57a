"""Proof of work: an answer is a link with the numbers that its run reached, and anybody can train it again.

    ?n_hidden=200&data=names.bd02dfd33179&engine=kernel-1&step=5000&train=2.2419&dev=2.2523&proof=0f3a5c7e9b1d

A run is a pure function of its link, so an answer is true if the run that is trained from it has these numbers:
the losses as they are written, and the parameters to the last bit. `proof` is the beginning of their sha256.
Only the kernel has the same bits on every machine. A run by torch is compared by its losses alone: on another
machine sums may be rounded differently. TOLERANCE allows for that: after 10,000 steps the kernel's and torch's losses
of the same run differ by 0.0000002 at most (four configs on the names), and a loss is written with four digits.
"""

import hashlib
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode

from core.analysis.structure import apart
from core.config import DEFAULT_WORDS, Config, ConfigError
from core.data.dataset import Dataset
from core.engine.history import KERNEL
from core.engine.model import Parameters
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.engine.state import RunState
from core.keeping import link
from core.keeping.link import Link
from core.messages import tr

DIGITS = 12  # hexadecimal digits of the proof: one chance in 3e14 that another run has the same
TOLERANCE = 2e-4  # nats per symbol
LOSS = re.compile(r"\d{1,3}\.\d{4}", re.ASCII)
PROOF = re.compile(f"[0-9a-f]{{{DIGITS}}}")
ANSWER = re.compile(r"\?[^\s\"'<>,;]*\bproof=[^\s\"'<>,;]*")  # in a file of anything: a list, a table, a mail
AT_ONCE = 500  # steps between two looks at the clock


@dataclass(frozen=True)
class Claim:
    """What somebody says of a run. link: with its step. train, dev: exact losses in nats, as text of four digits."""

    link: Link
    train: str
    dev: str
    proof: str

    @classmethod
    def of(cls, run: RunState, data: str, digest: str, most: int | None = None) -> "Claim":
        """Of a run at rest; ConfigError if a link cannot hold it, or its exact losses are not those of its step.

        most: words of the vocabulary, at word level, where the losses are those of the samples that are watched.
        """
        at, train, dev = run.exact
        if at != run.step:
            raise ConfigError(tr("The run is in training. Pause it, so that its exact losses are known."))
        if not (math.isfinite(train) and math.isfinite(dev)):
            raise ConfigError(tr("The losses of this run are no longer numbers, so that it is no answer."))
        history = run.history
        config, path = Config(**history.config), history.paths[0][1]
        most = None if most == DEFAULT_WORDS else most
        asked = Link(config, tuple(history.changes), data, digest, run.step, path=path, vocabulary=most)
        return cls(asked, f"{train:.4f}", f"{dev:.4f}", proof(run.frozen))

    @classmethod
    def read(cls, text: str) -> "Claim":
        """The claim in an answer; ConfigError with a sentence if it says less, or what no run can have."""
        if len(text) > link.MAX_LINK:
            raise ConfigError(f"The answer is longer than {link.MAX_LINK:,} characters.")
        said = dict(parse_qsl(text.partition("?")[2], keep_blank_values=True))
        asked, notes = link.parse(said)
        if notes:
            raise ConfigError(f"The link cannot be read as it stands. {notes[0]}")
        if asked.step is None or not asked.digest:
            raise ConfigError("The link does not say which words and which step.")
        for name, pattern in (("train", LOSS), ("dev", LOSS), ("proof", PROOF)):
            if not pattern.fullmatch(said.get(name, "")):
                raise ConfigError(f"The link has no “{name}”, or one that no answer has.")
        return cls(replace(asked, present=False), said["train"], said["dev"], said["proof"])

    def written(self, page: str = "") -> str:
        """The answer. page: the address of the page that it opens."""
        said = {"train": self.train, "dev": self.dev, "proof": self.proof}
        return f"{page}?{urlencode(link.to_params(self.link) | said, quote_via=quote)}"


def proof(frozen: bytes) -> str:
    return hashlib.sha256(frozen).hexdigest()[:DIGITS]


@dataclass(frozen=True)
class CheckResult:
    """What training again found. numbers: by the names of core/lessons/goals.py; empty if it was not trained."""

    true: bool
    why: str
    numbers: Mapping[str, float]


def claimed_by(saved: SavedRun) -> Claim:
    """The claim of a run's file."""
    return Claim.of(saved, saved.data, *saved.text)


def check(
    claim: Claim, dataset: Dataset, longest: float = math.inf, look: Callable[[Run], None] = lambda run: None
) -> CheckResult:
    """Train the run of a claim again, for at most so many seconds, and compare. dataset: of the link's words.

    look: is called from time to time; what it raises ends the check.
    """
    run = Run(claim.link.config, dataset, claim.link.changes, claim.link.path)
    until = time.monotonic() + longest
    while run.step < claim.link.step and run.failure is None:
        if time.monotonic() > until:
            return CheckResult(False, f"It takes more than {longest:g} seconds, so it was not trained to its end.", {})
        run.advance(min(AT_ONCE, claim.link.step - run.step))
        look(run)
    if run.step < claim.link.step:
        return CheckResult(False, f"The run ends at step {run.step:,}: {run.failure}", {})
    losses = dict(zip(("train", "dev"), run.losses()))
    numbers = losses | {"parameters": len(run.parameters.weights), "step": run.step, **_of_history(run)}
    same = proof(run.parameters.freeze()) == claim.proof
    by_kernel = run.history.path == claim.link.path == KERNEL
    return CheckResult(*(_to_the_bit if by_kernel else _within_rounding)(claim, losses, same), numbers)


def _of_history(run: Run) -> dict[str, float]:
    """What goals ask of how the run came there."""
    roles, history = run.dataset.corpus.shown.roles, run.history
    networks = (
        (step, Parameters.thaw(run.parameters.shape, history.parameters_at(index)))
        for index, (step, _) in enumerate(history.checkpoints)
    )
    found = next((step for step, network in networks if apart(network.C, roles)), math.inf)
    return {"first": history.evaluations[0][1], "apart": found}


def _to_the_bit(claim: Claim, losses: Mapping[str, float], same: bool) -> tuple[bool, str]:
    if any(f"{losses[split]:.4f}" != getattr(claim, split) for split in losses):
        return False, _other(claim, losses)
    if not same:
        return False, "The losses are right, but the parameters differ."
    return True, "the same parameters to the last bit"


def _within_rounding(claim: Claim, losses: Mapping[str, float], same: bool) -> tuple[bool, str]:
    far = max(abs(losses[split] - float(getattr(claim, split))) for split in losses)
    if far > TOLERANCE:
        return False, _other(claim, losses)
    if not same:
        return True, f"losses within {far:.4f} nats, which rounding can make"
    return True, "the same parameters to the last bit"


def _other(claim: Claim, losses: Mapping[str, float]) -> str:
    found = ", ".join(f"{split} {losses[split]:.4f} instead of {getattr(claim, split)}" for split in losses)
    return f"Trained again it has other losses: {found}."
