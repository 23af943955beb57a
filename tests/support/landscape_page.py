"""Reading the landscape of a letter in browser tests."""

import math

from tests.support.browser import centre

FIELDS = "letterspace.time.live.landscape?.fields"
OF_THIS_STEP = f"{FIELDS}?.step === letterspace.time.now().frame.step"
# Where a letter is on the screen, and what the canvas under it has painted there (red, green, blue, how opaque).
PLACE = """(letter) => {
  const box = document.querySelector('.ls-letters'), { left, top } = box.getBoundingClientRect();
  const { xaxis, yaxis } = box._fullLayout, letters = box.data.at(-1);
  const i = letters.text.indexOf(`<b>${letter}</b>`);
  return [left + xaxis._offset + xaxis.d2p(letters.x[i]), top + yaxis._offset + yaxis.d2p(letters.y[i])];
}"""
OPAQUE = """([x, y]) => {
  const canvas = document.querySelector('.ls-land canvas'), box = canvas.getBoundingClientRect();
  const [u, v] = [(x - box.left) / box.width * canvas.width, (y - box.top) / box.height * canvas.height];
  return canvas.hidden ? 0 : canvas.getContext('2d').getImageData(u, v, 1, 1).data[3];
}"""

# Whether the chart of the letters is as large as the window lets it be.
FILLS = """() => {
  const box = document.querySelector('.ls-letters'), { width, height } = box._fullLayout;
  return Math.abs(width - box.clientWidth) < 1 && Math.abs(height - box.clientHeight) < 1;
}"""


def place(page, letter: str) -> tuple[float, float]:
    return tuple(page.evaluate(PLACE, letter))


def says(page):
    return page.locator(".ls-land-says [role=status]")


def surveyed(page, n: int = 41, letters: int = 1) -> None:
    """Wait until the field of the step that is shown is there, as fine as that."""
    page.wait_for_function(f"{OF_THIS_STEP} && {FIELDS}.n >= {n} && {FIELDS}.of.length === {letters}", timeout=90_000)
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def opaque(page, x: float, y: float) -> int:
    return page.evaluate(OPAQUE, [x, y])


def beside(page, x: float, y: float) -> tuple[float, float]:
    """28 pixels from there towards the middle of the map: a letter may lie at its very edge."""
    middle = centre(page.locator(".ls-land canvas"))
    far = math.dist(middle, (x, y)) or 1
    return tuple(at + 28 * (to - at) / far for at, to in zip((x, y), middle, strict=True))
