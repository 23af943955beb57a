"""The Brown corpus that a person has, read and prepared as Bengio et al. 2003 say in section 4.1.

One stream of words and signs, in the order of the files; words of a frequency of at most 3 are one symbol; then
800,000 of them train, the next 200,000 validate and the rest tests. Contexts cross the ends of sentences.
"""

import pathlib
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import torch

from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset, Examples, Split, windows
from core.data.vocabulary import DataError
from core.data.words import START, UNKNOWN, Words

FILES = re.compile(r"c[a-r]\d\d")  # ca01 to cr09, as NLTK has them: word/tag, separated by white space
TRAIN, VALID = 800_000, 200_000  # words
MAX_BYTES, MAX_SYMBOLS = 40_000_000, 40_000  # of all files, and in the vocabulary; Brown has 10 MB and 16,383
RARE = 3  # words that are not more frequent than this are one symbol


def read_brown(folder: pathlib.Path) -> list[str]:
    """The words of a Brown corpus, without their tags; DataError if there is none in the folder."""
    try:
        files = sorted(path for path in folder.iterdir() if FILES.fullmatch(path.name) and path.is_file())
        if sum(path.stat().st_size for path in files) > MAX_BYTES:
            raise DataError(f"{folder} holds more than {MAX_BYTES / 1e6:g} MB, so it is not the Brown corpus.")
        text = " ".join(path.read_text(encoding="latin-1") for path in files)
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}.") from None
    if not files:
        raise DataError(f"{folder} has no files of the Brown corpus, such as ca01; name the folder that holds them.")
    return [token.rpartition("/")[0] or token for token in text.split()]


def prepared(tokens: Sequence[str], block_size: int, train: int = TRAIN, valid: int = VALID) -> Dataset:
    """The examples of the three parts; DataError if nothing is left for the last one."""
    if min(train, valid) < 1:
        raise DataError("Training and validation need at least one word each.")
    if len(tokens) <= train + valid:
        raise DataError(f"The corpus has {len(tokens):,} words and signs, but more than {train + valid:,} are needed.")
    often = Counter(tokens)
    ranked = sorted((word for word, times in often.items() if times > RARE), key=lambda word: (-often[word], word))
    if len(ranked) > MAX_SYMBOLS:
        raise DataError(f"The corpus has {len(ranked):,} frequent words, but at most {MAX_SYMBOLS:,} can be learned.")
    vocabulary = Words((START, UNKNOWN, *ranked))
    Y = torch.tensor([vocabulary.stoi.get(token, vocabulary.unknown) for token in tokens], dtype=torch.int64)
    X = windows(Y, torch.tensor([len(Y)]), block_size, vocabulary.start)
    ends = [0, train, train + valid, len(Y)]
    parts = (_part(X[a:b], Y[a:b], len(vocabulary)) for a, b in pairwise(ends))
    return Dataset(Corpus("Brown", (), level=WORD), vocabulary, block_size, *parts, known=frozenset())


def _part(X: torch.Tensor, Y: torch.Tensor, V: int) -> Split:
    return Split(**vars(Examples.counted(X, Y, V)), words=(), lengths=torch.tensor([len(Y)]))
