"""The command line: one JSON object or a readable report, and one sentence for whatever is wrong."""

import json
import os
import subprocess
import sys

import pytest

from core.cli import RECORDED_CHECKPOINTS, _config, _parser, main
from core.config import FULL, KNOBS, PRESETS, Config, parameter_counts
from core.engine.history import History
from core.engine.run import Run

KEYS = {"step", "train_loss", "dev_loss", "test_loss", "parameters", "steps_per_second", "seconds", "engine", "names"}


@pytest.fixture
def names(tmp_path, words):
    path = tmp_path / "few.txt"
    path.write_text("\n".join(words[:200]))
    return str(path)


def chosen(*arguments: str) -> Config:
    return _config(_parser().parse_args(["train", *arguments]))


def test_who_reads_only_the_beginning_is_told_of_no_error(names):
    command = [sys.executable, "-m", "core", "train", "--names", names, "--steps", "20", "--n_hidden", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ran:
        ran.stdout.close()  # as `| head` does
        assert "Error" not in ran.stderr.read() and ran.wait(120) == 1


def test_json_prints_exactly_one_object_with_exactly_the_promised_keys(names, few):
    command = [sys.executable, "-m", "core", "train", "--names", names, "--steps", "60", "--n_hidden", "20", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    result = json.loads(ran.stdout)
    assert ran.stdout.count("\n") == 1 and set(result) == KEYS
    assert len(result["names"]) == 20 and all(isinstance(name, str) for name in result["names"])
    assert result["step"] == 60
    assert 0 < result["train_loss"] < 4 and 0 < result["dev_loss"] < 4 and 0 < result["test_loss"] < 4
    assert result["steps_per_second"] > 0 and result["seconds"] > 0
    assert result["parameters"] == sum(parameter_counts(Config(n_hidden=20), len(few(3).vocabulary)).values())


def test_json_gives_the_losses_of_the_same_run_without_a_command_line(names, few, capsys):
    assert main(["train", "--names", names, "--steps", "77", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    run = Run(Config(steps=77), few(3))
    run.advance(77)
    assert [result[f"{split}_loss"] for split in ("train", "dev", "test")] == [
        run.evaluate(split) for split in ("train", "dev", "test")
    ]


def test_the_report_has_exact_losses_parameters_pace_and_names_marked_as_known(names, capsys, words):
    assert main(["train", "--names", names, "--steps", "50", "--block_size", "2"]) == 0
    out, err = capsys.readouterr()
    for split in ("train", "dev", "test"):
        assert f"{split:5} loss  " in out
    assert "parameters, 50 steps in" in out and "steps/s" in out
    assert "50/50" in err and "train" in err and "dev" in err  # the progress bar
    listed = out.split("Names it writes (* already in the data):\n")[1].splitlines()
    *listed, empty, last = listed
    assert len(listed) == 20 and empty == ""
    assert last == "Numbers by machine code (kernel 1): the same on every machine, to the last bit."
    known = set(words[:200])
    for line in listed:
        word = line.strip().removesuffix("*").strip()
        assert line.endswith("*") == (word in known)


def test_every_knob_has_a_flag_and_the_help_names_it(capsys):
    values = {knob.name: other_value(knob) for knob in KNOBS}
    flags = [part for name, value in values.items() for part in flag(name, value)]
    assert chosen(*flags) == Config(**values)
    with pytest.raises(SystemExit) as stopped:
        main(["train", "--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert all(f"--{knob.name}" in out and knob.label in out for knob in KNOBS)


def other_value(knob):
    if knob.kind is bool:
        return not knob.default
    return next(value for value in (*knob.options, *knob.stops, knob.low) if value != knob.default)


def flag(name, value):
    return [f"--{name}"] if value is True else [f"--{name}", str(value)]


def test_without_flags_it_is_the_default_config_and_full_is_a_batch_size():
    assert chosen() == Config()
    assert chosen("--batch_size", "full").batch_size == FULL
    assert chosen("--no-direct", "--preset", "Paper's direct connections").direct is False


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_where_the_flags_start_from(name):
    assert chosen("--preset", name) == PRESETS[name]
    assert chosen("--preset", name, "--seed", "7") == PRESETS[name].with_(seed=7)


def refused(capsys, *arguments: str) -> str:
    """The one sentence on stderr of a command that exits with status 2."""
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and err.endswith(".\n") and "Traceback" not in err and "usage" not in err
    return err


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["train", "--n_hidden", "many"], "'many' is not a whole number"),
        (["train", "--n_hidden", "1.5"], "'1.5' is not a whole number"),
        (["train", "--learning_rate", "fast"], "'fast' is not a number"),
        (["train", "--learning_rate", "nan"], "Learning rate must be a number, not nan."),
        (["train", "--learning_rate", "inf"], "Learning rate must be a number, not inf."),
        (["train", "--learning_rate", "1000"], "Learning rate must be between"),
        (["train", "--block_size", "9"], "Context length must be between 1 and 8, not 9."),
        (["train", "--steps", "0"], "Steps must be between"),
        (["train", "--batch_size", "all"], "'all' is not a whole number"),
        (["train", "--init", "zeros"], "'zeros'"),
        (["train", "--schedule", "linear"], "'linear'"),
        (["train", "--preset", "Nothing"], "'Nothing'"),
        (["train", "--colour", "red"], "--colour"),
        (["train", "--n_hidden"], "expected one argument"),
        (["teach"], "'teach'"),
        ([], "required"),
    ],
)
def test_a_bad_argument_gets_one_sentence_and_status_two(capsys, arguments, says):
    assert says in refused(capsys, *arguments)


@pytest.mark.parametrize(
    "content, says",
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b"\x7fELF\x00\x01\xff", "zero bytes"),
        (b"anna\xff\notto\n", "is not UTF-8 text"),
        (b"anna\notto\n", "only 2 different words"),
        ("\n".join(map(str, range(20))).encode(), "no letters"),
    ],
)
def test_a_bad_word_list_gets_one_sentence_and_status_two(capsys, tmp_path, content, says):
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    assert says in refused(capsys, "train", "--names", str(path))


def test_what_was_read_is_said_before_anything_is_trained(capsys, tmp_path, words):
    path = tmp_path / "list.csv"
    path.write_text("name,count\n" + "".join(f"{word.title()},{i}\n" for i, word in enumerate([*words[:300], "st. x"])))
    assert main(["train", "--names", str(path), "--steps", "1", "--fold", "--column", "1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("list.csv: 300 words, 300 of them different, 26 symbols; the longest word has ")
    assert said[1] == "symbols: " + " ".join("abcdefghijklmnopqrstuvwxyz") and said[2].startswith(
        "first words: “emma”, "
    )
    assert said[3].startswith("1 left out: with a “.”") and "Column 1 of 2 was read (name)." in said[4]
    losses = next(i for i, line in enumerate(said) if line.startswith("train loss"))
    assert losses > 6


def test_a_step_of_decay_without_a_schedule_means_the_step_schedule():
    assert chosen("--decay_at", "500") == Config(decay_at=500, schedule="step")
    assert chosen("--decay_at", "500", "--schedule", "cosine").schedule == "cosine"
    assert chosen("--decay_at", "500", "--schedule", "constant").schedule == "constant"
    assert chosen("--decay_at", "500", "--preset", "10-D to 2.17").schedule == "step"


@pytest.mark.parametrize("column", ["0", "2", "-1"])
def test_a_column_that_is_not_there_is_refused(capsys, tmp_path, words, column):
    path = tmp_path / "list.txt"
    path.write_text("\n".join(words[:50]))
    assert "is a plain list and has no columns" in refused(capsys, "train", "--names", str(path), "--column", column)


def test_a_directory_is_not_a_word_list(capsys, tmp_path):
    assert "cannot be read" in refused(capsys, "train", "--names", str(tmp_path))


def test_a_record_that_cannot_be_written_is_refused_before_training(capsys, names, tmp_path):
    for path in (tmp_path, tmp_path / "nowhere" / "run.json"):
        assert "cannot be written" in refused(capsys, "train", "--names", names, "--record", str(path))


def test_a_bad_argument_shows_no_traceback_in_a_real_process():
    command = [sys.executable, "-m", "core", "train", "--learning_rate", "nan", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ)
    assert ran.returncode == 2
    assert ran.stdout == "" and ran.stderr == "Learning rate must be a number, not nan.\n"


def test_record_keeps_a_history_of_at_most_sixty_checkpoints_that_loads(names, tmp_path, capsys, few):
    path = tmp_path / "run.json"
    assert main(["train", "--names", names, "--steps", "300", "--record", str(path)]) == 0
    history = History.load(path)
    steps = [step for step, _ in history.checkpoints]
    assert 2 <= len(steps) <= RECORDED_CHECKPOINTS == 60
    assert steps == sorted(set(steps)) and (steps[0], steps[-1]) == (0, 300)
    run = Run(Config(steps=300), few(3))
    run.advance(300)
    assert (history.losses, history.evaluations) == (run.history.losses, run.history.evaluations)
    assert history.parameters_at(len(steps) - 1) == run.parameters.freeze()


def test_record_of_a_very_short_run_keeps_what_there_is(names, tmp_path, capsys):
    path = tmp_path / "run.json"
    assert main(["train", "--names", names, "--steps", "1", "--record", str(path)]) == 0
    assert [step for step, _ in History.load(path).checkpoints] == [0, 1]


def test_a_run_that_fails_on_the_way_exits_with_one_and_a_sentence(names, capsys):
    explodes = ["--learning_rate", "10", "--n_hidden", "0", "--direct", "--weight_decay", "1"]
    assert main(["train", "--names", names, *explodes, "--steps", "400", "--json"]) == 1
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert set(result) == KEYS and result["step"] < 400
    assert err.startswith("Stopped after step") and err.count("\n") == 1 and err.endswith(".\n")


# ---------------------------------------------------------------- text


@pytest.fixture
def story(tmp_path):
    path = tmp_path / "story.txt"
    path.write_text("The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60)
    return str(path)


def test_words_are_trained_on_text_and_the_report_says_perplexity_and_who_is_better(story, capsys):
    assert main(["train", "--text", story, "--vocabulary", "500", "--steps", "40", "--n_hidden", "10"]) == 0
    out, _ = capsys.readouterr()
    assert "story.txt: 180 sentences, 1,260 words and signs, 17 of them different; the 17 most frequent" in out
    assert "dev   loss  " in out and "perplexity" in out and "standard error" in out
    assert "Kneser-Ney 5" in out and ("Counting is better." in out or "The network is better." in out)
    assert "does not make steps with Adagrad and tied output weights" in out
    assert len(out.split("Sentences it writes:\n")[1].split("\n\n")[0].splitlines()) == 20


def test_the_json_of_text_has_the_losses_and_the_sentences(story, capsys):
    assert (
        main(["train", "--text", story, "--vocabulary", "500", "--preset", "Words, 2-D", "--steps", "9", "--json"]) == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert set(result) == KEYS - {"names"} | {"sentences", "train_loss_error"}
    assert result["step"] == 9 and 0 < result["dev_loss"] < 6


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--vocabulary", "7"], "A vocabulary has between 500 and 17,000 words, not 7."),
        (["--record", "run.json"], "A run on text cannot be recorded yet; leave out --record."),
    ],
)
def test_what_text_cannot_be_is_said_in_one_sentence(story, capsys, more, said):
    assert main(["train", "--text", story, *more]) == 2
    assert capsys.readouterr().err == f"{said}\n"


def test_what_comes_next_is_shown_beside_what_counting_says(story, capsys):
    few = ["--vocabulary", "500", "--steps", "300", "--n_hidden", "10"]
    assert main(["train", "--text", story, *few, "--next", "yesterday the CAT"]) == 0
    said, *rows = capsys.readouterr().out.split("What comes next, ")[1].splitlines()[:11]
    assert said.startswith("where the network sees “<unk> the cat”")
    network, _, counting, _ = rows[0].split()
    assert {network, counting} <= {"sat", "ran"} and len(rows) == 10
    assert main(["train", "--next", "the cat"]) == 2
    assert capsys.readouterr().err == "--next needs a network of words; add --text.\n"


def test_text_that_is_not_there_is_told(tmp_path, capsys):
    assert main(["train", "--text", str(tmp_path / "no.txt")]) == 2
    assert capsys.readouterr().err == "“no.txt” cannot be read: No such file or directory.\n"


def test_without_a_preset_text_starts_from_words():
    assert chosen("--text").tied and chosen("--text").optimiser == "Adagrad" and not chosen().tied
