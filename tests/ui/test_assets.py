"""The page's files over HTTP, asked for as a browser asks."""

import gzip
import re
from collections import defaultdict

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_routes import create_host_config_routes

from core.messages import table
from core.serving.visitors import DAYS, TOKEN
from core.ui import announced, assets
from core.ui.language import KEPT
from tests.support.house import HOUSE

INDEX = (
    '<html lang="en"><head><link rel="shortcut icon" href="./favicon.png" /><title>Streamlit</title></head>'
    '<div id="root"></div>'
)
NAVIGATION = {"accept": "text/html,application/xhtml+xml"}
PAGE = HOUSE / "assets" / "page"


def letters(token: str | None, query: str) -> str:
    return f"letters for {query}"


@pytest.fixture
def client():
    """A server with our routes and middleware around an index page such as Streamlit's."""

    async def index(request):
        return HTMLResponse(INDEX, headers={"ETag": '"old"', "Cache-Control": "no-cache"})

    async def plain(request):
        return PlainTextResponse("plain")

    routes = [*assets.routes(), Route("/plain", plain), Route("/{path:path}", index)]
    with TestClient(Starlette(routes=routes, middleware=assets.middleware(letters))) as client:
        yield client


def test_a_file_may_be_kept_for_ever_at_a_url_with_its_hash(client):
    answer = client.get(assets.files().url("page.js")[1:])
    assert answer.status_code == 200
    assert answer.content == (PAGE / "page.js").read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"


def test_plotly_has_a_hash_of_its_own_and_is_small_on_the_line(client):
    with client.stream("GET", assets.files().url(assets.PLOTLY)[1:]) as answer:
        sent = b"".join(answer.iter_raw())
    assert len(sent) < 450_000
    assert gzip.decompress(sent) == (HOUSE / "assets" / "plotly" / assets.PLOTLY).read_bytes()
    assert assets.files().plotly_version != assets.files().version


