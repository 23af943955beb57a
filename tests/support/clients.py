"""Waiting for a client's run, and a run to compare it with."""

from core.config import Config
from core.engine.run import Run
from core.engine.snapshot import Snapshot
from core.serving.client import Client
from tests.support.waiting import eventually

SMALL = Config(n_hidden=10, steps=10_000_000)  # the config of a client by default


def plain(snapshot: Snapshot, few) -> Run:
    """A run of the same config, advanced to the same step in one go."""
    run = Run(snapshot.config, few(snapshot.config.block_size))
    run.advance(snapshot.step)
    return run


def past(client: Client, step: int, within: float = 30.0) -> Snapshot:
    return eventually(lambda: client.snapshot.step > step and client.snapshot, within)


def rested(client: Client, state: str) -> Snapshot:
    return eventually(lambda: client.snapshot.state == state and client.snapshot)
