"""`python -m tests.support.scripts`: runs exported scripts, each as it is, as if it were alone.

One process for all of them, a copy of the fork server: importing torch takes longer than most of the scripts. It reads
lines of JSON, [folder, arguments...], runs letterspace.py in that folder, and answers with a line of JSON: the fields
of `Ran`. Warnings are errors.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
import warnings
from typing import NamedTuple

from tests.support.processes import Piped

NAME = "letterspace.py"
SPLITS = {"train": "tr", "dev": "dev", "test": "te"}


class Ran(NamedTuple):
    """printed, errors: lines. ended: the sentence with which it ended early; then nothing is left.

    parameters: by their names; losses: of each split.
    """

    printed: list[str]
    errors: list[str]
    ended: str | None
    parameters: dict[str, list]
    losses: dict[str, float]


class Scripts:
    """Such a process."""

    def __init__(self, process: Piped):
        self._process = process

    def run(self, text: str, folder: pathlib.Path, *arguments: str) -> Ran:
        (folder / NAME).write_text(text, encoding="utf-8")
        self._process.tell.write(f"{json.dumps([str(folder), *arguments])}\n".encode())
        return Ran(**json.loads(self._process.said.readline()))


def ran(folder: str, *arguments: str) -> Ran:
    os.chdir(folder)
    sys.argv = [NAME, *arguments]
    it, printed, errors, ended = {"__name__": "__main__"}, io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
        try:
            exec(compile(pathlib.Path(NAME).read_text(encoding="utf-8"), NAME, "exec"), it)
        except SystemExit as end:  # Python would print it, and end with status 1
            ended = end.code
    lines = printed.getvalue().splitlines(), errors.getvalue().splitlines()
    if ended is not None:
        return Ran(*lines, ended, {}, {})
    named = {name: it[name].tolist() for name in ("C", "W1", "b1", "W2", "b2", "Wd") if name in it}
    losses = {split: it["split_loss"](it[f"X{part}"], it[f"Y{part}"]) for split, part in SPLITS.items()}
    return Ran(*lines, ended, named, losses)


def main() -> None:
    warnings.simplefilter("error")
    for line in sys.stdin:
        print(json.dumps(ran(*json.loads(line))._asdict()), flush=True)


if __name__ == "__main__":
    main()
