"""core/keeping/export.py: the exported script is run, by itself, and must end where our own code ends."""

import ast
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import FULL, Config, ConfigError
from core.data.dataset import Dataset, Examples
from core.data.reading import read_file
from core.data.sentences import read_text
from core.engine.gradients import gradients, update
from core.engine.history import KERNEL, TORCH, History
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters, initialise, loss
from core.engine.probe import sample
from core.engine.run import Run
from core.keeping.export import script
from tests.support.scripts import Ran

STEPS = 300
SMALL = Config(n_hidden=20, steps=STEPS)

CASES = {
    "the defaults": (SMALL, ()),
    "the lecture's initialisation": (SMALL.with_(init="lecture", n_embd=3), ()),
    "no hidden units": (SMALL.with_(n_hidden=0), ()),
    "step schedule": (SMALL.with_(schedule="step", decay_at=100), ()),
    "cosine schedule, one character of context": (SMALL.with_(schedule="cosine", decay_at=200, block_size=1), ()),
    "the paper's": (SMALL.with_(
        direct=True, weight_decay=0.01, block_size=4, n_embd=5, schedule="paper", decay_at=120), ()),
    "direct alone, lecture": (SMALL.with_(direct=True, n_hidden=0, init="lecture", learning_rate=0.03), ()),
    "Adagrad": (SMALL.with_(optimiser="Adagrad", weight_decay=1e-3), ()),
    "tied, by frequency": (SMALL.with_(tied=True, init="frequency", n_embd=4), ()),
    "tied, direct, Adagrad": (SMALL.with_(tied=True, direct=True, optimiser="Adagrad", init="frequency"), ()),
    "tied, as the lecture begins": (SMALL.with_(tied=True, init="lecture", learning_rate=0.01), ()),
    "full batch": (SMALL.with_(batch_size=FULL, weight_decay=1e-3), ()),
    "several blocks of minibatches": (SMALL.with_(batch_size=300, seed=7), ()),
    "live changes": (SMALL.with_(direct=True), (
        (0, "learning_rate", 0.2), (50, "batch_size", 7), (50, "learning_rate", 0.05),
        (80, "batch_size", FULL), (90, "schedule", "cosine"), (90, "decay_at", 250),
        (100, "batch_size", 200), (120, "weight_decay", 0.02), (150, "schedule", "step"), (170, "schedule", "paper"),
        (200, "weight_decay", 0.0), (220, "steps", 400),
        (STEPS, "learning_rate", 10.0),  # after the last update: changes nothing
    )),
}  # fmt: skip


def exported(config: Config, changes, dataset: Dataset, steps: int = STEPS, path: str = KERNEL) -> str:
    history = History(config.to_dict(), changes=list(changes), paths=[(0, path)])
    return script(history, steps, dataset.name, dataset.digest, dataset.vocabulary.itos)


@pytest.fixture
def run_script(scripts, tmp_path, words):
    """run_script(text) -> what the script printed, and what it left behind; it learns from 200 names."""

    def run_script(text: str, units: Sequence[str] = words[:200]) -> Ran:
        (tmp_path / "words.txt").write_text("".join(f"{unit}\n" for unit in units))
        return scripts.run(text, tmp_path, "words.txt")

    return run_script


def in_float64(text: str) -> str:
    assert text.count("dtype = torch.float32\n") == 1
    return text.replace("dtype = torch.float32\n", "dtype = torch.float64\n")


def examples(config: Config, dataset: Dataset, step: int, drawn: dict) -> Examples:
    """The engine's own batch `step`."""
    train = dataset.train
    if config.batch_size == FULL:
        return train
    size = config.batch_size
    if size not in drawn:
        drawn[size] = Minibatches(train, config.seed, size, config.n_embd)
    number, row = divmod(step, drawn[size].steps)
    places, Y = drawn[size].block(number)
    X = places[row].view(config.block_size, config.n_embd, size)[:, 0].T // config.n_embd
    return Examples.uncounted(X, Y[row], len(dataset.vocabulary))


def replayed(config: Config, changes, dataset: Dataset, by_torch: bool = False) -> Parameters:
    """The run in float64 by the hand-written gradients and the minibatches of core/engine."""
    parameters, drawn = start(config, dataset, by_torch), {}
    for step in range(STEPS):
        if now := {name: value for at, name, value in changes if at == step}:
            config = config.with_(**now)
        rate = config.learning_rate_at(step)
        gradient = gradients(parameters, examples(config, dataset, step, drawn))
        for name, tensor in parameters.named().items():
            if name not in ("b1", "b2"):
                tensor.mul_(1 - rate * config.weight_decay)
        update(parameters, gradient, rate)
    return parameters


def start(config: Config, dataset: Dataset, by_torch: bool = False) -> Parameters:
    V = len(dataset.vocabulary)
    return initialise(config, V, torch.float64, by_torch, torch.bincount(dataset.train.Y, minlength=V))


