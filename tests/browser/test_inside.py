"""The page "Inside the network" in a browser: stages that open in place, numbers to read, an embedding to touch."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import MEDIA, STILL, centre, press, settled, step_is

STAGES = ("indices", "lookup", "batch", "concatenation", "hidden", "tanh", "softmax", "backward")

TRAVELS = """() => {
  window.lsTravelled = 0;
  const count = (node) => (window.lsTravelled += node.classList?.contains('ls-travels') ? 1 : 0);
  new MutationObserver((changes) => changes.forEach((one) => one.addedNodes.forEach(count)))
    .observe(document.body, { childList: true });
}"""

# Of each column of the tables with headings: its heading, and how that and its values are aligned.
ALIGNED = """() => [...document.querySelectorAll('.ls-open table')].filter((table) => table.tHead).flatMap((table) =>
  [...table.tHead.rows[0].cells].map((head, i) => [head.innerText, ...new Set(
    [head, ...[...table.tBodies[0].rows].map((row) => row.cells[i])].map((cell) => getComputedStyle(cell).textAlign))]))
"""


def go(page):
    page.get_by_role("link", name="Inside the network").click()
    page.locator(".ls-stage").nth(7).wait_for()
    page.locator(".ls-touchmap .ls-letter").nth(26).wait_for()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)  # Explore's, which takes its width with it when it goes
    return page


@pytest.fixture
def inside(after_one_step):
    """inside(width, height, **media) -> the page as one finds it who comes from Explore."""
    page = after_one_step

    def visit(width: int = 1440, height: int = 900, **media):
        page.get_by_role("link", name="Explore", exact=True).click()
        step_is(page, 1)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(**MEDIA | media)
        return go(page)

    return visit


def open_stage(page, name):
    page.locator(f'[data-k="stage {name}"]').click()
    expect(page.locator(f'[data-k="stage {name}"]')).to_have_attribute("aria-expanded", "true")


def as_table(page, picture: str):
    """The rows of the table with a picture's numbers, after its button was pressed by keyboard."""
    page.get_by_role("button", name=f"{picture}: show as a table", exact=True).press("Enter")
    return page.get_by_role("table", name=picture, exact=True).get_by_role("row")


def letter(page, name: str):
    return page.locator(".ls-touchmap .ls-letter", has_text=re.compile(f"^{name}$"))


def change(page):
    return page.locator(".ls-change")


# ---------------------------------------------------------------- stages


def test_stages_open_in_place_numbers_can_be_read_mistakes_made_and_a_step_taken_on_the_copy(inside):
    page = inside()
    expect(page.locator(".ls-view-inside_moment")).to_contain_text("Your run at step 1")
    open_stage(page, "indices")
    expect(page.locator(".ls-open")).to_contain_text("Characters become indices")
    page.evaluate(TRAVELS)
    page.get_by_role("button", name="Next →").click()
    expect(page.locator(".ls-open")).to_contain_text("Each index picks a row of C")
    page.wait_for_function("window.lsTravelled === 1")  # the row of numbers, from one stage to the next
    expect(page.locator(".ls-travels")).to_have_count(0)
    table = page.locator(".ls-open canvas").nth(1)
    table.hover(position={"x": 5, "y": 5})
    tip = page.locator(".ls-tip")
    expect(tip).to_have_text(re.compile(r"^C\[\., 0\] = −?\d"))
    table.focus()
    table.press("ArrowDown")
    table.press("ArrowRight")
    expect(tip).to_have_text(re.compile(r"^C\[a, 1\] = −?\d"))
    said, rows = tip.inner_text().partition(" = ")[2], as_table(page, "C")
    expect(rows).to_have_count(1 + 27)
    expect(rows.first.get_by_role("columnheader")).to_have_text(["0", "1"])
    expect(rows.filter(has=page.get_by_role("rowheader", name="a", exact=True)).get_by_role("cell").last).to_have_text(
        said
    )
    page.get_by_role("button", name="a follows").click()
    expect(page.locator(".ls-labels")).to_contain_text("comes “a”")
    expect(rows).to_have_count(1 + 27)  # drawn anew, and open as it was

    open_stage(page, "hidden")
    press(page, "32 × 3 × 2 @ 6 × 100")
    expect(page.locator(".ls-error")).to_have_text(re.compile(r"^RuntimeError: .*\(96x2 and 6x100\)"))
    expect(page.locator(".ls-made")).to_contain_text(["emb.view(32, 6) @ W1  # 32 × 100"])

    open_stage(page, "batch")
    expect(page.locator(".ls-picked")).to_contain_text("X[13, 2] = 1, so C[X][13, 2] is C[1]")
    page.get_by_role("button", name="X[0, 1] = 0", exact=True).click()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ls-picked")).to_contain_text("X[1, 1] = 0, so C[X][1, 1] is C[0]")
    open_stage(page, "tanh")
    page.locator(".ls-squeeze circle").nth(7).dispatch_event("click")
    expect(page.get_by_role("spinbutton", name="Hidden unit")).to_have_value("7")
    open_stage(page, "backward")
    for n in ("after 1 step", "after 2 steps"):
        press(page, "Take this step")
        expect(page.locator(".ls-try")).to_contain_text(n)
    assert page.evaluate("document.activeElement.innerText") == "Take this step"
    expect(as_table(page, "Loss after each step on the copy")).to_have_count(3)
    press(page, "Put it back")
    expect(page.locator(".ls-try")).to_contain_text("before any step")
    page.get_by_role("link", name="Explore").click()
    step_is(page, 1)


