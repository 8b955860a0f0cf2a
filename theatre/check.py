"""A client that plays every rendition of a title to its end over HTTP and checks bytes and timestamps. Network I/O."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction

import aiohttp

from media.fragments import parse_fragments
from media.tracks import Track, parse_init
from theatre.check_client import CheckFault, Client
from theatre.check_files import check_key_frames, check_listing, check_sheets, check_text
from theatre.check_plan import TrackPlan, dash_tracks, hls_playlists, hls_track
from values.errors import ServeError

_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
_PLAYLIST_TYPES = ("application/vnd.apple.mpegurl", "audio/mpegurl")
_MPD_TYPES = ("application/dash+xml",)
_MEDIA_TYPES = ("video/mp4", "audio/mp4", "video/iso.segment")
_SLACK = {"HLS": Fraction(1, 1_000_000), "DASH": Fraction(0)}
"""How far a declared duration may be from the boxes', in seconds: EXTINF is written in microseconds, S in ticks."""

_SOUND_FRAME = Fraction(1536, 48_000)
"""The longest frame of our codecs, in seconds: that of E-AC-3. Sound ends with a whole one."""


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


async def check_presentation(
    hls_url: str, dash_url: str, *, through_edge: bool = True, titles_url: str | None = None
) -> CheckReport:
    """Play HLS, then DASH, each rendition to its end; with `titles_url` look at all that the list there offers too.

    DASH comes second over the same segments: they must be the same bytes, and with `through_edge` come as hits of the
    edge (Cache-Status, RFC 9211). Faults are collected. Raises ServeError if the multivariant playlist can't be had.
    """
    async with aiohttp.ClientSession(timeout=_TIMEOUT, auto_decompress=False) as session:
        client = Client(session, through_edge)
        hls_plans = await _hls_plans(client, hls_url)
        tracks = [await _play(client, plan) for plan in hls_plans]
        dash_plans = await _dash_plans(client, dash_url)
        tracks += [await _play(client, plan) for plan in dash_plans]
        hls_files, dash_files = _files(hls_plans), _files(dash_plans)
        for url in sorted(hls_files ^ dash_files):
            client.blame(url, f"named by {'HLS' if url in hls_files else 'DASH'} alone")
        _compare_lengths(client, tracks)
        if titles_url:
            await check_listing(client, titles_url, hls_url)
        return CheckReport(tuple(tracks), tuple(client.faults))


def _files(plans: list[TrackPlan]) -> set[str]:
    return {url for plan in plans if plan.shared for url in plan.files}


def _hls_plan(name: str, kind: str, body: bytes, url: str) -> TrackPlan:
    return hls_track(name, kind, body.decode(), url)


async def _hls_plans(client: Client, url: str) -> list[TrackPlan]:
    master = await client.fetch(url, _PLAYLIST_TYPES)
    if master is None:
        raise ServeError(
            f"the manifest can't be had: {client.faults[-1].what}",
            where=url,
            hint="Is the title published and served?",
        )
    plans = []
    for name, kind, playlist_url in client.parsed(lambda: hls_playlists(master.decode(), url), url) or ():
        body = await client.fetch(playlist_url, _PLAYLIST_TYPES)
        if body is not None:
            plan = client.parsed(functools.partial(_hls_plan, name, kind, body, playlist_url), playlist_url)
            plans += [plan] if plan else []
    if not plans:
        client.blame(url, "no rendition can be played")
    return plans


async def _dash_plans(client: Client, url: str) -> list[TrackPlan]:
    body = await client.fetch(url, _MPD_TYPES)
    return [] if body is None else list(client.parsed(lambda: dash_tracks(body.decode(), url), url) or ())


async def _play(client: Client, plan: TrackPlan) -> TrackCheck:
    """Fetch all of a rendition, in order, and check it as what it is."""
    client.hits = 0
    if plan.kind == "text":
        size = await check_text(client, plan)
    elif plan.kind == "image":
        size = await check_sheets(client, plan)
    elif plan.ranges:
        size = await check_key_frames(client, plan)
    else:
        return await _play_media(client, plan)
    total = sum((d for _, d in plan.segments), Fraction(0))
    return TrackCheck(plan.protocol, plan.rendition, plan.kind, len(plan.segments), size, total, client.hits)


