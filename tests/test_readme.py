"""What the README shows is what a fresh clone does."""

import re

from core.config import (
    FEWEST_WORDS,
    KNOBS,
    MAX_BYTES,
    MAX_GROUPS,
    MAX_SENTENCE,
    MAX_SYMBOL_LENGTH,
    MAX_SYMBOLS,
    MAX_TEXT_BYTES,
    MAX_TOKENS,
    MAX_WORD_LENGTH,
    MAX_WORDS,
    MIN_TOKENS,
    MIN_WORDS,
    MOST_WORDS,
    PRESETS,
    WORD_PRESETS,
)
from core.counting.kneser_ney import KneserNey
from tests.support.house import HOUSE, ORDER

README = (HOUSE / "README.md").read_text(encoding="utf-8")


def knob_rows() -> dict[str, list[str]]:
    rows = (line.strip("| ").split(" | ") for line in README.splitlines() if line.startswith("| `"))
    return {cells[0].strip("`"): cells[1:] for cells in rows}


def test_the_knob_table_has_every_knob_with_its_label_default_and_kind():
    rows = knob_rows()
    assert list(rows) == [knob.name for knob in KNOBS]
    for knob in KNOBS:
        assert rows[knob.name][:3] == [knob.label, str(knob.default), "live" if knob.live else "cold"], knob.name


def test_nothing_is_left_to_be_filled_in():
    assert "@@" not in README


def test_every_preset_is_named():
    assert all(name in README for name in PRESETS)


def test_the_count_models_losses_are_those_computed(baselines):
    for name in baselines.dev:
        losses = (f"{split[name]:.4f}" for split in (baselines.train, baselines.dev, baselines.test))
        assert re.search(rf"^\| {re.escape(name)} \| \d \| {re.escape(' | '.join(losses))} \|", README, re.MULTILINE)


def test_so_are_those_of_kneser_ney(datasets):
    for order in (2, 3, 4):
        dataset = datasets(3)
        model = KneserNey.fit(dataset.train, order)
        losses = " | ".join(f"{model.loss(split):.4f}" for split in (dataset.train, dataset.dev, dataset.test))
        assert f"| Kneser-Ney {order} | {order - 1} | {losses} |" in README


def test_the_limits_of_a_word_list_are_those_of_the_config():
    limits = [f"{MAX_BYTES // 1_000_000} MB", f"{MAX_WORDS:,}, at least {MIN_WORDS}", MAX_WORD_LENGTH, MAX_SYMBOLS]
    limits += [MAX_SYMBOL_LENGTH, MAX_GROUPS]
    rows = README.partition("| limit of a word list |")[2].splitlines()[2 : 2 + len(limits)]
    assert [row.strip("| ").rpartition(" | ")[2] for row in rows] == [str(limit) for limit in limits]


def test_so_are_those_of_a_text_and_the_presets_of_words():
    limits = [f"{MAX_TEXT_BYTES // 1_000_000} MB", f"{MIN_TOKENS:,} to {MAX_TOKENS:,}", MAX_SENTENCE]
    limits += [MAX_WORD_LENGTH, f"{FEWEST_WORDS} to {MOST_WORDS:,}"]
    rows = README.partition("| limit of a text |")[2].splitlines()[2 : 2 + len(limits)]
    assert [row.strip("| ").rpartition(" | ")[2] for row in rows] == [str(limit) for limit in limits]
    assert all(f'"{name}"' in README for name in WORD_PRESETS)


def test_the_map_has_every_package_of_core_in_the_order_of_imports():
    there = {p.name for p in (HOUSE / "core").iterdir() if (p / "__init__.py").exists()}
    named = re.findall(r"^    core/(\w+)/", README, re.MULTILINE)
    assert named == [package.removeprefix("core.") for package in ORDER if package.removeprefix("core.") in there]
    assert set(named) == there


def test_the_reading_order_names_files_that_exist():
    named = re.findall(r"`(core/[\w/]+\.py)`", README)
    assert named and all((HOUSE / path).exists() for path in named)


def test_pictures_and_commands_exist():
    assert all((HOUSE / path).exists() for path in re.findall(r"\]\((assets/[^)]+)\)", README))
    for module in re.findall(r"python -m (tests\.bench\.\w+)", README):
        assert (HOUSE / f"{module.replace('.', '/')}.py").exists()
