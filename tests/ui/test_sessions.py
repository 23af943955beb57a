"""core/ui/sessions.py: a session that nobody came back to is over, though no other one ends."""

import gc
import weakref
from types import SimpleNamespace

import pytest
from cachetools import TTLCache
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from core.ui import sessions


class Session:
    """Stands for Streamlit's; it refers to itself, as that one does through its parts."""

    def __init__(self, id: str):
        self.id, self.itself = id, self


@pytest.fixture
def now() -> SimpleNamespace:
    return SimpleNamespace(seconds=0.0)


@pytest.fixture
def storage(monkeypatch, now) -> MemorySessionStorage:
    """Streamlit's storage of sessions whose connection was lost, with the test's clock."""
    storage = MemorySessionStorage()
    storage._cache = TTLCache(storage._cache.maxsize, storage._cache.ttl, timer=lambda: now.seconds)
    manager = WebsocketSessionManager(storage, None, None, None)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager))
    return storage


def kept(storage: MemorySessionStorage, id: str) -> weakref.ref:
    session = Session(id)
    storage.save(SessionInfo(client=None, session=session))
    return weakref.ref(session)


def test_a_session_is_over_after_two_minutes_and_its_memory_is_free(storage, now):
    gc.collect()
    old, now.seconds = kept(storage, "old"), 60.0
    young, now.seconds = kept(storage, "young"), 119.0
    sessions.forget_gone()
    assert old() and young()
    now.seconds = 121.0
    assert old(), "nothing else has ended"
    sessions.forget_gone()
    assert old() is None and young() and storage.get("young").session is young()


def test_streamlits_server_has_what_is_used_here():
    assert "_session_mgr" in Runtime.__init__.__code__.co_names
    assert AppSession.__del__, "which ends a session that is let go of"
