"""An origin on a socket, until it is asked to stop. Does I/O."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator

from aiohttp import web
from aiohttp.web_log import AccessLogger

from origin.app import create_origin_app
from origin.settings import OriginSettings
from storage.protocol import Store
from values.errors import ServeError

_BACKLOG = 1024
_FAREWELL_S = 2.0
"""How long answers that are under way have once the end is asked for."""


async def run_origin(store: Store, settings: OriginSettings, *, on_ready: Callable[[int], None] | None = None) -> None:
    """Serve `store` until SIGINT, SIGTERM or cancellation. `on_ready` is told the port once requests are taken.

    Port 0 takes any free one. Raises ServeError if the port can't be had, StoreError if the store can't be used.
    """
    with listen(settings.host, settings.port) as listener:
        await asyncio.to_thread(store.check)
        with stop_signals() as stop:
            async with serving(create_origin_app(store, settings), listener, access_log=settings.access_log):
                if on_ready:
                    on_ready(port_of(listener))
                await stop.wait()


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises ServeError when the port is taken or not allowed, or the host is not ours."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
    except OSError as error:
        raise ServeError(
            f"can't listen on {host!r}: {error.strerror}", hint="Give --host an address of this machine."
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _refused(error, host, port) from error
    return listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@contextlib.asynccontextmanager
async def serving(app: web.Application, listener: socket.socket, *, access_log: bool = False) -> AsyncIterator[None]:
    """`app` answers on `listener` as long as the context lasts; then what is under way has two seconds to finish."""
    runner = web.AppRunner(
        app,
        shutdown_timeout=_FAREWELL_S,
        handler_cancellation=True,
        access_log_class=AccessLogger if access_log else _NoAccessLog,
    )
    try:
        await runner.setup()
        await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        yield
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set, where this is the main thread."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    main = threading.current_thread() is threading.main_thread()
    numbers = (signal.SIGINT, signal.SIGTERM) if main else ()
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


class _NoAccessLog(AccessLogger):
    """Costs nothing where no access log is wanted."""

    @property
    def enabled(self) -> bool:
        return False


def _refused(error: OSError, host: str, port: int) -> ServeError:
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return ServeError("the port is in use", where=where, hint="Choose another with --port, or --port 0 for any.")
    if error.errno == errno.EACCES:
        return ServeError("this port is not allowed", where=where, hint="Choose one above 1023 with --port.")
    if error.errno == errno.EADDRNOTAVAIL:
        return ServeError("this machine has no such address", where=where, hint="Use --host 0.0.0.0 for all of its.")
    return ServeError(f"can't listen: {os.strerror(error.errno or 0)}", where=where, hint="Choose another --port.")
