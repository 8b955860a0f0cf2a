"""The HTTP client of the checker: whole, well-labelled answers or a fault. Network I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from xml.etree.ElementTree import ParseError

import aiohttp

from values.digest import digest_bytes
from values.errors import MatineeError

_T = TypeVar("_T")
_HIT = re.compile(r";\s*hit\s*(?:[;,]|$)")


@dataclass(frozen=True, slots=True)
class CheckFault:
    """Something a player would stumble over: the URL, and what is wrong there."""

    file: str
    what: str


@dataclass(slots=True)
class Client:
    """Collects what is wrong. With `through_edge` every answer must come through an edge, and the second for a file
    from it (Cache-Status, RFC 9211); `hits` counts those since it was last set to 0."""

    session: aiohttp.ClientSession
    through_edge: bool
    faults: list[CheckFault] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    hits: int = 0

    def blame(self, url: str, what: str) -> None:
        self.faults.append(CheckFault(url, what))

    def parsed(self, parse: Callable[[], _T], url: str) -> _T | None:
        try:
            return parse()
        except (MatineeError, ValueError, LookupError, ParseError) as error:
            what = error.what if isinstance(error, MatineeError) else str(error)
            place = f" at {error.where}" if isinstance(error, MatineeError) and error.where else ""
            self.blame(url, f"{what}{place}")
            return None

    async def fetch(self, url: str, media_types: tuple[str, ...]) -> bytes | None:
        """The body of a whole, well-labelled answer; a fault and None otherwise."""
        found = await self._get(url, {})
        if found is None:
            return None
        answer, body = found
        if answer.status != 200:
            self.blame(url, f"the answer is {answer.status}")
            return None
        self._look(url, answer, body, media_types)
        self._compare(url, body, answer.headers.get("Cache-Status", ""), "Age" in answer.headers)
        return body

    async def fetch_range(self, url: str, start: int, stop: int, media_types: tuple[str, ...]) -> bytes | None:
        """Bytes ``[start, stop)`` of a file, as one part (RFC 9110 section 15.3.7); a fault and None otherwise."""
        found = await self._get(url, {"Range": f"bytes={start}-{stop - 1}"})
        if found is None:
            return None
        answer, body = found
        told = answer.headers.get("Content-Range", "")
        if answer.status != 206 or not told.startswith(f"bytes {start}-{stop - 1}/") or len(body) != stop - start:
            self.blame(url, f"bytes {start} to {stop} are answered with {answer.status}, {told or 'no range'}")
            return None
        self._look(url, answer, body, media_types)
        self.hits += bool(_HIT.search(answer.headers.get("Cache-Status", "")))
        return body

    async def _get(self, url: str, headers: dict[str, str]) -> tuple[aiohttp.ClientResponse, bytes] | None:
        try:
            async with self.session.get(url, headers=headers) as answer:
                return answer, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.blame(url, f"the transfer broke ({type(error).__name__}: {error})")
            return None

    def _look(self, url: str, answer: aiohttp.ClientResponse, body: bytes, media_types: tuple[str, ...]) -> None:
        if answer.headers.get("Content-Length", str(len(body))) != str(len(body)):
            self.blame(url, f"{len(body)} bytes came, Content-Length says {answer.headers['Content-Length']}")
        if answer.content_type not in media_types:
            self.blame(url, f"Content-Type is {answer.content_type}")
        if not answer.headers.get("ETag", "").startswith('"'):
            self.blame(url, "no strong ETag")

    def _compare(self, url: str, body: bytes, cache_status: str, aged: bool) -> None:
        digest = digest_bytes(body)
        hit = bool(_HIT.search(cache_status))
        self.hits += hit
        if self.digests.setdefault(url, digest) is not digest:
            if self.digests[url] != digest:
                self.blame(url, "other bytes than the first time")
            if self.through_edge and not (hit and aged):
                self.blame(url, f"no hit of the edge the second time (Cache-Status: {cache_status or 'none'})")
        elif self.through_edge and not cache_status:
            self.blame(url, "no Cache-Status: it did not come through an edge")
