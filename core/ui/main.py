"""Letterspace: watch a neural language model learn the alphabet. app.py serves it."""

import streamlit as st

from core.ui import assets, lesson, session
from core.ui.start import tour

st.set_page_config(page_title="Letterspace", page_icon=str(assets.ASSETS / "page" / "icon.png"), layout="wide")

PAGES = [
    st.Page("explore/page.py", title="Explore", default=True),
    st.Page("start/page.py", title="Start here", url_path="start"),
    st.Page("compare/page.py", title="Compare runs", url_path="compare"),
    st.Page("data/page.py", title="Data", url_path="data"),
    st.Page("inside/page.py", title="Inside the network", url_path="inside"),
    st.Page("tune/page.py", title="Tune", url_path="tune"),
    st.Page("reference/page.py", title="Reference", url_path="reference"),
]
BOARD = st.Page("board/page.py", title="Board", url_path="board")
page = st.navigation([*PAGES, BOARD], position="hidden")  # its own line of links is hidden in the sidebar on a phone
if page == BOARD:
    page.run()
    st.stop()
session.begin()
if page != PAGES[0]:
    session.keep_what_was_typed()
lesson.of_url()
with st.container(key="pages", horizontal=True, gap="medium"):
    for other in (other for other in PAGES if other == page or not lesson.hides(other.url_path)):
        with st.container(key="page_here" if other == page else None, width="content"):
            first, *rest = other.title.split(maxsplit=1)
            st.page_link(other, label=" ".join([first, *(f":small[{words}]" for words in rest)]))
    tour.draw(page.url_path)
page.run()
session.keep_alive()
