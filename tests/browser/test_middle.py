"""Explore in a browser: the crowd in the middle of the map fills it, two fingers zoom, a drag does not."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import RANGES, centre, opening, pause, press, steady, step, step_is
from tests.support.waiting import eventually

# Whether all letters are in the frame.
SEEN = """
() => {
  const frame = document.querySelector('.ls-letters .nsewdrag').getBoundingClientRect();
  const boxes = [...document.querySelectorAll('.ls-letters .point')].map((point) => point.getBoundingClientRect());
  return boxes.length && boxes.every((box) => box.left >= frame.left && box.right <= frame.right
    && box.top >= frame.top && box.bottom <= frame.bottom);
}
"""
LINK = "/?n_embd=10&n_hidden=50&learning_rate=3&seed=2&step=1000"  # by then a letter is far out
ARROWS = "() => document.querySelector('.ls-letters').data.find((trace) => trace.mode === 'text')?.text.length ?? 0"
HULL = """
() => {  // how many vowels and other letters lie within the hull, by the even-odd rule; null without one
  const { data } = document.querySelector('.ls-letters');
  const { x: u = [], y: v } = data.find((trace) => trace.fill === 'toself') ?? {}, letters = data.at(-1);
  if (u[0] === null || u[0] === undefined) return null;
  const within = (x, y) => u.reduce((is, _, i) => {
    const j = (i + 1) % u.length;
    return (v[i] > y) !== (v[j] > y) && x < ((u[j] - u[i]) * (y - v[i])) / (v[j] - v[i]) + u[i] ? !is : is;
  }, false);
  const found = letters.x.map((x, i) => [/[aeiou]/.test(letters.text[i].slice(3, 4)), within(x, letters.y[i])]);
  const count = (vowel) => found.filter(([is, inside]) => is === vowel && inside).length;
  return { vowels: count(true), others: count(false) };
}
"""
# What of the sentence and the hull is animated from here on.
WATCHED = """() => {
  const animate = Element.prototype.animate;
  window.lsShone = [];
  Element.prototype.animate = function (...how) {
    if (this.closest('.ls-land-says')) lsShone.push('sentence');
    if (this.closest('.ls-letters')?.data.find((trace) => trace.fill === 'toself')?.x[0]) lsShone.push('hull');
    return animate.apply(this, how);
  };
}"""
PULLS = """
() => (document.querySelector('.ls-letters').data.find((trace) => trace.opacity === 0.6)?.x ?? [])
  .filter((x) => x !== null).length / 5
