"""Running text from a file -> a corpus of sentences, with notes; and the sentences that come with the program.

A text that cannot be used raises DataError: one sentence that says what is wrong and what to do.
"""

import hashlib
import lzma
import pathlib
from collections import Counter
from dataclasses import dataclass

from core.config import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MAX_TEXT_BYTES,
    MAX_TOKENS,
    MAX_WORD_LENGTH,
    MIN_TOKENS,
    MOST_WORDS,
)
from core.data.corpus import WORD, Corpus
from core.data.decoding import decoded, on_disk
from core.data.plain import plain
from core.data.text import sentences, too_long
from core.data.vocabulary import DataError
from core.messages import mark, tr

ENGLISH = pathlib.Path(__file__).parent.parent.parent / "assets" / "words" / "english.txt.xz"
SOURCE = mark("Sentences from Tatoeba (tatoeba.org), CC BY 2.0 FR.")
DIGEST = "11c28365dd9c8da826211a82d6f5b025a6a6a9faf0f96be6629c731595d6d782"  # sha256 of its text
UNNAMED = "text"


@dataclass(frozen=True)
class TextReading:
    """A corpus of sentences, and what is said of it before training.

    tokens, distinct: how many, and how many different ones. kept: how many words the vocabulary has; unknown: the
    share of all tokens that are not among them, 0 to 1. notes: sentences on what was changed, safe to show.
    """

    corpus: Corpus
    tokens: int
    distinct: int
    kept: int
    unknown: float
    notes: tuple[str, ...] = ()


def read_text(raw: bytes | str, name: str, words: int = DEFAULT_WORDS) -> TextReading:
    """The sentences in the bytes of a file, or in pasted text, one paragraph a line; DataError if they cannot be used.

    words: how many symbols the vocabulary has at most. Sentences are put in the order of their sha256, so that a
    split is a fair sample of the text, and sentences that are the same are side by side.
    """
    name = plain(name) or UNNAMED
    _check_size(words)
    text, notes = decoded(raw, name, MAX_TEXT_BYTES)
    if long := too_long(text):
        said = mark("Words of more than {most} characters were left out ({n:,}).")
        notes.append(tr(said, most=MAX_WORD_LENGTH, n=long))
    found = [" ".join(sentence) for sentence in sentences(text)]
    count = sum(sentence.count(" ") + 1 for sentence in found)
    if count < MIN_TOKENS:
        raise DataError(
            tr(
                "“{name}” has {count:,} words and signs, but {least:,} are needed; use a longer text.",
                name=name,
                count=count,
                least=MIN_TOKENS,
            )
        )
    if count > MAX_TOKENS:
        raise DataError(
            tr(
                "“{name}” has {n:,} words and signs; the limit is {most:,}, so use a part of it.",
                name=name,
                n=count,
                most=MAX_TOKENS,
            )
        )
    found.sort(key=lambda sentence: hashlib.sha256(sentence.encode()).digest())
    return _reading(Corpus(name, tuple(found), level=WORD, most=words), tuple(notes))


def read_text_file(path: pathlib.Path, words: int = DEFAULT_WORDS) -> TextReading:
    """`read_text` for a file on disk; also DataError if it cannot be opened."""
    return read_text(on_disk(path, MAX_TEXT_BYTES), path.name, words)


def english(words: int = DEFAULT_WORDS) -> TextReading:
    """The sentences that come with the program, in the order of the file. Not checked here: the tests check them."""
    return _reading(english_corpus(words), (tr(SOURCE),))


def english_corpus(words: int = DEFAULT_WORDS) -> Corpus:
    """Those sentences for who needs nothing said of them."""
    _check_size(words)
    lines = lzma.decompress(ENGLISH.read_bytes()).decode().splitlines()
    return Corpus("English sentences", tuple(lines), level=WORD, most=words)


def _check_size(words: int) -> None:
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        raise DataError(
            tr(
                "A vocabulary has between {least:,} and {most:,} words, not {words:,}.",
                least=FEWEST_WORDS,
                most=MOST_WORDS,
                words=words,
            )
        )


def _reading(corpus: Corpus, notes: tuple[str, ...]) -> TextReading:
    often = Counter(token for sentence in corpus.units for token in sentence.split(" "))
    total, known = often.total(), corpus.vocabulary.itos[2:]
    return TextReading(corpus, total, len(often), len(known), 1 - sum(often[word] for word in known) / total, notes)
