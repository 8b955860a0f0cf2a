"""Checking what a title has beside picture and sound: text, key frames, thumbnails, artwork, as served. Network I/O."""

from __future__ import annotations

import io
import json
import re
from fractions import Fraction
from typing import Any
from urllib.parse import urljoin, urlsplit

from PIL import Image, UnidentifiedImageError

from theatre.check_client import Client
from theatre.check_plan import TrackPlan

_VIDEO = ("video/mp4",)
_TEXT = ("text/vtt",)
_IMAGE = ("image/jpeg",)
_JSON = ("application/json",)
_MAP = re.compile(r"^X-TIMESTAMP-MAP=(?=.*\bLOCAL:)(?=.*\bMPEGTS:\d)", re.MULTILINE)
_CUE = re.compile(r"^(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})[^\n]*\n(\S+)", re.MULTILINE)
_TILE = re.compile(r"([^#]+)#xywh=(\d+),(\d+),(\d+),(\d+)")


async def check_text(client: Client, plan: TrackPlan) -> int:
    """Fetch a text track and give its bytes. Segments for HLS say how their times relate to the media's (RFC 8216bis
    section 3.1.4)."""
    size = 0
    for url, _ in plan.segments:
        body = await client.fetch(url, _TEXT)
        text = client.parsed(body.decode, url) if body is not None else None
        if body is None or text is None:
            continue
        size += len(body)
        if not re.match(r"\ufeff?WEBVTT(?:[ \t\n]|$)", text):
            client.blame(url, "does not start with WEBVTT")
        elif plan.protocol == "HLS" and not _MAP.search(text.partition("\n\n")[0]):
            client.blame(url, "has no X-TIMESTAMP-MAP in its header")
    return size


async def check_sheets(client: Client, plan: TrackPlan) -> int:
    """Fetch the sheets of thumbnails and give their bytes: each is a JPEG, of the size that the manifest tells."""
    size = 0
    for url, _ in plan.segments:
        body = await client.fetch(url, _IMAGE)
        size += len(body or b"")
        found = _image_size(client, url, body)
        if found and plan.sheet and found != plan.sheet:
            client.blame(url, f"is {found[0]}x{found[1]}, DASH says {plan.sheet[0]}x{plan.sheet[1]}")
    return size


async def check_key_frames(client: Client, plan: TrackPlan) -> int:
    """Fetch the byte ranges of a playlist of key frames and give their bytes: each holds its fragment's head and the
    beginning of its media data."""
    await client.fetch(plan.init, _VIDEO)
    size = 0
    for (url, _), (start, stop) in zip(plan.segments, plan.ranges, strict=True):
        body = await client.fetch_range(url, start, stop, _VIDEO)
        if body is None:
            continue
        size += len(body)
        names = {body[at + 4 : at + 8] for at in _box_starts(body)}
        if not {b"moof", b"mdat"} <= names:
            client.blame(url, f"bytes {start} to {stop} hold no fragment with media data")
    return size


def _box_starts(body: bytes) -> list[int]:
    """Where the boxes at the top begin; the last may be cut."""
    starts, at = [], 0
    while at + 8 <= len(body):
        starts.append(at)
        at += max(8, int.from_bytes(body[at : at + 4]))
    return starts


async def check_listing(client: Client, url: str, hls_url: str) -> None:
    """What ``/titles`` at `url` offers a page for the title of `hls_url` is there and is what it says."""
    body = await client.fetch(url, _JSON)
    titles = client.parsed(lambda: json.loads(body), url) if body is not None else None
    path = urlsplit(hls_url).path
    title: dict[str, Any] | None = next((t for t in titles or () if t.get("hls") == path), None)
    if title is None:
        client.blame(url, f"does not list {path}")
        return
    for image in (title["poster"], *title["artwork"]):
        if image:
            _image_size(client, urljoin(url, image), await client.fetch(urljoin(url, image), _IMAGE))
    for text in (title["chapters"], *(t["url"] for t in title["texts"])):
        if text:
            found = await client.fetch(urljoin(url, text), _TEXT)
            if found is not None and not found.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
                client.blame(urljoin(url, text), "does not start with WEBVTT")
    if title["thumbnails"]:
        await _check_index(client, urljoin(url, title["thumbnails"]), Fraction(str(title["duration"])))


async def _check_index(client: Client, url: str, duration: Fraction) -> None:
    """The index's tiles follow one another from the film's start to its end, and each lies on a sheet that is there."""
    body = await client.fetch(url, _TEXT)
    cues = _CUE.findall((body or b"").decode(errors="replace"))
    if not cues:
        if body is not None:
            client.blame(url, "names no thumbnail")
        return
    sheets: dict[str, tuple[int, int] | None] = {}
    at = Fraction(0)
    for *times, target in cues:
        start, stop = _seconds(*times[:3]), _seconds(*times[3:])
        if start != at or stop <= start:
            client.blame(
                url, f"has a thumbnail from {float(start):.3f} to {float(stop):.3f} s, expected {float(at):.3f}"
            )
        at = stop
        named = _TILE.fullmatch(target)
        if not named:
            client.blame(url, f"names {target!r}, which is no place on a sheet")
            continue
        sheet = urljoin(url, named[1])
        if sheet not in sheets:
            sheets[sheet] = _image_size(client, sheet, await client.fetch(sheet, _IMAGE))
        x, y, width, height = (int(part) for part in named.groups()[1:])
        size = sheets[sheet]
        if size and (x + width > size[0] or y + height > size[1]):
            client.blame(url, f"names {target}, which is beyond the sheet's {size[0]}x{size[1]}")
    if abs(at - duration) > Fraction(1, 500):
        client.blame(url, f"ends at {float(at):.3f} s, the film at {float(duration):.3f} s")


def _seconds(hours: str, minutes: str, seconds: str) -> Fraction:
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def _image_size(client: Client, url: str, body: bytes | None) -> tuple[int, int] | None:
    if body is None:
        return None
    try:
        with Image.open(io.BytesIO(body), formats=["JPEG"]) as image:
            image.load()
            return image.size
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        client.blame(url, f"is no JPEG that decodes ({error})")
        return None
