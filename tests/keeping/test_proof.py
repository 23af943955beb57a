"""core/keeping/proof.py and `python -m core check`: answers are trained again, and altered ones refused."""

import math
import random
from dataclasses import replace

import pytest

from core.analysis.timeline import Timeline
from core.cli import main
from core.config import Config, ConfigError
from core.engine.history import FALLBACK, KERNEL, TORCH
from core.engine.run import Run
from core.keeping import proof, runfile
from core.keeping.answers import lesson_of
from core.keeping.link import Link
from core.keeping.proof import TOLERANCE, Claim, check
from core.lessons import bundled
from core.lessons.lesson import Lesson
from tests.support.runs import EXPLODES
from tests.support.runs_kept import saved
from tests.support.snapshots import shot

STEPS = 60


def claim(config: Config, dataset, changes=(), steps: int = STEPS, path: str = KERNEL) -> Claim:
    run = Run(config, dataset, changes, path)
    run.advance(steps)
    losses = [f"{run.evaluate(split):.4f}" for split in ("train", "dev")]
    made = Link(config, changes, dataset.name, dataset.digest, steps, path=path)
    return Claim(made, *losses, proof.proof(run.parameters.freeze()))


def chosen(number: int) -> tuple[Config, tuple]:
    """Another experiment for each number."""
    draw = random.Random(number)
    config = Config(
        n_embd=draw.randint(1, 6), n_hidden=draw.randint(1, 30), block_size=draw.randint(1, 3),
        batch_size=draw.choice([1, 8, 32, "full"]), learning_rate=draw.choice([0.01, 0.1, 0.5]),
        direct=draw.random() < 0.5, seed=draw.randint(0, 99),
    )  # fmt: skip
    return config, ((30, "learning_rate", 0.02),) * (number % 2)


def altered(made: Claim, number: int) -> Claim:
    """The same answer with one thing changed, another for each number."""
    link, config = made.link, made.link.config
    return [
        lambda: replace(made, link=replace(link, config=config.with_(seed=config.seed + 1))),
        lambda: replace(made, link=replace(link, config=config.with_(learning_rate=config.learning_rate * 1.01))),
        lambda: replace(made, link=replace(link, config=config.with_(n_hidden=config.n_hidden + 1))),
        lambda: replace(made, link=replace(link, step=link.step - 1)),
        lambda: replace(made, link=replace(link, changes=((20, "learning_rate", 0.3),))),
        lambda: replace(made, dev=f"{float(made.dev) - 0.01:.4f}"),
        lambda: replace(made, train=f"{float(made.train) + 0.0001:.4f}"),
        lambda: replace(made, proof=f"{(int(made.proof, 16) ^ 1):0{proof.DIGITS}x}"),
    ][number % 8]()


@pytest.mark.parametrize("number", range(16))  # each way to alter it, twice
def test_a_genuine_answer_is_true_and_an_altered_one_is_not(number, few):
    config, changes = chosen(number)
    dataset = few(config.block_size)
    made = Claim.read(claim(config, dataset, changes).written("http://127.0.0.1:8501/"))
    verdict = check(made, dataset)
    assert (verdict.true, verdict.why) == (True, "the same parameters to the last bit")
    assert f"{verdict.numbers['dev']:.4f}" == made.dev and verdict.numbers["step"] == STEPS
    assert not check(altered(made, number), dataset).true


def test_a_run_by_torch_is_compared_by_its_losses_within_what_rounding_can_make(few):
    made = claim(Config(n_hidden=20), few(3), path=TORCH)
    elsewhere = replace(made, proof="0" * proof.DIGITS, dev=f"{float(made.dev) + TOLERANCE / 2:.4f}")
    assert check(elsewhere, few(3)).true
    assert not check(replace(elsewhere, dev=f"{float(made.dev) + 0.001:.4f}"), few(3)).true


@pytest.mark.parametrize("config", [Config(), Config(n_embd=10, n_hidden=50), Config(learning_rate=0.5, direct=True)])
def test_the_two_engines_are_nearer_to_each_other_than_the_tolerance(config, few):
    kernel, torch = (Run(config, few(3), path=path) for path in (KERNEL, FALLBACK))
    for run in (kernel, torch):
        run.advance(1_000)
    assert kernel.history.path != torch.history.path
    assert abs(kernel.evaluate("dev") - torch.evaluate("dev")) < TOLERANCE / 10


def test_what_takes_too_long_or_explodes_is_said(few):
    assert check(claim(Config(n_hidden=20), few(3)), few(3), longest=-1).why.startswith("It takes more than -1 seconds")
    hot = replace(claim(Config(), few(3)), link=Link(EXPLODES, (), "few", few(3).digest, 400, path=KERNEL))
    assert check(hot, few(3)).why.startswith("The run ends at step ")


GENUINE = "?n_hidden=5&data=few.0123456789ab&engine=kernel-1&step=9&train=3.1000&dev=3.2000&proof=0123456789ab"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("n_hidden=5", "n_hidden=-5", "cannot be read as it stands. Hidden units was -5"),
        ("n_hidden=5", "n_hidden=boom()", "cannot be read as it stands. Hidden units cannot be"),
        ("&step=9", "", "does not say which words and which step"),
        ("data=few.0123456789ab&", "", "does not say which words and which step"),
        ("dev=3.2000", "dev=3.2", "no “dev”"),
        ("dev=3.2000", "dev=nan", "no “dev”"),
        ("train=3.1000&", "", "no “train”"),
        ("proof=0123456789ab", "proof=0123456789AB", "no “proof”"),
        ("n_hidden=5", "n_hidden=" + "5" * 9_000, "is longer than"),
    ],
)
def test_an_answer_that_says_less_or_what_no_run_can_have_is_refused(was, now, said):
    assert Claim.read(GENUINE).written() == GENUINE
    with pytest.raises(ConfigError) as error:
        Claim.read(GENUINE.replace(was, now))
    assert said in str(error.value)


