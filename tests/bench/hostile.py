"""What people, programs and attackers might send; for tests/bench/fuzz.py.

`word_lists`, `links`, `run_files` and `said` are Hypothesis strategies that build it up from parts.
`spoilt_words`, `spoilt_link` and `spoilt_run` take something valid and spoil a byte of it, a line, a number
or a whole branch, the same for the same seed.
"""

import copy
import gzip
import json
import random
from collections.abc import Callable
from functools import cache

import torch
from hypothesis import strategies as st

from core.config import KNOB, MAX_BYTES, MAX_SYMBOLS, MAX_WORD_LENGTH, MAX_WORDS, Config
from core.data.dataset import Dataset, load_words
from core.engine.run import Run
from core.keeping import link, runfile
from tests.support.runs_kept import closed, opened, saved

FRAGMENTS = (
    "\0", "\ufeff", "\r", "\n\n", "\u2028", "\u202e", "\u200b", "\u200d", "\xad", "\x85", "\x1b[31m", "\ufffe",
    ".", "..", ",", ";", "\t", '"', "'", "|", "{}", "\\", "%00", "&amp;", "$x$", ":material/x:", "=1+1", "@SUM(A1)",
    "![a](http://a.b/c)", "[a](javascript:alert(1))", "<script>alert(1)</script>", "<a href=http://a.b>a</a>",
    "e\u0301", "a" + "\u0301" * 40, "\U0001f468\u200d\U0001f469", "ا", "日本", "ß", "İ", "ΣΑΣ", "ﬁ",
    "None", "NaN", "1e308", "-0", "9" * 40, "٣", "0x10",
)  # fmt: skip
NUMBERS = (
    "nan", "inf", "-inf", "1e308", "-1", "0", "1.5", "1e-320", "２", "1_000", " 3 ", "", "true", "full", "9" * 400,
)  # fmt: skip
GROUPS = (
    "", "vowels: aeiou", "a e i\nb c", ":", "x:" + "\u0301" * 99, "a: b\n" * 7, "<b>: é", "vowels: " + "a" * 5000,
)  # fmt: skip
KEYS = ("id", "name", "at", "x", "y", "letter", "to", "step", "number")  # of what panels say

seeds = st.integers(0, 2**32 - 1)
texts = st.text(st.characters(exclude_categories=()), max_size=60)  # surrogates too
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.sampled_from(FRAGMENTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def spoil(raw: bytes, seed: int) -> bytes:
    """Up to four small accidents."""
    chance, raw = random.Random(seed), bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(raw))
        to = min(len(raw), at + chance.choice((1, 1, 2, 8, 100, len(raw))))
        accident = chance.randrange(6)
        if accident == 0:
            raw[at:to] = b""
        elif accident == 1:
            raw[at:at] = raw[at:to]
        elif accident == 2:
            raw[at:to] = chance.randbytes(to - at)
        elif accident == 3:
            raw[at:at] = chance.choice(FRAGMENTS).encode("utf-8", "surrogatepass")
        elif accident == 4:
            raw[at:to] = raw[at:to][::-1]
        elif raw:
            raw[min(at, len(raw) - 1)] ^= 1 << chance.randrange(8)
    return bytes(raw)


