"""`python -m core bengio` on a small corpus made here."""

import random
import re

import pytest
import torch

from core.cli import main
from core.counting.interpolated import InterpolatedTrigram
from core.data import brown
from core.data.vocabulary import DataError
from core.engine.model import Parameters, Shape, forward
from core.keeping import bengio, brown_networks
from core.keeping.brown_networks import Network, Training
from core.lessons.paper import results

NETWORKS = [row for row in results() if row.corpus == "Brown" and row.is_network]


@pytest.fixture
def corpus(tmp_path):
    draw = random.Random(3)
    (tmp_path / "brown").mkdir()
    for name in ("ca01", "cb02"):
        words = " ".join(f"w{min(draw.randrange(40), draw.randrange(40))}/nn" for _ in range(1_000))
        (tmp_path / "brown" / name).write_text(words)
    return tmp_path / "brown"


def said(corpus, capsys, *more: str, keep: str = "kept") -> list[str]:
    """The lines that the command prints, the networks kept beside the corpus."""
    arguments = ["--brown", str(corpus), "--train", "1400", "--valid", "300", "--keep", str(corpus.parent / keep)]
    assert main(["bengio", *arguments, *more]) == 0
    return capsys.readouterr().out.splitlines()


def numbers(line: str) -> list[float]:
    """The paper's and ours, at the end of a line."""
    return [float(text.replace(",", "")) for text in re.findall(r"\d[\d,.]*", re.split(r"  +", line, maxsplit=1)[1])]


def test_paper_and_ours_stand_side_by_side_and_it_says_what_was_not_tested(corpus, capsys):
    lines = said(corpus, capsys, "--passes", "0")
    assert "39 symbols (the paper: 16,383); 1,400 / 300 / 300 words (800,000 / 200,000 / 181,041)" in lines
    rows = [numbers(line) for line in lines if line.startswith(("Deleted", "Kneser-Ney"))]
    assert [row[-5:-3] for row in rows] == [[352, 336], [334, 323], [332, 321], [332, 321]]
    assert all(20 < perplexity < 60 for row in rows for perplexity in row[-2:]), "words drawn at random, 40 of them"
    assert any("Never run on Brown" in line for line in lines)
    assert not (corpus.parent / "kept").exists(), "without networks nothing is written"


def test_a_folder_without_it_is_refused_with_a_sentence(tmp_path, capsys):
    assert main(["bengio", "--brown", str(tmp_path)]) == 2
    assert "has no files of the Brown corpus" in capsys.readouterr().err


def test_every_network_of_the_table_is_trained_and_mixed(corpus, capsys):
    lines = said(corpus, capsys, "--passes", "2")
    rows = {line.split(":")[0]: numbers(line) for line in lines if line.startswith("MLP")}
    assert list(rows) == [row.model for row in NETWORKS]
    for row in NETWORKS:
        paper, ours = rows[row.model][:-3], rows[row.model][-3:]
        assert paper == [number for number in (row.train, row.valid, row.test) if number]
        assert all(15 < perplexity < 45 for perplexity in ours)
    assert {path.name for path in (corpus.parent / "kept").iterdir()} == {
        f"{row.model}.safetensors" for row in NETWORKS if not row.mixed
    }
    assert said(corpus, capsys, "--passes", "2") == lines, "what is kept is not trained again"


