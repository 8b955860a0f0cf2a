"""A pass-through between edge and origin: holds segments until a fault strikes, or slows the line. Does I/O."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

_NUMBER = re.compile(r"[/-](\d+)\.m4s$")
_HOP_BY_HOP = ("connection", "host", "keep-alive", "transfer-encoding")


def segment_number(url: str) -> int | None:
    """The number of the media segment at `url`, None for anything else."""
    found = _NUMBER.search(url)
    return int(found[1]) if found else None


class Gate:
    """Forwards to `origin_url`. While shut, segments from number `first_held` on wait at the gate.

    With `bytes_per_s` set, each answer passes at that rate.
    """

    def __init__(self, origin_url: str) -> None:
        self._origin_url = origin_url
        self._open = asyncio.Event()
        self._open.set()
        self._first_held = 0
        self._held = asyncio.Condition()
        self.waiting = 0
        self.bytes_per_s = 0

    def shut(self, *, first_held: int) -> None:
        self._first_held = first_held
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def until_wanted(self) -> None:
        """Return when a request waits at the gate; TimeoutError after 30 s."""
        async with asyncio.timeout(30), self._held:
            await self._held.wait_for(lambda: self.waiting)

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        number = segment_number(request.path)
        if number is not None and number >= self._first_held:
            async with self._held:
                self.waiting += 1
                self._held.notify_all()
            try:
                await self._open.wait()
            finally:
                self.waiting -= 1
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP}
        async with self._client.request(
            request.method, self._origin_url + request.raw_path, headers=headers, allow_redirects=False
        ) as answer:
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP_BY_HOP}
            response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=kept)
            await response.prepare(request)
            async for block in answer.content.iter_chunked(8192):
                if self.bytes_per_s:
                    await asyncio.sleep(len(block) / self.bytes_per_s)
                await response.write(block)
            await response.write_eof()
            return response

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        async with ClientSession(auto_decompress=False) as self._client:
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            try:
                yield
            finally:
                self._open.set()
                await runner.cleanup()
