"""Letterspace: watch a neural language model learn the alphabet. `streamlit run app.py`."""

import streamlit as st

from core.ui import assets

app = st.App("core/ui/main.py", routes=assets.routes(), middleware=assets.middleware())
