"""What people give -> words that can be learned from, and what was done to them, said.

A word that is at fault is left out and counted; a list that is at fault is a DataError, one
sentence that says what is wrong and what to do. Everything takes time in proportion to the
text, whatever it holds: that is why words are measured before they are normalised.

A word comes out in NFC, without invisible characters or white space around it, its inner white
space as single spaces. Lower case is `str.lower`, which keeps ß and knows the final ς (casefold
would write ss and σ); İ becomes i, not i and a dot above. I becomes i in Turkish lists too.
"""

import pathlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import regex

from core.config import (
    MAX_BYTES,
    MAX_COUNTS,
    MAX_GROUPS,
    MAX_SYMBOL_LENGTH,
    MAX_SYMBOLS,
    MAX_WORD_LENGTH,
    MAX_WORDS,
    MIN_WORDS,
)
from core.data.columns import Table, cells, likely_column, table_of
from core.data.dataset import distinct_contexts
from core.data.decoding import decoded
from core.data.plain import plain
from core.data.vocabulary import BOUNDARY, CLUSTER, JOINING, DataError, Vocabulary
from core.data.wordlist import Group, WordList

FIRST, EXAMPLES = 8, 3  # words shown of the list, and of what was left out
UNNAMED = "words"
COUNTED = 3  # characters of context that the count models need

INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]")  # bidi controls, joiners, soft hyphens ...
NO_TEXT = regex.compile(r"[^\P{C}\n]")
PILE = regex.compile(rf"\p{{M}}{{{2 * MAX_SYMBOL_LENGTH}}}")  # normalising takes the square of such a run's length
LONGEST_LINE = MAX_WORD_LENGTH * MAX_SYMBOL_LENGTH  # code points; what is longer is at fault, normalised or not

TOO_LONG = f"longer than {MAX_WORD_LENGTH} characters"
TOO_HIGH = f"with more than {MAX_SYMBOL_LENGTH} code points in one character"
HOLDS_BOUNDARY = f"with a “{BOUNDARY}”, which marks where words begin and end"
HOLDS_NO_TEXT = "with control characters or others that are no text"


class Dropped(NamedTuple):
    """Words that were left out: why, how many, and the first of them, made harmless."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A word list, and what people want to know of it before anything is trained.

    lines: that were not blank (cells, of a table). distinct: different words. symbols: the alphabet, in the
    vocabulary's order. longest: the first of the longest words, and length, its symbols. dropped: one for each
    reason. first: words. said: sentences on what was done; they and what `dropped` holds are harmless anywhere.
    """

    words: WordList
    lines: int
    distinct: int
    symbols: tuple[str, ...]
    longest: str
    length: int
    dropped: tuple[Dropped, ...]
    first: tuple[str, ...]
    said: tuple[str, ...]