def spoil_text(raw: bytes, seed: int) -> bytes:
    """Lines that are hostile, twice there, or gone; the text is still UTF-8."""
    chance, lines = random.Random(seed), raw.decode().split("\n")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(lines))
        what = chance.choice(FRAGMENTS)
        lines[at] = chance.choice((what, lines[at] + what, what + lines[at], lines[at] * chance.randint(0, 30)))
    return "\n".join(lines[chance.randrange(len(lines) // 2) :]).encode("utf-8", "replace")


# ---------------------------------------------------------------- word lists

# Each is at a limit or beyond it; made when drawn.
LARGE: tuple[Callable[[], bytes], ...] = (
    lambda: b"a" * MAX_BYTES,
    lambda: b"a" * (MAX_BYTES + 1),
    lambda: b"ab\n" * (MAX_WORDS + 1),
    lambda: b"," * (MAX_BYTES // 2),
    lambda: b'"' * (MAX_BYTES // 2),
    lambda: ("a" + "\u0301" * (MAX_BYTES // 2 - 9)).encode(),
    lambda: "\n".join(chr(0x4E00 + i) for i in range(5000)).encode(),
    lambda: "\n".join(chr(0x4E00 + i) for i in range(MAX_SYMBOLS)).encode(),
    lambda: "\n".join(f"{i:064b}" for i in range(20_000)).encode(),
    lambda: b"\n".join(b"%d,%d,%d" % (i, i, i) for i in range(100_000)),
    lambda: ("a" * MAX_WORD_LENGTH + "\n").encode() * 30_000,
    lambda: "\u202e\u200b\n".encode() * 200_000,
)


@cache
def lists() -> list[bytes]:
    """Good ones."""
    names = load_words()[:300]
    table = "\r\n".join(["name,sex,count", *(f'"{name}",f,{i}' for i, name in enumerate(names[:80]))])
    accents = [name.replace("a", "é").replace("e", "ü") for name in names]
    other = [name.translate({i: i + 0x0430 - ord("a") for i in range(ord("a"), ord("z") + 1)}) for name in names]
    return [s.encode() for s in ("\n".join(names), table, "\n".join(accents), "\ufeff" + "\r\n".join(other))]


def _joined(words: list[str], end: str, encoding: str) -> bytes:
    return end.join(words).encode(encoding, "replace")


word_lists = st.one_of(
    st.builds(
        _joined, st.lists(texts | st.sampled_from(FRAGMENTS), min_size=8, max_size=60),
        st.sampled_from(["\n", "\r\n", "\r", ",", "\t", ";", " "]),
        st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1251", "utf-7"]),
    ),
    st.lists(texts, max_size=60).map("\n".join),
    st.binary(max_size=2000),
)  # fmt: skip


def spoilt_words(seed: int) -> bytes:
    chance = random.Random(seed)
    good = chance.choice(lists())
    if chance.random() < 0.05:
        return gzip.compress(good)
    return chance.choice((spoil, spoil_text, spoil_text))(good, seed)


groups = st.sampled_from([""] * 20 + list(GROUPS))
columns = st.sampled_from([None] * 20 + list(range(-2, 8)))


# ---------------------------------------------------------------- links

GOOD = link.to_params(
    link.Link(Config(n_hidden=200, schedule="cosine"), ((1200, "learning_rate", 0.03), (5000, "batch_size", "full")),
              "names", "bd02dfd33179", 30_000)
)  # fmt: skip
values = st.sampled_from(NUMBERS) | st.sampled_from(FRAGMENTS) | texts | st.sampled_from(sorted(GOOD.values()))


def spoilt_link(seed: int) -> dict[str, str]:
    chance = random.Random(seed)
    params = dict(GOOD) | {chance.choice(link.NAMES): chance.choice(NUMBERS)}
    name = chance.choice(sorted(params))
    params[name] = spoil(params[name].encode(), seed).decode("utf-8", "surrogateescape")
    return params


links = st.one_of(
    st.dictionaries(st.sampled_from(link.NAMES) | texts, values | st.lists(values, max_size=3), max_size=8),
    st.builds(lambda n, text: {"changes": "~".join([text] * n)}, st.integers(0, 3000), values),
)


# ---------------------------------------------------------------- run files


@cache
def dataset() -> Dataset:
    return Dataset.of(load_words()[:200], 1, "few")


@cache
def run_file() -> bytes:
    """Of a small run with a live change and a few checkpoints."""
    run = Run(Config(block_size=1, n_hidden=3, batch_size=8), dataset())
    run.advance(12)
    run.set(learning_rate=0.5)
    run.advance(28)
    return runfile.to_bytes(saved(run))


def _nodes(tree, path=()) -> list[tuple]:
    """Where every branch of a JSON tree is."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(found for key, value in inner for found in _nodes(value, (*path, key)))]


def _spoilt_tree(seed: int, value) -> bytes:
    """One branch of what the file says is something else."""
    chance = random.Random(seed)
    text, tensors = opened(run_file())
    text = copy.deepcopy(text)
    *path, last = chance.choice(_nodes(text)[1:])
    place = text
    for key in path:
        place = place[key]
    if value is None or chance.random() < 0.3:
        value = chance.choice((-1, 0, 1e300, 2**70, True, "", [], {}, None, float("nan"), "full", place[last]))
    if isinstance(place, dict) and chance.random() < 0.2:
        del place[last]
    else:
        place[last] = value
    return closed(text, tensors)


def _spoilt_tensor(seed: int) -> bytes:
    """One tensor has another shape, another type, other numbers, or is not there."""
    chance = random.Random(seed)
    text, tensors = opened(run_file())
    name = chance.choice(sorted(tensors))
    tensor = tensors.pop(name)
    others = (
        lambda: tensor.double(), lambda: tensor.half(), lambda: tensor.flatten(), lambda: tensor[None].contiguous(),
        lambda: torch.full_like(tensor, float(chance.choice(("nan", "inf", "1e38", "-0.0")))),
        lambda: tensor[:0].clone(), lambda: tensor.to(torch.int64),
    )  # fmt: skip
    if chance.random() < 0.8:
        tensors[chance.choice((name, name, "C", name + "\u202e", "x" * 5000))] = chance.choice(others)()
    return closed(text, tensors)


def spoilt_run(seed: int) -> bytes:
    how = random.Random(seed).choice((lambda: spoil(run_file(), seed), lambda: _spoilt_tensor(seed),
                                      lambda: _spoilt_tree(seed, None)))  # fmt: skip
    return how()


run_files = st.one_of(
    st.builds(_spoilt_tree, seeds, jsons),
    st.builds(lambda value: closed(value, opened(run_file())[1]), jsons),
    st.builds(lambda head: len(head).to_bytes(8, "little") + head, jsons.map(lambda value: json.dumps(value).encode())),
    st.binary(max_size=400),
)

# ---------------------------------------------------------------- what a page's script says

said = st.one_of(
    jsons,
    st.integers(-3, 10**7),
    st.sampled_from([f"n_hidden={n}" for n in NUMBERS]),
    st.sampled_from(sorted(KNOB)),
    st.dictionaries(
        st.sampled_from(["id", "name", "at", "x", "y", "letter", "to", "step", "number"]), jsons, max_size=4
    ),
    st.lists(st.sampled_from("aeiou.<") | st.integers(-2, 99), max_size=5),
)

# What comes over the live line: the same, and what has the form of a knob, a place, a step of a run, or a question.
on_the_line = st.one_of(
    said,
    st.tuples(st.sampled_from(sorted(KNOB)), jsons, texts).map(list),
    st.lists(st.integers(-1, 9) | jsons, min_size=2, max_size=5),
    st.fixed_dictionaries({"temperature": jsons}),
)

# Which control of the page, what it says if it holds a number, and what if it holds text.
forged = st.tuples(st.integers(0, 15), st.floats(), st.text(max_size=40) | st.sampled_from(FRAGMENTS))
