"""A stand-in for an edge: passes GET and HEAD on to its origin and keeps nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from values.errors import ServeError

_DROPPED = {"connection", "keep-alive", "transfer-encoding"}
_SESSION = web.AppKey("_SESSION", aiohttp.ClientSession)


def edge_app(options: Mapping[str, Any]) -> web.Application:
    """Options as `theatre.apps.edge_app` has them."""
    app = web.Application()

    async def session(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(auto_decompress=False) as app[_SESSION]:
            yield

    async def forward(request: web.Request) -> web.StreamResponse:
        url = options["origin"] + request.raw_path
        fields = {n: v for n, v in request.headers.items() if n.lower() in ("range", "if-none-match", "origin")}
        async with request.app[_SESSION].request(request.method, url, headers=fields) as answer:
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in _DROPPED}
            response = web.StreamResponse(status=answer.status, headers={**kept, "Via": f"1.1 {options['name']}"})
            await response.prepare(request)
            async for block in answer.content.iter_chunked(1 << 16):
                await response.write(block)
            return response

    app.cleanup_ctx.append(session)
    app.router.add_route("*", "/{path:.*}", forward)
    return app


def refusing_app(options: Mapping[str, Any]) -> web.Application:
    """An edge that can't start."""
    raise ServeError("the disk is full", where=options["name"], hint="Make room.")


def crashing_app(options: Mapping[str, Any]) -> web.Application:
    """An edge with a fault of its own."""
    raise SystemExit(7)
