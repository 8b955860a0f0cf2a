"""Asking origins: which one, with which fields, and what their failures mean. Does network I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from edge_cache.core_decide import FAILED_STATUSES
from edge_cache.core_fields import Fields, end_to_end
from edge_cache.settings import EdgeSettings
from values.errors import ServeError

CONDITIONAL = ("if-none-match", "if-modified-since", "if-range", "range")
_RETRIED = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_OWN_FIELDS = frozenset(("host", "expect", "x-forwarded-host", "x-forwarded-proto"))
_NO_DEFAULTS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_READ_BYTES = 128 << 10


class OriginFailed(ServeError):
    """No origin answered. `status` is what to tell the client: 504, or 502 when an answer was no HTTP."""

    status = 504


class OriginBad(OriginFailed):
    """An origin answered, but with nonsense, or closed the connection without a word."""

    status = 502


def upstream_fields(
    fields: Fields, *, name: str, peer: str, scheme: str, whole: bool, extra: Iterable[tuple[str, str]] = ()
) -> CIMultiDict[str]:
    """The fields to send to an origin: end-to-end ones, Via and X-Forwarded-For added (RFC 9110 sections 7.6).

    `whole` leaves out ranges and conditions, so that the answer is the whole object. Host is the origin's own, and
    X-Forwarded-Host is not passed: the cache does not tell hosts apart, so an answer must not depend on them.
    """
    sent = end_to_end(fields)
    for key in {key.lower() for key in sent}:
        if key in _OWN_FIELDS or (whole and key in CONDITIONAL):
            sent.popall(key)
    forwarded = [*sent.popall("X-Forwarded-For", []), peer]
    sent["X-Forwarded-For"] = ", ".join(part for part in forwarded if part)
    sent["X-Forwarded-Proto"] = scheme
    sent.add("Via", f"1.1 {name}")
    for key, value in extra:
        sent[key] = value
    return sent


class Origins:
    """The origins of an edge, in order of preference. One that failed is tried last for `down_s`."""

    def __init__(self, settings: EdgeSettings, *, monotonic: Callable[[], float]) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._down_until = dict.fromkeys(settings.origins, float("-inf"))
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool."""
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._settings.connect_timeout_s, sock_read=self._settings.read_timeout_s
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30, ttl_dns_cache=30),
            timeout=timeout,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NO_DEFAULTS,
            read_bufsize=_READ_BYTES,
            max_line_size=32 << 10,
            max_field_size=64 << 10,
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def send(
        self, method: str, target: str, fields: CIMultiDict[str], body: aiohttp.StreamReader | None = None
    ) -> aiohttp.ClientResponse:
        """The first origin's answer that is none of 502, 503, 504; else the last such answer; else OriginFailed.

        Only safe methods without a body are sent twice; others go to the next origin if they could not connect.
        """
        failure: OriginFailed = OriginFailed("there is no origin")
        poor: aiohttp.ClientResponse | None = None
        repeatable = method in _RETRIED and body is None
        for origin in self._in_order():
            try:
                response = await self._send_to(origin, method, target, fields, body)
            except OriginFailed as error:
                self._mark_down(origin)
                failure = error
                if not repeatable and not isinstance(error.__cause__, aiohttp.ClientConnectorError):
                    break
                continue
            if response.status not in FAILED_STATUSES:
                self._down_until[origin] = float("-inf")
                if poor is not None:
                    poor.close()
                return response
            self._mark_down(origin)
            if poor is not None:
                poor.close()
            poor = response
            if not repeatable:
                break
        if poor is not None:
            return poor
        raise failure

    def _in_order(self) -> list[str]:
        now = self._monotonic()
        return sorted(self._settings.origins, key=lambda origin: self._down_until[origin] > now)

    def _mark_down(self, origin: str) -> None:
        self._down_until[origin] = self._monotonic() + self._settings.down_s

    async def _send_to(
        self, origin: str, method: str, target: str, fields: CIMultiDict[str], body: aiohttp.StreamReader | None
    ) -> aiohttp.ClientResponse:
        assert self._session is not None
        url = URL(origin.rstrip("/") + target, encoded=True)
        data: dict[str, Any] = {} if body is None else {"data": body}
        hint = "Is the origin running and reachable from here?"
        try:
            return await self._session.request(method, url, headers=fields, allow_redirects=False, **data)
        except aiohttp.ClientConnectorError as error:
            raise OriginFailed("the origin can't be reached", where=origin, hint=f"{error}. {hint}") from error
        except TimeoutError as error:
            raise OriginFailed("the origin gave no answer in time", where=origin, hint=hint) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise OriginBad(f"no usable answer: {error}", where=origin, hint=hint) from error
