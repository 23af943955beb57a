"""Exports of a run: a PyTorch script that repeats it, and its history as CSV.

The script is in the style of the lecture (makemore part 2: MLP) and trains with autograd, so the tests also
compare the gradients of the engine with it. Its template is assets/script.txt, in which a line `?flags|...`
is kept if all its flags are true for the run. Values of a run are inserted only as Python literals.
"""

import csv
import io
import pathlib
from string import Template

from core.config import ADAGRAD, DECAYED, FULL, KNOB, Config, ConfigError
from core.data.dataset import SPLIT_SEED
from core.engine.gradients import EPSILON
from core.engine.history import TORCH, History
from core.engine.minibatches import EXAMPLES_AT_ONCE
from core.engine.model import ROWS, SMALL, rows_at_once
from core.engine.moves import is_move
from core.engine.probe import LONGEST
from core.messages import tr

SCRIPT = pathlib.Path(__file__).parent.parent.parent / "assets" / "script.txt"
NAMES_SHOWN = 20  # the same ones as `python -m core train` writes
ACTING = ("learning_rate", "batch_size", "schedule", "decay_at", "weight_decay")  # live knobs that affect weights
COLUMNS = ("step", "minibatch_loss", "learning_rate", "batch_size", "train_loss", "dev_loss", "changes")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # first characters that make a spreadsheet run a cell as a formula


def script(
    history: History, step: int, data: str, digest: str, itos: tuple[str, ...] = (), most: int | None = None
) -> str:
    """A Python script, of torch and the standard library alone, that repeats a run's first `step` steps.

    data, digest: name and sha256 of the word list, as its Dataset has them. The script reads
    that list, one word a line, from the file named by its first argument, or names.txt, and checks
    it. itos: the vocabulary, without which every code point is a character of its own. most: at word level, how many
    symbols the vocabulary has at most; the list is then sentences, in sentences.txt. At the end
    it prints the exact loss of each split and names the network writes. Its weights are the
    run's but for rounding. ConfigError if the history's config or one of its changes cannot be.
    """
    config = Config(**history.config)
    changes = _changes(config, history, step)
    of_words = most is not None
    joined = not of_words and any(len(s) > 1 for s in itos)
    everywhere = config.init != "lecture" and history.paths[0][1] != TORCH
    flags = _flags(config, changes) | {"joined" if joined else "single", "everywhere" if everywhere else "by_torch"}
    flags.add("words" if of_words else "characters")
    literals = config.to_dict() | {
        "most": most,
        "K": config.block_size * config.n_embd,
        "steps": step,
        "data": data,
        "digest": digest,
        "split_seed": SPLIT_SEED,
        "decayed": DECAYED,
        "examples": EXAMPLES_AT_ONCE,
        "rows": rows_at_once(most) if of_words else ROWS,
        "shown": NAMES_SHOWN,
        "longest": LONGEST,
        "epsilon": EPSILON,
        "spread": SMALL if config.init == "frequency" else 1,
        "outward": SMALL if config.init == "frequency" and config.tied else 0.01,
    }
    rows = "\n".join(f"    {at!r}: {values!r}," for at, values in changes.items())
    kept = _kept(SCRIPT.read_text(encoding="utf-8"), flags)
    literals = {name: repr(value) for name, value in literals.items()}
    outputs = {"outputs": "n_embd", "width": config.n_embd} if config.tied else {"outputs": "vocab_size", "width": "V"}
    outputs |= {"symbol": "word", "symbols": "words"} if of_words else {"symbol": "character", "symbols": "characters"}
    chars = "" if of_words else _in_rows(itos[1:])
    return Template(kept).substitute(literals, changes=rows, chars=chars, **outputs)


def _in_rows(symbols: tuple[str, ...]) -> str:
    """Symbols as lines of a Python list, in ASCII: marks and right-to-left letters would displace the quotes."""
    rows = (symbols[i : i + 4] for i in range(0, len(symbols), 4))
    return "\n".join(f"    {', '.join(map(ascii, row))}," for row in rows)


def _changes(config: Config, history: History, step: int) -> dict[int, dict]:
    """step -> {knob: value}, checked: the live changes before `step` that can affect weights."""
    made = []
    for at, name, value in sorted(history.changes, key=lambda change: change[0]):
        if is_move(name):
            raise ConfigError(
                tr("The script cannot repeat a run in which a character was moved by hand; its link can.")
            )
        checked = getattr(config.with_(**{name: value}), name)
        if not KNOB[name].live:
            raise ConfigError(tr("{label} cannot change while training.", label=tr(KNOB[name].label)))
        if at < step and name in ACTING:
            made.append((int(at), name, checked))
    scheduled = {config.schedule, *(value for _, name, value in made if name == "schedule")} != {"constant"}
    changes: dict[int, dict] = {}
    for at, name, value in made:
        if name != "decay_at" or scheduled:
            changes.setdefault(at, {})[name] = value
    return changes


def _flags(config: Config, changes: dict[int, dict]) -> set[str]:
    """The flags of the template's lines that are true for a run."""
    ever = {name: {getattr(config, name), *(v[name] for v in changes.values() if name in v)} for name in ACTING}
    schedules, sizes = ever["schedule"], ever["batch_size"]
    flags = {
        "lecture" if config.init == "lecture" else "scaled": True,
        "frequency" if config.init == "frequency" else "flat": True,
        "tied" if config.tied else "untied": True,
        "adagrad" if config.optimiser == ADAGRAD else "sgd": True,
        "direct" if config.direct else "plain": True,
        "scheduled": schedules != {"constant"},
        "several" if len(schedules) > 1 else "alone": True,
        "step": "step" in schedules,
        "cosine": "cosine" in schedules,
        "paper": "paper" in schedules,
        "drawn": sizes != {FULL},
        "never_full" if FULL not in sizes else "always_full" if sizes == {FULL} else "sometimes_full": True,
        "decay": any(ever["weight_decay"]),
        "changed": bool(changes),
    }
    return {flag for flag, true in flags.items() if true}


def _kept(template: str, flags: set[str]) -> str:
    """The template without the lines whose flags are not all set, and without the flags of the other lines."""
    lines = []
    for line in template.splitlines():
        marks, _, text = line[1:].partition("|") if line.startswith("?") else ("", "", line)
        if flags.issuperset(marks.split()):
            lines.append(text)
    return "\n".join(lines) + "\n"


def history_csv(history: History) -> str:
    """CSV (RFC 4180) with a header, and one row for each step with a recorded loss or a live change.

    Losses in nats per character, with all digits; cells without a value are empty. Text that a spreadsheet
    would run as a formula gets a leading apostrophe.
    """
    losses = {step: row for step, *row in history.losses}
    evaluations = {step: row for step, *row in history.evaluations}
    changes: dict[int, list[str]] = {}
    for step, name, value in history.changes:
        changes.setdefault(step, []).append(f"{name}={value}")
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for step in sorted({*losses, *evaluations, *changes}):
        numbers = *losses.get(step, [None] * 3), *evaluations.get(step, [None] * 2)
        writer.writerow([_harmless(cell) for cell in (step, *numbers, "; ".join(changes.get(step, [])))])
    return file.getvalue()


def _harmless(cell):
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
