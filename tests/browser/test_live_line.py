"""The live line in a browser: it breaks and comes back, is found again after a reload, and is the same in every tab."""

import random

import pytest
from playwright.sync_api import BrowserContext, Page, TimeoutError, expect

from tests.support.app_server import READY
from tests.support.browser import (
    PATIENCE,
    STILL,
    VISITED,
    at_rest,
    button,
    pause,
    press,
    step,
    step_beyond,
    step_is,
    train,
)
from tests.support.loss_figures import LossReader, Story

UNUSED = "about:blank"
NO_END = "?steps=10000000"  # no run is over before its test is
# What the page's own module makes of these messages about the loss figure, and says that it has after each.
MERGED = """async (told) => {
  const { name } = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/common/losses.js'));
  const reader = (await import(name)).losses();
  return told.map((said) => [structuredClone(reader.receive(said)), reader.have()]);
}"""
# The loss figure as the page was told it, and the points that are drawn, without the line at the time cursor.
LOSS = """() => {
  const drawn = document.querySelector('.ls-loss').data.slice(0, -1).map(({ x, y }) => [[...x], [...y]]);
  return JSON.stringify([letterspace.time.live.loss, drawn]);
}"""


@pytest.fixture(scope="module")
def used(browser):
    """A context for all of these tests, whose tabs are used again: Streamlit starts with half the work there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **STILL)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(script=VISITED)
    yield context
    context.close()


@pytest.fixture
def context(used):
    """Without the fixture that complains of console errors: a browser that is offline says so there."""
    yield used
    used.set_offline(False)
    shown = [page for page in used.pages if page.url != UNUSED]
    for page in shown:
        if button(page, "Pause").is_visible():  # a run that nobody looks at takes a core until its lease ends
            pause(page)
    for page in shown:
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.goto(UNUSED)
    used.clear_cookies()


def tab(context: BrowserContext) -> Page:
    """One that shows nothing."""
    return next((page for page in context.pages if page.url == UNUSED), None) or context.new_page()


def opened(context: BrowserContext, address: str) -> Page:
    page = tab(context)
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    return page


def test_a_browser_that_was_offline_says_so_and_then_shows_the_run_that_went_on(context, address):
    page = opened(context, address + NO_END)
    train(page)
    context.set_offline(True)
    expect(page.locator(".ls-status")).to_contain_text("The connection was lost")
    before = step(page)
    context.set_offline(False)
    step_beyond(page, before)
    expect(page.locator(".ls-status")).not_to_contain_text("The connection was lost")
    pause(page)


def test_a_reload_while_training_finds_the_same_run_still_training(context, address):
    page = opened(context, address + NO_END)
    train(page)
    before = step(page)
    page.reload()
    page.locator(READY).nth(26).wait_for()
    step_beyond(page, before)
    expect(button(page, "Pause")).to_be_visible()
    pause(page)


def test_what_one_tab_does_is_seen_in_the_other(context, address):
    one, other = opened(context, address), opened(context, address)
    press(one, "Step", "Step")
    step_is(one, 2)
    step_is(other, 2)
    train(other)
    step_beyond(one, 2)
    expect(button(one, "Pause")).to_be_visible()
    pause(one)
    expect(button(other, "Train")).to_be_visible()
    at_rest(one)  # what was said before Pause was carried out may be older
    at_rest(other)
    step_is(other, step(one))


def test_commands_by_keyboard_and_without_a_connection_are_carried_out_once_and_seen_in_both_tabs(context, address):
    page, other = opened(context, address + NO_END), opened(context, address)
    slow, fast = (page.get_by_role("radio", name=name, exact=True) for name in ("slow", "max"))
    page.get_by_role("radio", name="auto", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(fast).to_be_checked()
    expect(fast).to_be_focused()
    expect(other.get_by_role("radio", name="max", exact=True)).to_be_checked()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # beyond the last one is the first
    expect(slow).to_be_checked()
    expect(other.get_by_role("radio", name="slow", exact=True)).to_be_checked()
    button(page, "Step").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    step_is(page, 2)
    step_is(other, 2)
    context.set_offline(True)
    button(page, "Step").focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.locator(".ls-status")).to_have_text("No connection to the server. As soon as it is back: Step.")
    expect(button(page, "Step")).to_have_attribute("aria-busy", "true")
    step_is(page, 2)
    context.set_offline(False)
    step_is(page, 5)
    step_is(other, 5)
    expect(button(page, "Step")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".ls-status")).not_to_contain_text("connection")
    button(page, "Train").focus()
    page.keyboard.press("Enter")
    step_beyond(other, 5)
    expect(button(other, "Pause")).to_be_visible()
    pause(other)
    expect(button(page, "Train")).to_be_visible()
    step_is(page, step(other))


def test_a_page_whose_cookie_was_deleted_goes_on_and_one_whose_place_was_taken_waits(context, address):
    page, lines = tab(context), []
    page.on("websocket", lambda socket: lines.append(socket.url) if "/letterspace/live" in socket.url else None)
    page.goto(address + NO_END)
    page.locator(READY).nth(26).wait_for()
    context.clear_cookies()
    context.set_offline(True)
    expect(page.locator(".ls-status")).to_contain_text("The connection was lost")
    context.set_offline(False)
    expect(page.locator(".ls-status")).not_to_contain_text("The connection was lost")
    press(page, "Step")
    step_is(page, 1)
    assert lines[-1] != lines[0], "a key that needs no cookie"
    other = opened(context, address)
    other.evaluate("url => { window.thief = new WebSocket(url); }", lines[-1])
    expect(page.locator(".ls-status")).to_contain_text("open in another window")
    with pytest.raises(TimeoutError):  # else the two would take the place from each other for ever
        page.wait_for_event("websocket", timeout=700)  # twice as long as coming back takes


def test_the_cookie_is_the_servers_and_no_script_can_read_it(context, address):
    page = opened(context, address)
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == "letterspace"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and len(cookie["value"]) == 32
    assert "letterspace=" not in page.evaluate("document.cookie")


def test_a_page_that_was_left_for_another_has_no_line_and_a_new_one_when_it_is_opened_again(context, address):
    page, lines = tab(context), []
    page.on("websocket", lambda socket: lines.append(socket) if "/letterspace/live" in socket.url else None)
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    (first,) = lines
    page.get_by_role("link", name="Data", exact=True).click()
    if not first.is_closed():
        first.wait_for_event("close")
    page.get_by_role("link", name="Explore", exact=True).click()
    page.locator(READY).nth(26).wait_for()
    press(page, "Step")
    step_is(page, 1)
    assert len(lines) == 2


def test_the_page_puts_loss_figures_together_as_the_tests_do(context, address, few):
    page, story, reader, chance = opened(context, address), Story(few(3)), LossReader(), random.Random(7)
    moves = [("advance", 40), ("advance", 9), ("rest",), ("undo",), ("turn",), ("change", 0.05), ("reset", 2)]
    told, expected = [], []
    for name, *values in [("advance", 1), *chance.choices(moves, k=40)]:
        getattr(story, name)(*values)
        told.append(story.told(reader.have))
        expected.append([reader.receive(told[-1]), [list(have) for have in reader.have]])
        assert expected[-1][0] == story.whole()
    assert page.evaluate(MERGED, told) == expected


def test_after_all_that_one_does_the_loss_chart_is_that_of_a_tab_that_was_just_opened(context, address):
    page = opened(context, address + NO_END)
    train(page)
    step_beyond(page, 30)
    pause(page)
    press(page, "Step", "Reset")
    step_is(page, 0)
    train(page)
    context.set_offline(True)
    expect(page.locator(".ls-status")).to_contain_text("The connection was lost")
    context.set_offline(False)
    step_beyond(page, 60)
    pause(page)
    for command in ("Undo", "Redo", "Step", "Step"):
        before = step(page)
        press(page, command)
        page.wait_for_function("(before) => letterspace.time.head.step !== before", arg=before)
    other = opened(context, address)
    step_is(other, step(page))
    other.wait_for_function(f"(loss) => ({LOSS})() === loss", arg=page.evaluate(LOSS))
