"""A client that plays every rendition of a title to its end over HTTP and checks bytes and timestamps. Network I/O."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar
from xml.etree.ElementTree import ParseError

import aiohttp

from media.fragments import parse_fragments
from media.tracks import Track, parse_init
from theatre.check_plan import TrackPlan, dash_tracks, hls_playlists, hls_track
from values.digest import digest_bytes
from values.errors import MatineeError, ServeError

_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
_T = TypeVar("_T")
_PLAYLIST_TYPES = ("application/vnd.apple.mpegurl", "audio/mpegurl")
_MPD_TYPES = ("application/dash+xml",)
_MEDIA_TYPES = ("video/mp4", "audio/mp4", "video/iso.segment")
_HIT = re.compile(r";\s*hit\s*(?:[;,]|$)")
_SLACK = {"HLS": Fraction(1, 1_000_000), "DASH": Fraction(0)}
"""How far a declared duration may be from the boxes', in seconds: EXTINF is written in microseconds, S in ticks."""


@dataclass(frozen=True, slots=True)
class CheckFault:
    """Something a player would stumble over: the URL, and what is wrong there."""

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class TrackCheck:
    """One rendition played to its end: bytes fetched, seconds presented, and how many answers were edge hits."""

    protocol: str
    rendition: str
    kind: str
    segments: int
    size_bytes: int
    duration: Fraction
    edge_hits: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All tracks of HLS and DASH, and every fault found."""

    tracks: tuple[TrackCheck, ...]
    faults: tuple[CheckFault, ...]


async def check_presentation(hls_url: str, dash_url: str, *, through_edge: bool = True) -> CheckReport:
    """Play HLS, then DASH, each rendition to its end.

    DASH comes second over the same segments: they must be the same bytes, and with `through_edge` come as hits of the
    edge (Cache-Status, RFC 9211). Faults are collected. Raises ServeError if the multivariant playlist can't be had.
    """
    async with aiohttp.ClientSession(timeout=_TIMEOUT, auto_decompress=False) as session:
        client = _Client(session, through_edge)
        hls_plans = await client.hls_plans(hls_url)
        tracks = [await client.play(plan) for plan in hls_plans]
        dash_plans = await client.dash_plans(dash_url)
        tracks += [await client.play(plan) for plan in dash_plans]
        hls_files, dash_files = _files(hls_plans), _files(dash_plans)
        for url in sorted(hls_files ^ dash_files):
            client.blame(url, f"named by {'HLS' if url in hls_files else 'DASH'} alone")
        client.compare_lengths(tracks)
        return CheckReport(tuple(tracks), tuple(client.faults))


def _files(plans: list[TrackPlan]) -> set[str]:
    return {url for plan in plans for url in (plan.init, *(segment for segment, _ in plan.segments))}


def _hls_plan(name: str, kind: str, body: bytes, url: str) -> TrackPlan:
    return hls_track(name, kind, body.decode(), url)


@dataclass(slots=True)
class _Client:
    session: aiohttp.ClientSession
    through_edge: bool
    faults: list[CheckFault] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    hits: int = 0

    def blame(self, url: str, what: str) -> None:
        self.faults.append(CheckFault(url, what))

    async def hls_plans(self, url: str) -> list[TrackPlan]:
        master = await self._fetch(url, _PLAYLIST_TYPES)
        if master is None:
            raise ServeError(
                f"the manifest can't be had: {self.faults[-1].what}",
                where=url,
                hint="Is the title published and served?",
            )
        plans = []
        for name, kind, playlist_url in self._parsed(lambda: hls_playlists(master.decode(), url), url) or ():
            body = await self._fetch(playlist_url, _PLAYLIST_TYPES)
            if body is not None:
                plan = self._parsed(functools.partial(_hls_plan, name, kind, body, playlist_url), playlist_url)
                plans += [plan] if plan else []
        if not plans:
            self.blame(url, "no rendition can be played")
        return plans

    async def dash_plans(self, url: str) -> list[TrackPlan]:
        body = await self._fetch(url, _MPD_TYPES)
        return [] if body is None else list(self._parsed(lambda: dash_tracks(body.decode(), url), url) or ())

    async def play(self, plan: TrackPlan) -> TrackCheck:
        """Fetch the init and all segments, in order, and follow the decode times from the first tick to the last."""
        self.hits = 0
        size, at, shown, count = 0, None, Fraction(0), 0
        init = await self._fetch(plan.init, _MEDIA_TYPES)
        track = self._parsed(functools.partial(parse_init, init), plan.init) if init is not None else None
        for number, (url, declared) in enumerate(plan.segments):
            body = await self._fetch(url, _MEDIA_TYPES)
            if body is None or track is None:
                continue
            size, count = size + len(body), count + 1
            span = self._span(body, track, url)
            if span is None:
                continue
            start, stop = span
            expected = 0 if at is None and count == 1 else at
            if expected is not None and start != expected:
                self.blame(url, f"starts at tick {start}, expected {expected}")
            at = stop
            seconds = Fraction(stop - max(start, track.media_time), track.timescale)
            shown += seconds
            begin = Fraction(max(start - track.media_time, 0), track.timescale)
            if plan.starts and plan.starts[number] != begin:
                told = float(plan.starts[number])
                self.blame(url, f"is presented at {float(begin):.6f} s, {plan.protocol} says {told:.6f} s")
            if abs(seconds - declared) > _SLACK[plan.protocol]:
                self.blame(url, f"lasts {float(seconds):.6f} s, {plan.protocol} says {float(declared):.6f} s")
        self._check_total(plan, track, shown)
        kind = {"vide": "video", "soun": "audio"}.get(track.handler, track.handler) if track else plan.kind
        return TrackCheck(plan.protocol, plan.rendition, kind, count, size, shown, self.hits)

    def compare_lengths(self, tracks: list[TrackCheck]) -> None:
        """All renditions of a kind are equally long."""
        for kind in ("video", "audio"):
            lengths = {t.duration for t in tracks if t.kind == kind}
            if len(lengths) > 1:
                self.blame(kind, f"renditions last {', '.join(f'{float(x):.6f} s' for x in sorted(lengths))}")

    def _check_total(self, plan: TrackPlan, track: Track | None, shown: Fraction) -> None:
        slack = Fraction(1024, track.timescale) if track and track.handler == "soun" else Fraction(1, 1000)
        if track and abs(shown - plan.total) > slack:
            self.blame(plan.init, f"{plan.protocol} plays {float(shown):.6f} s, declared {float(plan.total):.6f} s")

    def _span(self, body: bytes, track: Track, url: str) -> tuple[int, int] | None:
        """First and last tick of a segment whose fragments follow one another; a fault otherwise."""
        fragments = self._parsed(lambda: parse_fragments(body, track), url)
        if fragments is None:
            return None
        if not fragments or not all(fragment.samples for fragment in fragments):
            self.blame(url, "holds no samples, or a fragment without any")
            return None
        at = fragments[0].decode_time
        if track.handler == "vide" and not fragments[0].samples[0].sync:
            self.blame(url, "does not start with a sync sample")
        for fragment in fragments:
            if fragment.decode_time != at:
                self.blame(url, f"a fragment starts at tick {fragment.decode_time}, expected {at}")
            at = fragment.decode_time + fragment.duration
        return fragments[0].decode_time, at

    def _parsed(self, parse: Callable[[], _T], url: str) -> _T | None:
        try:
            return parse()
        except (MatineeError, ValueError, LookupError, ParseError) as error:
            what = error.what if isinstance(error, MatineeError) else str(error)
            place = f" at {error.where}" if isinstance(error, MatineeError) and error.where else ""
            self.blame(url, f"{what}{place}")
            return None

    async def _fetch(self, url: str, media_types: tuple[str, ...]) -> bytes | None:
        """The body of a whole, well-labelled answer; a fault and None otherwise."""
        try:
            async with self.session.get(url) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.blame(url, f"the transfer broke ({type(error).__name__}: {error})")
            return None
        if answer.status != 200:
            self.blame(url, f"the answer is {answer.status}")
            return None
        if answer.headers.get("Content-Length", str(len(body))) != str(len(body)):
            self.blame(url, f"{len(body)} bytes came, Content-Length says {answer.headers['Content-Length']}")
        if answer.content_type not in media_types:
            self.blame(url, f"Content-Type is {answer.content_type}")
        if not answer.headers.get("ETag", "").startswith('"'):
            self.blame(url, "no strong ETag")
        self._compare(url, body, answer.headers.get("Cache-Status", ""), "Age" in answer.headers)
        return body

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
