"""`python -m core train`: train a network on the command line, with the same results as on the page.
`python -m core check`: train again what was handed in, and compare. `python -m core doctor`: what is installed.
`python -m core bengio`: the paper's table for Brown, counts and networks, on a corpus that you have.

There is one flag for each knob, with the knob's name in Config.
"""

import argparse
import json
import math
import pathlib
import sys
import time

import torch
from tqdm import tqdm

from core.analysis.status import progress
from core.config import FEWEST_WORDS, FULL, KNOBS, MOST_WORDS, PRESETS, WORD_PRESETS, Config, ConfigError, Knob
from core.counting.kneser_ney import KneserNey
from core.counting.ngrams import Baselines
from core.counting.of_words import BEST, LONGEST, WordCounts
from core.data.dataset import NAMES, Dataset
from core.data.plain import plain
from core.data.reading import Reading, read_file
from core.data.sentences import DEFAULT_WORDS, ENGLISH, TextReading, english, read_text_file
from core.data.vocabulary import DataError, Vocabulary
from core.engine.model import Parameters, forward, mean_loss
from core.engine.paths import describe
from core.engine.probe import sample
from core.engine.run import Run
from core.keeping import answers, bengio
from core.serving import checking, doctor

NAMES_SHOWN = 20
SENTENCE = 25  # words and signs after which a sentence is cut
NEXT_SHOWN = 10  # words that can come next
RECORDED_CHECKPOINTS = 60  # enough for a smooth replay, few enough for a small file in assets/


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise ConfigError(f"{message[0].upper()}{message[1:]}.".replace("..", "."))


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, 1 if the run failed on the way, 2 for bad arguments or files (one sentence on stderr)."""
    torch.set_num_threads(1)  # a second thread costs more processor time than it saves
    try:
        options = _parser().parse_args(arguments)
        if options.command == "check":
            return answers.run(options, checking.judged)
        if options.command == "bengio":
            return bengio.run(options)
        if options.command == "doctor":
            return doctor.run()
        config = _config(options)
        if options.text:
            return _train_on_text(options, config)
        if options.next:
            raise ConfigError("--next needs a network of words; add --text.")
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
    commands = parser.add_subparsers(dest="command", required=True)
    answers.add_flags(commands.add_parser("check", help="train what was handed in again, and compare"))
    bengio.add_flags(commands.add_parser("bengio", help="the paper's table for Brown, on a corpus that you have"))
    commands.add_parser("doctor", help="say what this machine has, and what to do where something is missing")
    train = commands.add_parser("train", help="train a network and print its exact losses and names it writes")
    train.add_argument("--names", type=pathlib.Path, default=NAMES, metavar="FILE", help="a word list, one per line")
    train.add_argument("--fold", action="store_true", help="make the words lower case")
    train.add_argument("--column", type=int, metavar="N", help="the words are column N of a CSV file, from 1")
    train.add_argument(
        "--text", type=pathlib.Path, nargs="?", const=ENGLISH, metavar="FILE",
        help="train on the words of running text, one paragraph per line; without FILE, on sentences of Tatoeba",
    )  # fmt: skip
    train.add_argument(
        "--vocabulary", type=int, default=DEFAULT_WORDS, metavar="N",
        help=f"with --text, the most frequent N words, {FEWEST_WORDS} to {MOST_WORDS:,} (default: %(default)s)",
    )  # fmt: skip
    train.add_argument(
        "--next", metavar="WORDS", help="with --text, show which words come next after these, at the end"
    )
    named = "; ".join(PRESETS) + "; with --text: " + "; ".join(WORD_PRESETS)
    train.add_argument(
        "--preset", choices=[*PRESETS, *WORD_PRESETS], metavar="NAME", help=f"start from one of: {named}"
    )
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
    usual = "Words" if options.text else next(iter(PRESETS))
    start = (PRESETS | WORD_PRESETS)[options.preset or usual]
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
    result = _result(run, losses, seconds) | {"names": names}
    if record:
        record.write_text(run.history.thinned(RECORDED_CHECKPOINTS).to_json())
    if as_json:
        print(json.dumps(result))
    else:
        _report(result, dataset, progress(config, run.step, run.history, Baselines.of(_for_counts(dataset))))
        print(f"\n{describe(run.history.path, config)}")
    if run.failure:
        print(run.failure, file=sys.stderr)
    return 1 if run.failure else 0


def _train_on_text(options: argparse.Namespace, config: Config) -> int:
    """Train on words, and print losses as perplexities beside those of count models on the same split."""
    if options.record:
        raise ConfigError("A run on text cannot be recorded yet; leave out --record.")
    reading = (
        english(options.vocabulary) if options.text == ENGLISH else read_text_file(options.text, options.vocabulary)
    )
    if not options.json:
        print("\n".join(_describe_text(reading)))
    dataset = Dataset.of_corpus(reading.corpus, config.block_size)
    run = Run(config, dataset)
    seconds = _advance(run, quiet=options.json)
    train, error = mean_loss(run.parameters, dataset.watched("train"))
    losses = {"train_loss": train, "train_loss_error": error}
    losses |= {f"{split}_loss": run.evaluate(split) for split in ("dev", "test")}
    written = sample(run.parameters, dataset.vocabulary, NAMES_SHOWN, config.seed, longest=SENTENCE)
    result = _result(run, losses, seconds) | {"sentences": written}
    if options.json:
        print(json.dumps(result))
    else:
        counts = WordCounts.of(reading.corpus)
        _report_text(result, counts.dev, config.block_size)
        if options.next:
            best = counts.models[BEST]
            print("\n" + "\n".join(_next_words(options.next, run.parameters, best, dataset.vocabulary)))
        print(f"\n{describe(run.history.path, config)}")
    if run.failure:
        print(run.failure, file=sys.stderr)
    return 1 if run.failure else 0


def _describe_text(reading: TextReading) -> list[str]:
    """Lines about a text, printed before training."""
    return [
        f"{reading.corpus.name}: {len(reading.corpus.units):,} sentences, {reading.tokens:,} words and signs, "
        f"{reading.distinct:,} of them different; the {reading.kept:,} most frequent are kept, and "
        f"{100 * reading.unknown:.1f} % of the text is not among them",
        *reading.notes,
        "",
    ]


def _next_words(text: str, network: Parameters, counting: KneserNey, vocabulary: Vocabulary) -> list[str]:
    """Lines: the words that the network finds likeliest after some text, beside those by counting."""
    X = torch.tensor([vocabulary.context(vocabulary.clean_input(text, LONGEST), LONGEST - 1)])
    block_size = network.shape.block_size
    X = torch.cat([X.new_full((1, max(0, block_size - X.shape[1])), vocabulary.start), X], 1)
    tables = forward(network, X[:, X.shape[1] - block_size :]).log_probabilities[0].exp(), counting.probabilities(X)[0]
    ranked = [[(vocabulary.label(i), float(P[i])) for i in P.topk(NEXT_SHOWN).indices.tolist()] for P in tables]
    seen = " ".join(vocabulary.label(i) for i in X[0, -block_size:].tolist())
    lines = [f"  {a:18} {p:6.1%}     {b:18} {q:6.1%}" for (a, p), (b, q) in zip(*ranked)]
    return [f"What comes next, where the network sees “{seen}”: the network, and Kneser-Ney {LONGEST}", *lines]


def _report_text(result: dict, counted: dict[str, float], block_size: int) -> None:
    train, error = result["train_loss"], result["train_loss_error"]
    print(f"train loss  {train:.4f}  perplexity {math.exp(train):.1f}  (a sample; standard error {error:.4f})")
    for split in ("dev", "test"):
        loss = result[f"{split}_loss"]
        print(f"{split:5} loss  {loss:.4f}  perplexity {math.exp(loss):.1f}")
    print(f"{result['parameters']:,} parameters, {result['step']:,} steps in {result['seconds']:.1f} s")
    print("\nPerplexity on dev by counting on the same text:")
    for name, loss in counted.items():
        print(f"  {name:27} {math.exp(loss):.1f}")
    best = min(counted.values())
    better = "The network is better." if result["dev_loss"] < best else "Counting is better."
    print(f"{better} The network sees {block_size} words of context, Kneser-Ney {LONGEST} sees {LONGEST - 1}.")
    print("\nSentences it writes:")
    for sentence in result["sentences"]:
        print(f"  {sentence}")


def _result(run: Run, losses: dict[str, float], seconds: float) -> dict:
    return {
        "step": run.step,
        **losses,
        "parameters": len(run.parameters.weights),
        "steps_per_second": round(run.step / seconds, 1),
        "seconds": round(seconds, 3),
        "engine": run.history.path,
    }


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
