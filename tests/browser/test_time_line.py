"""The line on the loss chart at the step that is looked at, in a browser."""

from tests.support.browser import at_rest, pause, press, step_beyond, train

# Whether the last trace of the loss chart, the line at the cursor, is drawn.
LINE = """(drawn) => {
  const trace = [...document.querySelectorAll('.ls-loss .scatterlayer .trace')].at(-1);
  const path = trace.querySelector('path.js-line');
  return Boolean(path?.getAttribute('d') && path.getBoundingClientRect().height > 20) === drawn;
}"""


def test_the_line_of_the_cursor_goes_when_the_cursor_goes(page):
    train(page)
    step_beyond(page, 50)
    pause(page)
    at_rest(page)
    for way in ("Back to live", "Branch from this step"):
        for _ in range(6):
            page.keyboard.press("ArrowLeft")
        page.wait_for_function(LINE, arg=True)
        press(page, way)
        page.wait_for_function(LINE, arg=False, timeout=8_000)
