"""What all tests of the pages share."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import app_test, local_script_runner

from core.data.sentences import read_text
from core.ui import server
from tests.support.story import STORY
from tests.support.visitor import Visitor


@pytest.fixture(scope="session", autouse=True)
def nothing_is_made_twice():
    """What AppTest makes anew and a server keeps: it asks every installed package for its components in each session,
    which took half of a test's time, and compiles the scripts for each of their runs, which took a quarter of each.
    """
    scripts = cache(local_script_runner.ScriptCache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "ScriptCache", scripts)  # that of main.py
        patch.setattr(app_test, "ScriptCache", scripts)  # that of the page
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def visitor_of_words(monkeypatch):
    """A visitor whose run learns the words of a small text, as "Words" of the presets does of the bundled one."""
    story = read_text(STORY, "story", 500).corpus
    monkeypatch.setattr(server, "english", lambda words=500: story)
    visitor = Visitor()
    visitor.set("Start from", "Words")
    yield visitor
    visitor.client.stop()