def test_killed_anywhere_it_goes_on_to_the_same_bits(corpus, capsys, monkeypatch):
    """At each write in turn: what is in the files then is all that a later start has."""
    monkeypatch.setattr(brown_networks, "AT_ONCE", 16)
    monkeypatch.setattr(bengio, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(bengio, "results", lambda: tuple(row for row in results() if row.model in ("MLP7", "MLP8")))
    whole, write, left = said(corpus, capsys, "--passes", "2", keep="whole"), brown_networks.write_whole, [0]

    def killed(path, raw):
        if left[0] == 0:
            path.with_suffix(".part").write_bytes(raw[:100])
            raise KeyboardInterrupt
        left[0] -= 1
        write(path, raw)

    monkeypatch.setattr(brown_networks, "write_whole", killed)
    deaths = 0
    while True:
        left[0] = 1 + deaths % 3
        if main(["bengio", "--brown", str(corpus), "--train", "1400", "--valid", "300", "--passes", "2",
                 "--keep", str(corpus.parent / "cut")]) == 0:  # fmt: skip
            break
        assert "goes on from what is kept" in capsys.readouterr().err
        deaths += 1
    assert deaths > 2 and capsys.readouterr().out.splitlines() == whole
    one, other = ((corpus.parent / folder / "MLP7.safetensors").read_bytes() for folder in ("whole", "cut"))
    assert one == other


def training(corpus, folder, model: str = "MLP7") -> Training:
    data = brown.prepared(brown.read_brown(corpus), 4, 1_400, 300)
    folder.mkdir(exist_ok=True)
    row = next(row for row in NETWORKS if row.model == model)
    return Training(model, Network.of(row), data, "digest", folder)


def test_the_losses_are_those_of_the_formulas(corpus, tmp_path):
    one = training(corpus, tmp_path / "kept")
    list(one.learn(1))
    data = brown.prepared(brown.read_brown(corpus), 4, 1_400, 300)
    trigram = InterpolatedTrigram.fit(data.train, data.dev)
    alone, mixed = one.measure(trigram)["test"]
    X, Y, row, next = data.test.X, data.test.Y, *data.test.pairs[:2]
    p = forward(one.parameters, X[:, -2:]).log_probabilities.double().exp()[torch.arange(len(Y)), Y]
    q = trigram.pair_probabilities(data.test)[data.test.pair]
    assert torch.equal(next[data.test.pair], Y) and len(row)
    assert alone == pytest.approx(-float(p.log().mean()), abs=1e-6)
    assert mixed == pytest.approx(-float((0.5 * p + 0.5 * q).log().mean()), abs=1e-6)
    assert one.state.valid == pytest.approx([one.measure(trigram)["dev"][0]], abs=1e-5)


def test_it_ends_when_the_validation_part_gets_no_better_and_keeps_the_best(corpus, tmp_path, monkeypatch):
    one = training(corpus, tmp_path / "kept")
    losses = iter([3.0, 2.0, 2.5, 2.6, 2.7, 1.0])
    seen = []

    def loss() -> float:
        seen.append(one.parameters.flat.clone())
        return next(losses)

    monkeypatch.setattr(one, "_loss_on_validation", loss)
    list(one.learn(20))
    assert one.state.valid == [3.0, 2.0, 2.5, 2.6, 2.7] and one.state.best == 2
    assert torch.equal(one._best, seen[1]) and not torch.equal(one._best, seen[2])
    one.keep()
    again = training(corpus, tmp_path / "kept")
    assert again.state == one.state and torch.equal(again._best, seen[1])


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "long"])
def test_a_damaged_file_is_refused_with_a_sentence(corpus, tmp_path, damage):
    one = training(corpus, tmp_path / "kept")
    one.keep()
    raw = one.path.read_bytes()
    flipped = bytearray(raw)
    flipped[-5] ^= 1
    one.path.write_bytes({"cut": raw[:-9], "flipped": flipped, "text": b"{}", "long": raw + bytes(200_000)}[damage])
    with pytest.raises(DataError, match="is damaged; delete it, and MLP7 is trained from the start"):
        training(corpus, tmp_path / "kept")


def test_a_file_of_other_data_is_not_gone_on_with(corpus, tmp_path, capsys):
    said(corpus, capsys, "--passes", "1")
    (corpus / "ca01").write_text((corpus / "ca01").read_text() + " w1/nn")
    kept = ["--keep", str(corpus.parent / "kept")]
    assert main(["bengio", "--brown", str(corpus), "--train", "1400", "--valid", "300", *kept]) == 2
    assert "is of another corpus, or made in another way; name another folder by --keep" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said(corpus, capsys):
    path = corpus / "ca01"
    kept = ["--keep", str(path / "below")]
    assert main(["bengio", "--brown", str(corpus), "--train", "1400", "--valid", "300", *kept]) == 2
    assert "cannot hold the networks: Not a directory" in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "MLP1.safetensors"
    brown_networks.write_whole(path, b"old")
    monkeypatch.setattr(brown_networks.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        brown_networks.write_whole(path, b"new")
    assert path.read_bytes() == b"old"


def test_the_rate_of_an_example_is_that_of_the_paper(corpus, tmp_path, monkeypatch):
    one, rates = training(corpus, tmp_path / "kept"), []
    steps = one._engine.steps
    monkeypatch.setattr(one._engine, "steps", lambda *given: rates.extend(given[3]) or steps(*given))
    list(one.learn(1))
    assert len(rates) == one.per_pass == 44
    for step, rate in enumerate(rates):
        assert rate == pytest.approx(32 * 0.001 / (1 + 1e-8 * 32 * step), rel=1e-12)


def test_the_shapes_are_those_of_the_paper(corpus, tmp_path):
    shape = training(corpus, tmp_path / "kept", "MLP1").parameters.shape
    assert shape == Shape(40, 4, 60, 50, True)
    assert Parameters(shape).Wd.shape == (240, 40)
