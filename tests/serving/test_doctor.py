"""`python -m core doctor`: it finds what is missing, and says what to do."""

import socket

import pytest

from core.cli import main
from core.engine.kernel import check, objects
from core.keeping import library
from core.serving import doctor
from core.serving.doctor import PIN, REQUIREMENTS


@pytest.fixture
def port() -> int:
    """One that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def rows() -> dict[str, doctor.Row]:
    return {row.what: row for row in doctor.examined()}


def test_every_part_has_a_row_and_every_pinned_package_is_found(monkeypatch, port):
    monkeypatch.setattr(doctor, "PORT", port)
    found = rows()
    names = [name for name, _ in PIN.findall(REQUIREMENTS.read_text())]
    parts = ["python", *names, "engine", "compiled code", "library", "port", "cores", "memory", "ray"]
    assert list(found) == parts and "torch" in names
    assert not any(found[name].todo for name in ("python", *names, "engine", "compiled code", "port"))
    assert found["library"].found == "off (LETTERSPACE_LIBRARY=off)"


def test_what_is_missing_or_other_is_said_with_what_to_do(monkeypatch, tmp_path, port):
    (tmp_path / "requirements.txt").write_text("# a comment\nnumpy==0.0.1\nno-such-package==1.0\n")
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(doctor, "REQUIREMENTS", tmp_path / "requirements.txt")
    monkeypatch.setattr(doctor, "OLDEST", (99, 0))
    monkeypatch.setattr(doctor, "MEMORY", 1e18)
    monkeypatch.setenv(library.VARIABLE, str(tmp_path / "file" / "library.sqlite"))
    monkeypatch.setenv(objects.VARIABLE, "off")
    monkeypatch.setenv(check.VARIABLE, "torch")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "PORT", taken.getsockname()[1])
        found = rows()
    assert found["no-such-package"] == ("no-such-package", "missing", "pip install -r requirements.txt")
    assert found["numpy"].todo.startswith("0.0.1 was tested")
    assert "switched off" in found["engine"].found and found["engine"].todo
    assert found["compiled code"].found == "off" and not found["compiled code"].todo
    assert "cannot be written" in found["library"].todo
    assert "--server.port" in found["port"].todo
    assert found["python"].todo and found["memory"].todo


def test_the_command_prints_one_line_for_each_part_and_its_status_says_whether_all_is_fine(monkeypatch, capsys):
    for todo, status, last in (("", 0, "All is fine: streamlit run app.py"), ("do it", 1, "1 to look at.")):
        monkeypatch.setattr(doctor, "examined", lambda todo=todo: iter([doctor.Row("engine", "here", todo)]))
        assert main(["doctor"]) == status
        first, _, end = capsys.readouterr().out.splitlines()
        assert end == last and first.split() == [*("!",) * bool(todo), "engine", "here", *todo.split()]
