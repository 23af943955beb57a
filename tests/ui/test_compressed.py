"""Streamlit's own scripts, compressed: once each, for those who can unpack them, and nothing else."""

import gzip

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.ui import compressed
from core.ui.compressed import Compressed

SCRIPT = b"export const answer = 42;\n" * 400
FOR_EVER = "public, immutable, max-age=31536000"


@pytest.fixture
def asked() -> list[str]:
    """The paths that have reached the server behind."""
    return []


@pytest.fixture
def client(asked):
    async def answer(request):
        asked.append(request.url.path)
        name = request.path_params["name"]
        if name == "missing.js":
            return Response("Not found", 404)
        headers = {"Cache-Control": "no-cache" if name == "fresh.js" else FOR_EVER, "ETag": '"of the file"'}
        kind = "text/html" if name == "page.js" else "text/javascript"
        return Response(SCRIPT[:100] if name == "small.js" else SCRIPT, media_type=kind, headers=headers)

    routes = [Route("/{folder:path}/{name}", answer, methods=["GET", "HEAD"])]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(Compressed)])) as client:
        yield client


def raw(client: TestClient, url: str, **headers: str):
    """The response, and its bytes as they came over the line."""
    with client.stream("GET", url, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


def test_a_script_is_compressed_once_and_then_kept(client, asked):
    for _ in range(3):
        answer, sent = raw(client, "/static/js/index.ab12.js")
        assert gzip.decompress(sent) == SCRIPT and len(sent) < len(SCRIPT) / 10
        assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == FOR_EVER and "etag" not in answer.headers
        assert int(answer.headers["content-length"]) == len(sent)
    assert asked == ["/static/js/index.ab12.js"]


def test_below_a_base_path_too(client):
    assert raw(client, "/base/static/css/index.ab12.css")[0].headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/static/js/a.js", {"accept-encoding": "identity"}),
        ("/static/js/a.js", {"range": "bytes=0-10"}),
        ("/static/media/font.woff2", {}),
        ("/media/upload.js", {}),
        ("/static/js/fresh.js", {}),
        ("/static/js/page.js", {}),
    ],
)
def test_everything_else_passes_as_it_is(client, url, headers):
    answer, sent = raw(client, url, **headers)
    assert sent == SCRIPT and "content-encoding" not in answer.headers and answer.headers["etag"] == '"of the file"'


def test_what_is_not_there_is_not_kept(client, asked):
    for _ in range(2):
        assert raw(client, "/static/js/missing.js")[0].status_code == 404
    assert len(asked) == 2


def test_a_small_file_is_not_worth_it(client):
    answer, sent = raw(client, "/static/js/small.js")
    assert sent == SCRIPT[:100] and "content-encoding" not in answer.headers


def test_a_head_is_answered_by_the_server_behind(client, asked):
    answer = client.head("/static/js/index.ab12.js")
    assert answer.status_code == 200 and "content-encoding" not in answer.headers and len(asked) == 1


def test_no_more_is_kept_than_there_is_room_for(client, asked, monkeypatch):
    monkeypatch.setattr(compressed, "LARGEST", 10)
    for _ in range(2):
        assert raw(client, "/static/js/a.js")[0].headers["content-encoding"] == "gzip"
    assert len(asked) == 2
