"""The letters in the index page: where the map will have them, seen long before Streamlit has started.

They are the letters of the visitor's own run, if the server still holds a page of it, and otherwise those of the run
with which every new visitor begins. There are none if the page will show something else: for a link to another run, in
a lesson (which may hide the map), for words, and for pictures that are not a plane.
"""

import gc
import html
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import parse_qsl

from core.analysis.timeline import Frame, Timeline
from core.config import Config
from core.data.corpus import WORD
from core.data.shown import Shown
from core.engine.snapshot import Snapshot
from core.keeping import link
from core.plots import GROUPS, PALETTE
from core.serving.training import untrained
from core.ui import server
from core.ui.explore.live import Live


@asynccontextmanager
async def prepared(_app: object) -> AsyncIterator[None]:
    """While the server runs: what its first visitor needs is made as soon as it starts, not when they come."""
    server.background().get(prepared, prepared, _prepare, lambda: None)
    yield


def _prepare() -> None:
    of_new_visitors()
    server.counted(server.names())
    server.visitors()  # and the processes that train
    # The 250,000 objects of the libraries stay. To search them for garbage takes 0.15 s of a core, in which all pages
    # wait; and as Python only searches once a quarter as many are new, garbage would stay for minutes.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)  # new objects between two searches, not 700: one look makes 2,000, none of them garbage


@cache
def of_new_visitors() -> tuple[Snapshot, Frame]:
    """The run of whoever comes for the first time, and its picture."""
    run = untrained(Config(), server.dataset(server.names(), Config().block_size))
    return run, Timeline().update(run)


def letters(token: str | None, query: str) -> str:
    """HTML of the letters for the visitor with this cookie who asks for this query, which can be anything."""
    asked = dict(parse_qsl(query))
    pages = [page for page in server.pages().of(token) if isinstance(page, Live)]
    known = pages[-1].picture() if pages else of_new_visitors()
    address = pages[-1].address(known[0]) if known and pages else ""
    if known is None or "lesson" in asked or not _asks_for(asked, address):
        return ""
    snapshot, frame = known
    if snapshot.corpus.level == WORD or frame.seen.points.shape[1] != 2 or snapshot.config.n_embd == 1:
        return ""
    return drawn(frame, snapshot.corpus.shown, middle=snapshot.config.n_embd > 2)


def _asks_for(asked: Mapping[str, str], address: str) -> bool:
    """Whether these parameters ask for no run at all, or for the one with this address."""
    wanted, notes = link.parse(asked)
    own = link.encode(link.Link(present=wanted.present))
    return not notes and link.encode(wanted) in (own, address)


def drawn(frame: Frame, shown: Shown, middle: bool) -> str:
    """A disc for each letter, placed in percent of the square that the map shows; colours as in the map."""
    window = frame.middle if middle else frame.window
    (x, y), side = window.centre, 2 * window.half
    places = [(50 + 100 * (px - x) / side, 50 - 100 * (py - y) / side) for px, py in frame.seen.points.tolist()]
    discs = (
        f'<b class="ls-{role}" style="left:{left:.2f}%;top:{top:.2f}%">{html.escape(label)}</b>'
        for (left, top), role, label in zip(places, shown.roles, shown.labels)
    )
    return f"<style>{_colours(0)}@media(prefers-color-scheme:dark){{{_colours(1)}}}</style><u>{''.join(discs)}</u>"


def _colours(scheme: int) -> str:
    """The colours of discs as CSS. scheme: 0 light, 1 dark."""
    return "".join(
        f"#ls-skeleton .ls-{role}{{background:{PALETTE[role][scheme]};color:{PALETTE[f'on_{role}'][scheme]}}}"
        for role in GROUPS
    )
