"""Which colour group a character belongs to: from its alphabet, or from groups that a person typed."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex


@dataclass(frozen=True)
class Group:
    """Characters that share a colour. name: in the plural, as a legend says it ("front vowels")."""

    name: str
    symbols: tuple[str, ...]


# Which letters are vowels depends on the language: these are vowels in most languages. y and w are
# left out because they can be either; й and ў because the mark makes them consonants.
CALLED = ("vowels", "consonants", "other signs")  # in an alphabet with vowels
OF_SIGNS = ("letters", "marks", "digits", "signs")  # in any other
OTHERS = "others"
NAMES = (*CALLED, *OF_SIGNS, OTHERS, "start and end")  # of groups that nobody typed
ROLES = ("vowel", "consonant", "third", "fourth", "fifth", "sixth")
EUROPEAN = regex.compile(r"(?=\p{L})[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]")
VOWELS = frozenset("aeiou")
FURTHER_VOWELS = frozenset("æœøıəɛɔаеиоуыэюяієәөүұѣαεηιουω")  # compared without accents, so å, ё, ї, ύ are too
NOT_VOWELS = frozenset("йў")  # without their mark they would be vowels
SIGNS = frozenset("ьъ")  # letters that have no sound of their own


def colours(symbols: Sequence[str | None], typed: Sequence[Group] = ()) -> tuple[tuple[str, ...], dict[str, str]]:
    """The role of each symbol, which decides its colour, and role -> the name of its group (plural).

    symbols: None for one that marks the start or the end. typed: see `_sorted`. Roles: "boundary" or one of `ROLES`;
    only those that occur have a name, "boundary" always.
    """
    names, places = _sorted([s for s in symbols if s is not None], typed)
    following = iter(places)
    roles = tuple("boundary" if s is None else ROLES[next(following)] for s in symbols)
    return roles, {"boundary": "start and end"} | {ROLES[place]: names[place] for place in sorted(set(places))}


def _sorted(symbols: Sequence[str], typed: Sequence[Group]) -> tuple[tuple[str, ...], list[int]]:
    """The names of the groups (plural), and for each symbol the index of its group.

    typed: groups that a person typed; symbols in none of them are in one more group, "others". If there
    are none: vowels, consonants and other signs where most letters are Latin, Cyrillic or Greek; else
    letters, marks, digits and signs.
    """
    if typed:
        names = (*(group.name for group in typed), OTHERS)
        return names, [next((n for n, g in enumerate(typed) if s in g.symbols), len(names) - 1) for s in symbols]
    letters = [s for s in symbols if s[0].isalpha()]
    if 2 * sum(EUROPEAN.match(s) is not None for s in letters) > len(letters):
        return CALLED, [_sound(s) for s in symbols]
    return OF_SIGNS, ["LMN".find(unicodedata.category(s[0])[0]) % 4 for s in symbols]


def _sound(symbol: str) -> int:
    """0 for a vowel, 1 for a consonant of the Latin, Cyrillic or Greek alphabet, 2 for any other symbol."""
    letter = symbol[0].lower()[0]
    if not EUROPEAN.match(letter) or letter in SIGNS:
        return 2
    bare = unicodedata.normalize("NFD", letter)[0]
    return int(bare not in VOWELS | FURTHER_VOWELS or letter in NOT_VOWELS)
