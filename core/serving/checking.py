"""`python -m core check` in worker processes: on all cores of this machine, or on those of a Ray cluster.

An answer is trained again in a worker as any job of a batch is (core/serving/jobs.py), at lower priority; its result
comes back instead of a history.
"""

import math
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.config import ConfigError
from core.data.corpus import Corpus
from core.data.vocabulary import DataError
from core.keeping import answers
from core.keeping.answers import Answer
from core.keeping.proof import CheckResult, Claim
from core.messages import packed
from core.serving import cluster
from core.serving.jobs import Jobs

FEW = 4  # answers that are checked in this process: workers take some seconds to start
LOOK = 0.05  # seconds between two looks at what the workers have found


@dataclass(frozen=True)
class Check:
    """An answer to be trained again, as a `core.engine.job.Job` is: claim: its link. longest: seconds."""

    name: str
    claim: str
    steps: int
    longest: float

    def checked(self) -> dict:
        return {"name": packed(self.name), "claim": self.claim, "longest": self.longest}


def judged(found: Sequence[Answer], extra: Sequence[Corpus], longest: float) -> Iterator[CheckResult]:
    """What training each again showed, in the order of the list. extra: words that are not in the gallery."""
    if not os.environ.get(cluster.VARIABLE, "").strip():
        yield from (answers.judged if len(found) <= FEW else by_workers)(found, extra, longest)
        return
    joined = cluster.join(None)
    joined.known.wait(cluster.CONNECT + cluster.REACHED)
    try:
        yield from by_workers(found, extra, longest)
    finally:
        joined.stop()


def by_workers(found: Sequence[Answer], extra: Sequence[Corpus], longest: float) -> Iterator[CheckResult]:
    results: dict[int, CheckResult] = {}
    groups = defaultdict(list)  # of those that learned from the same words
    for i, (_, claim) in enumerate(found):
        if isinstance(claim, str):
            results[i] = CheckResult(False, claim, {})
        else:
            groups[claim.link.digest, claim.link.vocabulary].append(i)
    told = 0
    for (digest, vocabulary), mine in groups.items():
        try:
            corpus = answers.corpus(digest, vocabulary, extra)
        except (ConfigError, DataError) as error:
            results |= {i: CheckResult(False, str(error), {}) for i in mine}
            continue
        for come in _checked([_check(found[i], longest) for i in mine], corpus):
            results |= {mine[k]: result for k, result in come.items()}
            while told in results:
                yield results[told]
                told += 1
    yield from (results[i] for i in range(told, len(found)))


def _check(answer: Answer, longest: float) -> Check:
    claim: Claim = answer.claim
    return Check(answer.of, claim.written(), max(1, claim.link.step), longest)


def _checked(checks: list[Check], corpus: Corpus) -> Iterator[dict[int, CheckResult]]:
    """All results that there are, again and again until there is one of each."""
    batch = Jobs(checks, corpus)
    try:
        share = 0.0
        while share < 1:
            progress = batch.poll()
            share = progress.share
            failed = {k: CheckResult(False, str(why), {}) for k, why in progress.failed.items()}
            yield failed | {k: _result(**what) for k, what in progress.done.items()}
            time.sleep(LOOK if share < 1 else 0)
    finally:
        batch.cancel()


def _result(true: bool, why: str, numbers: dict) -> CheckResult:
    return CheckResult(true, why, {name: math.inf if value is None else value for name, value in numbers.items()})
