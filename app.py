"""Letterspace: watch a neural language model learn the alphabet. `streamlit run app.py`."""

import streamlit as st

st.set_page_config(page_title="Letterspace", page_icon="assets/page/icon.png", layout="wide")

st.navigation([st.Page("core/ui/pages/explore.py", title="Explore", default=True)], position="hidden").run()
