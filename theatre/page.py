"""The watch page as an aiohttp application: two pages, their assets, where the edges are. Does I/O only on its socket.

Media never passes through here: the pages name edges by their own addresses, with the host that the visitor used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from values.digest import digest_bytes

_FOLDER = Path(__file__).with_name("page")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGES = ("index.html", "watch.html")
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_SLUG = r"{id:[a-z0-9][a-z0-9-]*}"
_ALWAYS = {
    "Server": "matinee",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class EdgeDoor:
    """An edge as the page offers it. `public_url` is where players reach it; empty, it is `port` of the page's host.

    `is_up` is asked at each request.
    """

    name: str
    port: int
    is_up: Callable[[], bool]
    public_url: str = ""

    def url(self, host: str) -> str:
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Asset:
    data: bytes
    media_type: str
    etag: str


def create_page_app(doors: Sequence[EdgeDoor]) -> web.Application:
    """The page's application over these edges."""
    page = _Page(doors)
    app = web.Application()
    app.router.add_get("/", page.index)
    app.router.add_get(f"/watch/{_SLUG}", page.watch)
    app.router.add_get("/assets/{name}", page.asset)
    app.router.add_get("/api/edges", page.edges)
    app.router.add_get("/healthz", page.health)
    app.router.add_get("/titles", page.media)
    app.router.add_get(f"/titles/{_SLUG}/{{rest:.+}}", page.media)
    app.on_response_prepare.append(_add_headers)
    return app


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _ALWAYS.items():
        response.headers[name] = value


class _Page:
    def __init__(self, doors: Sequence[EdgeDoor]) -> None:
        self._doors = doors
        self._assets = {
            path.name: _Asset(data, _TYPES[path.suffix], digest_bytes(data))
            for path in _FOLDER.iterdir()
            if path.suffix in _TYPES
            for data in (path.read_bytes(),)
        }

    async def index(self, request: web.Request) -> web.Response:
        return self._html(request, "index.html")

    async def watch(self, request: web.Request) -> web.Response:
        return self._html(request, "watch.html")

    async def asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._assets or name in _PAGES:
            raise web.HTTPNotFound(text="There is no such file.\n")
        return self._file(request, self._assets[name], {})

    async def edges(self, request: web.Request) -> web.Response:
        """The edges with their URLs for this visitor, and whether each is up."""
        host = _host(request)
        found = [{"name": d.name, "url": d.url(host), "up": d.is_up()} for d in self._doors]
        return web.json_response({"edges": found}, headers={"Cache-Control": "no-store"})

    async def health(self, request: web.Request) -> web.Response:
        up = sum(door.is_up() for door in self._doors)
        return web.json_response(
            {"edges": len(self._doors), "up": up},
            status=200 if up else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def media(self, request: web.Request) -> web.Response:
        """Who asks the page's own port for a title is sent to an edge."""
        door = next((door for door in self._doors if door.is_up()), self._doors[0])
        headers = {
            "Location": door.url(_host(request)) + request.rel_url.raw_path,
            "Cache-Control": "no-store",
            "Access-Control-Allow-Origin": "*",
        }
        return web.Response(status=307, headers=headers)

    def _html(self, request: web.Request, name: str) -> web.Response:
        return self._file(request, self._assets[name], {"Content-Security-Policy": self._policy(_host(request))})

    def _file(self, request: web.Request, asset: _Asset, more: dict[str, str]) -> web.Response:
        headers = {"ETag": f'"{asset.etag}"', "Cache-Control": "no-cache", **more}
        if any(tag.value in (asset.etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=asset.data, headers={"Content-Type": asset.media_type, **headers})

    def _policy(self, host: str) -> str:
        """Content-Security-Policy: our own files, and media from our edges. Nothing inline, nothing from elsewhere."""
        # A policy can't name an IPv6 address (CSP level 3, section 2.3.1): then any http address must do.
        sources = {"http:" if urlsplit(url).netloc.startswith("[") else url for url in self._urls(host)}
        edges = " ".join(sorted(sources))
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src 'self' {edges}; media-src {edges} blob:; connect-src 'self' {edges}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def _urls(self, host: str) -> list[str]:
        return [door.url(host) for door in self._doors]


def _host(request: web.Request) -> str:
    """The host by which the visitor reached us, without a port."""
    match = _HOST.fullmatch(request.headers.get("Host", ""))
    if match is None:
        raise web.HTTPBadRequest(text="The Host of this request can't be read.\n")
    return match[1]