async def _play_media(client: Client, plan: TrackPlan) -> TrackCheck:
    """Fetch the init and all segments, in order, and follow the decode times from the first tick to the last."""
    size, at, shown, count = 0, None, Fraction(0), 0
    init = await client.fetch(plan.init, _MEDIA_TYPES)
    track = client.parsed(functools.partial(parse_init, init), plan.init) if init is not None else None
    for number, (url, declared) in enumerate(plan.segments):
        body = await client.fetch(url, _MEDIA_TYPES)
        if body is None or track is None:
            continue
        size, count = size + len(body), count + 1
        span = _span(client, body, track, url)
        if span is None:
            continue
        start, stop = span
        expected = 0 if at is None and count == 1 else at
        if expected is not None and start != expected:
            client.blame(url, f"starts at tick {start}, expected {expected}")
        at = stop
        priming = track.media_time if track.handler == "soun" else 0  # a picture's edit list takes its delay back
        seconds = Fraction(stop - max(start, priming), track.timescale)
        shown += seconds
        begin = Fraction(max(start - priming, 0), track.timescale)
        if plan.starts and plan.starts[number] != begin:
            told = float(plan.starts[number])
            client.blame(url, f"is presented at {float(begin):.6f} s, {plan.protocol} says {told:.6f} s")
        # HLS counts a segment's samples, with those of the sound's priming; DASH what of them is presented.
        counted = Fraction(stop - start, track.timescale) if plan.protocol == "HLS" else seconds
        if abs(counted - declared) > _SLACK[plan.protocol]:
            client.blame(url, f"lasts {float(counted):.6f} s, {plan.protocol} says {float(declared):.6f} s")
    _check_total(client, plan, track, shown)
    kind = {"vide": "video", "soun": "audio"}.get(track.handler, track.handler) if track else plan.kind
    kind = plan.kind if plan.kind == "key frames" else kind
    return TrackCheck(plan.protocol, plan.rendition, kind, count, size, shown, client.hits)


def _compare_lengths(client: Client, tracks: list[TrackCheck]) -> None:
    """All pictures are equally long, and all sounds but for a frame of theirs."""
    for kind, slack in (("video", Fraction(0)), ("audio", _SOUND_FRAME)):
        lengths = {t.duration for t in tracks if t.kind == kind}
        if lengths and max(lengths) - min(lengths) > slack:
            client.blame(kind, f"renditions last {', '.join(f'{float(x):.6f} s' for x in sorted(lengths))}")


def _check_total(client: Client, plan: TrackPlan, track: Track | None, shown: Fraction) -> None:
    slack = _SOUND_FRAME if track and track.handler == "soun" else Fraction(1, 1000)
    if track and abs(shown - plan.total) > slack:
        client.blame(plan.init, f"{plan.protocol} plays {float(shown):.6f} s, declared {float(plan.total):.6f} s")


def _span(client: Client, body: bytes, track: Track, url: str) -> tuple[int, int] | None:
    """First and last tick of a segment whose fragments follow one another; a fault otherwise."""
    fragments = client.parsed(lambda: parse_fragments(body, track), url)
    if fragments is None:
        return None
    if not fragments or not all(fragment.samples for fragment in fragments):
        client.blame(url, "holds no samples, or a fragment without any")
        return None
    at = fragments[0].decode_time
    if track.handler == "vide" and not fragments[0].samples[0].sync:
        client.blame(url, "does not start with a sync sample")
    for fragment in fragments:
        if fragment.decode_time != at:
            client.blame(url, f"a fragment starts at tick {fragment.decode_time}, expected {at}")
        at = fragment.decode_time + fragment.duration
    return fragments[0].decode_time, at
