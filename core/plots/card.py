"""A picture of a run to pass on, as SVG: letters, loss, words that it made up, its link as text and as a QR code.

Text from data is escaped. Colours are those of the light scheme, whatever the page shows.
"""

import cmath
import html
import re
import textwrap
from collections.abc import Sequence
from itertools import combinations

import segno

from core.analysis.timeline import Frame
from core.data.shown import Shown
from core.messages import mark, tr
from core.plots import LIGHT

WIDE, HIGH, EDGE = 1200, 630, 36  # px, as other sites show pictures of links
MAP = HIGH - 2 * EDGE
TEXT = EDGE + MAP + 44  # where the text begins
DISC = 16  # radius
APART, ROUNDS, MOST_SPREAD = 24, 16, 64  # px between two letters that can be read; of more letters, too many pairs
LONGEST = 20  # letters of a word; longer ones are cut
LINK_LINE, LINK_LINES = 58, 3  # characters of the link in a line, and lines at most
VOWELS = mark("Nobody told it what a vowel is.")
OTHERS = mark("A network that learns to write, letter by letter.")
OF_WORDS = mark("Nobody told it what a noun or a verb is.")
MADE_UP = {"name": mark("Names it made up"), "word": mark("Words it made up")}  # by what one is called
LINE, SENTENCES, SENTENCE_LINES = 30, 3, 2  # characters in a line of a sentence; sentences; lines of each
NO_LINK = mark("This run has more live changes than a link can hold.")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # not allowed in XML, or not seen


def card(shown: Shown, frame: Frame, words: Sequence[str], noun: str, chance: float, link: str) -> str:
    """SVG, WIDE x HIGH.

    frame: of the moment that is shown; words: made up by the network, at most five are drawn; noun: what one is
    called; chance: the loss of guessing evenly, nats; link: address of the run, or "".
    """
    said = VOWELS if shown.names.get("vowel") == "vowels" else OTHERS
    written = [_text(TEXT, 254, tr(MADE_UP[noun]), 20, weight=700)]
    for i, word in enumerate(words[:5]):
        written.append(_text(TEXT, 292 + 36 * i, word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…", 24))
    return _drawn(_letters(shown, frame), said, frame.exact, chance, written, link)


def word_card(shown: Shown, frame: Frame, sentences: Sequence[str], chance: float, link: str) -> str:
    """The same for a run on words. shown: some of them, in the colours of their parts of speech; sentences: made up by
    the network, at most SENTENCES are drawn."""
    y, written = 288, [_text(TEXT, 254, tr("Sentences it made up"), 20, weight=700)]
    for sentence in sentences[:SENTENCES]:
        for line in textwrap.wrap(sentence, LINE, max_lines=SENTENCE_LINES, placeholder=" …"):
            written.append(_text(TEXT, y, line, 18))
            y += 23
        y += 9
    return _drawn(_words(shown, frame), OF_WORDS, frame.exact, chance, written, link)


def _drawn(marks: list[str], said: str, exact: tuple, chance: float, written: list[str], link: str) -> str:
    """The whole picture. marks, written: what is on the map, and what the network wrote, as SVG."""
    step, _, dev = exact
    x, lines = TEXT, []
    lines.append(_text(x, 92, "Letterspace", 44, weight=700))
    lines.append(_text(x, 130, tr(said), 22, LIGHT["quiet"]))
    lines.append(_text(x, 196, f"{dev:.3f}", 46, LIGHT["dev"], 700))
    lines.append(_text(x + 138, 178, tr("dev loss after {step:,} steps", step=step), 20))
    pure = tr("pure chance: {chance:.3f}; lower is better", chance=chance)
    lines.append(_text(x + 138, 202, pure, 16, LIGHT["quiet"]))
    lines += [*written, *_link(x, link)]
    font = 'font-family="Source Sans 3, system-ui, Helvetica, Arial, sans-serif"'
    size = f'width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}"'
    frame_of_map = f'<rect x="{EDGE}" y="{EDGE}" width="{MAP}" height="{MAP}" rx="14" fill="none" '
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        f'<rect width="{WIDE}" height="{HIGH}" fill="{LIGHT["paper"]}"/>',
        frame_of_map + f'stroke="{LIGHT["zero"]}"/>', *marks, *lines, "</svg>\n",
    ])  # fmt: skip


def _text(x: float, y: float, text: str, size: int, colour: str = LIGHT["ink"], weight: int = 400) -> str:
    said = html.escape(CONTROL.sub("", text))
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}">{said}</text>'