def test_a_run_that_trains_has_no_answer_yet(few):
    run = Run(Config(n_hidden=5), few(3))
    run.advance(1)
    assert proof.claimed_by(saved(run)).link.step == 1
    with pytest.raises(ConfigError, match="Pause it"):
        proof.claimed_by(saved(run, exact=(0, 3.3, 3.3)))


@pytest.mark.parametrize("loss", [math.inf, math.nan])
def test_a_run_that_exploded_is_no_answer(loss, few):
    run = Run(Config(n_hidden=5), few(3))
    run.advance(1)
    for exact in ((1, loss, 3.3), (1, 3.3, loss)):
        with pytest.raises(ConfigError, match="no longer numbers"):
            proof.claimed_by(saved(run, exact=exact))


# ---------------------------------------------------------------- the command


@pytest.fixture
def names(tmp_path, words):
    path = tmp_path / "few.txt"
    path.write_text("\n".join(words[:200]))
    return str(path)


def test_a_table_of_answers_is_checked_line_by_line_against_the_goals(names, few, tmp_path, capsys):
    good, large = (claim(Config(n_hidden=n), few(3)) for n in (20, 60))
    false = replace(good, dev="2.0000")
    table = tmp_path / "class.csv"
    table.write_text(
        "name,answer\n"
        f'ada,"{good.written("http://x/")}"\n'
        f"ben,{large.written()}\n"
        f"eve,{false.written()}\n"
        f"zoe,{good.written().replace('step=60', 'step=many')}\n"
    )
    assert main(["check", str(table), "--names", names, "--goal", "parameters < 1000"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1 of 4  class.csv, line 2: accepted. The same parameters to the last bit. train ")
    assert lines[1].startswith("2 of 4  class.csv, line 3: refused. The same parameters to the last bit.")
    assert lines[1].endswith("Goal not met: parameters < 1000.")
    assert f"dev {good.dev} instead of 2.0000" in lines[2]
    assert lines[3].startswith("4 of 4  class.csv, line 5: refused. The link cannot be read as it stands.")
    assert lines[4:] == ["1 accepted, 3 refused."]


def test_a_run_file_and_a_link_are_answers_too(names, few, tmp_path, capsys):
    run = Run(Config(n_hidden=20), few(3))
    run.advance(STEPS)
    file = tmp_path / "run.safetensors"
    file.write_bytes(runfile.to_bytes(saved(run)))
    link = claim(Config(n_hidden=20), few(3)).written()
    assert main(["check", str(file), link, "--names", names]) == 0
    assert capsys.readouterr().out.endswith("2 accepted, 0 refused.\n")
    assert main(["check", link]) == 1
    assert "are not here; add --names FILE, or --text FILE." in capsys.readouterr().out


def test_a_lesson_is_found_by_its_key_its_link_and_its_file(tmp_path):
    lesson = bundled.bundled("seeds-and-luck")
    (tmp_path / "lesson.json").write_text(lesson.json(2))
    for said in ("seeds-and-luck", f"http://x/?lesson={lesson.link}", lesson.link, str(tmp_path / "lesson.json")):
        assert lesson_of(said) == lesson


def test_a_goal_about_when_the_vowels_part_is_checked_by_training_again(few):
    made = claim(Config(n_hidden=20), few(3))
    numbers = proof.check(made, few(3)).numbers
    run = Run(Config(n_hidden=20), few(3))
    run.advance(STEPS)
    timeline = Timeline()
    timeline.update(shot(run))
    assert numbers["first"] == run.history.evaluations[0][1]
    assert numbers["apart"] == next((frame.step for frame in timeline.frames if frame.apart), math.inf)


def test_what_the_lesson_keeps_must_be_as_it_was(names, few, tmp_path, capsys):
    lesson = Lesson("Wide", ("How wide?",), Config(n_hidden=10), few(3).digest[:12], ("n_hidden", "batch_size"))
    (tmp_path / "lesson.json").write_text(lesson.json())
    made = [
        claim(Config(n_hidden=20), few(3), ((30, "batch_size", 8),)),
        claim(Config(n_hidden=20, seed=1), few(3), ((30, "learning_rate", 0.02),)),
    ]
    command = ["check", *(one.written() for one in made), "--names", names, "--lesson", str(tmp_path / "lesson.json")]
    assert main(command) == 1
    kept, changed, _ = capsys.readouterr().out.splitlines()
    assert "accepted. The same parameters to the last bit." in kept
    assert changed.endswith("The lesson keeps this as it was: Learning rate, Seed.") and "refused" in changed
    assert lesson.changed(Config(), (), "0" * 64) == ["Words"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nothing.csv"], "“nothing.csv” cannot be read: No such file or directory."),
        (["check", "empty.csv"], "“empty.csv” has no link with a proof"),
        (["check", "empty.csv", "--goal", "luck > 1"], "A goal is written such as"),
        (["check", "empty.csv", "--lesson", "none"], "There is no lesson called “none”"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").write_text("name,answer\n")
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1
