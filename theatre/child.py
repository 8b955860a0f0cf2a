"""A child process of the house: one application on a socket that the parent has opened. Does I/O.

It is told what to run in one line of JSON on its standard input, and says on its standard output, in one line too,
that it is ready or what keeps it from starting. When standard input ends, because the parent wants it or is gone,
even by SIGKILL, it stops: no child outlives its house.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from values.errors import MatineeError


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What a child runs: `app` is ``module:function``, called with `options`; `socket_fd` is a listening socket.

    `farewell_s` is how long what is under way may take once the end has come.
    """

    app: str
    options: dict[str, Any]
    socket_fd: int
    farewell_s: float

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> int:
    """Run one child; the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the parent decides
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    spec = ChildSpec(**json.loads(line))
    try:
        asyncio.run(_run(spec))
    except MatineeError as error:
        _say({"error": {"what": error.what, "where": error.where, "hint": error.hint}})
        return 1
    return 0


async def _run(spec: ChildSpec) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    module, _, name = spec.app.partition(":")
    make: Callable[[Mapping[str, Any]], web.Application] = getattr(importlib.import_module(module), name)
    threading.Thread(target=_watch_parent, args=(loop, stop, spec.farewell_s), daemon=True).start()
    app = make(spec.options)  # may wait for a disk or a store: nothing else runs here yet
    runner = web.AppRunner(app, shutdown_timeout=spec.farewell_s, access_log=None)
    with socket.socket(fileno=spec.socket_fd) as listener:
        try:
            await runner.setup()
            await web.SockSite(runner, listener).start()
            _say({"ready": True})
            await stop.wait()
        finally:
            await runner.cleanup()


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, farewell_s: float) -> None:
    """Wait for the end of standard input, then stop; and end the process where stopping hangs."""
    while os.read(0, 4096):  # not sys.stdin: its lock, held by a thread, would make the interpreter's end fatal
        pass
    deadline = threading.Timer(farewell_s + 1, os._exit, (1,))
    deadline.daemon = True
    deadline.start()
    try:
        loop.call_soon_threadsafe(stop.set)
    except RuntimeError:
        pass  # the loop has ended by itself


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