def test_a_heading_stands_over_its_values_on_the_same_side(inside):
    page = inside(**STILL)
    open_stage(page, "softmax")
    expect(page.locator(".ls-open .ls-aligned tbody tr")).to_have_count(5)
    assert page.evaluate(ALIGNED) == [
        ["added to every logit", "left"], ["largest exp(logit)", "right"], ["by counts and a division", "right"],
        ["F.cross_entropy", "right"],
    ]  # fmt: skip


# ---------------------------------------------------------------- touch


def test_an_embedding_is_touched_by_pointer_and_by_keyboard_and_answers_with_the_exact_loss(inside):
    page = inside(**STILL)
    settled(page)
    page.locator(".ls-touchmap").scroll_into_view_if_needed()
    expect(change(page)).to_have_text("as it was")
    (x, y), (to, there) = centre(letter(page, "h")), centre(letter(page, "q"))  # nothing lies over h
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to) / 2, (y + there) / 2, steps=5)
    page.mouse.move(to, there, steps=5)
    page.mouse.up()
    expect(change(page)).to_have_text(re.compile(r"^[+−]0\.\d{4} \(was 3\.\d{4}\)$"))
    expect(page.locator(".ls-gains li").first).to_be_visible()
    x, y = centre(letter(page, "h"))
    assert abs(x - to) < 3 and abs(y - there) < 3
    press(page, "Undo")
    expect(change(page)).to_have_text("as it was")

    expect(as_table(page, "Where the letters are")).to_have_count(27)
    expect(as_table(page, "What comes after the context")).to_have_count(1 + 27)

    chosen = page.locator(".ls-touchmap")
    chosen.focus()
    chosen.press("e")
    chosen.press("Shift+ArrowLeft")
    expect(change(page)).to_have_text(re.compile(r"\(was"))
    press(page, "Freeze")
    letter(page, "e").click()
    expect(letter(page, "e")).to_have_class(re.compile("ls-held"))
    moved, held = centre(letter(page, "a")), centre(letter(page, "e"))
    press(page, "Train 100 steps")
    page.wait_for_function(
        "(was) => { const b = [...document.querySelectorAll('.ls-letter')].find((g) => g.textContent === 'a')"
        ".getBoundingClientRect(); return Math.hypot(b.x + b.width / 2 - was[0], b.y + b.height / 2 - was[1]) > 1; }",
        arg=moved,
    )
    assert centre(letter(page, "e")) == held
    press(page, "Reset")
    expect(change(page)).to_have_text("as it was")

    panel, units = page.locator(".ls-view-silence"), page.locator(".ls-unit-bar")
    expect(units).to_have_count(100)
    units.first.click()
    expect(change(page)).to_have_text(re.compile(r"^\+0\.0\d{3} \(was 3\.\d{4}\)$"))
    expect(page.locator(".ls-view-touch .ls-note")).to_have_text(re.compile(r"^without unit \d+$"))
    units.first.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".ls-view-touch .ls-note")).to_have_text(re.compile(r"^without units \d+, \d+$"))
    expect(panel.locator("[aria-pressed=true]")).to_have_count(2)
    press(page, "Put them back")
    expect(change(page)).to_have_text("as it was")

    panel = page.locator(".ls-view-unseen")
    expect(panel).to_contain_text("155 contexts, 0.7 % of all dev examples")
    press(page, "Next unseen →")
    expect(panel).to_contain_text("2 of 155")
    press(page, "← Previous")
    press(page, "← Previous")
    expect(panel).to_contain_text("155 of 155")


# ---------------------------------------------------------------- every screen


def test_on_a_phone_every_stage_opens_under_its_name_and_nothing_scrolls_sideways(inside):
    page = inside(390, 844, color_scheme="dark", **STILL)
    for name in STAGES:
        open_stage(page, name)
        expect(page.locator(f'[data-k="stage {name}"] + .ls-open')).to_be_visible()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, name
    boxes = [bar.bounding_box() for bar in page.locator(".ls-unit-bar").all()]  # all in one row
    assert len(boxes) == 100 and len({box["y"] for box in boxes}) == 1
    assert max(box["x"] + box["width"] for box in boxes) <= 390


# Whether the map has been at one place for half a second.
AT_REST = """() => {
  const { x, y } = document.querySelector('.ls-touchmap').getBoundingClientRect();
  if (window.lsPlace !== `${x} ${y}`) [window.lsPlace, window.lsSince] = [`${x} ${y}`, performance.now()];
  return performance.now() - window.lsSince > 500;
}"""


def test_a_finger_on_a_letter_drags_it_and_does_not_scroll_the_page(open_page):
    page = go(open_page(390, 844, has_touch=True, is_mobile=True))
    expect(page.locator(".ls-open")).to_contain_text("Characters become indices")  # the first stage is open
    settled(page)
    page.locator(".ls-touchmap").scroll_into_view_if_needed()
    page.wait_for_function(AT_REST)  # what is still drawn above the map moves it
    (x, y), (to, there) = centre(letter(page, "h")), centre(letter(page, "q"))
    scrolled = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for i in range(1, 11):
        points = [{"x": x + (to - x) * i / 10, "y": y + (there - y) * i / 10}]
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(change(page)).to_have_text(re.compile(r"\(was 3\.\d{4}\)$"))
    x, y = centre(letter(page, "h"))
    assert abs(x - to) < 3 and abs(y - there) < 3
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == scrolled
