"""Letterspace: watch a neural language model learn the alphabet. `streamlit run app.py`."""

import streamlit as st

st.set_page_config(page_title="Letterspace", page_icon="assets/page/icon.png", layout="wide")

PAGES = [
    st.Page("core/ui/pages/explore.py", title="Explore", default=True),
    st.Page("core/ui/pages/compare.py", title="Compare runs", url_path="compare"),
]
st.navigation(PAGES, position="top").run()
