"""One request to an origin on behalf of all who want the same object, and what becomes of it. Does network I/O.

A flight is a task of its own: it belongs to no client, so a reader that leaves does not end it. Once everybody has
left, a response that will be kept is still fetched to its end; one that will not is given up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict

from edge_cache.catalog import Entry
from edge_cache.core_messages import Request
from edge_cache.core_store import conditions, may_store, renewed, stored_from
from edge_cache.fill import Fill, FillBroken
from edge_cache.metrics import Metrics
from edge_cache.tiers import Tiers
from edge_cache.upstream import OriginBad, OriginFailed, Origins

log = logging.getLogger(__name__)
_BODILESS = frozenset((204, 304))


@dataclass(frozen=True, slots=True)
class Arriving:
    """The origin answered with a response; its body is on its way. `storing`: it will be cached if it arrives whole."""

    fill: Fill
    storing: bool


@dataclass(frozen=True, slots=True)
class Renewed:
    """The origin answered that the cached response still holds."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Failed:
    """No origin answered."""

    error: OriginFailed


Outcome = Arriving | Renewed | Failed


class Flight:
    """A GET on its way. `entry` is what it asks the origin to validate, if anything.

    `landed` is told, once or more, when nobody should join any more.
    """

    def __init__(
        self,
        request: Request,
        entry: Entry | None,
        *,
        fields: CIMultiDict[str],
        origins: Origins,
        tiers: Tiers,
        metrics: Metrics,
        clock_ms: Callable[[], int],
        landed: Callable[[Flight], None],
    ) -> None:
        self.voided = False
        self.target = request.target
        self._request = request
        self._entry = entry
        self._fields = fields
        self._origins = origins
        self._tiers = tiers
        self._metrics = metrics
        self._clock_ms = clock_ms
        self._landed = landed
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def enter(self) -> None:
        """Somebody wants the outcome; `leave` when done with it and with its body."""
        self._waiting += 1

    def leave(self) -> None:
        """That somebody is done."""
        self._waiting -= 1
        if not self._waiting and self._outcome.done() and isinstance(outcome := self._outcome.result(), Arriving):
            outcome.fill.abandon()
            if not outcome.fill.kept and not outcome.fill.done and self._task is not None:
                self._task.cancel()  # it may be waiting for an origin that sends nothing

    async def outcome(self) -> Outcome:
        """What the origin said, as soon as its head is here."""
        return await asyncio.shield(self._outcome)

    async def fly(self) -> None:
        """Ask, announce the outcome, bring the body home. Never raises but for cancellation."""
        self._task = asyncio.current_task()
        try:
            await self._fly()
        except OriginFailed as error:
            self._announce(Failed(error))
        finally:
            self._landed(self)
            self._announce(Failed(OriginFailed("the edge is stopping")))

    async def _fly(self) -> None:
        answer, requested_ms = await self._ask(self._entry)
        if answer.status == 304 and self._entry is not None:
            received_ms = self._clock_ms()
            answer.release()
            fresh = renewed(self._entry.stored, answer.headers, requested_ms=requested_ms, received_ms=received_ms)
            if fresh is not None and not self._entry.voided and not self.voided:
                self._tiers.renew(self._entry, fresh)
                self._announce(Renewed(self._entry))
                return
            if not self._entry.voided:
                self._tiers.remove(self._entry)
            answer, requested_ms = await self._ask(None)
        if answer.status == 304:
            answer.close()
            raise OriginBad("304 to a request without a condition")
        await self._bring(answer, requested_ms)

    async def _ask(self, entry: Entry | None) -> tuple[aiohttp.ClientResponse, int]:
        fields = CIMultiDict(self._fields)
        if entry is not None:
            fields.update(conditions(entry.stored))
        requested_ms = self._clock_ms()
        self._metrics.origin_requests.inc()
        return await self._origins.send("GET", self._request.target, fields), requested_ms

    async def _bring(self, answer: aiohttp.ClientResponse, requested_ms: int) -> None:
        stored = stored_from(
            self._request,
            answer.status,
            answer.reason or "",
            answer.headers,
            requested_ms=requested_ms,
            received_ms=self._clock_ms(),
        )
        storing = may_store(self._request, stored) and not self.voided and has_end(answer)
        length = 0 if answer.status in _BODILESS else answer.content_length
        fill = Fill(stored, length, self._tiers, keep=storing)
        try:
            await fill.start()
            self._announce(Arriving(fill, storing and fill.kept))
            if not self._waiting:
                fill.abandon()
            await pour(answer, fill)
            await self._land(fill)
        except FillBroken as broken:
            fill.fail(broken)
            self._metrics.fills_broken.inc()
        finally:
            self._landed(self)
            answer.close()
            if not fill.done:
                fill.fail(FillBroken("the edge is stopping"))
            if fill.draft is not None:
                await self._put_away(fill)

    async def _land(self, fill: Fill) -> None:
        """A whole body is here: cache it, unless it may not be or an unsafe method came between."""
        if not fill.kept or self.voided:
            fill.finish()
            fill.drop()
            (self._metrics.fills_passed if fill.failure is None else self._metrics.fills_broken).inc()
            return
        fill.finish()
        if fill.failure is not None:
            raise fill.failure
        kept = await self._tiers.keep(self._request.target, fill)
        self._landed(self)
        if kept is None:
            fill.drop()
        self._metrics.fills_stored.inc()
        if kept is not None:
            await self._tiers.write_through(kept)

    async def _put_away(self, fill: Fill) -> None:
        """A file outlives its readers, not longer."""
        assert fill.draft is not None
        while fill.readers:
            await fill.changed()
        await fill.draft.discard()

    def _announce(self, outcome: Outcome) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)


async def pour(answer: aiohttp.ClientResponse, fill: Fill) -> None:
    """Move the body from the socket into the fill. FillBroken if it ends early in any way that HTTP can tell."""
    try:
        while data := await answer.content.readany():
            await fill.feed(data)
    except (aiohttp.ClientError, TimeoutError, OSError, EOFError) as error:
        raise FillBroken(f"the origin broke off: {error}") from error


def has_end(answer: aiohttp.ClientResponse) -> bool:
    """Can a cut be told from the end? Not when only the closing of the connection ends the body (RFC 9112 8)."""
    if answer.status in _BODILESS or answer.content_length is not None:
        return True
    return "chunked" in answer.headers.get("Transfer-Encoding", "").lower()
