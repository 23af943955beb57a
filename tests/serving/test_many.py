"""Many visitors, faults, hostile input: short forms of the benches, of which only counts are asserted, never times."""

import asyncio
import random

import pytest

from tests.bench import fuzz
from tests.bench.faults import LEASE, abandon, faults
from tests.bench.load import load
from tests.bench.processes import end, family, server
from tests.bench.soak import soak
from tests.support.app_server import served

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def moments():
    """The same random moments in every run."""
    random.seed(6)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return tmp_path_factory.mktemp("many") / "library.sqlite"


@pytest.fixture(scope="module")
def address(library):
    """One server for all that leaves it standing. Ended, it takes all its processes along.

    Its leases are short, so that no run trains on for long after its test.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
        with served(library=library, lease=LEASE) as address:
            yield address
            processes = family(server(address))
    assert len(processes) > 1  # it trains in processes of their own
    assert end(processes) == []


def test_several_visitors_at_once_all_train(address):
    seen = asyncio.run(load(address, visitors=5, seconds=1.0, every=0.25))
    assert (seen.errors, seen.refused) == ([], [])
    assert seen.advancing == 5


def test_a_long_visit_adds_no_processes_threads_or_file_handles(address, library):
    rows = asyncio.run(soak(address, library, minutes=2, warm_up=1, minute=1.0))
    first, last = rows[0].taken, rows[-1].taken
    assert last.processes == first.processes
    assert last.threads <= first.threads + 4  # a page that is just being drawn is a thread
    assert last.handles <= first.handles + 4


def test_pages_answer_hostile_input_with_a_sentence(address):
    tallies = asyncio.run(fuzz.pages(address, count=300, number=1))
    assert {kind: tally.tracebacks for kind, tally in tallies.items()} == {kind: [] for kind in tallies}
    assert all(tally.taken + tally.refused for tally in tallies.values())


def test_what_reads_files_and_links_answers_hostile_input_with_a_sentence():
    tallies = fuzz.modules(count=300, number=1)
    assert {kind: tally.tracebacks for kind, tally in tallies.items()} == {kind: [] for kind in tallies}
    assert sum(tally.taken + tally.refused for tally in tallies.values()) >= 300


def test_no_run_is_lost_whatever_breaks(tmp_path):
    times = {"drops": 3, "reloads": 2, "hosts": 1, "kills": 1}
    found = asyncio.run(faults(tmp_path / "library.sqlite", times, visitors=2, longest=2.0))
    assert {kind: outcome.times for kind, outcome in found.items()} == times | {
        kind: 2 * times[kind] for kind in ("hosts", "kills")
    }
    assert {kind: outcome.lost for kind, outcome in found.items()} == {kind: [] for kind in times}
    assert sum(outcome.left_over for outcome in found.values()) == 0


def test_abandoned_tabs_leave_no_run_in_training(address):
    found = asyncio.run(abandon(address, count=4))
    assert (found.times, found.left_over, found.lost) == (4, 0, [])
