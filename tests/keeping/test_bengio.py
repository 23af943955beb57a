"""`python -m core bengio` on a small corpus made here."""

import random

from core.cli import main


def test_paper_and_ours_stand_side_by_side_and_it_says_what_was_not_tested(tmp_path, capsys):
    draw = random.Random(3)
    for name in ("ca01", "cb02"):
        (tmp_path / name).write_text(" ".join(f"w{draw.randrange(40)}/nn" for _ in range(1_000)))
    assert main(["bengio", "--brown", str(tmp_path), "--train", "1400", "--valid", "300"]) == 0
    out = capsys.readouterr().out
    assert "41 symbols (the paper: 16,383); 1,400 / 300 / 300 words" in out
    rows = [line for line in out.splitlines() if line.startswith(("Deleted", "Kneser-Ney"))]
    assert [row.split()[-4:-2] for row in rows] == [["352", "336"], ["334", "323"], ["332", "321"], ["332", "321"]]
    ours = [float(row.split()[-1]) for row in rows]
    assert all(30 < perplexity < 80 for perplexity in ours), "words drawn at random, 40 of them"
    assert "Never run on Brown" in out


def test_a_folder_without_it_is_refused_with_a_sentence(tmp_path, capsys):
    assert main(["bengio", "--brown", str(tmp_path)]) == 2
    assert "has no files of the Brown corpus" in capsys.readouterr().err