def read_file(path: pathlib.Path, fold: bool = False, column: int | None = None) -> Reading:
    """`read` the bytes of a file; DataError if it cannot be opened, too."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have such a name"
        raise DataError(f"“{plain(path.name)}” cannot be read: {why}.") from None
    return read(raw, path.name, fold, column)


def read(
    raw: bytes | str, name: str, fold: bool = False, column: int | None = None, groups: tuple[Group, ...] = ()
) -> Reading:
    """The words of a file's bytes or of pasted text.

    fold: make everything lower case. column: which of `columns(raw)` holds the words, from 0; None takes whole
    lines. groups: as typed (`typed_groups`); what of them does not occur is left out. DataError in one sentence.
    """
    name = plain(name) or UNNAMED
    text, said = decoded(raw, name)
    text, hidden = INVISIBLE.subn("", text)
    if hidden:
        said.append(f"Invisible characters were taken out: {hidden:,}.")
    lines = [line for line in (" ".join(line.split()) for line in _lines(text, name, column, said)) if line]
    if len(lines) > MAX_WORDS:
        raise DataError(f"“{name}” has {len(lines):,} words; at most {MAX_WORDS:,} are taken, so use a part of it.")
    words, dropped = _sifted(lines, fold, said)
    vocabulary = _checked(words, name, len(lines), dropped)
    if JOINING.search("".join(vocabulary.itos)) and (clusters := _clusters(words)) > MAX_SYMBOLS:
        said.append(
            f"Letters with their marks would be {clusters:,} different symbols, and at most {MAX_SYMBOLS} can be "
            "learned, so marks are symbols of their own."
        )
    groups = _occurring(groups, vocabulary, fold, said)
    longest = max(words, key=lambda word: len(vocabulary.symbols(word)))
    return Reading(
        WordList(name, tuple(words), groups), len(lines), len(set(words)), vocabulary.itos[1:], longest,
        len(vocabulary.symbols(longest)), dropped, tuple(words[:FIRST]), tuple(said),
    )  # fmt: skip


def columns(raw: bytes | str) -> list[str]:
    """The columns of a CSV or TSV file, by their titles or else their first values, made harmless; [] of a plain list.

    A table is what has the same number of columns, two at least, in each of its first lines. Never an error:
    what cannot be read has no columns, and `read` says why.
    """
    table = _table(raw)
    return _labels(table) if table else []


def first_choice(raw: bytes | str) -> int:
    """Which of `columns(raw)` most likely holds the words, from 0; 0 of a plain list."""
    table = _table(raw)
    return likely_column(table) if table else 0


def _table(raw: bytes | str) -> Table | None:
    try:
        return table_of(INVISIBLE.sub("", decoded(raw, UNNAMED)[0]))
    except DataError:
        return None


def typed_groups(text: str) -> tuple[Group, ...]:
    """Colour groups as people type them: a line for each, its name in the plural, a colon, its characters."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_GROUPS:
        raise DataError(f"There are {len(lines):,} groups; at most {MAX_GROUPS} can have a colour, so join some.")
    return tuple(_typed(line) for line in lines)


def _typed(line: str) -> Group:
    name, colon, symbols = line.partition(":")
    if not (colon and plain(name) and symbols.strip()) or len(symbols) > LONGEST_LINE:
        raise DataError(f"“{plain(line)}” is no group; write its name, a colon and its characters: vowels: a e i o u.")
    return Group(plain(name), tuple(dict.fromkeys(CLUSTER.findall("".join(symbols.split())))))


# ---------------------------------------------------------------- text -> lines


def _lines(text: str, name: str, column: int | None, said: list[str]) -> Iterable[str]:
    """Lines, or the cells of a column."""
    table = table_of(text)
    if column is None:
        if table:
            said.append(f"It looks like a table of {table.width} columns, but each line was read as one word.")
        return text.splitlines()
    if table is None:
        raise DataError(f"“{name}” is a plain list without columns; read whole lines.")
    if not 0 <= column < table.width:
        raise DataError(f"“{name}” has {table.width} columns, and there is no column {column + 1:,}; choose another.")
    title = " The first row was taken for titles." if table.titled else ""
    said.append(f"Column {column + 1} of {table.width} was read ({_labels(table)[column]}).{title}")
    return cells(text, table, column, name)


def _labels(table: Table) -> list[str]:
    labels = [plain(one if table.titled else f"{one} {two}") for one, two in zip(table.first, table.second)]
    more = "" if table.titled else " …"
    return [f"{label}{more}" if label else f"column {n}" for n, label in enumerate(labels, start=1)]


# ---------------------------------------------------------------- lines -> words


def _sifted(lines: list[str], fold: bool, said: list[str]) -> tuple[list[str], tuple[Dropped, ...]]:
    """Normalised words in their order, and those that were left out."""
    out: dict[str, list[str]] = {}
    words = _faultless(lines, out, _unbounded)
    text = unicodedata.normalize("NFC", "\n".join(words))
    if fold:
        lower = unicodedata.normalize("NFC", _lower(text))
        said.extend(["Capitals became small letters."] if lower != text else [])
        text = lower
    joining = JOINING.search("".join(set(text) - {"\n"})) is not None
    no_text = NO_TEXT.search(text) is not None
    words = _faultless(text.split("\n") if text else [], out, lambda word: _fault(word, joining, no_text))
    return words, tuple(
        Dropped(reason, len(which), tuple(plain(word) for word in which[:EXAMPLES])) for reason, which in out.items()
    )


