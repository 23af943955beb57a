"""Letterspace: watch a neural language model learn the alphabet. `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from core.serving import memory
from core.serving.regularly import regularly
from core.ui import assets, forged, server, sessions
from core.ui.explore import first_letters, opening


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """What goes on beside the pages, from the server's start to its end."""
    async with first_letters.prepared(app), regularly(sessions.EVERY, sessions.forget_gone):
        yield


memory.share_arenas()
routes = [*assets.routes(), server.pages().route(assets.path("live")), opening.route(assets.path("opening"))]
forged.install()
middleware = assets.middleware(first_letters.letters)
app = st.App("core/ui/main.py", routes=routes, middleware=middleware, lifespan=lifespan)