# ---------------------------------------------------------------- the script repeats the run


@pytest.mark.parametrize("case", CASES)
def test_the_script_in_float64_ends_where_our_hand_written_gradients_end(case, few, run_script):
    config, changes = CASES[case]
    dataset = few(config.block_size)
    ran = run_script(in_float64(exported(config, changes, dataset)))
    ours = replayed(config, changes, dataset)
    assert ran.parameters.keys() == ours.named().keys()
    for name, tensor in ours.named().items():
        theirs = torch.tensor(ran.parameters[name], dtype=torch.float64).view(tensor.shape)
        torch.testing.assert_close(theirs, tensor, rtol=0, atol=1e-8)
    assert float((ours.flat - start(config, dataset).flat).abs().max()) > 0.05, (
        "nothing was learned, so nothing was compared"
    )
    for split, nats in ran.losses.items():
        part = getattr(dataset, split)
        assert nats == pytest.approx(loss(ours, part), abs=1e-8)
        assert f"{split:5} loss  {nats:.6f}" in ran.printed


def test_a_run_from_before_there_were_paths_has_the_first_weights_it_had(few, run_script):
    config = SMALL.with_(direct=True)
    ran = run_script(in_float64(exported(config, (), few(3), path=TORCH)))
    ours = replayed(config, (), few(3), by_torch=True)
    for name, tensor in ours.named().items():
        theirs = torch.tensor(ran.parameters[name], dtype=torch.float64).view(tensor.shape)
        torch.testing.assert_close(theirs, tensor, rtol=0, atol=1e-8)


@pytest.mark.parametrize("case", ["the paper's", "live changes"])
def test_the_script_as_it_is_gives_the_runs_own_losses_and_names(case, few, run_script):
    config, changes = CASES[case]
    dataset = few(config.block_size)
    run = Run(config, dataset, plan=changes)
    run.advance(STEPS)
    text = script(run.history, run.step, dataset.name, dataset.digest)
    ran = run_script(text)
    for name, tensor in run.parameters.named().items():
        theirs = torch.tensor(ran.parameters[name])
        torch.testing.assert_close(theirs, tensor, rtol=1e-4, atol=1e-4)  # two float32 sums
    for split, nats in ran.losses.items():
        assert nats == pytest.approx(run.evaluate(split), abs=1e-5)
    assert ran.printed[-20:] == sample(run.parameters, dataset.vocabulary, 20, config.seed)


STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60
OF_WORDS = {
    "the preset": Config(
        n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32, steps=STEPS
    ),
    "the paper's": Config(
        n_embd=4, n_hidden=6, direct=True, schedule="paper", decay_at=100, weight_decay=1e-3, init="frequency"
    ),
}


@pytest.mark.parametrize("case", OF_WORDS)
@pytest.mark.parametrize("most", [500, 12], ids=["all words", "some unknown"])
def test_the_script_of_a_run_on_words_gives_its_losses_and_its_sentences(case, most, run_script):
    config = OF_WORDS[case]
    dataset = Dataset.of_corpus(replace(read_text(STORY, "story", 500).corpus, most=most), config.block_size)
    run = Run(config, dataset)
    run.advance(STEPS)
    text = script(run.history, run.step, dataset.name, dataset.digest, dataset.vocabulary.itos, most)
    assert not any(line.startswith("?") for line in text.splitlines()) and "unicodedata" not in text
    ran = run_script(text, dataset.corpus.units)
    assert ran.parameters.keys() == run.parameters.named().keys()
    for name, tensor in run.parameters.named().items():
        theirs = torch.tensor(ran.parameters[name]).view(tensor.shape)
        torch.testing.assert_close(theirs, tensor, rtol=1e-3, atol=1e-3)
    for split, nats in ran.losses.items():
        assert nats == pytest.approx(run.evaluate(split), abs=1e-4)
    written = sample(run.parameters, dataset.vocabulary, 20, config.seed)
    assert ran.printed[-20:] == written and any(len(sentence.split()) > 2 for sentence in written)
    assert not any("<unk>" in sentence for sentence in ran.printed[-20:])