def _lower(text: str) -> str:
    return text.replace("İ", "i").lower()


def _faultless(words: list[str], out: dict[str, list[str]], fault) -> list[str]:
    """Those without a fault; the others go to `out`, by what it is."""
    kept = []
    for word in words:
        if reason := fault(word):
            out.setdefault(reason, []).append(word)
        else:
            kept.append(word)
    return kept


def _unbounded(line: str) -> str | None:
    """What makes it impossible to normalise a line in time that is bounded."""
    if len(line) <= 2 * MAX_SYMBOL_LENGTH or (len(line) <= LONGEST_LINE and not PILE.search(line)):
        return None
    return _fault(line[: LONGEST_LINE + 1], joining=True, no_text=False)


def _fault(word: str, joining: bool, no_text: bool) -> str | None:
    """Why a word cannot be learned. joining, no_text: whether there are such characters anywhere in the list."""
    if len(word) > MAX_SYMBOL_LENGTH:
        clusters = CLUSTER.findall(word) if joining else word
        if joining and max(map(len, clusters)) > MAX_SYMBOL_LENGTH:
            return TOO_HIGH
        if len(clusters) > MAX_WORD_LENGTH:
            return TOO_LONG
    if BOUNDARY in word:
        return HOLDS_BOUNDARY
    return HOLDS_NO_TEXT if no_text and NO_TEXT.search(word) else None


# ---------------------------------------------------------------- words -> a list


def _checked(words: list[str], name: str, lines: int, dropped: tuple[Dropped, ...]) -> Vocabulary:
    """The vocabulary of a list that can be learned from, or DataError."""
    if not lines:
        raise DataError(f"“{name}” is empty; it should hold one word per line.")
    distinct, vocabulary = len(set(words)), Vocabulary.of(words)
    left_out = f" ({'; '.join(f'{count:,} left out {reason}' for reason, count, _ in dropped)})" if dropped else ""
    if distinct < MIN_WORDS:
        many = f"only {distinct} different words" if distinct > 1 else ("only one word" if distinct else "no word")
        raise DataError(f"“{name}” has {many} to learn from, and {MIN_WORDS} are needed{left_out}.")
    symbols = len(vocabulary) - 1
    if symbols > MAX_SYMBOLS:
        raise DataError(f"“{name}” uses {symbols:,} different symbols; at most {MAX_SYMBOLS} can be learned.")
    if not any(s[0].isalpha() for s in vocabulary.itos):
        raise DataError(f"“{name}” has no letters in it; it should hold one word per line.")
    examples = sum(map(len, words)) + len(words)
    if examples * len(vocabulary) > MAX_COUNTS:
        contexts = distinct_contexts(words, COUNTED, vocabulary)
        if contexts * len(vocabulary) > MAX_COUNTS:
            raise DataError(
                f"“{name}” has {contexts:,} different contexts of {COUNTED} characters, too many to count what comes "
                f"after each in {len(vocabulary)} symbols; use fewer words."
            )
    return vocabulary


def _clusters(words: list[str]) -> int:
    """How many symbols there would be, were there no limit."""
    return len(set(CLUSTER.findall("\n".join(words))) - {"\n"})


def _occurring(groups: tuple[Group, ...], vocabulary: Vocabulary, fold: bool, said: list[str]) -> tuple[Group, ...]:
    """The groups with those of their symbols that the words have."""
    if len(groups) > MAX_GROUPS:
        raise DataError(f"There are {len(groups):,} groups; at most {MAX_GROUPS} can have a colour, so join some.")
    found = []
    for group in groups:
        texts = (unicodedata.normalize("NFC", _lower(text) if fold else text) for text in group.symbols)
        symbols = (s for text in texts for s in vocabulary.symbols(text) if s in vocabulary.stoi)
        found.append(Group(plain(group.name), tuple(dict.fromkeys(symbols))))
        if not found[-1].symbols:
            said.append(f"Nothing of the group “{plain(group.name)}” occurs in the words.")
    return tuple(found)
