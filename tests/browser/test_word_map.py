"""A run on words in a browser: one page, from the preset to the map, its labels, the search and the time cursor."""

from playwright.sync_api import Page, expect

from tests.support.accessible import grave_faults
from tests.support.browser import button, frames, pause, settled, step_beyond, train
from tests.support.waiting import eventually
from tests.support.word_map import EMPTY, LABELS

MINUTES = 120_000  # ms: the sentences are read once by the page and once by the host, on whatever machine
# Whether the card of cases lies over the map (JavaScript of `frames`).
OVER = """(() => {
  const [map, cases] = ["letters", "cases"].map((key) => document.querySelector(`.st-key-${key}`));
  return cases && cases.getBoundingClientRect().top < map.getBoundingClientRect().bottom;
})()"""
# How wide the name of a word is where type is so many times as large.
LARGER = """
(by) => {
  document.documentElement.style.setProperty('--ls-scale', by);
  window.letterspace.wordMap.resize();
  return window.letterspace.wordMap.size(100).width;
}
"""
# How many pixels a word is from the middle of the map.
OFF_CENTRE = """
(word) => {
  const map = window.letterspace.wordMap, i = map.words.indexOf(word);
  return Math.hypot(map.x[i] - map.width / 2, map.y[i] - map.height / 2);
}
"""
GROUPS = "(words) => words.map((word) => letterspace.wordMap.groups[letterspace.wordMap.words.indexOf(word)])"
OTHER_PAGES = (  # name, what is looked at, and what is said there
    ("Inside the network", ".ls-view-inside_words", "A guess over all words"),
    ("Data", ".ls-view-wordtext", "2,000"),
    ("Tune", ".ls-view-tune_run", "optimiser"),
)


def as_table(page: Page, picture: str, at_least: int, first: str) -> None:
    """A picture that only eyes can read has its numbers in a table behind a button, for the keyboard."""
    button(page, f"{picture}: show as a table").press("Enter")
    rows = page.get_by_role("table", name=picture).get_by_role("row")
    expect(rows.nth(at_least - 1)).to_be_attached()
    expect(rows.filter(has_text=first)).not_to_have_count(0)


def test_words_part_on_a_map_that_can_be_searched_and_read(page: Page):
    page.get_by_role("radio", name="Words", exact=True).or_(
        page.get_by_role("button", name="Words", exact=True)
    ).click()
    canvas = page.locator(".ls-wordmap-canvas")
    expect(canvas).to_be_visible(timeout=MINUTES)
    assert frames(page, 2.0, OVER)[1] == 0  # once the card was pinned over the map, as the time bar had been there
    expect(page.locator(".ls-source")).to_contain_text("Tatoeba (tatoeba.org), CC BY 2.0 FR")
    train(page)
    step_beyond(page, 20)
    looked, blank = frames(page, 1, f"({EMPTY})()")
    assert looked > 0 and blank == 0
    count, overlapping = page.evaluate(LABELS)
    assert count > 20 and overlapping == 0
    find = page.get_by_role("searchbox", name="Find a word")
    find.fill("monday")
    find.press("Enter")
    expect(page.locator(".ls-wordsaid")).to_contain_text("Monday: nearest in all dimensions are")
    expect(page.locator(".ls-earlier dd").first).not_to_be_empty()
    expect(page.locator(".ls-next").first.locator("li")).to_have_count(10)
    eventually(lambda: page.evaluate("() => window.letterspace.wordMap.followed !== null"))
    step_beyond(page, 60)
    pause(page)
    assert page.evaluate(OFF_CENTRE, "Monday") < 1, "the word stays in the middle while training moves the picture"
    expect(page.locator(".ls-status").first).to_contain_text("exact, over all dev examples", timeout=MINUTES)
    expect(page.locator(".ls-next").last.locator("li")).to_have_count(10, timeout=MINUTES)
    count, overlapping = page.evaluate(LABELS)
    assert count > 20 and overlapping == 0, "closer, after the search"
    trails, step = page.evaluate("() => [window.letterspace.wordMap.past.length, window.letterspace.wordMap.step]")
    assert 5 < trails <= step, "the pinned word's trail leads back to the first step"
    for kind, begins in (("PNG", b"\x89PNG\r\n"), ("SVG", b"<svg ")):
        with page.expect_download() as found:
            page.locator(".ls-keepers").get_by_role("button", name=f"Download as {kind}").click()
        picture = found.value.path().read_bytes()
        assert picture.startswith(begins)
    assert all(said in picture.decode() for said in (">Monday</text>", ">nouns</text>", "CC BY 2.0 FR"))
    as_table(page, "Map of the words' embedding", 60, "the" + "determiners")
    page.get_by_role("button", name="Axes", exact=True).click()
    expect(page.locator(".ls-end-left")).to_have_text("he")
    expect(page.locator(".ls-axes-said")).to_contain_text("° apart")
    page.get_by_label("Colour by").select_option("frequency")
    expect(page.locator(".ls-wordlegend")).to_contain_text("50 most frequent")
    page.get_by_label("Colour by").select_option("own")
    page.get_by_role("textbox", name="My groups").fill("pets: Cat, dog; days: Monday")
    expect(page.locator(".ls-wordlegend")).to_have_text("petsdaysothers")
    assert page.evaluate(GROUPS, ["dog", "Monday", "house"]) == ["g0", "g1", "g-"]
    page.get_by_role("button", name="Axes", exact=True).click()
    expect(page.locator(".ls-end-left")).to_be_hidden()
    expect(page.locator(".ls-together")).to_contain_text("numbers (")
    expect(page.locator(".ls-together")).to_contain_text("human judgement (85)")
    cases = page.locator(".ls-view-wordcases")
    expect(cases).to_contain_text("the network in", timeout=MINUTES)
    cases.get_by_role("button", name="Your own").click()
    expect(cases.locator(".ls-case b")).to_have_text("English is")
    expect(cases.locator(".ls-nearest dt")).to_have_count(5)
    page.locator(".ls-sentences").click()  # the keys move the time cursor from here
    page.keyboard.press("Home")
    expect(page.locator(".ls-status").first).to_contain_text("Viewing step 0.")
    eventually(lambda: page.evaluate("() => window.letterspace.wordMap.step") == 0)
    assert page.evaluate("() => window.letterspace.wordMap.past.length") == 0
    large, usual = page.evaluate(LARGER, 1.5), page.evaluate(LARGER, 1)  # as on the big screen
    assert 1.4 * usual < large < 1.6 * usual
    # The other pages speak of the same run.
    wrong = {"Explore": grave_faults(page)}
    for name, shown, said in OTHER_PAGES:
        page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".st-key-page_here a")).to_have_text(name)
        expect(page.locator(shown).first).to_contain_text(said, timeout=MINUTES)
        settled(page)
        if name == "Data":
            as_table(page, "How often each word occurs, by its rank", 50, "rank 1")
        wrong[name] = grave_faults(page)
    assert wrong == {name: [] for name in wrong}
    page.locator(".st-key-pages").get_by_role("link", name="Explore", exact=True).click()
    canvas.wait_for()
    page.reload()
    canvas.wait_for()
    expect(page.locator("#ls-skeleton")).to_have_count(0)  # it would lie over the page for 20 s
