"""Running text -> sentences -> tokens: what the word level learns from.

The rules, in their order (tests/data/test_text.py has a case for each):

1. Compatibility forms are unified (NFKC); curly apostrophes become ', dashes that join clauses become
   commas, an ellipsis becomes a full stop; quotation marks, brackets and all other signs separate tokens.
2. A token is a word, a number or one of . ! ? , ; :
   A word is letters and marks of any script, with apostrophes and hyphens inside (o'clock, well-known).
   English: n't stays (don't), and so do the short verbs after a pronoun (I'm, he's, they've); the possessive
   's is a token of its own (Tom 's). A number keeps its inner points, commas and colons (3.14, 10:30).
   Chinese, Japanese and Thai are written without spaces: there each character is a token.
3. A token of more than MAX_WORD_LENGTH characters is left out.
   A sentence ends after . ! or ? and at the end of a paragraph (a line). Mr. and e.g. lose their full stops first,
   so they end no sentence. A paragraph that ends without one of the three gets a full stop.
4. A word that begins a sentence is written as it is mostly written elsewhere in the text, so that "The" and
   "the" are one word and "Tom" stays "Tom".

Tokens joined by single spaces give the same tokens again.
"""

import unicodedata
from collections import Counter, defaultdict

import regex

from core.config import MAX_SENTENCE, MAX_WORD_LENGTH

ENDS = frozenset(".!?")
_PRONOUNS = (
    "i|you|he|she|it|we|they|one|that|there|here|this|what|who|where|how|when|why|let|"
    "(?:some|any|every|no)(?:one|body|thing)"
)
_NO_SPACES = r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}"
_LETTER = rf"[\p{{L}}\p{{M}}--[{_NO_SPACES}]]"
TOKEN = regex.compile(
    rf"""
    \b(?i:(?:{_PRONOUNS})'(?:s|m|re|ve|ll|d))\b     # I'm, he's, let's
    | \b(?i:[a-z]+n't)\b                            # don't
    | '(?i:s)\b                                     # the possessive
    | {_LETTER}+ (?: (?:-|'(?!s\b)) {_LETTER}+ )*   # words, with hyphens and apostrophes inside
    | [{_NO_SPACES}]\p{{M}}*                        # a character of a script that is written without spaces
    | \p{{Nd}}+ (?: [.,:] \p{{Nd}}+ )*              # numbers
    | [.!?,;:]
    """,
    regex.VERBOSE | regex.VERSION1,
)
_UNIFIED = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "–": " , ", "—": " , ", "…": " . ", "。": " . ", "、": " , "})
_TITLE = regex.compile(r"\b(Mr|Mrs|Ms|Dr|St|Jr|Sr|Prof|etc|vs)\.")
_INITIALS = regex.compile(r"\b(?:\p{L}\.){2,}")  # U.S., e.g.
_LONG = regex.compile(rf"\S{{{MAX_WORD_LENGTH // 4},}}")  # of these one can become four when forms are unified


def tokens(paragraph: str) -> list[str]:
    """The tokens of a paragraph by rules 1 and 2, in their order."""
    text = unicodedata.normalize("NFKC", paragraph.translate(_UNIFIED)).translate(_UNIFIED)
    text = _TITLE.sub(r"\1", text)
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), text)
    return TOKEN.findall(text)


def too_long(text: str) -> int:
    """How many words `sentences` leaves out as they are too long."""
    return sum(len(t) > MAX_WORD_LENGTH for line in text.splitlines() if _LONG.search(line) for t in tokens(line))


def sentences(text: str) -> list[tuple[str, ...]]:
    """The sentences of a text, each as its tokens, by rules 1 to 4.

    One of more than MAX_SENTENCE tokens is divided there. What holds nothing but punctuation is left out.
    """
    found = [part for line in text.splitlines() for part in _divided(tokens(line))]
    return _true_case(found)


def _divided(line: list[str]) -> list[tuple[str, ...]]:
    """Rule 3 for the tokens of one paragraph."""
    found, current = [], []
    for token in line:
        if token in ENDS and not current:
            continue  # the second of "?!", or a paragraph that begins with one
        if len(token) > MAX_WORD_LENGTH:
            continue
        current.append(token)
        if token in ENDS or len(current) == MAX_SENTENCE:
            found.append(tuple(current))
            current = []
    if current:
        found.append((*current, "."))
    return [sentence for sentence in found if any(token[0].isalnum() for token in sentence)]


def _true_case(found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rule 4. Of spellings that are equally frequent the first in alphabetical order; as it is, where there is none."""
    spellings: dict[str, Counter] = defaultdict(Counter)
    for sentence in found:
        for token in sentence[1:]:
            spellings[token.lower()][token] += 1
    best = {low: max(sorted(seen), key=seen.__getitem__) for low, seen in spellings.items()}
    return [(best.get(sentence[0].lower(), sentence[0]), *sentence[1:]) for sentence in found]
