"""Text from outside, made harmless and short enough to stand in a sentence or a name."""

import re
import unicodedata

LONGEST = 40


def plain(text: str) -> str:
    """`text` for a sentence: at most 40 characters, no control or bidi characters, no meaning as Markdown or HTML.

    Letters, digits, a few of ASCII's signs and all other visible signs stay; the rest becomes spaces. Idempotent.
    """
    text = unicodedata.normalize("NFC", text[: 4 * LONGEST])
    text = "".join(c if _harmless(c) else " " for c in text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    text = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])", " ", text)  # _emphasis_, but not n_embd
    text = re.sub(r"www\.", "www ", text, flags=re.IGNORECASE)  # some Markdown makes links of these
    return " ".join(text.split())


def _harmless(c: str) -> bool:
    return c in ".,+-_" or unicodedata.category(c)[0] in ("LMN" if c.isascii() else "LMNPS")
