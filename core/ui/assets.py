"""The page's files over HTTP: scripts, styles, plotly.js and the index page that announces them.

Every file has a URL with a hash of its content, so a browser may keep it for ever; the index page, which is never
kept, names the newest. It also announces them in a `Link` header, so that they load while Streamlit starts.
"""

import gzip
import hashlib
import html
import json
import mimetypes
import pathlib
import re
import secrets
from collections.abc import Callable
from functools import cache, cached_property

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import messages
from core.messages import mark, tr
from core.plots import GROUPS, PALETTE
from core.serving.visitors import COOKIE, DAYS, TOKEN
from core.ui import announced
from core.ui.compressed import Compressed
from core.ui.language import KEPT, asked_by
from core.ui.open_pages import OpenPages
from core.ui.responses import send_whole, whole

ASSETS = pathlib.Path(__file__).parent.parent.parent / "assets"
PREFIX = "letterspace"  # of the files' URLs
PLOTLY = "plotly-basic.min.js"
STYLES = (
    "common/frame", "common/working", "common/panels", "explore/panels", "explore/bar", "explore/time",
    "explore/landscape", "explore/network", "explore/narrow", "explore/lesson", "words/words", "words/cases",
    "compare/library", "compare/runs", "data/standings", "data/examples", "data/counts", "data/narrow",
    "data/words", "data/wordtext", "inside/stages", "inside/heat", "inside/single", "inside/touch",
    "inside/silence", "inside/words", "tune/tune", "start/tour", "start/start", "reference/reference",
    "board/board",
)  # fmt: skip
EVERYWHERE = ("page.js", "common/", "start/tour.js")  # scripts that every page needs at once
EXPLORE = "explore/"
FOLDERS = {"": EXPLORE} | {
    name: f"{name}/" for name in ("compare", "data", "inside", "tune", "start", "reference", "board")
}
ROOT = '<div id="root"></div>'  # of Streamlit's index page
FOR_EVER = "public, max-age=31536000, immutable"
DESCRIPTION = mark("Watch a neural language model learn the alphabet: train it, and see letters find their places.")
PICTURE = mark("27 letters on a map: the vowels lie together, apart from the consonants.")
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
COMPRESSED = {".js", ".css", ".html", ".json"}
Letters = Callable[[str | None, str], str]  # cookie and query -> HTML of the letters to show at once, or ""


class Files:
    """What `folder` holds, by name, with a style sheet made of many. name -> (bytes, gzipped bytes or None)."""

    def __init__(self, folder: pathlib.Path, plotly: pathlib.Path):
        paths = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.suffix in {".js", ".png"}}
        self.page = {name: path.read_bytes() for name, path in sorted(paths.items())}
        self.page["page.css"] = styles(folder).encode()
        self.page |= {f"languages/{path.name}": path.read_bytes() for path in sorted(messages.TABLES.glob("*.json"))}
        self.skeleton = (folder / "skeleton.html").read_text(encoding="utf-8")
        self.plotly = plotly.read_bytes()
        self.version = digest(*(part for name, data in self.page.items() for part in (name.encode(), data)))
        self.plotly_version = digest(self.plotly)

    def get(self, version: str, name: str) -> bytes | None:
        if version == self.plotly_version and name == PLOTLY:
            return self.plotly
        return self.page.get(name) if version == self.version else None

    @cache  # noqa: B019 (one object for the life of the process)
    def gzipped(self, version: str, name: str) -> bytes:
        return gzip.compress(self.get(version, name), 9, mtime=0)

    def url(self, name: str) -> str:
        """Relative to every page of the app, as Streamlit's own URLs are."""
        return f"./{PREFIX}/{self.plotly_version if name == PLOTLY else self.version}/{name}"

    def scripts(self, page: str) -> list[str]:
        """The modules that a page needs at once, the entry first."""
        wanted = (*EVERYWHERE, FOLDERS[page]) if page in FOLDERS else EVERYWHERE
        return [name for name in self.page if name.endswith(".js") and name.startswith(wanted)]

    @cached_property
    def _announced(self) -> dict[str, str]:
        return {page: self._links(page) for page in FOLDERS}

    def links(self, page: str, language: str = messages.ENGLISH) -> str:
        """The `Link` header of an index page."""
        links = self._announced.get(page) or self._links(page)
        if language == messages.ENGLISH:
            return links
        return f"{links}, <{self.url(f'languages/{language}.json')}>; rel=preload; as=fetch; crossorigin"

    def _links(self, page: str) -> str:
        preload = [(self.url("page.css"), "preload; as=style"), (self.url(PLOTLY), "preload; as=script")]
        modules = [(self.url(name), "modulepreload") for name in self.scripts(page)]
        return ", ".join(f"<{url}>; rel={rel}" for url, rel in (*preload, *modules))


