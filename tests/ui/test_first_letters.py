"""The letters in the index page."""

import gc
import re

import pytest

from core.analysis.timeline import Timeline
from core.config import Config
from core.data.corpus import Corpus
from core.serving.client import Client
from core.serving.hosts import in_thread
from core.serving.pool import Pool
from core.serving.training import untrained
from core.ui import server
from core.ui.explore import first_letters
from core.ui.explore.live import Live

LETTER = re.compile(r'<b class="ls-(\w+)" style="left:([-.\d]+)%;top:([-.\d]+)%">([^<]*)</b>')
TOKEN = "t" * 32


@pytest.fixture
def open_page(few):
    """(config) -> a page of the visitor with TOKEN, whose run has this config, once the page has drawn it."""
    pool, held = Pool(in_thread, hosts=1), []

    def open_page(config: Config) -> Live:
        live = Live(TOKEN, Client(untrained(config, few(config.block_size)), pool))
        server.pages().add(live)
        held.append(live)
        live.frames()
        return live

    yield open_page
    held.clear()
    pool.stop()


def drawn(html: str) -> list[tuple[str, float, float]]:
    return [(label, float(left), float(top)) for _, left, top, label in LETTER.findall(html)]


def test_a_new_visitor_sees_the_untrained_letters_where_the_map_will_have_them(dataset):
    frame = Timeline().update(untrained(Config(), dataset))
    (x, y), side = frame.window.centre, 2 * frame.window.half
    for (label, left, top), (px, py), char in zip(
        drawn(first_letters.letters(None, "")), frame.seen.points.tolist(), dataset.vocabulary.itos, strict=True
    ):
        assert label == char
        assert (left / 100 - 0.5) * side + x == pytest.approx(px, abs=1e-3 * side)
        assert (0.5 - top / 100) * side + y == pytest.approx(py, abs=1e-3 * side)


def test_a_visitor_who_comes_back_sees_the_letters_of_their_own_run(open_page):
    live = open_page(Config(seed=5))
    own = drawn(first_letters.letters(TOKEN, ""))
    assert own == drawn(first_letters.letters(TOKEN, live.address(live.client.snapshot)))
    assert own != drawn(first_letters.letters(None, ""))
    assert len(own) == len(live.client.snapshot.vocabulary)


def test_somebody_else_sees_nothing_of_it(open_page):
    open_page(Config(seed=5))
    assert first_letters.letters("u" * 32, "") == first_letters.letters(None, "")


@pytest.mark.parametrize(
    "query", ["n_embd=10", "seed=7", "seed=x", "lesson=e01", "step=20", "data=no.0123456789", "%ff&&=&n_embd=%00"]
)
def test_nothing_is_drawn_where_another_run_is_asked_for_or_nobody_knows_which(query):
    assert first_letters.letters(None, query) == ""


@pytest.mark.parametrize("query", ["embed=true", "present=1", "utm_source=a"])
def test_what_asks_for_no_run_changes_nothing(query):
    assert first_letters.letters(None, query) == first_letters.letters(None, "")


def test_a_run_in_one_dimension_is_not_drawn(open_page):
    open_page(Config(n_embd=1))
    assert first_letters.letters(TOKEN, "") == ""


def test_letters_from_a_text_are_escaped(ready):
    words = tuple(first + second for first in "<&ab" for second in "<&ab")
    dataset = ready(Corpus("signs", words), 3)
    snapshot = untrained(Config(), dataset)
    html = first_letters.drawn(Timeline().update(snapshot), snapshot.corpus.shown, middle=False)
    assert {"&lt;", "&amp;"} <= {label for label, _, _ in drawn(html)}


def test_a_server_that_is_prepared_does_not_search_its_libraries_for_garbage():
    gc.unfreeze()
    first_letters._prepare()
    assert gc.get_freeze_count() > 100_000
