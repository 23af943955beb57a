"""Trains in a process of its own: `python -m tests.support.train_until_killed`, for tests/serving/test_pool_end.py.

It prints the process id of its host, then "training"; after that each run that is kept, as its
step and whether it was in training. It ends as any program does when its standard input does.
"""

import sys

from core.config import Config
from core.data.dataset import Dataset, load_words
from core.engine.saved import SavedRun
from core.serving.client import Client
from core.serving.hosts import in_process
from core.serving.pool import Pool
from core.serving.training import untrained
from tests.support.waiting import eventually


def said(run: SavedRun) -> None:
    print(run.step, run.training, flush=True)


def main() -> None:
    pool = Pool(in_process, hosts=1)
    first = untrained(Config(n_hidden=8, steps=10_000_000), Dataset.of(load_words()[:200], 3), "max")
    one = Client(first, pool, said)
    one.start()
    host = one.link.host.host.process
    print(host.pid, flush=True)
    eventually(lambda: one.snapshot.step > 100, 60)
    print("training", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
