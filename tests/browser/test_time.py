"""The one time cursor: it moves everything at once, asks nobody, and training goes on meanwhile."""

import re

import pytest
from playwright.sync_api import expect

from core.config import Config
from core.engine.run import Run
from tests.support.agreeing import agree
from tests.support.browser import (
    RANGES,
    ZOOM,
    as_marked,
    at_rest,
    button,
    centre,
    cursor_is,
    frames,
    pause,
    press,
    shown,
    slide,
    steady,
    step,
    step_beyond,
    step_is,
    time,
    train,
)

TRAINED = 60  # steps or more


RESTS = """([experiment, steps]) => {
  const { live, head } = letterspace.time;
  return live.training === false && live.address === experiment && head.step > steps && head.step < 20 * steps;
}"""


@pytest.fixture
def still(shared, request):
    """The file's page, whose run rests after some steps, live and without a focus: for the tests that only look."""
    page, experiment = shared
    if not page.evaluate(RESTS, [experiment, TRAINED]):
        train(request.getfixturevalue("again"))
        step_beyond(page, TRAINED)
        pause(page)
        at_rest(page)
    as_marked(page, request.node)
    page.wait_for_function("() => letterspace.time.answers.length === letterspace.time.frames.length")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("End")
    cursor_is(page, None)
    return page


def slider(page):
    return page.get_by_role("slider", name="Training step")


