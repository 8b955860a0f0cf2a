"""The edge itself: asks the core what to do with each request and does it. Does network I/O; holds no rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import assert_never

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from edge_cache.answer import send_error
from edge_cache.catalog import Entry
from edge_cache.core_decide import (
    Fetch,
    Forward,
    Refuse,
    Revalidate,
    Serve,
    Why,
    decide,
    may_serve_after_failure,
    select,
)
from edge_cache.core_freshness import ttl_s
from edge_cache.core_messages import Request
from edge_cache.core_status import Status
from edge_cache.core_store import stored_from, voided_targets
from edge_cache.fill import FillBroken
from edge_cache.flight import Arriving, Failed, Flight, Outcome, Renewed
from edge_cache.metrics import Metrics, Result
from edge_cache.reply import cut
from edge_cache.serving import Serving
from edge_cache.settings import EdgeSettings
from edge_cache.tiers import Tiers
from edge_cache.upstream import OriginFailed, Origins, upstream_fields

_FAREWELL_S = 2.0
"""Seconds that flights get to land when the edge stops."""

log = logging.getLogger(__name__)


class Proxy:
    """Handles every request outside ``/.edge/``."""

    def __init__(
        self, settings: EdgeSettings, tiers: Tiers, origins: Origins, metrics: Metrics, *, clock_ms: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._tiers = tiers
        self._origins = origins
        self._metrics = metrics
        self._clock_ms = clock_ms
        self._serving = Serving(settings.name, tiers, metrics, clock_ms=clock_ms)
        self._flights: dict[str, Flight] = {}
        self._airborne: set[Flight] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, web_request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        target = web_request._message.path
        if not target.startswith("/"):
            target = web_request.rel_url.raw_path_qs
        request = Request(web_request.method, target, web_request.headers)
        try:
            return await self._answer(web_request, request)
        except FillBroken as broken:
            log.warning("%s: %s", target, broken)
            return self._cut(web_request)
        except ConnectionError:
            return self._cut(web_request)  # the client has left

    def _cut(self, web_request: web.Request) -> web.StreamResponse:
        self._metrics.request("aborted")
        cut(web_request)
        return web.Response(status=502)  # goes nowhere: the connection is closed

    async def idle(self) -> None:
        """Until nothing is being fetched or written in the background."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """End all flights; those about to be put away on disk get a moment for it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, web_request: web.Request, request: Request) -> web.StreamResponse:
        entries = self._tiers.catalog.of(request.target)
        decision = decide(request, [entry.stored for entry in entries], now_ms=self._clock_ms())
        match decision:
            case Serve(stored, _, ttl, refresh):
                entry = self._tiers.catalog.find(stored, request.target)
                assert entry is not None
                if refresh and request.target not in self._flights:
                    self._launch(web_request, request, entry, shared=True)
                status = Status(ttl_s=ttl)
                return await self._send_entry(web_request, request, entry, status, "stale" if ttl <= 0 else None)
            case Fetch(why, shared):
                return await self._fetch(web_request, request, None, why, shared=shared)
            case Revalidate(stored, why, shared):
                entry = self._tiers.catalog.find(stored, request.target)
                return await self._fetch(web_request, request, entry, why, shared=shared)
            case Forward(why):
                return await self._forward(web_request, request, why)
            case Refuse():
                self._metrics.request("refused")
                return await send_error(web_request, 504, self._settings.name, "not in the cache")
            case _:
                assert_never(decision)

    async def _fetch(
        self, web_request: web.Request, request: Request, entry: Entry | None, why: Why, *, shared: bool
    ) -> web.StreamResponse:
        """Join the flight for this object if there is one whose answer fits, else start one."""
        if shared and (flight := self._flights.get(request.target)) is not None:
            flight.enter()
            try:
                outcome = await flight.outcome()
                if self._fits(request, outcome):
                    return await self._deliver(web_request, request, outcome, why, collapsed=True)
            finally:
                flight.leave()
        if request.method == "HEAD":
            return await self._forward(web_request, request, why)
        if entry is not None and entry.voided:
            entry = None
        flight = self._launch(web_request, request, entry, shared=shared)
        flight.enter()
        try:
            return await self._deliver(web_request, request, await flight.outcome(), why, collapsed=False)
        finally:
            flight.leave()

    def _launch(self, web_request: web.Request, request: Request, entry: Entry | None, *, shared: bool) -> Flight:
        flight = Flight(
            Request("GET", request.target, request.fields),
            entry,
            fields=self._upstream_fields(web_request, request, whole=True),
            origins=self._origins,
            tiers=self._tiers,
            metrics=self._metrics,
            clock_ms=self._clock_ms,
            landed=self._landed,
        )
        self._airborne.add(flight)
        if shared:
            self._flights.setdefault(request.target, flight)
        task = asyncio.create_task(flight.fly())
        self._tasks.add(task)
        task.add_done_callback(self._flown)
        return flight

    def _landed(self, flight: Flight) -> None:
        self._airborne.discard(flight)
        if self._flights.get(flight.target) is flight:
            del self._flights[flight.target]

    def _flown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a fetch ended in a fault of the edge", exc_info=error)

    def _fits(self, request: Request, outcome: Outcome) -> bool:
        """May the answer to somebody else's request be given to this one too?"""
        match outcome:
            case Arriving(fill, storing):
                decided = decide(request, [fill.stored], now_ms=self._clock_ms())
                return storing and fill.kept and isinstance(decided, Serve) and not decided.refresh
            case Renewed(entry):
                return isinstance(decide(request, [entry.stored], now_ms=self._clock_ms()), Serve)
            case Failed():
                return True
            case _:
                assert_never(outcome)

    async def _deliver(
        self, web_request: web.Request, request: Request, outcome: Outcome, why: Why, *, collapsed: bool
    ) -> web.StreamResponse:
        match outcome:
            case Renewed(entry):
                ttl = ttl_s(entry.stored, now_ms=self._clock_ms())
                status = Status(why, fwd_status=304, ttl_s=ttl, collapsed=collapsed)
                return await self._send_entry(web_request, request, entry, status, "revalidated")
            case Failed(error):
                return await self._after_failure(web_request, request, why, None, error)
            case Arriving(fill, storing):
                failed = fill.stored.status
                if failed >= 500 and (stale := self._stale(request, failed)) is not None:
                    return await self._send_stale(web_request, request, stale, why, failed)
                ttl = ttl_s(fill.stored, now_ms=self._clock_ms())
                status = Status(
                    why, fill.stored.status, ttl_s=ttl if storing else None, stored=storing, collapsed=collapsed
                )
                try:
                    return await self._serving.fill(web_request, request, fill, status)
                except OriginFailed as error:
                    return await self._after_failure(web_request, request, why, None, error)
            case _:
                assert_never(outcome)

    async def _after_failure(
        self, web_request: web.Request, request: Request, why: Why, status: int | None, error: OriginFailed
    ) -> web.StreamResponse:
        entry = self._stale(request, status)
        if entry is not None:
            return await self._send_stale(web_request, request, entry, why, status)
        self._metrics.request("failed")
        log.warning("%s: %s", request.target, error)
        told = Status(why).text(self._settings.name)
        return await send_error(web_request, error.status, self._settings.name, error.what, told=told)

    def _stale(self, request: Request, status: int | None) -> Entry | None:
        """What may be served though the origin failed."""
        stored = select(request, [entry.stored for entry in self._tiers.catalog.of(request.target)])
        if stored is None or not may_serve_after_failure(request, stored, now_ms=self._clock_ms(), status=status):
            return None
        return self._tiers.catalog.find(stored, request.target)

    async def _send_stale(
        self, web_request: web.Request, request: Request, entry: Entry, why: Why, status: int | None
    ) -> web.StreamResponse:
        ttl = ttl_s(entry.stored, now_ms=self._clock_ms())
        told = Status(why, fwd_status=status, ttl_s=ttl, detail="stale-on-failure")
        return await self._send_entry(web_request, request, entry, told, "stale")

    async def _send_entry(
        self, web_request: web.Request, request: Request, entry: Entry, status: Status, result: Result | None
    ) -> web.StreamResponse:
        reply = await self._serving.entry(web_request, request, entry, status, result)
        if reply is not None:
            return reply
        # Damaged on disk or evicted just now: as if it had never been here.
        return await self._fetch(web_request, request, None, "uri-miss", shared=True)

    async def _forward(self, web_request: web.Request, request: Request, why: Why) -> web.StreamResponse:
        """Hand a request through, body and all, and the answer back; nothing is stored."""
        fields = self._upstream_fields(web_request, request, whole=False)
        body = web_request.content if web_request.body_exists else None
        if body is None:
            fields.popall("Content-Length", None)
        requested_ms = self._clock_ms()
        self._metrics.origin_requests.inc()
        try:
            answer = await self._origins.send(request.method, request.target, fields, body)
        except OriginFailed as error:
            return await self._after_failure(web_request, request, why, None, error)
        try:
            if answer.status >= 500 and (entry := self._stale_for_head(request, answer.status)) is not None:
                return await self._send_stale(web_request, request, entry, why, answer.status)
            self._void(request, answer)
            now = self._clock_ms()
            stored = stored_from(
                request,
                answer.status,
                answer.reason or "",
                answer.headers,
                requested_ms=requested_ms,
                received_ms=now,
            )
            status = Status(why, fwd_status=answer.status)
            return await self._serving.relay(web_request, request, answer, stored, status)
        finally:
            answer.close()

    def _stale_for_head(self, request: Request, status: int) -> Entry | None:
        return self._stale(request, status) if request.method == "HEAD" else None

    def _void(self, request: Request, answer: aiohttp.ClientResponse) -> None:
        targets = voided_targets(
            request.method, request.target, answer.status, answer.headers, origins=self._settings.origins
        )
        for target in targets:
            self._tiers.void(target)
        for flight in self._airborne:
            if flight.target in targets:
                flight.voided = True
                if self._flights.get(flight.target) is flight:
                    del self._flights[flight.target]

    def _upstream_fields(self, web_request: web.Request, request: Request, *, whole: bool) -> CIMultiDict[str]:
        return upstream_fields(
            request.fields,
            name=self._settings.name,
            peer=web_request.remote or "",
            scheme=web_request.scheme,
            whole=whole,
        )
