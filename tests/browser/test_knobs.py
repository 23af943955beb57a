"""Knobs in a browser while the run goes on: what a person chose stays, and nothing else starts a new run."""

import re
import time

import pytest
import streamlit  # noqa: F401 (its protocol cannot be imported before it)
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.support.browser import at_rest, centre, pause, press, settled, slide, step, step_beyond, step_is, train

pytestmark = pytest.mark.still

LATE = 1.5  # seconds: several looks of a page that trains; what a browser sends late has been sent by then
OFTEN = 50  # ms between two looks at whether it is still so


CALM = "slow"  # four steps a second, and a look at each: no more of them than the tests need


def train_calmly(page) -> None:
    page.get_by_role("radio", name=CALM, exact=True).click()
    train(page)


def shows(page, label: str, value: str):
    expect(page.get_by_role("slider", name=label)).to_have_attribute("aria-valuetext", value)


def value(page, label: str) -> str:
    return page.get_by_role("slider", name=label).get_attribute("aria-valuetext")


def stays(page, look, as_it_is) -> None:
    """Look again and again, until what comes late has come."""
    settled(page)
    end = time.monotonic() + LATE
    while time.monotonic() < end:
        assert look() == as_it_is
        page.wait_for_timeout(OFTEN)


def test_the_run_that_undo_brings_back_after_a_new_seed_stays(again):
    page = again
    train_calmly(page)
    step_beyond(page, 2)
    pause(page)
    at_rest(page)  # the button changes at once, the newest step comes a moment later
    settled(page)
    held = step(page)
    press(page, "New seed")
    step_is(page, 0)
    settled(page)
    press(page, "Undo")
    step_is(page, held)
    stays(page, lambda: step(page), held)


def test_a_preset_and_a_knob_moved_by_keys_while_it_trains_stay(again):
    page = again
    train_calmly(page)
    page.get_by_role("radio", name="Wide 2-D").or_(page.get_by_role("button", name="Wide 2-D")).first.click()
    shows(page, "Hidden units", "300")
    stays(page, lambda: value(page, "Hidden units"), "300")
    slide(page, "Hidden units", "ArrowLeft")
    shows(page, "Hidden units", "290")
    stays(page, lambda: value(page, "Hidden units"), "290")
    step_beyond(page, 0)


def note_drawings(page, asked: list[BackMsg]) -> None:
    """Add to `asked` what the page asks Streamlit to draw, without what it asks for by itself every 20 seconds."""

    def note(frame) -> None:
        message = BackMsg.FromString(frame) if isinstance(frame, bytes) else BackMsg()
        if message.HasField("rerun_script") and not message.rerun_script.is_auto_rerun:
            asked.append(message)

    page.on("websocket", lambda socket: socket.on("framesent", note) if "/_stcore/stream" in socket.url else None)


def test_what_is_typed_and_dragged_is_answered_while_no_script_runs(open_page):
    asked = []
    page = open_page(before=lambda page: note_drawings(page, asked))
    bars, names = page.locator(".ls-bars"), page.locator(".ls-names")
    expect(bars).to_have_attribute("aria-label", re.compile("^After .em:"))
    settled(page)
    before, written = len(asked), names.inner_text()
    context, name = (page.get_by_label(label, exact=True) for label in ("Context", "Name"))
    context.fill("emq")
    expect(bars).to_have_attribute("aria-label", re.compile("^After emq:"))
    name.fill("ann")
    expect(page.locator(".ls-tile")).to_have_count(4)
    thumb = page.get_by_role("slider", name="Temperature").locator("xpath=../..")
    x, y = centre(thumb)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 150, y, steps=5)
    expect(names).not_to_have_text(written)
    page.mouse.up()
    held = value(page, "Temperature")
    assert float(held) < 1
    assert len(asked) == before, "no script has run"
    train_calmly(page)
    slide(page, "Learning rate", "ArrowRight")  # a preset's settings no more: that is drawn, once
    page.wait_for_function("() => letterspace.time.live.address?.includes('learning_rate.0.3')")
    settled(page)
    before = len(asked)
    slide(page, "Learning rate", "ArrowRight")
    page.wait_for_function("() => letterspace.time.live.address.includes('learning_rate.1')")
    x, y = centre(page.get_by_role("slider", name="Learning rate").locator("xpath=../.."))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y, steps=5)
    page.mouse.up()
    now = value(page, "Learning rate")
    page.wait_for_function("(now) => letterspace.time.live.address.endsWith(`learning_rate.${now}`)", arg=now)
    assert float(now) < 1 and len(asked) == before, "no script has run"
    pause(page)
    press(page, "New seed")  # now one does, and finds what stands in the inputs
    page.wait_for_function("() => letterspace.time.run === 2")
    settled(page)
    assert len(asked) > before and value(page, "Temperature") == held and value(page, "Learning rate") == now
    expect(bars).to_have_attribute("aria-label", re.compile("^After emq:"))
    expect(page.locator(".ls-tile")).to_have_count(4)
    expect(context).to_have_value("emq")