def digest(*parts: bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()[:16]


def styles(folder: pathlib.Path) -> str:
    return colours() + "".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)


def colours() -> str:
    """The palette as CSS variables, and a class for each role a character can have, with its two colours.

    The page's script marks the scheme on the root element; until then the browser's choice holds.
    """
    light, dark = ("".join(f"--ls-{name}:{pair[i]};" for name, pair in PALETTE.items()) for i in (0, 1))
    palette = f":root{{{light}}}:root[data-ls-scheme=dark]{{{dark}}}"
    palette += f"@media(prefers-color-scheme:dark){{:root:not([data-ls-scheme]){{{dark}}}}}"
    roles = (f".ls-{role}{{--role:var(--ls-{role});--on-role:var(--ls-on_{role})}}" for role in GROUPS)
    return palette + "".join(roles)


@cache
def files() -> Files:
    return Files(ASSETS / "page", ASSETS / "plotly" / PLOTLY)


# ---------------------------------------------------------------- routes


def path(name: str) -> str:
    """The path of one of our routes on this server."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{PREFIX}/{name}" if base else f"/{PREFIX}/{name}"


def routes() -> list[BaseRoute]:
    return [Route(path("{version}/{name:path}"), answer, methods=["GET"])]


async def answer(request: Request) -> Response:
    version, name = request.path_params["version"], request.path_params["name"]
    data = files().get(version, name)
    if data is None:
        return Response("Not found", 404, headers={"Cache-Control": "no-store"})
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    if pathlib.PurePath(name).suffix in COMPRESSED:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            data, headers["Content-Encoding"] = files().gzipped(version, name), "gzip"
    return Response(data, media_type=kind, headers=headers)


# ---------------------------------------------------------------- the index page


def middleware(letters: Letters) -> list[Middleware]:
    return [Middleware(OpenPages), Middleware(IndexPage, letters=letters), Middleware(Compressed)]


class IndexPage:
    """Gives Streamlit's index page our title, description, scripts, styles and skeleton, and the visitor's cookie."""

    def __init__(self, app: ASGIApp, letters: Letters):
        self.app, self.letters = app, letters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope) if scope["type"] == "http" else None
        if asked is None or scope["method"] != "GET" or "text/html" not in asked.get("accept", ""):
            return await self.app(scope, receive, send)
        # Validators and compression of the file do not apply to the changed page.
        dropped = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
        inner = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in dropped]}

        async def finish(start: Message, body: bytes) -> None:
            await self._send(scope, start, body, asked, send)

        await whole(self.app, inner, receive, send, is_html, finish)

    async def _send(self, scope: Scope, start: Message, body: bytes, asked: Headers, send: Send) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        page = scope["path"].rstrip("/").rpartition("/")[2]
        if ROOT.encode() in body:
            request, letters = Request(scope), ""
            language = asked_by(request)
            if FOLDERS.get(page) == EXPLORE:
                letters = await run_in_threadpool(self.letters, request.cookies.get(COOKIE), request.url.query)
            body = written(body.decode(), page, origin(request), letters, language).encode()
            headers["Link"] = files().links(page, language)
            headers.append("Set-Cookie", cookie(request))
            if "lang" in request.query_params:
                headers.append("Set-Cookie", f"{KEPT}={language}; Path=/; Max-Age={DAYS * 86400}; SameSite=Lax")
            for name in ("etag", "last-modified"):
                del headers[name]
        if "gzip" in asked.get("accept-encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        headers["Content-Length"] = str(len(body))
        await send_whole(start, headers.raw, body, send)


def is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def cookie(request: Request) -> str:
    """The `Set-Cookie` header that identifies a visitor: their token, or a new one; scripts cannot read it.

    Within a page of another site (`?embed=true`) only a partitioned cookie is sent, and that needs TLS.
    """
    known, headers = request.cookies.get(COOKIE, ""), request.headers
    token = known if TOKEN.fullmatch(known) else secrets.token_urlsafe(24)
    secure = "https" in (request.url.scheme, headers.get("x-forwarded-proto"))
    framed = request.query_params.get("embed") == "true" and headers.get("sec-fetch-dest", "iframe") == "iframe"
    how = "SameSite=None; Secure; Partitioned" if secure and framed else "SameSite=Lax" + "; Secure" * secure
    return f"{COOKIE}={token}; Path=/; Max-Age={DAYS * 86400}; HttpOnly; {how}"


def origin(request: Request) -> str:
    """Where this server is for the one who asks, for URLs that must be whole; "" if its name cannot be one."""
    host = request.headers.get("host", "")
    if not HOST.fullmatch(host):
        return ""
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    return f"http{'s' * secure}://{host}{path('')}".removesuffix(f"{PREFIX}/")


def connect_at_once(page: str) -> str:
    """A script that tells Streamlit where its server is, so that it opens its websocket at once.

    Otherwise Streamlit first asks the server for its health and for `host_config`. It reads the answers from
    `window.__streamlit` if they are there. Where the browser's URL does not end in the page's name, as behind some
    proxies, nothing is told and Streamlit asks as usual.
    """
    if page not in FOLDERS:
        return ""
    said = json.dumps(host_config()).replace("<", r"\u003c")
    server = "location.origin + parts.join('/') + '/'"
    return f"""{{
      const parts = location.pathname.split("/");
      if (parts.pop() === "{page}") window.__streamlit = {{ BACKEND_BASE_URL: {server}, HOST_CONFIG: {said} }};
    }}"""


def host_config() -> dict:
    """What Streamlit's server answers to `_stcore/host-config`."""
    return {
        "allowedOrigins": st.get_option("client.allowedOrigins"),
        "useExternalAuthToken": False,
        "enableCustomParentMessages": False,
        "blockErrorDialogs": False,
        "metricsUrl": "",
    }


