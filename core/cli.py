"""`python -m core train`: train a network on the command line, with the same results as on the page.

There is one flag for each knob, with the knob's name in Config.
"""

import argparse
import json
import pathlib
import sys
import time

import torch
from tqdm import tqdm

from core.analysis.status import progress
from core.config import FULL, KNOBS, PRESETS, Config, ConfigError, Knob
from core.counting.ngrams import Baselines
from core.data.dataset import NAMES, Dataset
from core.data.plain import plain
from core.data.reading import Reading, read_file
from core.data.vocabulary import DataError
from core.engine.paths import told
from core.engine.probe import sample
from core.engine.run import Run

NAMES_SHOWN = 20
RECORDED_CHECKPOINTS = 60  # enough for a smooth replay, few enough for a small file in assets/


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise ConfigError(f"{message[0].upper()}{message[1:]}.".replace("..", "."))


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, 1 if the run failed on the way, 2 for bad arguments or files (one sentence on stderr)."""
    torch.set_num_threads(1)  # a second one costs more processor than it saves time
    try:
        options = _parser().parse_args(arguments)
        config = _config(options)
        reading = read_file(options.names, options.fold, None if options.column is None else options.column - 1)
        dataset = Dataset.of_corpus(reading.corpus, config.block_size)
        if options.record:
            options.record.open("a").close()  # fail now rather than after training
    except (ConfigError, DataError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{options.record} cannot be written: {error.strerror}.")
    if not options.json:
        print("\n".join(_describe(reading)))
    try:
        return _train(config, dataset, options.json, options.record)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m core", description="Letterspace without a browser.")
    train = parser.add_subparsers(dest="command", required=True).add_parser(
        "train", help="train a network and print its exact losses and names it writes"
    )
    train.add_argument("--names", type=pathlib.Path, default=NAMES, metavar="FILE", help="a word list, one per line")
    train.add_argument("--fold", action="store_true", help="make the words lower case")
    train.add_argument("--column", type=int, metavar="N", help="the words are column N of a CSV file, from 1")
    train.add_argument("--preset", choices=PRESETS, metavar="NAME", help="start from one of: " + "; ".join(PRESETS))
    for knob in KNOBS:
        _add_flag(train, knob)
    train.add_argument("--json", action="store_true", help="print one JSON object on standard output, nothing else")
    train.add_argument(
        "--record",
        type=pathlib.Path,
        metavar="FILE",
        help=f"save the history with {RECORDED_CHECKPOINTS} checkpoints, for replay",
    )
    return parser


def _add_flag(parser: argparse.ArgumentParser, knob: Knob) -> None:
    text = f"{knob.label}: {knob.help} (default: {knob.default})".replace("%", "%%")
    how = {"help": text, "default": None}
    if knob.kind is bool:
        how |= {"action": argparse.BooleanOptionalAction}
    elif knob.options:
        how |= {"choices": knob.options}
    else:
        how |= {"type": _number(knob), "metavar": "N"}
    parser.add_argument(f"--{knob.name}", **how)


def _number(knob: Knob):
    def parse(text: str):
        if knob.name == "batch_size" and text == FULL:
            return text
        try:
            return knob.kind(text)
        except ValueError:
            kind = "a whole number" if knob.kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text!r} is not {kind}") from None

    return parse


def _config(options: argparse.Namespace) -> Config:
    start = PRESETS[options.preset] if options.preset else Config()
    given = {knob.name: getattr(options, knob.name) for knob in KNOBS}
    given = {name: value for name, value in given.items() if value is not None}
    if "decay_at" in given and start.schedule == "constant":
        given.setdefault("schedule", "step")  # a constant schedule would ignore the step that was asked for
    return start.with_(**given)


def _describe(reading: Reading) -> list[str]:
    """Lines about the word list, printed before training."""
    words, quoted = reading.corpus, lambda some: ", ".join(f"“{plain(word)}”" for word in some)
    return [
        f"{words.name}: {len(words.units):,} words, {reading.distinct:,} of them different, "
        f"{len(reading.symbols)} symbols; the longest word has {reading.length} symbols",
        f"symbols: {' '.join(reading.symbols)}",
        f"first words: {quoted(reading.first)}",
        *(f"{count:,} left out: {reason}, for example {quoted(some)}" for reason, count, some in reading.dropped),
        *reading.notes,
        "",
    ]


def _train(config: Config, dataset: Dataset, as_json: bool, record: pathlib.Path | None) -> int:
    run = Run(config, dataset)
    seconds = _advance(run, quiet=as_json)
    losses = {f"{split}_loss": run.evaluate(split) for split in ("train", "dev", "test")}
    names = sample(run.parameters, dataset.vocabulary, NAMES_SHOWN, config.seed)
    result = {
        "step": run.step,
        **losses,
        "parameters": len(run.parameters.weights),
        "steps_per_second": round(run.step / seconds, 1),
        "seconds": round(seconds, 3),
        "engine": run.history.path,
        "names": names,
    }
    if record:
        record.write_text(run.history.thinned(RECORDED_CHECKPOINTS).to_json())
    if as_json:
        print(json.dumps(result))
    else:
        _report(result, dataset, progress(config, run.step, run.history, Baselines.of(_for_counts(dataset))))
        print(f"\n{told(run.history.path, config)}")
    if run.failure:
        print(run.failure, file=sys.stderr)
    return 1 if run.failure else 0


def _for_counts(dataset: Dataset) -> Dataset:
    """A dataset for the count models, which need at least three characters of context."""
    return dataset if dataset.block_size >= 3 else Dataset.of_corpus(dataset.corpus, 3)


def _advance(run: Run, quiet: bool) -> float:
    """Train until `config.steps` with a progress bar on stderr; return the seconds that training took."""
    began = time.perf_counter()
    with tqdm(total=run.config.steps, unit=" steps", disable=quiet, mininterval=0.2) as bar:
        while run.failure is None and run.step < run.config.steps:
            before = run.step
            run.advance(min(500, run.config.steps - run.step))
            step, train, dev = run.history.evaluations[-1]
            bar.set_postfix_str(f"at {step:,}: train {train:.4f} dev {dev:.4f}", refresh=False)
            bar.update(run.step - before)
    return time.perf_counter() - began


def _report(result: dict, dataset: Dataset, status: str) -> None:
    for split in ("train", "dev", "test"):
        print(f"{split:5} loss  {result[f'{split}_loss']:.4f}")
    print(f"{result['parameters']:,} parameters, {result['step']:,} steps in {result['seconds']:.1f} s", end="")
    print(f" ({result['steps_per_second']:,.0f} steps/s)")
    print(status)
    print("\nNames it writes (* already in the data):")
    for name in result["names"]:
        print(f"  {name}{' *' if name in dataset.known else ''}")
