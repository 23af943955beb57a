"""Letterspace: watch a neural language model learn the alphabet. `streamlit run app.py`."""

import streamlit as st

from core.serving import memory
from core.ui import assets, forged, server
from core.ui.explore import first_letters, opening

memory.share_arenas()
routes = [*assets.routes(), server.pages().route(assets.path("live")), opening.route(assets.path("opening"))]
forged.install()
middleware = assets.middleware(first_letters.letters)
app = st.App("core/ui/main.py", routes=routes, middleware=middleware, lifespan=first_letters.prepared)