def written(index: str, page: str, origin: str = "", letters: str = "", language: str = messages.ENGLISH) -> str:
    """Streamlit's index page with ours in it. page: the last part of its path; origin: see there; letters: HTML."""
    ours = files()
    messages.speak(language)
    description, picture = html.escape(tr(DESCRIPTION)), html.escape(tr(PICTURE))
    index = index.replace('<html lang="en">', f'<html lang="{language}">')
    index = index.replace("</head>", f"{announced.announcement(index)}</head>")
    head = f"""<title>Letterspace</title>
    <meta name="description" content="{description}">
    <meta property="og:title" content="Letterspace">
    <meta property="og:description" content="{description}">
    <meta property="og:type" content="website">
    <meta property="og:image" content="{origin}{ours.url("share.png").removeprefix("./")}">
    <meta property="og:image:alt" content="{picture}">
    <meta name="twitter:card" content="summary_large_image">
    <script>{connect_at_once(page)}</script>
    <script id="ls-plotly" async src="{ours.url(PLOTLY)}"></script>
    <script type="module" async src="{ours.url("page.js")}"></script>"""
    index = index.replace("<title>Streamlit</title>", head)
    index = index.replace('href="./favicon.png"', f'href="{ours.url("icon.png")}"')
    kind = "explore" if FOLDERS.get(page) == EXPLORE else "other"
    skeleton = ours.skeleton.replace("$kind", kind).replace("$letters", letters)
    # In the body, after Streamlit's styles in the head: of two rules with the same weight the later one wins.
    style = f'<link rel="stylesheet" href="{ours.url("page.css")}">'
    return index.replace(ROOT, f"{skeleton}{ROOT}{style}")
