"""An edge as an aiohttp application: the proxy, and ``/.edge/healthz`` and ``/.edge/metrics`` beside it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from edge_cache.allocator import settle_allocator
from edge_cache.disk import DiskTier
from edge_cache.metrics import Metrics
from edge_cache.proxy import Proxy
from edge_cache.settings import EdgeSettings
from edge_cache.tiers import Tiers
from edge_cache.upstream import Origins

PROXY = web.AppKey("PROXY", Proxy)
TIERS = web.AppKey("TIERS", Tiers)
METRICS = web.AppKey("METRICS", Metrics)


def create_edge_app(settings: EdgeSettings) -> web.Application:
    """An edge that is not yet listening. Its disk tier is opened when it starts (ServeError if it can't be)."""
    disk = DiskTier(settings.disk_dir, settings.disk_bytes) if settings.disk_dir and settings.disk_bytes else None
    tiers = Tiers(settings.ram_bytes, disk)
    origins = Origins(settings, monotonic=time.monotonic)
    metrics = Metrics(tiers)
    proxy = Proxy(settings, tiers, origins, metrics, clock_ms=_wall_ms)
    app = web.Application(handler_args={"access_log": None, "handler_cancellation": True})
    app[PROXY], app[TIERS], app[METRICS] = proxy, tiers, metrics

    async def living(app: web.Application) -> AsyncIterator[None]:
        settle_allocator()
        await tiers.open()
        await origins.open()
        yield
        await proxy.close()
        await origins.close()
        await tiers.close()

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})

    async def page(request: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return web.Response(body=metrics.page(), headers=headers)

    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=404, text="404: no such page of the edge\n", headers={"Cache-Control": "no-store"})

    app.cleanup_ctx.append(living)
    app.router.add_get("/.edge/healthz", healthz)
    app.router.add_get("/.edge/metrics", page)
    app.router.add_route("*", "/.edge{path:(/.*)?}", nothing)  # reserved: never proxied, whatever the method
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    return app


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
