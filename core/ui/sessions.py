"""Streamlit's sessions whose browsers have gone."""

import gc

from streamlit import runtime

from core.serving import memory

EVERY = 30.0  # seconds between two calls of `forget_gone`


def forget_gone() -> None:
    """Let go of sessions that are over, with the memory that they have. Call it in the thread of the event loop.

    Streamlit keeps a session whose connection was lost for two minutes, and removes it when the next one is lost:
    until then up to 128 stay, of some 2.6 MB each.
    """
    manager = runtime.get_instance()._session_mgr
    with manager._storage_lock:
        gone = manager._session_storage._cache.expire()
    if gone:
        del gone
        gc.collect()  # a session and its parts refer to each other
        memory.give_back()
