"""Values from outside: text made short and safe to show inside a sentence or a name, and checks of whole numbers."""

import math
import re
import unicodedata

LONGEST = 40


def plain(text: str) -> str:
    """`text` for use in a sentence: at most 40 characters, no control or bidirectional characters, no markup.

    Letters, digits, ". , + - _" and all visible characters outside ASCII are kept; others become spaces. Idempotent.
    """
    text = unicodedata.normalize("NFC", text[: 4 * LONGEST])
    text = "".join(c if _harmless(c) else " " for c in text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    text = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])", " ", text)  # _emphasis_, but not n_embd
    text = re.sub(r"www\.", "www ", text, flags=re.IGNORECASE)  # some Markdown makes links of these
    return " ".join(text.split())


def is_number(said: object, low: float = -math.inf, high: float = math.inf) -> bool:
    """Whether `said` is a number in this range: neither a bool, which Python takes for 0 or 1, nor NaN."""
    return isinstance(said, int | float) and not isinstance(said, bool) and low <= said <= high


def is_whole(said: object, low: float = -math.inf, high: float = math.inf) -> bool:
    """Whether `said` is an int in this range, and no bool."""
    return isinstance(said, int) and is_number(said, low, high)


def _harmless(c: str) -> bool:
    return c in ".,+-_" or unicodedata.category(c)[0] in ("LMN" if c.isascii() else "LMNPS")
