"""`python -W error -X utf8 -m tests.support.scripts`: runs exported scripts, each as it is, as if it were alone.

One process for all of them: importing torch takes longer than most of the scripts. It reads lines of JSON, [folder,
arguments...], runs letterspace.py in that folder, and answers with a line of JSON: the fields of `Ran`.
"""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
from typing import NamedTuple

from tests.support.house import HOUSE

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

    def __init__(self):
        command, pipe = [sys.executable, "-W", "error", "-X", "utf8", "-m", __name__], subprocess.PIPE
        pipes = {"stdin": pipe, "stdout": pipe, "text": True, "encoding": "utf-8"}
        self._process = subprocess.Popen(command, cwd=HOUSE, **pipes)

    def run(self, text: str, folder: pathlib.Path, *arguments: str) -> Ran:
        (folder / NAME).write_text(text, encoding="utf-8")
        print(json.dumps([str(folder), *arguments]), file=self._process.stdin, flush=True)
        return Ran(**json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        with self._process:
            self._process.stdin.close()


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


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(ran(*json.loads(line))._asdict()), flush=True)
