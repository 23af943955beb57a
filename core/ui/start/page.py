"""The page “Start here”: the tour and the lessons."""

import streamlit as st

from core.lessons.tour import CARDS, PAGES
from core.messages import tr
from core.ui import components, session
from core.ui.start import lessons, tour


def page() -> None:
    session.begin()
    components.present()
    left, right = st.columns([1, 1.5], gap="small")
    with left, st.container(key="cards", border=True):
        _tour()
    with right, st.container(key="lessons", border=True):
        lessons.draw()


def _tour() -> None:
    it = tour.tour()
    cards = [
        {"title": tr(card.title), "page": tr(PAGES[card.page]), "done": i in it.done} for i, card in enumerate(CARDS)
    ]
    heard = {"jump": tour.jump, "resume": tour.resume, "again": tour.start_over}
    components.view("cards", heard, cards=cards, at=it.at, open=it.open, begun=it.begun)


page()
