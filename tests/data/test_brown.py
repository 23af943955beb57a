"""core/data/brown.py, on corpora made here."""

import pytest
import torch

from core.data.brown import prepared, read_brown
from core.data.vocabulary import DataError


def test_the_files_are_read_in_order_without_tags_and_others_are_not(tmp_path):
    (tmp_path / "cb01").write_text("The/at cat/nn ,/,\n\n sat/vbd 1/2/cd ./.\n")
    (tmp_path / "ca02").write_text("second/od\n")
    (tmp_path / "ca01").write_text("first/od plain\n")
    (tmp_path / "README").write_text("not/a word/b")
    assert read_brown(tmp_path) == ["first", "plain", "second", "The", "cat", ",", "sat", "1/2", "."]


def test_what_is_no_corpus_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(DataError, match="has no files of the Brown corpus"):
        read_brown(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_brown(tmp_path / "nowhere")
    with pytest.raises(DataError, match="has 3 words and signs, but more than 3 are needed"):
        prepared(["a"] * 3, 2, 2, 1)


def test_rare_words_are_one_symbol_and_the_parts_follow_one_another():
    tokens = ["a", "b", "a", "c", "a", "b", "a", "b", "b", "d", "d", "d"]
    data = prepared(tokens, 2, 6, 3)
    assert data.vocabulary.itos == ("<s>", "<unk>", "a", "b")
    assert [len(part) for part in (data.train, data.dev, data.test)] == [6, 3, 3]
    Y = torch.cat([part.Y for part in (data.train, data.dev, data.test)]).tolist()
    assert Y == [2, 3, 2, 1, 2, 3, 2, 3, 3, 1, 1, 1]
    assert data.train.X.tolist()[:3] == [[0, 0], [0, 2], [2, 3]]
    assert data.dev.X.tolist()[0] == [2, 3], "contexts cross the ends of the parts"


def test_what_is_too_large_for_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("core.data.brown.MAX_BYTES", 10)
    (tmp_path / "ca01").write_text("a/at b/nn c/nn")
    with pytest.raises(DataError, match="so it is not the Brown corpus"):
        read_brown(tmp_path)
    monkeypatch.setattr("core.data.brown.MAX_SYMBOLS", 1)
    with pytest.raises(DataError, match="has 2 frequent words, but at most 1"):
        prepared(["a", "b"] * 4, 2, 4, 2)
    with pytest.raises(DataError, match="at least one word each"):
        prepared(["a", "b"] * 4, 2, 0, 2)
