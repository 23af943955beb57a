"""A zoom of the map in a browser: it stays while the run goes on, whenever it was made."""

from tests.support.browser import RANGES, ZOOM, centre, pause, steady, step, step_beyond, train


def zoom(page) -> tuple[float, float]:
    """Choose zooming, and drag a box around the middle of the letters; where that middle is."""
    page.locator(ZOOM).click()
    x, y = centre(page.locator(".ls-letters .nsewdrag").first)
    page.mouse.move(x - 120, y - 90)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.move(x + 120, y + 90, steps=4)
    page.mouse.up()
    return x, y


def test_a_zoom_survives_updates_and_a_double_click_gives_it_back(again):
    page = again
    steady(page)
    asked = page.evaluate(RANGES)
    x, y = zoom(page)
    page.wait_for_function(
        "(old) => document.querySelector('.ls-letters').layout.xaxis.range[0] > old", arg=asked[0][0]
    )
    zoomed = page.evaluate(RANGES)
    train(page)
    step_beyond(page, 100)
    assert page.evaluate(RANGES) == zoomed
    pause(page)
    steady(page)
    assert page.evaluate(RANGES) == zoomed
    page.mouse.dblclick(x, y)
    width = zoomed[0][1] - zoomed[0][0]
    page.wait_for_function(
        f"(width) => {{ const [[low, high]] = ({RANGES})(); return high - low > 1.5 * width; }}",
        arg=width,
    )
    steady(page)
    inside = page.evaluate("""() => {
      const frame = document.querySelector('.ls-letters .nsewdrag').getBoundingClientRect();
      return [...document.querySelectorAll('.ls-letters .point')].filter((p) => {
        const { left, top, width, height } = p.getBoundingClientRect(), x = left + width / 2, y = top + height / 2;
        return x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom;
      }).length;
    }""")
    assert inside == 27


def test_a_zoom_made_while_letters_move_stays_and_a_double_click_gives_it_back(again):
    page = again
    train(page)
    step_beyond(page, 50)
    x, y = zoom(page)
    page.wait_for_function(f"() => {{ const [[low, high]] = ({RANGES})(); return high - low < 3; }}")
    zoomed = page.evaluate(RANGES)
    step_beyond(page, step(page) + 500)
    assert page.evaluate(RANGES) == zoomed
    page.mouse.dblclick(x, y)
    page.wait_for_function(f"() => {{ const [[low, high]] = ({RANGES})(); return high - low > 3; }}")


# Zooms once, in the middle of a glide of the axes, by what Plotly does at the end of a drag.
ZOOM_IN_A_GLIDE = """() => {
  const { animate } = Plotly;
  Plotly.animate = (box, what, how) => {
    if (what?.layout?.xaxis && box.matches('.ls-letters')) {
      const ends = Object.fromEntries(['x', 'y'].flatMap((a) => [[`${a}axis.range[0]`, -1], [`${a}axis.range[1]`, 1]]));
      setTimeout(() => Plotly.relayout(box, ends).then(() => { window.lsZoomed = true; }), how.transition.duration / 2);
      Plotly.animate = animate;
    }
    return animate(box, what, how);
  };
}"""


def test_a_zoom_made_while_the_axes_glide_stays(again):
    page = again
    page.evaluate(ZOOM_IN_A_GLIDE)
    train(page)
    page.wait_for_function("window.lsZoomed")
    n = step_beyond(page, step(page) + 500)
    assert page.evaluate(RANGES) == [[-1, 1], [-1, 1]]
    step_beyond(page, min(4 * n, 40_000))  # the run ends at 50,000
    assert page.evaluate(RANGES) == [[-1, 1], [-1, 1]]