def _letters(shown: Shown, frame: Frame) -> list[str]:
    """A disc for each character, within the square of the map."""
    (middle, centre), half = frame.window.centre[:2], frame.window.half
    scale, clamp = (MAP / 2 - DISC - 8) / half, lambda value: max(-half, min(half, value))
    places = [complex(clamp(x - middle), -clamp(y - centre)) * scale for x, y, *_ in frame.seen.points.tolist()]
    out = []
    for place, label, role in zip(_spread(places), shown.labels, shown.roles):
        u, v = EDGE + MAP / 2 + place.real, EDGE + MAP / 2 + place.imag
        out.append(
            f'<circle cx="{u:.1f}" cy="{v:.1f}" r="{DISC}" fill="{LIGHT[role]}" stroke="{LIGHT["paper"]}" '
            f'stroke-width="2"/><text x="{u:.1f}" y="{v + 6:.1f}" font-size="18" font-weight="700" '
            f'text-anchor="middle" fill="{LIGHT["on_" + role]}">{html.escape(CONTROL.sub("", label))}</text>'
        )
    return out


def _spread(places: Sequence[complex]) -> list[complex]:
    """The places, with those nearer than APART moved apart, so that each letter can be read; as spread.js does it."""
    at = list(places)
    for _ in range(ROUNDS if len(at) <= MOST_SPREAD else 0):
        for i, j in combinations(range(len(at)), 2):
            way = at[j] - at[i]
            if abs(way) < APART:
                turn = way / abs(way) if abs(way) > 1e-6 else cmath.rect(1.0, i + 2 * j)
                by = turn * (APART - abs(way)) / 2
                at[i], at[j] = at[i] - by, at[j] + by
    return at


def _words(shown: Shown, frame: Frame) -> list[str]:
    """A dot for each word, and the words themselves, the most frequent first, where they cover no other."""
    points = frame.seen.points[list(shown.ids)]
    low, high = points.min(0).values, points.max(0).values
    (middle, centre), half = ((low + high) / 2).tolist(), max(float((high - low).max()) / 2, 1e-3)
    scale, dots, labels, taken = (MAP / 2 - 40) / half, [], [], []
    for i in sorted(range(len(shown)), key=lambda i: shown.ids[i]):
        x, y = points[i].tolist()
        u, v = EDGE + MAP / 2 + (x - middle) * scale, EDGE + MAP / 2 - (y - centre) * scale
        colour, label = LIGHT[shown.roles[i]], shown.labels[i]
        dots.append(f'<circle cx="{u:.1f}" cy="{v:.1f}" r="3" fill="{colour}"/>')
        wide = 8.5 * len(label) / 2
        box = u - wide, v - 20, u + wide, v - 3
        inside = box[0] > EDGE and box[2] < EDGE + MAP and box[1] > EDGE
        if inside and not any(_over(box, other) for other in taken):
            taken.append(box)
            labels.append(
                f'<text x="{u:.1f}" y="{v - 6:.1f}" font-size="16" font-weight="600" text-anchor="middle" '
                f'fill="{colour}">{html.escape(CONTROL.sub("", label))}</text>'
            )
    return dots + labels


def _over(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two boxes, (left, top, right, bottom), share a place."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _link(x: float, link: str) -> list[str]:
    """The QR code in the lower right corner, and the link below all, in lines."""
    if not link:
        return [_text(x, HIGH - EDGE - 8, tr(NO_LINK), 16, LIGHT["quiet"])]
    lines = [link[i : i + LINK_LINE] for i in range(0, len(link), LINK_LINE)]
    if len(lines) > LINK_LINES:
        lines = [*lines[: LINK_LINES - 1], lines[LINK_LINES - 1][:-1] + "…"]
    top = HIGH - EDGE - 18 * (len(lines) - 1)
    said = [_text(x, top + 18 * i, line, 14, LIGHT["quiet"]) for i, line in enumerate(lines)]
    return [*said, *_code(link, WIDE - EDGE - 240, 246, 240)]


def _code(link: str, left: float, top: float, side: float) -> list[str]:
    """The QR code of a link in a square; nothing if it is too long for one."""
    try:
        code = segno.make_qr(link, error="l")
    except segno.DataOverflowError:
        return []
    rows = [list(row) for row in code.matrix_iter(border=0)]
    dots = "".join(f"M{c} {r}h1v1h-1z" for r, row in enumerate(rows) for c, dark in enumerate(row) if dark)
    return [f'<path transform="translate({left} {top}) scale({side / len(rows):.5f})" d="{dots}" fill="#000000"/>']
