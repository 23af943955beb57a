"""Answers that were handed in, and what is said of them: `python -m core check`."""

import argparse
import pathlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from core.config import DEFAULT_WORDS, ConfigError
from core.data import gallery, sentences
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.data.decoding import decoded, on_disk
from core.data.reading import read_file
from core.data.sentences import read_text_file
from core.data.vocabulary import DataError
from core.keeping import proof, runfile
from core.keeping.proof import CheckResult, Claim
from core.keeping.runtext import RunFileError
from core.lessons import bundled
from core.lessons.goals import Goal
from core.lessons.lesson import Lesson

LONGEST = 300.0  # seconds for one answer


class Answer(NamedTuple):
    """One thing that was handed in. of: where it was found. claim: what it says, or why that cannot be read."""

    of: str
    claim: Claim | str


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("answers", nargs="+", metavar="LINK_OR_FILE", help="a link, a run file, or a file with links")
    parser.add_argument("--names", type=pathlib.Path, metavar="FILE", help="words that are not in the gallery")
    parser.add_argument("--text", type=pathlib.Path, metavar="FILE", help="running text other than the bundled one")
    parser.add_argument(
        "--goal", type=_goal, action="append", default=[], metavar="GOAL", help='such as "dev < 2.17"; may be repeated'
    )
    parser.add_argument("--lesson", metavar="LESSON", help="its goals: a lesson's key, its file, or the link of one")
    parser.add_argument("--seconds", type=float, default=LONGEST, metavar="N", help="for one answer (%(default)g)")


def _goal(text: str) -> Goal:
    try:
        return Goal.of(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


Judge = Callable[[Sequence[Answer], Sequence[Corpus], float], Iterator[CheckResult]]


def run(options: argparse.Namespace, judge: Judge) -> int:
    """Print one line for each answer. Exit status 0 if all are true and meet the goals, else 1.

    judge: `judged`, or something that does the same elsewhere. With a lesson, what it keeps must not have been changed.
    ConfigError, DataError if the words or a file cannot be read.
    """
    lesson = lesson_of(options.lesson) if options.lesson else None
    goals = [*options.goal, *(lesson.goals if lesson else ())]
    extra = [read_file(options.names).corpus] if options.names else []
    extra += [read_text_file(options.text).corpus] if options.text else []
    found = [answer for text in options.answers for answer in answers(text)]
    accepted = 0
    for number, (answer, result) in enumerate(zip(found, judge(found, extra, options.seconds)), 1):
        wrong = [f"Goal not met: {goal}." for goal in goals if result.numbers and not goal.met(result.numbers)]
        wrong += _changed(answer.claim, lesson) if lesson else []
        good = result.true and not wrong
        accepted += good
        outcome = "accepted" if good else "refused"
        print(f"{number} of {len(found)}  {answer.of}: {outcome}. {_said(result, wrong)}", flush=True)
    print(f"{accepted} accepted, {len(found) - accepted} refused.")
    return 0 if accepted == len(found) else 1


def _changed(claim: Claim | str, lesson: Lesson) -> list[str]:
    """What the lesson keeps and the run has otherwise, in a sentence, if there is any."""
    if isinstance(claim, str):
        return []
    changed = lesson.changed(claim.link.config, claim.link.changes, claim.link.digest)
    return [f"The lesson keeps this as it was: {', '.join(changed)}."] if changed else []


def lesson_of(text: str) -> Lesson:
    """The lesson that is named by its key, its file or its link; ConfigError or DataError if there is none."""
    if text.endswith(".json"):
        path = pathlib.Path(text)
        return Lesson.read(decoded(on_disk(path), path.name)[0])
    return bundled.asked(dict(parse_qsl(text.partition("?")[2])).get("lesson", text))


def _said(result: CheckResult, wrong: list[str]) -> str:
    numbers = result.numbers
    why = result.why[0].upper() + result.why[1:].removesuffix(".") + "."
    if not numbers:
        return why
    losses = f"train {numbers['train']:.4f}, dev {numbers['dev']:.4f}"
    said = f"{why} {losses}; {numbers['parameters']:,} parameters, {numbers['step']:,} steps."
    return " ".join([said, *wrong])


def answers(text: str) -> list[Answer]:
    """Those of a link, of a run file, or of all links in a text file. ConfigError or DataError for anything else."""
    if "?" in text and "proof=" in text:
        return [_answer("the link", text)]
    path = pathlib.Path(text)
    if path.suffix == ".safetensors":
        return [_run_file(path)]
    lines = decoded(on_disk(path), path.name)[0].splitlines()
    found = [
        _answer(f"{path.name}, line {number}", link)
        for number, line in enumerate(lines, 1)
        for link in proof.ANSWER.findall(line)
    ]
    if not found:
        why = f"“{path.name}” has no link with a proof; an answer is what “Answer” on the page downloads."
        raise ConfigError(why)
    return found


def _answer(of: str, link: str) -> Answer:
    try:
        return Answer(of, Claim.read(link))
    except ConfigError as error:
        return Answer(of, str(error))


def _run_file(path: pathlib.Path) -> Answer:
    try:
        return Answer(path.name, proof.claimed_by(runfile.from_bytes(on_disk(path, runfile.MAX_RUN_BYTES))))
    except (ConfigError, RunFileError) as error:
        return Answer(path.name, str(error))


def judged(found: Sequence[Answer], extra: Sequence[Corpus], longest: float) -> Iterator[CheckResult]:
    """What training each again showed, one after another in this process. extra: words that are not in the gallery."""
    dataset = cache(lambda digest, most, block_size: Dataset.of_corpus(corpus(digest, most, extra), block_size))
    for _, claim in found:
        if isinstance(claim, str):
            yield CheckResult(False, claim, {})
            continue
        try:
            asked = claim.link
            yield proof.check(claim, dataset(asked.digest, asked.vocabulary, asked.config.block_size), longest)
        except (ConfigError, DataError) as error:
            yield CheckResult(False, str(error), {})


def corpus(digest: str, most: int | None, extra: Sequence[Corpus]) -> Corpus:
    """The words whose sha256 begins so; ConfigError if they are neither in the gallery nor `extra`.

    most: words of the vocabulary, at word level; None for the default.
    """
    most = most or DEFAULT_WORDS
    if sentences.DIGEST.startswith(digest):
        return sentences.english_corpus(most)
    known = [*(gallery.words(listing.key) for listing in gallery.GALLERY), *extra]
    words = next((words for words in known if words.digest.startswith(digest)), None)
    if words is None:
        raise ConfigError(f"The words {digest} are not here; add --names FILE, or --text FILE.")
    return replace(words, most=most) if words.level == WORD else words
