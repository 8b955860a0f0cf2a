"""Keeps a child process running: starts it, sees it end, starts it again on the same socket. Does I/O.

The listening socket belongs to the parent. While a child is away its clients wait in the socket's queue instead of
being refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from theatre.child import ChildSpec
from values.errors import ServeError

_START_S = 60.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_SOUND_AFTER_S = 10.0
"""A child that ran this long is started again at once; one that ends sooner, after a growing pause."""

_MAIN = "import sys; from theatre.child import main; sys.exit(main())"
_ROOT = Path(__file__).resolve().parent.parent
_log = logging.getLogger("matinee.serve")


class Child:
    """One supervised process. `name` is for people: ``edge 1``."""

    def __init__(
        self, name: str, app: str, options: dict[str, Any], listener: socket.socket, *, farewell_s: float
    ) -> None:
        self.name = name
        self.listener = listener
        self._spec = ChildSpec(app, options, listener.fileno(), farewell_s)
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def up(self) -> bool:
        """Whether the process runs and has said that it is ready."""
        return self._keeper is not None and self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process and wait until it is ready. Raises ServeError with what the child says of itself."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the process: by the end of its input first, by force when it has not gone within its farewell."""
        self._stopping = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self._end()

    async def _keep(self) -> None:
        """Start the process again whenever it ends."""
        loop = asyncio.get_running_loop()
        pause_s = _FIRST_PAUSE_S
        while self._process is not None:
            began_s = loop.time()
            status = await self._process.wait()
            if loop.time() - began_s >= _SOUND_AFTER_S:
                pause_s = _FIRST_PAUSE_S
            _log.warning("%s %s; starting it again", self.name, _ended(status))
            while True:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                try:
                    await self._spawn()
                except ServeError as error:
                    _log.warning("%s did not start: %s", self.name, error)
                else:
                    _log.warning("%s runs again", self.name)
                    break

    async def _spawn(self) -> None:
        await self._end()
        # -P and an explicit path: what lies in the current folder must not pass for a module of ours.
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _MAIN),
            stdin=PIPE,
            stdout=PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            pass_fds=(self._spec.socket_fd,),
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(self._spec.line())
            async with asyncio.timeout(_START_S):
                line = await process.stdout.readline()
        except TimeoutError as error:
            raise ServeError(f"{self.name} was not ready within {_START_S:g} s", hint="Try again.") from error
        answer = json.loads(line) if line else {}
        if "error" in answer:
            raise ServeError(**answer["error"])
        if not answer:
            raise ServeError(
                f"{self.name} {_ended(await process.wait())} before it was ready", hint="Its own words are above."
            )

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(self._spec.farewell_s + 1):
                await process.wait()
        except TimeoutError:
            _log.warning("%s does not stop by itself; ending it", self.name)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await process.stdout.read()


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
