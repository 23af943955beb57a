"""The live line in a browser: it breaks and comes back, is found again after a reload, and is the same in every tab."""

import random

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.support.app_server import READY
from tests.support.browser import (
    BEGUN,
    PATIENCE,
    STILL,
    VISITED,
    at_rest,
    begin_again,
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
OURS = "/letterspace/live"
LINES: dict[Page, list] = {}  # tab -> its live lines
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
    """A context of two tabs for all of these tests. Nothing complains of console errors: offline, there are some."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **STILL)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(script=VISITED)
    for tab in (context.new_page(), context.new_page()):
        note_lines(tab, LINES.setdefault(tab, []))
    yield context
    context.close()


def note_lines(tab: Page, lines: list) -> None:
    tab.on("websocket", lambda line: lines.append(line) if OURS in line.url else None)


@pytest.fixture
def context(used):
    yield used
    used.set_offline(False)


@pytest.fixture
def one(context, address):
    """A visitor's tab, whose run rests at step 0."""
    page = context.pages[0]
    if page.url == UNUSED:
        opened(page, address + NO_END)
    page.bring_to_front()
    begin_again(page)
    return page


@pytest.fixture
def other(one, address):
    """Another of the same visitor, behind it, where few frames are drawn: a click waits for some."""
    page = one.context.pages[1]
    if page.url == UNUSED:
        opened(page, address)
        one.bring_to_front()
    page.wait_for_function(BEGUN)
    return page


@pytest.fixture
def left(context):
    """The context, whose tabs show nothing after the test, and belong to nobody."""
    yield context
    for page in context.pages:
        if page.url != UNUSED and button(page, "Pause").is_visible():  # else it trains until its lease ends
            page.bring_to_front()
            pause(page)
        page.goto(UNUSED)
    context.clear_cookies()


def opened(page: Page, address: str) -> Page:
    page.bring_to_front()
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    return page


def test_a_browser_that_was_offline_says_so_and_then_shows_the_run_that_went_on(context, one):
    page = one
    train(page)
    context.set_offline(True)
    expect(page.locator(".ls-status")).to_contain_text("The connection was lost")
    before = step(page)
    context.set_offline(False)
    step_beyond(page, before)
    expect(page.locator(".ls-status")).not_to_contain_text("The connection was lost")
    pause(page)


def test_a_reload_while_training_finds_the_same_run_still_training(one):
    page = one
    train(page)
    before = step(page)
    page.reload()
    page.locator(READY).nth(26).wait_for()
    step_beyond(page, before)
    expect(button(page, "Pause")).to_be_visible()
    pause(page)


def test_what_one_tab_does_is_seen_in_the_other(one, other):
    press(one, "Step", "Step")
    step_is(one, 2)
    step_is(other, 2)
    other.bring_to_front()
    train(other)
    step_beyond(one, 2)
    expect(button(one, "Pause")).to_be_visible()
    one.bring_to_front()
    pause(one)
    expect(button(other, "Train")).to_be_visible()
    at_rest(one)  # what was said before Pause was carried out may be older
    at_rest(other)
    step_is(other, step(one))


def test_commands_by_keyboard_and_without_a_connection_are_carried_out_once_and_seen_in_both_tabs(context, one, other):
    page = one
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
    other.bring_to_front()
    pause(other)
    expect(button(page, "Train")).to_be_visible()
    step_is(page, step(other))


def test_the_cookie_is_the_servers_and_no_script_can_read_it(context, one):
    page = one
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == "letterspace"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and len(cookie["value"]) == 32
    assert "letterspace=" not in page.evaluate("document.cookie")


def test_a_page_that_was_left_for_another_has_no_line_and_a_new_one_when_it_is_opened_again(one):
    page, lines, before = one, LINES[one], len(LINES[one])
    first = lines[-1]
    page.get_by_role("link", name="Data", exact=True).click()
    if not first.is_closed():
        first.wait_for_event("close")
    page.get_by_role("link", name="Explore", exact=True).click()
    page.locator(READY).nth(26).wait_for()
    press(page, "Step")
    step_is(page, 1)
    assert len(lines) == before + 1


def test_the_page_puts_loss_figures_together_as_the_tests_do(one, few):
    page, story, reader, chance = one, Story(few(3)), LossReader(), random.Random(7)
    moves = [("advance", 40), ("advance", 9), ("rest",), ("undo",), ("turn",), ("change", 0.05), ("reset", 2)]
    told, expected = [], []
    for name, *values in [("advance", 1), *chance.choices(moves, k=40)]:
        getattr(story, name)(*values)
        told.append(story.told(reader.have))
        expected.append([reader.receive(told[-1]), [list(have) for have in reader.have]])
        assert expected[-1][0] == story.whole()
    assert page.evaluate(MERGED, told) == expected


def test_after_all_that_one_does_the_loss_chart_is_that_of_a_tab_that_was_just_opened(context, one, address):
    page = one
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
    other = opened(context.pages[1], address)
    step_is(other, step(page))
    other.wait_for_function(f"(loss) => ({LOSS})() === loss", arg=page.evaluate(LOSS))


def test_a_page_whose_cookie_was_deleted_goes_on_and_one_whose_place_was_taken_waits(left, one, address):
    context, page, lines, first = left, one, LINES[one], LINES[one][-1]
    context.clear_cookies()
    context.set_offline(True)
    expect(page.locator(".ls-status")).to_contain_text("The connection was lost")
    context.set_offline(False)
    expect(page.locator(".ls-status")).not_to_contain_text("The connection was lost")
    press(page, "Step")
    step_is(page, 1)
    assert lines[-1].url != first.url, "a key that needs no cookie"
    other = opened(context.pages[1], address)
    other.evaluate("url => { window.thief = new WebSocket(url); }", lines[-1].url)
    expect(page.locator(".ls-status")).to_contain_text("open in another window")
    with pytest.raises(TimeoutError):  # else the two would take the place from each other for ever
        page.wait_for_event("websocket", timeout=700)  # twice as long as coming back takes