def test_whoever_cannot_unpack_gets_plain_text(client):
    answer = client.get(assets.files().url("page.css")[1:], headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert "--ls-vowel" in answer.text
    assert ".ls-chart" in answer.text


@pytest.mark.parametrize("name", ["nothing.js", "skeleton.html", "%2e%2e/plotly/LICENSE", ""])
def test_only_the_files_of_the_page_are_served(client, name):
    answer = client.get(f"/{assets.PREFIX}/{assets.files().version}/{name}")
    assert answer.status_code == 404


def test_an_old_hash_is_not_found_rather_than_kept_for_ever_with_new_content(client):
    answer = client.get(f"/{assets.PREFIX}/0000000000000000/page.js")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_streamlit_is_told_where_the_server_is_on_pages_and_nowhere_else(client):
    said = client.get("/tune", headers=NAVIGATION).text
    assert 'if (parts.pop() === "tune") window.__streamlit' in said
    assert "window.__streamlit" not in client.get('/x"y', headers=NAVIGATION).text
    assert assets.connect_at_once("x</script>") == ""


def test_what_is_said_of_the_host_is_what_the_server_answers():
    with TestClient(Starlette(routes=create_host_config_routes(None))) as streamlit:
        answered = streamlit.get("/_stcore/host-config").json()
    assert assets.host_config() == {name: answered[name] for name in assets.host_config()}


def test_letters_are_in_the_index_page_of_explore_only(client):
    assert "letters for n_embd=3" in client.get("/?n_embd=3", headers=NAVIGATION).text
    assert "letters for" not in client.get("/compare", headers=NAVIGATION).text


@pytest.mark.parametrize(("path", "folder"), [("/", "explore"), ("/compare", "compare"), ("/inside", "inside")])
def test_the_index_page_announces_what_this_page_needs(client, path, folder):
    answer = client.get(path, headers=NAVIGATION)
    links = re.findall(r"<\./([^>]+)>; rel=(\w+)", answer.headers["link"])
    for url, _ in links:
        assert client.get(f"/{url}").status_code == 200
    names = {url.split("/", 2)[2] for url, _ in links}
    assert {"page.css", "page.js", assets.PLOTLY, f"{folder}/index.js"} <= names
    others = {name for name in names if "/" in name and name.split("/")[0] not in (folder, "common")}
    assert others == {"start/tour.js"}


def test_the_index_page_is_ours_from_its_first_byte_and_never_kept(client):
    answer = client.get("/", headers={**NAVIGATION, "if-none-match": '"old"'})
    assert answer.status_code == 200
    assert "<title>Letterspace</title>" in answer.text
    assert 'name="description"' in answer.text
    assert 'property="og:title"' in answer.text
    (picture,) = re.findall(r'property="og:image" content="http://testserver/([^"]+)"', answer.text)
    assert client.get(f"/{picture}").headers["content-type"] == "image/png"
    assert answer.text.index("ls-skeleton") < answer.text.index('id="root"') < answer.text.index("page.css")
    assert "favicon.png" not in answer.text
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"
    assert int(answer.headers["content-length"]) < len(answer.content)


def test_a_forged_name_of_the_server_does_not_get_into_the_page(client):
    for host in ('a"><script>', "a b", "a/b", "x" * 300, "[::1"):
        answer = client.get("/", headers={**NAVIGATION, "host": host})
        assert 'og:image" content="letterspace/' in answer.text and host not in answer.text
    for host in ("letterspace.example.org:8443", "[::1]:80"):
        answer = client.get("/", headers={**NAVIGATION, "host": host, "x-forwarded-proto": "https"})
        assert f'og:image" content="https://{host}/letterspace/' in answer.text


def test_other_answers_go_through_as_they_are(client):
    assert client.get("/plain", headers=NAVIGATION).text == "plain"
    assert client.get("/", headers={"accept": "*/*"}).text == INDEX


def test_streamlits_own_index_page_has_what_ours_is_written_into():
    import streamlit

    index = (HOUSE / streamlit.__file__).parent / "static" / "index.html"
    text = index.read_text(encoding="utf-8")
    for needle in ("<title>Streamlit</title>", 'href="./favicon.png"', assets.ROOT):
        assert text.count(needle) == 1


# ---------------------------------------------------------------- the files themselves


def scripts():
    return sorted(PAGE.rglob("*.js"))


def exported(path):
    return set(re.findall(r"^export (?:const|let|function|class) (\w+)", path.read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.relative_to(PAGE).as_posix())
def test_every_import_finds_a_file_that_exports_it(path):
    for names, source in re.findall(r'^import \{([^}]*)\} from "([^"]+)";', path.read_text(encoding="utf-8"), re.M):
        wanted = {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()}
        assert wanted <= exported((path.parent / source).resolve())


def test_every_style_sheet_is_served_once():
    there = {p.relative_to(PAGE).with_suffix("").as_posix() for p in PAGE.rglob("*.css")}
    assert sorted(assets.STYLES) == sorted(there)


def test_no_two_folders_style_a_class_of_the_same_name():
    """All style sheets are on every page; one folder's rule would hold on another's elements, too."""
    folders = defaultdict(set)
    for path in PAGE.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        alone = re.findall(r"(?<=[},])\s*\.(ls-[\w-]+)\s*(?=[{,])", "}" + text)
        for name in alone if path.parent.name != "common" else ():
            folders[name].add(path.parent.name)
    assert {name: found for name, found in folders.items() if len(found) > 1} == {}


def test_every_view_that_a_page_shows_has_a_maker_in_the_folder_that_the_page_loads():
    ui = HOUSE / "core" / "ui"
    text = "".join(path.read_text(encoding="utf-8") for path in ui.rglob("*.py"))
    asked = set(re.findall(r"components\.view\(\s*f?\"([a-z_]+)\"", text))
    entry = re.sub(r'" \+\n\s+"', "", (PAGE / "page.js").read_text(encoding="utf-8"))  # strings in several lines
    folders = dict(re.findall(r'^  (\w+):\s+"([a-z_ ]+)",$', entry, re.M))
    assert len(folders) == 9
    known = {"visitor", "tour"} | {kind for kinds in folders.values() for kind in kinds.split()}
    assert asked <= known
    for folder, kinds in folders.items():
        made = "".join(path.read_text(encoding="utf-8") for path in (PAGE / folder).glob("*.js"))
        made += (PAGE / "common" / "address.js").read_text(encoding="utf-8") if folder == "explore" else ""
        assert {kind for kind in kinds.split() if not re.search(rf"^makers\.{kind} =", made, re.M)} == set()


# ---------------------------------------------------------------- the visitor's cookie


def set_cookie(client, cookie: str | None = None, url: str = "/", **headers: str) -> tuple[str, set[str]]:
    """The token that the index page sets, and the other parts of its cookie."""
    more = {"cookie": f"letterspace={cookie}"} if cookie else {}
    said = client.get(url, headers=NAVIGATION | more | headers).headers["set-cookie"]
    client.cookies.clear()
    first, *parts = said.split("; ")
    name, _, token = first.partition("=")
    assert name == "letterspace" and TOKEN.fullmatch(token)
    return token, set(parts)


def test_the_index_page_gives_a_cookie_that_no_script_can_read(client):
    token, parts = set_cookie(client)
    assert parts == {"Path=/", f"Max-Age={DAYS * 86400}", "HttpOnly", "SameSite=Lax"}
    assert set_cookie(client)[0] != token


def test_who_has_a_cookie_keeps_its_token_and_what_is_none_is_replaced(client):
    assert set_cookie(client, "a" * 32)[0] == "a" * 32
    for bad in ("a" * 31, "a" * 33, "a" * 31 + "!", "%0d%0aSet-Cookie:x"):
        assert set_cookie(client, bad)[0] != bad


def test_behind_tls_the_cookie_is_secure(client):
    assert "Secure" in set_cookie(client, **{"x-forwarded-proto": "https"})[1]
    assert "Secure" in set_cookie(client, url="https://testserver/")[1]


def test_within_a_page_of_another_site_the_cookie_is_partitioned_if_there_is_tls(client):
    framed = {"SameSite=None", "Secure", "Partitioned"}
    tls = {"x-forwarded-proto": "https"}
    assert framed <= set_cookie(client, url="/?embed=true", **tls, **{"sec-fetch-dest": "iframe"})[1]
    assert "SameSite=Lax" in set_cookie(client, url="/?embed=true", **tls, **{"sec-fetch-dest": "document"})[1]
    assert "SameSite=Lax" in set_cookie(client, url="/?embed=true", **{"sec-fetch-dest": "iframe"})[1]


def test_files_come_without_a_cookie(client):
    assert "set-cookie" not in client.get(assets.files().url("page.js")[1:]).headers


def test_streamlits_scripts_of_what_is_drawn_first_are_announced_with_all_that_they_import():
    index = (announced.FOLDER.parent.parent / "index.html").read_text(encoding="utf-8")
    page = assets.written(index, "")
    for kind in announced.FIRST:
        assert re.search(rf'<link rel="modulepreload" crossorigin href="./static/js/{kind}\.[\w-]+\.js">', page)
    linked = re.findall(r'href="./static/js/([\w.-]+)"', page)
    assert len(linked) == len(set(linked)) and all((announced.FOLDER / name).is_file() for name in linked)
    needed = {name for one in linked for name in announced.IMPORT.findall((announced.FOLDER / one).read_text("utf-8"))}
    assert needed <= {*linked, *re.findall(r'src="./static/js/([\w.-]+)"', page)}


def test_where_streamlit_has_no_such_scripts_none_are_announced(tmp_path):
    assert announced.announcement("", tmp_path) == ""
    (tmp_path / "Html.a.js").write_text('import"./b.js";import{x}from"./gone.js";import("./later.js")')
    (tmp_path / "b.js").write_text('import"./Html.a.js"')
    assert announced.closure(["Html.a.js"], tmp_path) == ["Html.a.js", "b.js"]


# ---------------------------------------------------------------- languages


def test_the_index_page_speaks_the_language_that_was_asked_for_and_keeps_it(client):
    english, german = client.get("/", headers=NAVIGATION), client.get("/?lang=de", headers=NAVIGATION)
    assert '<html lang="en">' in english.text and '<html lang="de">' in german.text
    assert "Sprachmodell" in german.text and "Sprachmodell" not in english.text
    assert "languages/de.json" in german.headers["link"] and "languages/" not in english.headers["link"]
    assert client.cookies[KEPT] == "de"
    assert '<html lang="de">' in client.get("/inside", headers=NAVIGATION).text
    assert '<html lang="en">' in client.get("/?lang=en", headers=NAVIGATION).text
    assert '<html lang="en">' in client.get("/?lang=%0d%0aSet-Cookie:x=1", headers=NAVIGATION).text
    assert client.cookies[KEPT] == "en" and "x" not in client.cookies


def test_the_table_of_a_language_is_a_file_of_the_page(client):
    answer = client.get(assets.files().url("languages/de.json")[1:])
    assert answer.headers["content-type"] == "application/json" and answer.json() == table("de")
