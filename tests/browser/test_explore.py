"""The Explore page in a browser: what moves, what holds still, what stays."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import (
    PLACES,
    button,
    centre,
    frames,
    pause,
    places,
    press,
    settled,
    slide,
    steady,
    step,
    step_beyond,
    step_is,
    train,
)

ALL_THERE = "document.querySelectorAll('.ls-letters .point').length === 27"


def parameters(page):
    return page.locator(".ls-sizes > b")


# ---------------------------------------------------------------- the run


def test_train_moves_the_letters_pause_holds_them_and_reset_returns_the_first_picture(again):
    page = again
    first = steady(page)
    expect(page.get_by_role("menuitem", name="Reset")).to_be_hidden()  # in a menu
    step_beyond(page, train(page))
    expect(button(page, "Step")).to_be_hidden()
    page.wait_for_function(
        f"(first) => ({PLACES})().filter((p, i) => String(p) !== String(first[i])).length > 20", arg=first
    )
    pause(page)
    held, n = steady(page), step(page)
    everywhere, still = frames(page, 1.2, f"document.querySelector('.ls-step b').textContent === '{n:,}'")
    assert still == everywhere and places(page) == held
    press(page, "Reset")
    step_is(page, 0)
    assert steady(page) == first


@pytest.mark.still
def test_step_adds_one_hidden_units_by_keyboard_start_anew_and_undo_brings_the_run_back(again):
    page = again
    expect(parameters(page)).to_have_text("3,481 parameters")
    for n in (1, 2, 3):
        press(page, "Step")
        step_is(page, n)
    slide(page, "Hidden units", "ArrowRight")
    expect(parameters(page)).to_have_text("3,821 parameters")  # 10 * (6 + 1 + 27) more
    step_is(page, 0)
    press(page, "Undo")
    expect(parameters(page)).to_have_text("3,481 parameters")
    step_is(page, 3)
    expect(page.get_by_role("slider", name="Hidden units")).to_have_attribute("aria-valuetext", "100")


# ---------------------------------------------------------------- the chart


def test_while_it_trains_no_part_of_a_chart_is_made_anew_and_none_is_ever_blank(again):
    page = again
    step_beyond(page, train(page))
    page.locator(".ls-loss .js-line").nth(2).wait_for(state="attached")
    parts = "document.querySelectorAll('.ls-letters .point, .ls-letters .textpoint, .ls-loss .js-line')"
    marked = page.evaluate(
        f"() => {{ const all = [...{parts}]; all.forEach((p) => p.lsOld = true); return all.length; }}"
    )
    before = step(page)
    seen, whole = frames(page, 2.5, ALL_THERE)
    assert seen > 20 and whole == seen
    assert step(page) > before
    assert page.evaluate(f"() => [...{parts}].filter((p) => p.lsOld).length") == marked
    assert page.evaluate(f"() => {parts}.length") == marked


def test_a_hover_label_stays_while_it_trains_and_its_letter_is_lit_in_every_panel(again):
    page = again
    page.get_by_text("slow", exact=True).click()
    train(page)
    x, y = centre(page.locator(".ls-letters .point").nth(26))
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    label = page.locator(".ls-letters .hoverlayer .hovertext")
    expect(label).to_be_visible()
    letter = label.locator("text").first.text_content()[0]
    expect(page.locator(".ls-bars .ls-lit")).to_have_text(letter)
    before = step(page)
    seen, stayed = frames(page, 1.5, "document.querySelector('.ls-letters .hoverlayer .hovertext')")
    assert stayed == seen and step(page) > before
    lit = "document.querySelectorAll('.ls-letters .points .ls-lit').length === 1"
    assert page.evaluate(lit) and page.locator(".ls-bars .ls-lit").count() == 1


@pytest.mark.still
def test_the_panels_show_names_chances_and_ones_own_name_and_light_a_letter_everywhere(again):
    page = again
    expect(page.locator(".ls-names li")).to_have_count(12)
    expect(page.locator(".ls-column")).to_have_count(27)
    expect(page.locator(".ls-view-bars .ls-note").first).to_have_text(re.compile(r"^.  \d.* % · bigram .* %$"))
    expect(page.locator(".ls-tile")).to_have_text([re.compile(rf"^{re.escape(s)}.+%$") for s in "emma."])
    expect(page.locator(".ls-said")).to_have_text(re.compile(r"^Loss \d\.\d\d; in the data\.$"))
    expect(page.locator(".ls-status")).to_have_text(re.compile(r"^Not trained yet: it guesses almost at random"))
    dev = page.locator(".ls-dev b").inner_text()
    expect(page.locator(".ls-spoken")).to_have_text(re.compile(rf"^Step 0: train loss .*, dev loss {dev}\.$"))
    charts = {"Map of the characters' embedding": "a vowel", "Loss over training steps": f"dev: {dev}"}
    for chart, row in {**charts, "What comes next": re.compile("^network ?bigram$")}.items():
        button(page, f"{chart}: show as a table").press("Enter")
        table = page.get_by_role("table", name=chart)
        expect(table.get_by_role("row").filter(has_text=row)).not_to_have_count(0)
        button(page, f"{chart}: show as a table").press("Enter")
        expect(table).to_be_hidden()
    page.locator(".ls-tile").first.hover()
    lit = page.locator(".ls-letters .points .ls-lit")
    expect(lit).to_have_count(1)
    expect(page.locator(".ls-names mark").first).to_have_text("e")
    page.mouse.move(5, 5)
    expect(lit).to_have_count(0)


# ---------------------------------------------------------------- every person, every screen


def test_on_a_phone_nothing_scrolls_sideways_and_share_can_be_pressed(open_page):
    page = open_page(390, 844)
    press(page, "Share")
    expect(page.get_by_role("button", name="Card (.svg)")).to_be_visible()
    page.keyboard.press("Escape")
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    seen, fitting = frames(page, 0.5, fits)
    assert fitting == seen
    train(page)
    seen, fitting = frames(page, 1.2, fits)
    assert fitting == seen
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_a_laptop_shows_the_page_without_scrolling_and_a_change_of_scheme_swaps_the_colours(open_page):
    page = open_page(color_scheme="dark")
    parts = [".st-key-letters", ".st-key-loss", ".st-key-names", ".st-key-bars", ".st-key-spelling", ".ls-time"]
    lowest = f"Math.max(...{parts}.map((part) => document.querySelector(part).getBoundingClientRect().bottom))"
    vowel = page.locator(".ls-letters .point").nth(1)
    for scheme, colour in (("dark", "rgb(255, 143, 107)"), ("light", "rgb(229, 96, 60)")):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-ls-scheme", scheme)
        expect(vowel).to_have_css("fill", colour)
        steady(page)
        assert page.evaluate(lowest) <= 900  # the tabs are below
    train(page)
    seen, fitting = frames(page, 1.5, f"{lowest} <= 900")
    assert fitting == seen


# What the keyboard does not reach, and what it reaches without a sign: an outline, a shadow or a border must be drawn,
# by what has the focus or by what it stands in. (Of <main> there is none: letters are typed there.)
REACHED = """() => {
  const looks = (element) => {
    const drawn = [];
    for (let e = element, k = 0; e && k < 5; k++, e = e.parentElement) {
      const { outline, boxShadow, borderColor } = getComputedStyle(e);
      drawn.push(outline, boxShadow, borderColor);
    }
    return String(drawn);
  };
  const usable = '[href], button, input, select, textarea, summary, [tabindex="0"]';
  const all = [...document.querySelectorAll(usable)].filter((e) => !e.disabled && e.tabIndex >= 0);
  const still = document.createElement("style");
  still.textContent = "* { transition: none !important }";
  document.head.append(still);
  const before = new Map(all.map((e) => [e, looks(e)]));
  const reached = new Set(), unseen = [];
  // Take note of what has the focus now; whether all was reached, as nothing has it any more.
  window.noted = () => {
    const here = document.activeElement;
    if (!reached.has(here) && before.get(here) === looks(here) && here.localName !== "main") unseen.push(here);
    reached.add(here);
    return here === document.body;
  };
  window.faults = () => [
    all.filter((e) => e.checkVisibility() && !reached.has(e) && !e.closest("[role=radiogroup]")), unseen,
  ].map((some) => some.map((e) => e.outerHTML.slice(0, 200)));
}"""


@pytest.mark.still
def test_the_keyboard_alone_reaches_all_of_explore_with_a_visible_focus_and_starts_the_training(page):
    settled(page)
    page.evaluate(REACHED)
    labels = []
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("noted()"):
            break
        labels.append(page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''"))
    assert page.evaluate("faults()") == [[], []]
    assert [sum(label.endswith(name) for label in labels) for name in ("Train", "Data")] == [1, 1]
    button(page, "Train").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Pause")).to_be_visible()
    step_beyond(page, 0)


@pytest.mark.still
def test_reduced_motion_leaves_letters_that_jump_and_bars_without_transitions(again):
    page = again
    train(page)
    expect(page.locator(".ls-bar").first).to_have_css("transition-duration", "0s")
    moves = page.evaluate("""() => new Promise((done) => {
      let last = null, moves = 0, frames = 0;
      const look = () => {
        const now = [...document.querySelectorAll('.ls-letters .point')].map((p) => p.getAttribute('transform')).join();
        if (last !== null && now !== last) moves += 1;
        last = now;
        (frames += 1) < 120 ? requestAnimationFrame(look) : done(moves);
      };
      look();
    })""")
    assert 0 < moves < 40  # a tween moves letters in nearly every frame


@pytest.mark.still
def test_learning_rate_by_keyboard_while_training_does_not_start_anew(again):
    page = again
    page.get_by_role("radio", name="×100", exact=True).click()  # so that it still trains in the end
    n = step_beyond(page, train(page))
    slide(page, "Learning rate", "ArrowRight")
    expect(page.get_by_role("slider", name="Learning rate")).to_have_attribute("aria-valuetext", "0.3")
    fewest = page.evaluate("""(n) => new Promise((done) => {  // the smallest step shown until it has grown by 100
      let least = Infinity;
      const look = () => {
        const now = Number(document.querySelector('.ls-step b').textContent.replaceAll(',', ''));
        least = Math.min(least, now);
        now > n + 100 ? done(least) : requestAnimationFrame(look);
      };
      look();
    })""", n)  # fmt: skip
    assert fewest >= n
    expect(page.get_by_role("slider", name="Learning rate")).to_have_attribute("aria-valuetext", "0.3")
    expect(button(page, "Pause")).to_be_visible()
