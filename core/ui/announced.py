"""Streamlit's own scripts of what is drawn first on every page: the index page announces them.

Streamlit asks for the script of a kind of element when the first such element is drawn. Announced, it arrives while
Streamlit starts. Those of the knobs are not announced: letters would wait for them.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit

FOLDER = Path(streamlit.__file__).parent / "static" / "static" / "js"
FIRST = ("BidiComponent", "Html", "PageLink")  # our panels are of the first kind
IMPORT = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')  # not import("..."), which is for later


@cache
def announcement(known: str, folder: Path = FOLDER) -> str:
    """Link elements for the scripts of FIRST and all that they import, but those in the page `known`."""
    wanted = closure([path.name for name in FIRST for path in folder.glob(f"{name}.*.js")], folder)
    return "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in wanted if name not in known
    )


def closure(names: Iterable[str], folder: Path) -> list[str]:
    """These scripts and all that they import, without those that are not there."""
    found, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        path = folder / name
        if name not in found and path.is_file():
            found[name] = True
            waiting += IMPORT.findall(path.read_text(encoding="utf-8"))
    return list(found)
