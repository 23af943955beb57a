"""Which colour group a character belongs to: by its alphabet, or as a person typed it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex


@dataclass(frozen=True)
class Group:
    """Characters that share a colour. name: in the plural, as a legend says it ("front vowels")."""

    name: str
    symbols: tuple[str, ...]


# What is a vowel depends on the language: these are letters that mostly are one. Not among
# them: y and w, which are both, and й and ў, a vowel's sign with a mark that makes it none.
ROLES = ("vowel", "consonant", "third", "fourth", "fifth", "sixth")
EUROPEAN = regex.compile(r"(?=\p{L})[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]")
VOWELS = frozenset("aeiou")
FURTHER_VOWELS = frozenset("æœøıəɛɔаеиоуыэюяієәөүұѣαεηιουω")  # their accents do not matter: å, ё, ї, ύ
SHORT = frozenset("йў")
SIGNS = frozenset("ьъ")  # letters that have no sound of their own


def sort_into_groups(symbols: Sequence[str], typed: Sequence[Group] = ()) -> tuple[tuple[str, ...], list[int]]:
    """The names of the groups, in the plural, and for each symbol the place of its group among them.

    typed: the groups that a person made; what is in none of them is in one more, "others". Without
    any the alphabet decides: vowels and consonants where most letters are Latin, Cyrillic or Greek.
    """
    if typed:
        names = (*(group.name for group in typed), "others")
        return names, [next((n for n, g in enumerate(typed) if s in g.symbols), len(names) - 1) for s in symbols]
    letters = [s for s in symbols if s[0].isalpha()]
    if 2 * sum(EUROPEAN.match(s) is not None for s in letters) > len(letters):
        return ("vowels", "consonants", "other signs"), [_sound(s) for s in symbols]
    return ("letters", "marks", "digits", "signs"), ["LMN".find(unicodedata.category(s[0])[0]) % 4 for s in symbols]


def _sound(symbol: str) -> int:
    """0 for a vowel, 1 for a consonant, 2 for what is neither, of the Latin, Cyrillic and Greek alphabets."""
    letter = symbol[0].lower()[0]
    if not EUROPEAN.match(letter) or letter in SIGNS:
        return 2
    bare = unicodedata.normalize("NFD", letter)[0]
    return int(bare not in VOWELS | FURTHER_VOWELS or letter in SHORT)
