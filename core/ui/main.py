"""Letterspace: watch a neural language model learn the alphabet. app.py serves it."""

import re

import streamlit as st

from core.messages import mark, tr
from core.ui import assets, language, lesson, session
from core.ui.start import tour

st.set_page_config(page_title="Letterspace", page_icon=str(assets.ASSETS / "page" / "icon.png"), layout="wide")

SMALL = re.compile(r":small\[(.*?)\]")  # of Streamlit's Markdown
# file, name, path. In a narrow window what is :small[so] is read out, and not drawn.
NAMED = (
    ("explore/page.py", mark("Explore"), ""),
    ("start/page.py", mark("Start :small[here]"), "start"),
    ("compare/page.py", mark("Compare :small[runs]"), "compare"),
    ("data/page.py", mark("Data"), "data"),
    ("inside/page.py", mark("Inside :small[the network]"), "inside"),
    ("tune/page.py", mark("Tune"), "tune"),
    ("reference/page.py", mark("Reference"), "reference"),
)
labels = {path: tr(name) for _, name, path in NAMED}
PAGES = [
    st.Page(file, title=SMALL.sub(r"\1", labels[path]), url_path=path or None, default=not path)
    for file, _, path in NAMED
]
BOARD = st.Page("board/page.py", title=tr("Board"), url_path="board")
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
            st.page_link(other, label=labels[other.url_path])
    tour.draw(page.url_path)
    language.draw()
page.run()
session.keep_alive()
