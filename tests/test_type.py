"""Nothing on the pages is written smaller than 12 px: read from the style sheets and from the figures' sources."""

import re

from tests.support.house import HOUSE

LEAST, ROOT = 12, 16  # px; the root's size
UNITS = {"px": 1, "rem": ROOT}
IN_A_PICTURE = {"10.7px", "8.5px"}  # letters of the filmstrip, in hundredths of a picture of 113 px or more, 200 px


def sizes(sheet: str) -> list[str]:
    return re.findall(r"font-size:\s*([\d.]+(?:px|rem))", sheet)


def test_no_style_sheet_sets_type_below_twelve_pixels():
    found = {
        (path.name, size) for path in (HOUSE / "assets" / "page").rglob("*.css") for size in sizes(path.read_text())
    }
    assert len(found) > 40
    value = lambda size: float(re.match(r"[\d.]+", size)[0]) * UNITS[re.sub(r"[\d.]+", "", size)]
    assert {(name, size) for name, size in found if size not in IN_A_PICTURE and 0 < value(size) < LEAST} == set()


def test_no_figure_sets_type_below_twelve_pixels():
    fonts = re.compile(r'font"?(?:: | = )\{[^{}]*"size": ([\d.]+)')
    sources = [path.read_text() for path in (HOUSE / "core" / "plots").glob("*.py")]
    found = [float(size) for source in sources for size in fonts.findall(source)]
    assert len(found) > 8 and min(found) >= LEAST
