"""A server of nothing but the live line, with one page on it, for the tests of core/serving/channel.py."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.serving import channel
from core.serving.channel import Pages
from tests.support.numbers_page import PATH, Counter


@pytest.fixture
def pages(monkeypatch) -> Pages:
    monkeypatch.setattr(channel, "FASTEST", 0.01)
    return Pages()


@pytest.fixture
def page(pages) -> Counter:
    page = Counter()
    pages.add(page)
    return page


@pytest.fixture
def browser(pages):
    with TestClient(Starlette(routes=[pages.route(PATH)])) as client:
        yield client
