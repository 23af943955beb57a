"""The house rules, proved by reading the code: who imports whom, what lies where, how long a file is."""

import ast
import graphlib
import pathlib
import subprocess
import sys
import tomllib
from functools import cache

import pytest

from tests.support.house import HOUSE, ORDER

# Who alone may import what; by first name, the standard library's ways to start a worker or keep a file among them.
ONLY = {
    "streamlit": ("core.ui", "app"),
    "plotly": (),
    "sqlite3": ("core.keeping",),
    **{name: ("core.serving",) for name in ("socket", "threading", "multiprocessing", "subprocess", "select")},
    "asyncio": ("core.serving",),
    "ray": ("core.serving.cluster_driver", "core.serving.cluster_actors"),
    "anyio": ("core.serving", "core.ui.compressed"),
    **{name: () for name in ("_thread", "concurrent")},
}
TOP = {"app.py", "core", "tests", "assets", "requirements.txt", "README.md"}
LONGEST_FILE, LONGEST_LINE = 320, 120


@cache
def modules() -> dict[str, pathlib.Path]:
    """Dotted name -> file, of app.py and everything in core."""
    paths = [HOUSE / "app.py", *sorted((HOUSE / "core").rglob("*.py"))]
    return {".".join(p.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"): p for p in paths}


@cache
def imports(path: pathlib.Path) -> frozenset[str]:
    """Dotted names that a file imports anywhere in it: of ours the modules, of others what stands in the line."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively in line {node.lineno}"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & modules().keys()) or {node.module}
    return frozenset(found)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def row(module: str) -> int:
    """The place of a module's package in ORDER; StopIteration if it is in none of them."""
    return next(i for i, package in enumerate(ORDER) if within(module, package))


def files(*suffixes: str) -> list[pathlib.Path]:
    places = [HOUSE / "app.py", *(p for d in ("core", "tests", "assets") for p in (HOUSE / d).rglob("*"))]
    return [p for p in places if p.suffix in suffixes and p.is_file() and ".min." not in p.name]


def tracked() -> list[str]:
    if not (HOUSE / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=True)
    return listed.stdout.strip("\0").split("\0")


# ---------------------------------------------------------------- imports


@pytest.mark.parametrize("module", sorted(modules().keys() - {"core"}))
def test_imports_go_to_the_same_package_or_to_earlier_ones(module):
    climbing = {other for other in imports(modules()[module]) if within(other, "core") and row(other) > row(module)}
    assert climbing == set(), f"{module} imports what comes later in ORDER"


def test_no_imports_run_in_a_circle():
    ours = modules().keys()
    order = graphlib.TopologicalSorter({module: imports(path) & ours for module, path in modules().items()})
    assert len(list(order.static_order())) == len(ours)


@pytest.mark.parametrize("what", ONLY)
def test_only_those_who_may_import_it(what):
    who = {m for m, path in modules().items() if any(within(name, what) for name in imports(path))}
    assert {m for m in who if not any(within(m, package) for package in ONLY[what])} == set()


@pytest.mark.parametrize(
    ("module", "may"),
    [
        ("core.config", {"core.messages"}),
        ("core.engine.moves", {"core.config", "core.messages"}),
        ("core.engine.history", {"core.config", "core.engine.moves"}),
    ],
)
def test_configs_and_histories_need_the_standard_library_only(module, may):
    others = {name for name in imports(modules()[module]) if name.partition(".")[0] not in sys.stdlib_module_names}
    assert others <= may


def test_tests_do_not_import_from_one_another():
    same = HOUSE / "tests/cluster/test_cluster.py"  # asks of hosts in a cluster what is asked of all hosts
    tests = [p for p in files(".py") if (p.name.startswith("test_") or p.name == "conftest.py") and p != same]
    from_tests = {
        f"{path.relative_to(HOUSE)}: {name}"
        for path in tests
        for name in imports(path)
        if within(name, "tests") and not within(name, "tests.support") and not within(name, "tests.bench")
    }
    assert from_tests == set()


# ---------------------------------------------------------------- files


def test_the_visible_top_level_is_the_six_things_of_the_map():
    assert {name.partition("/")[0] for name in tracked() if not name.startswith(".")} <= TOP


def test_no_file_is_too_long_to_be_read_in_one_go():
    lengths = {p.relative_to(HOUSE): len(p.read_text("utf-8").splitlines()) for p in files(".py", ".js", ".css")}
    assert {str(p): n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_line_is_too_long_to_be_read_at_a_glance():
    lengths = {
        p.relative_to(HOUSE): max(map(len, p.read_text("utf-8").splitlines()), default=0)
        for p in files(".py", ".js", ".css")
    }
    assert {str(p): n for p, n in lengths.items() if n > LONGEST_LINE} == {}


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
