"""The house rules, proved by reading the code: who imports whom, what lies where, how long a file is."""

import ast
import graphlib
import pathlib
import subprocess
import sys
import tomllib
from functools import cache

import pytest

HOUSE = pathlib.Path(__file__).parent.parent

# Imports run downward, or sideways without a circle. Every other module of core stands on the floor `ENGINE`.
FLOORS = (
    {"core.config", "core.words"},
    {"core.model", "core.data", "core.ngrams", "core.history", "core.link", "core.geometry"},
    {"core.run", "core.snapshot", "core.saved"},
    {"core.plots", "core.trainer"},
    {"core.ui", "core.cli"},
    {"app", "core.__main__"},
)
ENGINE = 3
# Who alone may import what; by first name, the standard library's ways to start a worker or keep a file among them.
ONLY = {
    "streamlit": {"app", "core.ui"},
    "plotly": {"core.ui"},
    "sqlite3": {"core.database", "core.library", "core.store", "core.wordlists"},
    "subprocess": {"core.hosts", "core.jobs"},
    "multiprocessing": {"core.host", "core.hosts"},
    "threading": {"core.hosts", "core.pool", "core.prepared", "core.trainer", "core.visitors"},
    **{name: set() for name in ("_thread", "concurrent", "asyncio")},
}
PACKAGES = ("core.ui", "core.plots")  # each counts as one room
TOP = {"app.py", "core", "tests", "assets", "requirements.txt", "README.md"}
LONGEST_FILE = 320


@cache
def modules() -> dict[str, pathlib.Path]:
    """Dotted name -> file, of app.py and everything in core."""
    paths = [HOUSE / "app.py", *sorted((HOUSE / "core").rglob("*.py"))]
    return {".".join(p.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"): p for p in paths}


@cache
def imports(module: str) -> frozenset[str]:
    """Dotted names that a module imports anywhere in it: of ours the modules, of others what stands in the line."""
    found = set()
    for node in ast.walk(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively in line {node.lineno}"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & modules().keys()) or {node.module}
    return frozenset(found)


def room(module: str) -> str:
    return next((room for room in PACKAGES if module.startswith(f"{room}.")), module)


def floor(module: str) -> int:
    return next((i for i, names in enumerate(FLOORS) if room(module) in names), ENGINE)


def files(*suffixes: str) -> list[pathlib.Path]:
    places = [HOUSE / "app.py", *(p for d in ("core", "tests", "assets") for p in (HOUSE / d).rglob("*"))]
    return [p for p in places if p.suffix in suffixes and p.is_file()]


def tracked() -> list[str]:
    if not (HOUSE / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=True)
    return listed.stdout.strip("\0").split("\0")


# ---------------------------------------------------------------- imports


@pytest.mark.parametrize("module", sorted(modules().keys() - {"core"}))
def test_imports_run_downward(module):
    for other in imports(module) & (modules().keys() - {"core"}):
        assert floor(other) <= floor(module), f"{module} imports {other} from a floor above"


def test_no_imports_run_in_a_circle():
    ours = modules().keys()
    order = graphlib.TopologicalSorter({module: imports(module) & ours for module in ours}).static_order()
    assert len(list(order)) == len(ours)


@pytest.mark.parametrize("what", ONLY)
def test_only_those_who_may_import_it(what):
    who = {room(m) for m in modules() if any(name.partition(".")[0] == what for name in imports(m))}
    assert who <= ONLY[what], f"{who - ONLY[what]} must not import {what}"


@pytest.mark.parametrize(("module", "may"), [("core.config", set()), ("core.history", {"core.config"})])
def test_configs_and_histories_need_the_standard_library_only(module, may):
    others = {name for name in imports(module) if name.partition(".")[0] not in sys.stdlib_module_names}
    assert others <= may


# ---------------------------------------------------------------- files


def test_the_visible_top_level_is_the_six_things_of_the_map():
    assert {name.partition("/")[0] for name in tracked() if not name.startswith(".")} <= TOP


def test_no_file_is_too_long_to_be_read_in_one_go():
    lengths = {p.relative_to(HOUSE): len(p.read_text("utf-8").splitlines()) for p in files(".py", ".js", ".css")}
    assert {str(p): n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_nothing_here_needs_what_lies_beside_the_repository():
    beside = "../shared"
    assert [str(p) for p in files(".py", ".js", ".css") if p.name != "test_house.py" and beside in p.read_text()] == []


def test_every_file_of_the_assets_is_named_with_its_source():
    said, assets = (HOUSE / "assets" / "README.md").read_text(encoding="utf-8"), HOUSE / "assets"
    unnamed = []
    for path in sorted(p for p in assets.rglob("*") if p.is_file() and p != assets / "README.md"):
        inside = path.relative_to(assets)
        folders = [f"{folder.as_posix()}/" for folder in inside.parents if folder.parts]  # a directory as a whole
        if not any(name in said for name in (inside.as_posix(), path.name, *folders)):
            unnamed.append(inside.as_posix())
    assert unnamed == []


def test_streamlit_does_not_collect_garbage_after_every_run_of_a_script():
    config = tomllib.loads((HOUSE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["postScriptGC"] is False