@pytest.mark.parametrize("make", [b"\xef\xbb\xbf%s", b"\n\n%s\n \n"])
def test_the_script_reads_words_as_we_do(make, run_script, tmp_path):
    names = [
        "zoe\N{COMBINING DIAERESIS}",
        " ma\N{LATIN SMALL LETTER N WITH TILDE}o ",
        *(f"ab{c}" for c in "cdefghijklmnop"),
    ]
    raw = make % "\r\n".join(names).encode()
    (tmp_path / "other.txt").write_bytes(raw)
    dataset = Dataset.of_corpus(read_file(tmp_path / "other.txt").corpus, 3)
    text = exported(SMALL, (), dataset, steps=2).replace("sys.argv[1]", '"other.txt"')
    ran = run_script(text)
    run = Run(SMALL, dataset)
    run.advance(2)
    assert ran.losses == {split: pytest.approx(run.evaluate(split), abs=1e-6) for split in ("train", "dev", "test")}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "There is no file names.txt; say where the words are: python letterspace.py FILE"),
        (b"emma\nolivia\n", "The words in names.txt are not those that this run learned from, 'few'."),
        (b"\xff\xfe\x00", "The words in names.txt are not those that this run learned from, 'few'."),
    ],
)
def test_the_script_ends_with_one_sentence_when_its_words_are_missing_or_others(raw, said, few, scripts, tmp_path):
    if raw is not None:
        (tmp_path / "names.txt").write_bytes(raw)
    assert scripts.run(exported(SMALL, (), few(3)), tmp_path) == Ran([], [], said, {}, {})


def test_by_itself_it_does_what_it_does_beside_others_and_its_end_has_a_status(run_script, few, tmp_path):
    ran, program = run_script(exported(SMALL, (), few(3))), [sys.executable, "-W", "error", "letterspace.py"]
    alone = subprocess.run([*program, "words.txt"], cwd=tmp_path, capture_output=True, text=True)
    assert (alone.returncode, alone.stdout.splitlines(), alone.stderr) == (0, ran.printed, "")
    (tmp_path / "torch" / "nn").mkdir(parents=True)  # is found first; the sentence needs nothing of the real one
    (tmp_path / "torch" / "__init__.py").write_text("float32 = set_num_threads = lambda threads: None\n")
    for name in ("__init__", "functional"):
        (tmp_path / "torch" / "nn" / f"{name}.py").touch()
    alone = subprocess.run([*program, "none.txt"], cwd=tmp_path, capture_output=True, text=True)
    said = "There is no file none.txt; say where the words are: python letterspace.py FILE\n"
    assert (alone.returncode, alone.stdout, alone.stderr) == (1, "", said)


# ---------------------------------------------------------------- the script's text


ALWAYS = {"hashlib", "pathlib", "random", "sys", "unicodedata", "torch", "torch.nn.functional"}


@pytest.mark.parametrize("case", CASES)
def test_the_script_has_what_its_run_needs_and_nothing_else(case, few):
    config, changes = CASES[case]
    text = exported(config, changes, few(config.block_size))
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ever = {
        name: [getattr(config, name), *(v for _, n, v in changes if n == name)] for name in ("schedule", "batch_size")
    }
    cosine, drawn = "cosine" in ever["schedule"], set(ever["batch_size"]) != {FULL}
    assert imported == ALWAYS | ({"math"} if cosine else set()) | ({"functools"} if drawn else set())
    assert ("Wd" in text) == config.direct
    assert ("weight_decay" in text) == (config.weight_decay > 0 or bool(changes))
    assert ("decay_at" in text) == (set(ever["schedule"]) != {"constant"})
    assert ("changes" in text) == bool(changes)
    assert f"    {STEPS}: " not in text, "a change after the last update"
    assert ("def draw" in text) == drawn
    assert not any(isinstance(node, ast.ClassDef) for node in ast.walk(tree))
    assert not any(line.startswith("?") or "$" in line for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 120 and text.isascii() and "\n\n\n\n" not in text


HOSTILE = [
    '"""\nimport os\n"""', "'); raise SystemExit #", "x\r\nboom()", "$digest ${data}",
    "\u202e\u2028", "\\", "\ud800", "?x|y",
]  # fmt: skip


@cache
def of_the_names() -> str:
    """The syntax tree of a script on the names."""
    return ast.dump(ast.parse(script(History(SMALL.to_dict()), 10, "names", "0" * 64)))


@given(st.sampled_from(HOSTILE) | st.text())
def test_a_data_sets_name_stays_a_string(name):
    text = script(History(SMALL.to_dict()), 10, name, "0" * 64)
    tree = ast.parse(text)
    (found,) = [
        n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "(data, sha256)"
    ]
    assert found.elts[0].value == name
    found.elts[0].value = "names"
    assert ast.dump(tree) == of_the_names()
    assert text.isprintable() or all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize(
    "history",
    [
        History(SMALL.to_dict() | {"n_hidden": "1 or boom()"}),
        History(SMALL.to_dict() | {"init": "scaled'"}),
        History(SMALL.to_dict(), changes=[(1, "learning_rate", "boom()")]),
        History(SMALL.to_dict(), changes=[(1, "boom", 1)]),
        History(SMALL.to_dict(), changes=[(1, "n_hidden", 50)]),
        History(SMALL.to_dict(), changes=[(1, "learning_rate", math.nan)]),
    ],
)
def test_what_no_run_can_have_is_refused(history):
    with pytest.raises(ConfigError):
        script(history, 10, "names", "0" * 64)
