"""Giving a client its bytes: from RAM, from disk, from a fill under way, or straight through. Does I/O."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

import aiohttp
from aiohttp import web

from edge_cache.answer import Answer, send_answer
from edge_cache.body import Body
from edge_cache.catalog import Entry
from edge_cache.core_freshness import age_s
from edge_cache.core_messages import Request, Stored, without_range
from edge_cache.core_status import Status
from edge_cache.disk import DiskTier
from edge_cache.fill import Fill, FillBroken
from edge_cache.metrics import Metrics, Result
from edge_cache.tiers import Tiers
from edge_cache.upstream import OriginBad


class Serving:
    """Sends answers and counts them. FillBroken from any of its methods means: reset the client's connection."""

    def __init__(self, name: str, tiers: Tiers, metrics: Metrics, *, clock_ms: Callable[[], int]) -> None:
        self._name = name
        self._tiers = tiers
        self._metrics = metrics
        self._clock_ms = clock_ms

    async def entry(
        self, web_request: web.Request, request: Request, entry: Entry, status: Status, result: Result | None
    ) -> web.StreamResponse | None:
        """From RAM, or from disk (and count that towards promotion). None, with nothing sent, if damaged."""
        tiers = self._tiers
        tiers.touch(entry)
        on_disk = entry.ram is None
        if on_disk:
            await tiers.promote(entry)
        answer = Answer(
            entry.stored,
            entry.head,
            entry.length,
            status.text(self._name),
            self._name,
            age_s=age_s(entry.stored, now_ms=self._clock_ms()),
        )
        counted: Result = result or ("hit-disk" if on_disk else "hit")
        if (body := entry.ram) is not None:
            self._metrics.request(counted)
            tiers.pin(entry)
            try:
                return await send_answer(
                    web_request, request, answer, lambda start, stop: self._from_ram(body, start, stop)
                )
            finally:
                tiers.unpin(entry)
        disk = tiers.disk
        handle = None if disk is None else await disk.reader(entry)
        if disk is None or handle is None:
            return None
        self._metrics.request(counted)
        try:
            return await send_answer(
                web_request,
                request,
                answer,
                lambda start, stop: self._from_disk(disk, handle, start, entry.length if stop is None else stop),
            )
        finally:
            disk.done_reading(handle)

    async def fill(self, web_request: web.Request, request: Request, fill: Fill, status: Status) -> web.StreamResponse:
        """From a body on its way, as bytes arrive. OriginBad, with nothing sent, if it broke early."""
        if fill.length is None and fill.kept and "Range" in request.fields:
            holding = fill.join()
            try:
                await fill.wait_whole()  # which bytes a range means is known only at the end
            except FillBroken as broken:
                raise OriginBad(broken.what) from broken
            finally:
                fill.leave(holding)
        if not fill.kept and "," in request.fields.get("Range", ""):
            request = without_range(request)  # pieces out of order can't be had from bytes that pass
        age = age_s(fill.stored, now_ms=self._clock_ms())
        answer = Answer(
            fill.stored,
            None,
            fill.length,
            status.text(self._name),
            self._name,
            age_s=age if status.collapsed or fill.stored.age_s else None,
        )
        self._metrics.request("collapsed" if status.collapsed else "miss")
        return await send_answer(web_request, request, answer, lambda start, stop: self._from_fill(fill, start, stop))

    async def relay(
        self, web_request: web.Request, request: Request, answer: aiohttp.ClientResponse, stored: Stored, status: Status
    ) -> web.StreamResponse:
        """Straight from an origin's answer, as it is."""
        self._metrics.request("passed")
        told = Answer(
            stored,
            None,
            answer.content_length,
            status.text(self._name),
            self._name,
            age_s=stored.age_s or None,
            verbatim=True,
        )
        return await send_answer(web_request, request, told, lambda start, stop: self._from_origin(answer))

    async def _from_ram(self, body: Body, start: int, stop: int | None) -> AsyncGenerator[memoryview, None]:
        position = start
        while piece := body.view(position, stop):
            position += len(piece)
            self._metrics.ram_bytes.inc(len(piece))
            yield piece

    async def _from_disk(
        self, disk: DiskTier, handle: int, position: int, stop: int
    ) -> AsyncGenerator[bytearray, None]:
        while position < stop:
            try:
                piece = await disk.read(handle, position, stop)
            except OSError as error:
                raise FillBroken(f"a stored file can't be read: {error}", where=str(disk.folder)) from error
            if not piece:
                raise FillBroken("a stored file ended early", where=str(disk.folder))
            position += len(piece)
            self._metrics.disk_bytes.inc(len(piece))
            yield piece

    async def _from_fill(
        self, fill: Fill, start: int, stop: int | None
    ) -> AsyncGenerator[bytes | bytearray | memoryview, None]:
        reader = fill.join(start, stop)
        try:
            async for piece in fill.pieces(reader):
                self._metrics.origin_bytes.inc(len(piece))
                yield piece
        finally:
            fill.leave(reader)

    async def _from_origin(self, answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        try:
            while data := await answer.content.readany():
                self._metrics.origin_bytes.inc(len(data))
                yield data
        except (aiohttp.ClientError, TimeoutError, EOFError) as error:
            raise FillBroken(f"the origin broke off: {error}") from error
