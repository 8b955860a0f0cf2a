"""The origin as an aiohttp application: requests in, titles out. Does I/O.

::

    /titles                     what is published, as JSON
    /titles/ID/master.m3u8      the title's current HLS multivariant playlist
    /titles/ID/manifest.mpd     its current DASH MPD
    /titles/ID/title.json       its record
    /titles/ID/…                media, media playlists, texts and pictures, under the names they have in the store
    /healthz  /metrics          for operators

Everything else is 404. One handler answers all of it, so that each answer, refusals too, has the same headers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict

from origin.answer import IMMUTABLE, decide, short_lived
from origin.body import BrokenOff, send_answer
from origin.catalogue import Catalogue
from origin.metrics import OriginMetrics
from origin.paths import Service, TitlePath, parse_path
from origin.settings import OriginSettings
from origin.shelf import Item
from origin.source import StoreThreads
from storage.protocol import Store
from values.digest import digest_bytes
from values.errors import MatineeError, NotFoundError

_LOG = logging.getLogger("matinee.origin")
_METHODS = "GET, HEAD, OPTIONS"
_JSON = "application/json"
_ALWAYS = {
    "Server": "matinee-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, Date, ETag, Age, Cache-Status, Accept-Ranges",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Timing-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}
_PREFLIGHT = {
    "Allow": _METHODS,
    "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match, If-Modified-Since, Cache-Control, Content-Type, "
    "CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status",
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "public, max-age=86400",
}
_HEALTH_S = 1.0


def create_origin_app(store: Store, settings: OriginSettings) -> web.Application:
    """An application that serves the titles of `store`. It asks the store for nothing until the first request."""
    origin = _Origin(store, settings)
    app = web.Application(client_max_size=1024, handler_args={"auto_decompress": False})
    app.router.add_route("*", r"/{path:[\s\S]*}", origin.handle)
    app.on_response_prepare.append(_add_headers)
    app.on_cleanup.append(origin.stop)
    return app


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _ALWAYS.items():
        response.headers[name] = value


class _Origin:
    """What the handlers of one application share."""

    def __init__(self, store: Store, settings: OriginSettings) -> None:
        self._settings = settings
        self._threads = StoreThreads(store, threads=settings.threads, timeout_s=settings.store_timeout_s)
        self._catalogue = Catalogue(self._threads, settings)
        self._metrics = OriginMetrics()
        self._short = short_lived(settings)
        self._healthy_at = float("-inf")

    async def stop(self, _: web.Application) -> None:
        self._threads.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        target = parse_path(_path_of(request.raw_path))
        kind = _kind_of(target)
        began = time.monotonic()
        status, size = 499, 0
        self._metrics.in_flight.inc()
        try:
            response = await self._respond(request, target)
            status = response.status
            size = int(response.headers.get("Content-Length", 0)) if request.method == "GET" else 0
            return response
        except BrokenOff as error:
            self._metrics.broken_off.labels("store" if error.of_store else "client").inc()
            if error.of_store:
                self._metrics.store_errors.inc()
                _LOG.warning("%s broke off: %s", request.path, error)
            return _cut(request)
        finally:
            self._metrics.in_flight.dec()
            self._metrics.count(kind=kind, status=status, body_bytes=size, seconds=time.monotonic() - began)

    async def _respond(self, request: web.Request, target: Service | TitlePath | None) -> web.StreamResponse:
        if target is None:
            return _not_found()
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=_PREFLIGHT)
        if request.method not in ("GET", "HEAD"):
            return _refusal(405, "Only GET, HEAD and OPTIONS work here.", {"Allow": _METHODS})
        try:
            match target:
                case Service("titles"):
                    return self._data(request, _json(await self._catalogue.listing()))
                case Service("healthz"):
                    return await self._health()
                case Service("metrics") if "Via" in request.headers:
                    return _not_found()  # asked through an edge: not by an operator
                case Service("metrics"):
                    return _plain(200, self._metrics.text(), "text/plain; version=0.0.4; charset=utf-8")
                case TitlePath(title_id, "title.json"):
                    record = await self._catalogue.record(title_id)
                    return _not_found() if record is None else self._data(request, record)
                case TitlePath():
                    item = await self._catalogue.find(target)
                    return _not_found() if item is None else await self._item(request, item)
        except NotFoundError as error:
            _LOG.warning("a recorded object is missing: %s", error)
            return _not_found()
        except MatineeError as error:
            self._metrics.store_errors.inc()
            _LOG.warning("%s: %s", request.path, error)
            return _refusal(503, "The store can't be read now.", {"Retry-After": "1"})
        return _not_found()

    async def _item(self, request: web.Request, item: Item) -> web.StreamResponse:
        answer = decide(
            request.method,
            _fields(request),
            item,
            cache_control=IMMUTABLE if item.immutable else self._short,
            now=datetime.now(UTC),
            boundary=lambda: secrets.token_hex(16),
        )
        return await send_answer(request, answer, item, self._threads, patience_s=self._settings.send_timeout_s)

    def _data(self, request: web.Request, data: bytes) -> web.Response:
        """JSON that is at hand, with the same conditions and ranges as stored objects."""
        item = Item("", len(data), digest_bytes(data), None, _JSON, "manifest", False)
        answer = decide(
            request.method,
            _fields(request),
            item,
            cache_control=self._short,
            now=datetime.now(UTC),
            boundary=lambda: secrets.token_hex(16),
        )
        body = b"".join(p if isinstance(p, bytes) else data[p.start : p.stop] for p in answer.pieces)
        return web.Response(status=answer.status, headers=answer.headers, body=body if answer.pieces else None)

    async def _health(self) -> web.Response:
        """Whether the store answers, asked at most once a second."""
        if time.monotonic() - self._healthy_at >= _HEALTH_S:
            try:
                await self._threads.call(self._threads.store.check)
            except MatineeError as error:
                _LOG.warning("the store is not well: %s", error)
                return _plain(503, _json({"status": "store unavailable"}), _JSON, {"Retry-After": "1"})
            self._healthy_at = time.monotonic()
        return _plain(200, _json({"status": "ok"}), _JSON)


def _kind_of(target: Service | TitlePath | None) -> str:
    """What is asked for, as the metrics call it."""
    if isinstance(target, Service):
        return target.name
    if target is None:
        return "unknown"
    if target.rest == "title.json":
        return "record"
    if target.rest.endswith((".m3u8", ".mpd")):
        return "manifest"
    return "media" if target.rest.startswith("media/") else "other"


def _path_of(target: str) -> str:
    """The path of a request target in origin form or absolute form (RFC 9112 section 3.2), still encoded."""
    if not target.startswith("/"):
        target = urlsplit(target).path
    return target.partition("?")[0]


def _fields(request: web.Request) -> Mapping[str, str]:
    """The request's header fields with repeated ones joined (RFC 9110 section 5.3)."""
    fields: CIMultiDict[str] = CIMultiDict()
    for name in ("Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"):
        if values := request.headers.getall(name, None):
            fields[name] = ", ".join(values)
    return fields


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _plain(status: int, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> web.Response:
    extra = {"Content-Type": media_type, "Cache-Control": "no-store", **(headers or {})}
    return web.Response(status=status, headers=extra, body=body)


def _refusal(status: int, text: str, headers: Mapping[str, str]) -> web.Response:
    return _plain(status, text.encode() + b"\n", "text/plain; charset=utf-8", headers)


def _not_found() -> web.Response:
    return _refusal(404, "There is nothing under this address.", {})


def _cut(request: web.Request) -> web.StreamResponse:
    """Close the connection where it stands, so that the part which was sent is not taken for the whole."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError
