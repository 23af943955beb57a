"""core/data/reading.py under hostile input: one clear sentence, or words that are only characters; never long."""

import contextlib
import gzip
import io
import pickle
import random
import time
import zipfile

import pytest

from core.config import MAX_BYTES, MAX_WORDS
from core.data.reading import columns, read
from core.data.vocabulary import DataError

TEN = tuple(f"name{letter}" for letter in "abcdefghij")


def lines(words) -> bytes:
    return "\n".join(words).encode()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<c>emma</c>" * 50)
    return file.getvalue()


def drawn(first: int, last: int, n: int) -> str:
    """n code points, one in ten of them a line end."""
    characters = [chr(number) for number in range(first, last + 1)]
    return "".join(random.Random(first).choices(characters + ["\n"] * (len(characters) // 9), k=n))


BAD = {
    "empty": (b"", "“list.txt” is empty; it should contain one word per line."),
    "white space only": (b"\n \n\t\r\n\xc2\xa0" * 20, "is empty"),
    "invisible only": ("\u200b\u200d\ufeff\n" * 20, "is empty"),
    "NUL": (b"emma\nol\0ivia\n" * 10, "contains zero bytes"),
    "pasted NUL": ("emma\nol\0ivia\n" * 10, "contains zero bytes"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 20, "is a picture"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "is a picture"),
    "ELF": (b"\x7fELF\2\1\1\0\0\0\0\xff\xfe" * 20, "contains zero bytes"),
    "spreadsheet": (zipped(), "is a spreadsheet or a zip archive"),
    "gzip": (gzip.compress(lines(TEN)), "is a compressed file"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n<<>>\n", "is a PDF document"),
    "pickle": (pickle.dumps(list(TEN), 4), "is a Python pickle"),
    "old pickle": (pickle.dumps(list(TEN), 2), "contains zero bytes"),
    "Latin-1": (("emma\n" * 10 + "renée\n").encode("latin-1"), "is not UTF-8 text (see line 11); save it as UTF-8"),
    "overlong UTF-8": (lines(TEN) + b"\n\xc0\xae", "is not UTF-8 text (see line 11)"),
    "surrogates in UTF-8": (lines(TEN) + b"\n\xed\xa0\x80", "is not UTF-8 text"),
    "UTF-16 without a mark": ("\n".join(TEN).encode("utf-16-le"), "text without a byte order mark"),
    "UTF-16BE without a mark": ("пример\nслово\n".encode("utf-16-be") * 9, "text without a byte order mark"),
    "half of UTF-16": ("\n".join(TEN).encode("utf-16")[:-1], "is damaged UTF-16 text"),
    "UTF-32": ("\n".join(TEN).encode("utf-32"), "contains zero bytes"),
    "one word": (b"emma", "has only one word to learn from, but 10 are needed."),
    "nine words": (lines(TEN[:9]), "has only 9 different words to learn from, but 10 are needed."),
    "duplicates only": (b"emma\n" * 1000, "has only one word to learn from"),
    "no letters": (lines(map(str, range(1000))), "contains no letters"),
    "a million characters in a line": (b"x" * 1_000_000, "has no word to learn from, but 10 are needed (1 left out"),
    "5,000 symbols": (lines(chr(0x4E00 + i) for i in range(5000)), "uses 5,000 different symbols; the limit is 256"),
    "too many words": (b"ab\n" * (MAX_WORDS + 1), "has 200,001 words; the limit is 200,000"),
    "too large": (b"abcdefg\n" * (MAX_BYTES // 8 + 1), "is larger than 2 MB; use a part of it."),
    "too large, pasted": ("é" * (MAX_BYTES // 2 + 1), "is larger than 2 MB; use a part of it."),
    "full stops only": (b"...\n" * 500, "has no word to learn from, but 10 are needed (500 left out with a “.”"),
    "surrogates only": ("\ud800\udc00\n" * 50, "has no word to learn from"),
    "a mountain of marks": ("a" + "\u0302\u0323" * 400_000, "left out with more than 16 code points in one"),
    "escape codes": ("\x1b[2J\n" * 50, "has no word to learn from"),
}  # fmt: skip


def one_sentence(said: str) -> bool:
    inside = said.replace("“list.txt”", "").replace("“.”", "")
    return said.startswith("“list.txt” ") and said.endswith(".") and ". " not in inside and said.isprintable()


@pytest.mark.parametrize("case", BAD)
def test_a_bad_list_is_refused_in_one_clear_sentence(case):
    raw, why = BAD[case]
    with pytest.raises(DataError) as caught:
        read(raw, "list.txt")
    assert why in str(caught.value) and one_sentence(str(caught.value)), caught.value
    assert columns(raw) == []


def test_a_file_is_what_it_holds_whatever_its_name_says():
    for name in ("list.png", "list.csv", "list.exe", "list"):
        assert read(lines(TEN), name).corpus.units == TEN
    with pytest.raises(DataError, match="a spreadsheet or a zip archive"):
        read(zipped(), "names.txt")


@pytest.mark.parametrize(
    "word",
    [
        "<script>alert(1)</script>", "<a href='//evil'>x</a>", "<b>bold", "&lt;&#60;", "![a](http://evil/x)",
        "[a](javascript:1)", "**bold** _it_", "`code`", "$x^2$", ":red[x]", ":material/home:", "=1+1",
        "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", "%s %n", "{0}", "${x}", "'; DROP TABLE runs; --", "\\u0000",
        "../../etc/passwd", "__proto__",
    ],
)  # fmt: skip
def test_words_with_a_meaning_elsewhere_are_only_characters_here(word):
    reading = read(lines([*TEN, word.replace(".", "")]), "list.txt")
    assert reading.corpus.units[-1] == word.replace(".", "") and not reading.dropped


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("<img src=x onerror=alert(1)>.txt", "img src x onerror alert 1 .txt"),
        ("![a](http://evil/x)", "a http evil x"),
        ("a" * 500, "a" * 39 + "…"),
        ("\u202egnp.txt\0\n", "gnp.txt"),
        ("\ud800<>", "words"),
        ("", "words"),
    ],
)
def test_the_name_is_made_harmless_and_short(name, said):
    assert read(lines(TEN), name).corpus.name == said
    with pytest.raises(DataError) as caught:
        read(b"", name)
    assert str(caught.value) == f"“{said}” is empty; it should contain one word per line."


def test_what_is_shown_of_words_at_fault_is_harmless():
    reading = read(lines([*TEN, "<img src=x>.", "[a](http://b.c)"]), "list.txt")
    assert reading.dropped[0].examples == ("img src x .", "a http b.c")


HOSTILE_TABLES = {
    "a quotation mark that never closes": ("name,n\n" + 'a,1\n' * 300 + '"b,2\n' * 9, 0, "after line 3"),
    "a misplaced quotation mark": ("name,n\n" + "a,1\n" * 300 + '"b"c,2\n', 0, "as a table after line 302"),
    "a cell of 200,000 characters": ("name,n\n" + "a,1\n" * 300 + "b" * 200_000 + ",2\n", 0, "as a table after"),
    "a million columns": (",".join("ab" * 500_000) + "\n", 0, "is a plain list and has no columns"),
    "no such column": ("a,b\n" * 20, 2, "has 2 columns, and there is no column 3; choose another."),
    "a column before the first": ("a,b\n" * 20, -1, "there is no column 0; choose another."),
    "an enormous column": ("a,b\n" * 20, 10**30, "there is no column 1,000,000"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE_TABLES)
def test_a_hostile_table_is_refused_in_one_clear_sentence(case):
    text, column, why = HOSTILE_TABLES[case]
    with pytest.raises(DataError) as caught:
        read(text, "list.txt", column=column)
    assert why in str(caught.value) and one_sentence(str(caught.value)), caught.value


def test_titles_of_columns_are_harmless():
    assert columns("<b>name</b>,![x](http://y),=1+1\n" + "a,b,1\n" * 20) == ["b name b", "x http y", "1+1"]


# ---------------------------------------------------------------- time and memory

# Made when they are asked for: some of them take half a second.
LARGE = {
    "names": lambda: "\n".join(random.Random(1).choices([f"{a}{b}" for a in TEN for b in TEN], k=180_000)),
    "letters": lambda: drawn(97, 122, 1_990_000),
    "one line": lambda: "x" * 1_990_000,
    "blank": lambda: " \n" * 990_000,
    "commas": lambda: "," * 1_990_000,
    "rows of commas": lambda: ("," * 99 + "\n") * 19_900,
    "quotation marks": lambda: '"' * 1_990_000,
    "open quotation marks": lambda: '"a,b\n' * 390_000,
    "marks in turn": lambda: "a" + "\u0302\u0323" * 497_000,
    "lines of marks": lambda: ("a" + "\u0302\u0323" * 15 + "\n") * 31_000,
    "joiners": lambda: "\u200d" * 660_000,
    "Hangul parts": lambda: ("\u1100\u1161\u11a8" * 20 + "\n") * 10_000,
    "flags": lambda: "\U0001f1e6" * 490_000,
    "every kind": lambda: drawn(0x20, 0xD7FF, 660_000),
    "astral": lambda: drawn(0x10000, 0x1FFFF, 490_000),
    "Cyrillic": lambda: drawn(0x400, 0x4EF, 990_000),
}


@pytest.mark.parametrize("case", LARGE)
def test_two_megabytes_of_anything_take_seconds_at_most(case):
    """About half a second on a quiet core; what is not in proportion to the text would take minutes."""
    text = LARGE[case]()
    began = time.process_time()
    for fold in (False, True):
        with contextlib.suppress(DataError):
            read(text, case, fold)
    columns(text)
    assert time.process_time() - began < 20
