"""What the page's own port answers, over a real socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

import theatre.page
from theatre.page import EdgeDoor, create_page_app

FOLDER = Path(theatre.page.__file__).with_name("page")


@pytest.fixture
async def page() -> AsyncIterator[TestClient]:
    doors = [EdgeDoor("Edge 1", 8081, lambda: False), EdgeDoor("Edge 2", 8082, lambda: True)]
    async with TestClient(TestServer(create_page_app(doors))) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/watch/bunny"])
async def test_a_page_may_run_only_its_own_files_and_play_only_from_its_edges(page: TestClient, path: str) -> None:
    async with page.get(path, headers={"Host": "films.example:8080"}) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        edges = "http://films.example:8081 http://films.example:8082"
        assert response.headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src 'self' {edges}; media-src {edges} blob:; connect-src 'self' {edges}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


class _Parts(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        if tag in ("script", "style") and not found.get("src"):
            self.inline.append(tag)
        if tag in ("script", "img", "link"):
            self.references.add(found.get("src") or found.get("href") or "")


@pytest.mark.parametrize("path", ["/", "/watch/bunny"])
async def test_a_page_has_nothing_inline_and_all_its_assets_are_there(page: TestClient, path: str) -> None:
    async with page.get(path) as response:
        parts = _Parts(await response.text())
    assert parts.inline == []
    assert len(parts.references) >= 3
    todo, seen = list(parts.references), set()
    while todo:
        reference = todo.pop()
        seen.add(reference)
        async with page.get(reference) as response:
            assert response.status == 200, reference
            text = await response.text()
            imported = re.findall(r'from "(/assets/[a-z]+\.js)"', text)
            todo += [name for name in imported if name not in seen]
    assert "/assets/words.js" in seen


def test_nothing_of_a_page_comes_from_elsewhere() -> None:
    allowed = {"http://www.w3.org/2000/svg"}  # a namespace, never fetched
    for path in FOLDER.iterdir():
        assert set(re.findall(r"(?:https?:)?//[a-z][^\s\"'<>)]*", path.read_text())) <= allowed | {"//"}, path.name


async def test_assets_are_asked_for_again_and_not_sent_twice(page: TestClient) -> None:
    async with page.get("/assets/style.css") as response:
        assert response.headers["Content-Type"] == "text/css; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-cache"
        etag = response.headers["ETag"]
    async with page.get("/assets/style.css", headers={"If-None-Match": etag}) as response:
        assert (response.status, await response.read()) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/nothing", "/assets/page.py", "/assets/index.html", "/assets/../page.py", "/assets/%2e%2e%2fpage.py",
             "/watch/", "/watch/A B", "/watch/../x", "/titles/", "/titles/Bad/x"],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(page: TestClient, path: str) -> None:
    async with page.get(path) as response:
        assert response.status == 404


async def test_the_edges_are_named_by_the_visitor_s_host(page: TestClient) -> None:
    for host, name in (("films.example:8080", "films.example"), ("[::1]:8080", "[::1]"), ("10.0.0.7", "10.0.0.7")):
        async with page.get("/api/edges", headers={"Host": host}) as response:
            assert await response.json() == {
                "edges": [
                    {"name": "Edge 1", "url": f"http://{name}:8081", "up": False},
                    {"name": "Edge 2", "url": f"http://{name}:8082", "up": True},
                ]
            }
            assert response.headers["Cache-Control"] == "no-store"


async def test_public_urls_of_edges_replace_host_and_port() -> None:
    doors = [EdgeDoor("Edge 1", 8081, lambda: True, "https://edge.example/")]
    async with TestClient(TestServer(create_page_app(doors))) as client:
        async with client.get("/api/edges") as response:
            assert (await response.json())["edges"][0]["url"] == "https://edge.example"
        async with client.get("/") as response:
            assert "media-src https://edge.example blob:" in response.headers["Content-Security-Policy"]


async def test_a_policy_for_an_ipv6_address_allows_http(page: TestClient) -> None:
    async with page.get("/", headers={"Host": "[::1]:8080"}) as response:
        assert "connect-src 'self' http:;" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["a b", "x; script-src *", "x/y", 'x"y', "x:port", "a,b"])
async def test_a_host_that_could_break_a_header_is_refused(page: TestClient, host: str) -> None:
    async with page.get("/", headers={"Host": host}) as response:
        assert response.status == 400


async def test_media_asked_from_the_page_s_port_is_sent_to_an_edge_that_is_up(page: TestClient) -> None:
    for path in ("/titles", "/titles/bunny/master.m3u8", "/titles/bunny/media/v360/s0-0a.m4s"):
        async with page.get(path, headers={"Host": "films.example"}, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (307, f"http://films.example:8082{path}")
            assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_house_with_all_edges_down_says_so() -> None:
    server = TestServer(create_page_app([EdgeDoor("Edge 1", 1, lambda: False)]))
    async with TestClient(server) as client, client.get("/healthz") as response:
        assert (response.status, await response.json()) == (503, {"edges": 1, "up": 0})


async def test_a_page_can_only_be_read(page: TestClient) -> None:
    async with page.post("/") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")
    async with page.head("/") as response:
        assert response.status == 200