"""
WIDTH = f"() => {{ const [[low, high]] = ({RANGES})(); return high - low; }}"


@pytest.fixture(scope="module")
def still(browser, address) -> Page:
    """A page for all tests that make a step at most."""
    with opening(browser, address) as open_page:
        page = open_page(link="/?n_embd=3&n_hidden=20&seed=3")
        steady(page)
        yield page


def test_two_fingers_zoom_about_where_they_are_and_a_double_click_gives_it_back(still):
    x, y = centre(still.locator(".ls-letters .nsewdrag").first)
    before = still.evaluate(RANGES)
    still.locator(".ls-letters .nsewdrag").first.dispatch_event(
        "wheel", {"ctrlKey": True, "deltaY": -50, "clientX": x, "clientY": y, "bubbles": True, "cancelable": True}
    )
    still.wait_for_function(f"(old) => ({RANGES})()[0][0] > old", arg=before[0][0])
    (low, high), (bottom, top) = still.evaluate(RANGES)
    assert (low + high) / 2 == pytest.approx(sum(before[0]) / 2, abs=0.1 * (high - low))
    assert (bottom + top) / 2 == pytest.approx(sum(before[1]) / 2, abs=0.1 * (top - bottom))
    still.mouse.dblclick(x, y)
    still.wait_for_function(f"(old) => Math.abs(({RANGES})()[0][0] - old) < 1e-6", arg=before[0][0])


def test_a_drag_over_the_map_leaves_it_as_it_is(still):
    x, y = centre(still.locator(".ls-letters .nsewdrag").first)
    before = still.evaluate(RANGES)
    still.mouse.move(x - 120, y - 90)
    still.mouse.down()
    still.mouse.move(x + 120, y + 90, steps=4)
    still.mouse.up()
    press(still, "Step")
    steady(still)
    assert still.evaluate(RANGES) == before


def test_letters_far_out_are_at_the_rim_with_an_arrow_and_can_be_shown_where_they_are(open_page):
    page = open_page(link=LINK)
    step_is(page, 1000)
    steady(page)
    eventually(lambda: page.evaluate(ARROWS) > 0)
    assert page.evaluate(SEEN)
    narrow = page.evaluate(WIDTH)
    fit = page.get_by_role("button", name="Fit the middle")
    expect(fit).to_have_attribute("aria-pressed", "true")
    fit.click()
    eventually(lambda: page.evaluate(ARROWS) == 0 and page.evaluate(WIDTH) > 1.1 * narrow)
    steady(page)
    assert page.evaluate(SEEN)
    fit.click()
    eventually(lambda: page.evaluate(ARROWS) > 0 and page.evaluate(WIDTH) < narrow * 1.01)


def test_when_the_vowels_find_one_another_a_hull_and_a_sentence_say_so_and_shine_once_before_somebodys_eyes(open_page):
    page = open_page(link="/?steps=3000")
    page.evaluate(WATCHED)
    shone = lambda: page.evaluate("() => lsShone")
    page.get_by_role("radio", name="max", exact=True).click()
    press(page, "Train")
    says = page.locator(".ls-land-says p")
    expect(says).to_have_text(re.compile(r"^Vowels sit together since step [\d,]+, more than chance would have it\."))
    eventually(lambda: shone() == ["sentence", "hull"])
    step_is(page, 3000)
    page.keyboard.press("Home")
    step_is(page, 0)
    expect(says).to_have_text(re.compile("^Click or type a letter to see "))
    eventually(lambda: page.evaluate(HULL) is None)
    page.keyboard.press("End")
    step_is(page, 3000)
    expect(says).to_have_text(re.compile("^Vowels sit together since step "))
    eventually(lambda: page.evaluate(HULL) and page.evaluate(HULL)["vowels"] == 5)
    assert page.evaluate(HULL)["others"] <= 3
    steady(page)
    assert shone() == ["sentence", "hull"]
    page.reload()  # it was found before this page was
    page.evaluate(WATCHED)
    expect(says).to_have_text(re.compile("^Vowels sit together since step "))
    steady(page)
    assert shone() == []


def test_arrows_say_which_way_letters_are_pulled_while_nothing_is_touched(still):
    eventually(lambda: still.evaluate(PULLS) > 5)
    meaning = still.get_by_text("which way each is pulled")
    expect(meaning).to_be_visible()
    still.keyboard.press("a")
    eventually(lambda: still.evaluate(PULLS) == 0)
    expect(meaning).to_be_hidden()
    still.keyboard.press("a")
    eventually(lambda: still.evaluate(PULLS) > 5)
    before = step(still)
    press(still, "Step")
    step_is(still, before + 1)
    expect(still.locator(".ls-land-says p")).to_contain_text(" moved most, by ")
    press(still, "Train")
    eventually(lambda: still.evaluate(PULLS) == 0)
    pause(still)


def test_where_no_letter_is_far_out_there_is_nothing_to_choose(still):
    expect(still.get_by_role("button", name="Fit the middle")).to_be_hidden()
    assert still.evaluate(ARROWS) == 0


TOGETHER = """
() => {  // the least distance in px of two letters as they are drawn, and how many lines lead to them
  const box = document.querySelector('.ls-letters'), { x, y } = box.data.at(-1), { xaxis, yaxis } = box._fullLayout;
  const at = [...x.keys()].map((i) => [xaxis.l2p(x[i]), yaxis.l2p(y[i])]);
  const apart = at.flatMap(([a, b], i) => at.slice(i + 1).map(([c, d]) => Math.hypot(a - c, b - d)));
  const leaders = box.data.find((trace) => trace.line?.width === 1 && !trace.fill)?.x ?? [];
  const lines = leaders.filter((v) => v !== null).length / 2;
  return { least: Math.min(...apart), lines };
}
"""


STRIP = """
() => {
  const bars = [...document.querySelectorAll('.ls-bar')].map((bar) => Number(bar.style.transform.slice(7, -1)));
  const parts = [...document.querySelectorAll('.ls-part')];
  return {
    context: parts[0].textContent, layer: parts[2].textContent, next: parts[4].textContent,
    likeliest: bars.indexOf(Math.max(...bars)), places: parts[1].querySelectorAll('circle').length,
  };
}
"""


@pytest.mark.still
def test_letters_in_one_place_are_drawn_beside_each_other_and_the_strip_over_them_leads_inside(open_page):
    page = open_page(390, 844, link="/?step=1000")
    step_is(page, 1000)
    steady(page)
    eventually(lambda: page.evaluate(TOGETHER)["least"] > 10)
    assert page.evaluate(TOGETHER)["lines"] >= 1
    page.locator(".ls-land").scroll_into_view_if_needed()
    page.keyboard.press("k")  # touched: all are where they are
    eventually(lambda: page.evaluate(TOGETHER)["lines"] == 0)
    assert page.evaluate(TOGETHER)["least"] < 10
    strip = page.evaluate(STRIP)
    assert (strip["context"], strip["layer"], strip["places"]) == (".emcontext", "100 × tanhtanh", 3)
    assert re.fullmatch(".abcdefghijklmnopqrstuvwxyz"[strip["likeliest"]] + r"\d+(\.\d)? %next", strip["next"])
    page.locator(".ls-part").nth(2).click()
    expect(page.locator('.ls-stage[data-k="stage tanh"]')).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("textbox", name="Context")).to_have_value("em")