@pytest.mark.still
def test_keys_step_and_jump_and_everything_shows_that_step(still, datasets):
    page, steps = still, time(still, "frames.map((frame) => frame.step)")
    live, last = step(page), len(steps) - 1
    assert steps == sorted(steps) and steps[:20] == list(range(20)) and live >= steps[-1]
    for key, index in [("ArrowLeft", last), ("ArrowLeft", last - 1), ("ArrowRight", last), ("ArrowRight", None),
                       ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", None)]:  # fmt: skip
        page.keyboard.press(key)
        cursor_is(page, index)
        step_is(page, live if index is None else steps[index])
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    cursor_is(page, 4)
    run = Run(Config(), datasets(3))
    run.advance(steps[4])
    agree(page, run.parameters, run, datasets(3))


def test_readout_names_and_marker_never_tell_of_different_steps(still):
    still.keyboard.press("Home")
    cursor_is(still, 0)
    told = still.evaluate("""() => new Promise((done) => {
      const { time } = letterspace, told = [];
      let n = 0;
      const look = () => {
        const text = document.querySelector('.ls-step b').textContent, { frame, answer } = time.now();
        const first = document.querySelector('.ls-names li').dataset.text;
        told.push([text === frame.step.toLocaleString('en'), first === answer.words[0][0]]);
        time.go(n += 1, 0);
        n < 40 ? requestAnimationFrame(look) : done(told);
      };
      look();
    })""")
    assert len(told) == 40 and all(all(both) for both in told)


@pytest.mark.still
def test_the_slider_goes_where_it_is_clicked_and_keys_on_it_step(still):
    box = slider(still).bounding_box()
    n, total = time(still, "frames.length"), time(still, "total")
    at = lambda index: (box["x"] + 8 + (box["width"] - 16) * index / (total - 1), box["y"] + box["height"] / 2)
    still.mouse.click(*at(10))
    still.wait_for_function("() => letterspace.time.cursor !== null && Math.abs(letterspace.time.cursor - 10) <= 2")
    still.mouse.move(*at(10))
    still.mouse.down()
    still.mouse.move(*at(20), steps=5)
    still.wait_for_function("() => Math.abs(letterspace.time.cursor - 20) <= 2")
    still.mouse.move(*at(total - 1), steps=5)  # beyond what has been trained
    still.mouse.up()
    cursor_is(still, None)
    expect(slider(still)).to_have_value(str(n - 1))
    slider(still).focus()
    for key, index in [("ArrowLeft", n - 1), ("PageDown", n - 11), ("Home", 0), ("ArrowRight", 1), ("End", None)]:
        still.keyboard.press(key)
        cursor_is(still, index)
    expect(slider(still)).to_have_attribute("aria-valuetext", f"step {step(still):,}, live")


def test_play_moves_by_itself_and_stops_when_asked_and_at_the_end(still):
    replay = still.locator(".ls-play")
    still.keyboard.press("Home")
    replay.click()
    expect(replay).to_have_attribute("aria-pressed", "true")
    still.wait_for_function("() => letterspace.time.cursor > 3")
    replay.click()
    expect(replay).to_have_attribute("aria-pressed", "false")
    held = time(still, "cursor")
    seen, stayed = frames(still, 0.5, f"letterspace.time.cursor === {held}")
    assert seen == stayed and held < 30
    still.get_by_label("Pace of the replay").select_option("4×")
    replay.click()
    cursor_is(still, None)
    expect(replay).to_have_attribute("aria-pressed", "false")
    still.get_by_label("Pace of the replay").select_option("1×")


# Whether the last trace of the loss chart, the line at the cursor, is drawn.
LINE = """(drawn) => {
  const path = document.querySelector('.ls-loss .scatterlayer .trace:last-child path.js-line');
  return Boolean(path?.getAttribute('d') && path.getBoundingClientRect().height > 20) === drawn;
}"""


@pytest.mark.still
def test_back_to_live_is_offered_only_in_the_past_and_the_cursors_line_on_the_loss_chart_goes_with_it(still):
    live = still.locator(".ls-live")
    for way in ("Back to live", "Branch from this step"):
        expect(live).to_be_disabled()
        for _ in range(6):
            still.keyboard.press("ArrowLeft")
        expect(live).to_have_text("Back to live")
        still.wait_for_function(LINE, arg=True)
        press(still, way)
        still.wait_for_function(LINE, arg=False, timeout=8_000)
        cursor_is(still, None)
    expect(live).to_be_disabled()
    press(still, "Undo")


def test_a_zoom_survives_the_cursor(still):
    steady(still)
    x, y = centre(still.locator(".ls-letters .nsewdrag").first)
    still.locator(ZOOM).click()
    before = still.evaluate(RANGES)
    still.mouse.move(x - 90, y - 90)
    still.mouse.down()
    still.mouse.move(x + 90, y + 90, steps=6)
    still.mouse.up()
    still.wait_for_function(f"(old) => ({RANGES})()[0][0] > old", arg=before[0][0])
    zoomed = still.evaluate(RANGES)
    for key in ("Home", "ArrowRight", "End"):
        still.keyboard.press(key)
        steady(still)
        assert still.evaluate(RANGES) == zoomed
    still.mouse.dblclick(x, y)
    still.wait_for_function(f"(old) => ({RANGES})()[0][0] < old", arg=zoomed[0][0])


DRAWN = """() => Boolean(
  document.querySelector('.ls-letters .js-line[style*="stroke-dasharray: 3px"]')?.getAttribute('d'))"""
LINKS = "() => { const t = document.querySelector('.ls-letters').data.at(-2); return [[...t.x], [...t.y]]; }"


def test_a_click_on_a_letter_draws_links_to_its_three_nearest_at_any_step(still):
    steady(still)
    assert not still.evaluate(DRAWN)
    letter = 26  # the last is drawn on top
    still.mouse.click(*centre(still.locator(".ls-letters .point").nth(letter)))
    for key in (None, "Home", "End"):
        if key:
            still.keyboard.press(key)
        frame = time(still, "now().frame")
        steady(still)
        xs, ys = still.evaluate(LINKS)
        place = lambda i, frame=frame: frame["points"][2 * i : 2 * i + 2]
        ends = [(letter, near) for near in frame["nearest"][letter]]
        assert still.evaluate(DRAWN) and len(ends) == 3 and xs[2::3] == ys[2::3] == [None] * 3
        assert [[[x, y] for x, y in zip(xs, ys)][i : i + 2] for i in (0, 3, 6)] == [
            [place(one), place(other)] for one, other in ends
        ]
    still.mouse.click(*centre(still.locator(".ls-letters .point").nth(letter)))
    still.wait_for_function(f"() => !({DRAWN})()")


# ---------------------------------------------------------------- while it trains


@pytest.mark.still
def test_training_goes_on_and_the_cursor_stays_until_it_is_sent_back(again):
    page = again
    step_beyond(page, train(page) + 50)
    page.keyboard.press("Home")
    cursor_is(page, 0)
    before = time(page, "head.step")
    text = "document.querySelector('.ls-step b').textContent === '0'"
    seen, stayed = frames(page, 1.2, f"letterspace.time.cursor === 0 && {text}")
    assert seen == stayed
    page.wait_for_function("(n) => letterspace.time.head.step > n", arg=before)
    expect(page.locator(".ls-status")).to_have_text(re.compile(r"^Viewing step 0\. Training goes on"))
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => letterspace.time.answers.length > 20")  # nobody had asked for them before
    expect(page.locator(".ls-view-names")).not_to_have_class(re.compile("ls-waiting"))
    page.keyboard.press("End")
    assert step_beyond(page, before) > before


@pytest.mark.still
def test_space_starts_and_pauses_with_no_field_in_focus_and_is_a_space_in_one(again):
    page = again
    page.keyboard.press("Space")
    expect(button(page, "Pause")).to_be_visible()
    step_beyond(page, 0)
    page.keyboard.press("Space")
    expect(button(page, "Train")).to_be_visible()
    at_rest(page)
    held, name = step(page), page.get_by_label("Name", exact=True)
    name.fill("ann")
    name.press("Space")
    name.press("ArrowLeft")
    expect(name).to_have_value("ann ")
    seen, stayed = frames(page, 0.7, f"document.querySelector('.ls-step b').textContent === '{held:,}'")
    assert seen == stayed and time(page, "cursor") is None
    expect(button(page, "Train")).to_be_visible()
    name.fill("emma")


@pytest.mark.still
def test_a_fork_goes_on_from_the_step_that_is_shown_and_undo_brings_the_first_run_back(page, datasets):
    train(page)
    step_beyond(page, TRAINED)
    pause(page)
    at_rest(page)
    end = step(page)
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    past, fork = step(page), page.locator(".ls-fork")
    assert past < end
    fork.click()
    page.wait_for_function("(n) => letterspace.time.head.step === n && letterspace.time.run === 2", arg=past)
    cursor_is(page, None)
    step_is(page, past)
    expect(fork).to_be_disabled()
    run = Run(Config(), datasets(3))
    run.advance(past)
    assert shown(page)["train"] == round(run.evaluate("train"), 3)
    expect(page.locator(".ls-status[aria-live=polite]")).to_contain_text(f"This is a branch from step {past:,}")
    slide(page, "Learning rate", "ArrowRight")
    page.wait_for_function(
        "(change) => letterspace.time.live.address.includes(change)", arg=f"{past}.learning_rate.0.3"
    )
    press(page, "Step")
    step_is(page, past + 1)
    press(page, "Undo")
    step_is(page, end)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_hidden()
    press(page, "Redo")
    step_is(page, past + 1)


@pytest.mark.still
def test_three_dimensions_turn_when_they_are_dragged_and_only_then(again):
    page, first = again, time(again, "run")
    slide(page, "Embedding dimensions", "ArrowRight")
    page.wait_for_function("(first) => letterspace.time.run === first + 1", arg=first)
    page.locator(".st-key-axes").get_by_role("combobox").click()
    page.get_by_role("option", name="3-D").click()
    for axis in "123":
        expect(page.locator(".ls-letters .textpoint").get_by_text(axis, exact=True)).to_be_visible()
    page.wait_for_function("() => letterspace.time.head.points.length === 81")
    before, points = steady(page), time(page, "head.points")
    x, y = centre(page.locator(".ls-letters .nsewdrag").first)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y + 40, steps=8)
    page.mouse.up()
    after = steady(page)
    assert sum(a != b for a, b in zip(before, after)) > 20 and time(page, "head.points") == points
    page.mouse.move(x - 200, y - 100, steps=4)  # no button is down
    assert steady(page) == after
