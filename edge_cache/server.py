"""Running one edge until it is told to stop. Does network I/O and handles signals."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Callable

from aiohttp import web

from edge_cache.app import create_edge_app
from edge_cache.settings import EdgeSettings
from values.errors import ServeError

_GRACE_S = 10.0


async def run_edge(settings: EdgeSettings, *, on_ready: Callable[[int], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT (or cancellation), then finish running answers for up to ten seconds.

    `on_ready` is told the port when the edge listens. ServeError if the port is taken or a folder can't be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(create_edge_app(settings), access_log=None, shutdown_timeout=_GRACE_S, keepalive_timeout=75)
    signals = (signal.SIGTERM, signal.SIGINT)
    try:
        await runner.setup()
        site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            raise _cannot_listen(settings, error) from error
        for number in signals:
            loop.add_signal_handler(number, stop.set)
        if on_ready is not None:
            on_ready(runner.addresses[0][1])
        await stop.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
        await runner.cleanup()


def _cannot_listen(settings: EdgeSettings, error: OSError) -> ServeError:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        hint = "Another program listens there. Choose another --port, or 0 for a free one."
        return ServeError("the port is in use", where=where, hint=hint)
    if error.errno == errno.EACCES:
        return ServeError("this port needs more rights", where=where, hint="Choose a --port above 1023.")
    return ServeError(f"can't listen: {error.strerror or error}", where=where, hint="Check --host and --port.")
