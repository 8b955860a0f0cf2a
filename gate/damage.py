"""Where exactly a chunk does not decode: packet by packet through PyAV, only where ffmpeg complained. Does I/O."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av.error
import av.logging

from gate.measures import Damage
from media.probe import open_media

_MOST = 200
"""Places that are told of one chunk: what is more broken than this needs no longer list."""

_READ_ON_S = Fraction(3)
"""How far behind the chunk's end packets are still read: streams are interleaved with some delay."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: packets of `streams` shown at times ``[start, stop)`` in seconds of the film (`stop` None: to the
    end), whose zero is `zero` on the container's clock. Reading starts at tick `seek` of stream `video`.
    Without `decoding` only packets that the container marks as corrupt are found, at the cost of reading them."""

    location: str
    where: str
    video: int
    streams: tuple[int, ...]
    seek: int | None
    zero: Fraction
    start: Fraction
    stop: Fraction | None
    decoding: bool = True

    def holds(self, time: Fraction) -> bool:
        return self.start <= time and (self.stop is None or time < self.stop)


def find_damage(search: Search) -> list[Damage]:
    """Every packet in range that fails to decode, is marked as corrupt, or makes its decoder complain, and every
    picture that its decoder marks as damaged; in the order of the file."""
    out: list[Damage] = []
    with open_media(search.location, where=search.where) as container, _listening():
        if search.seek is not None:
            container.seek(search.seek, stream=container.streams[search.video], backward=True)
        for stream in container.streams:
            if stream.index in search.streams and stream.codec_context is not None:
                stream.thread_type = "NONE"  # a complaint belongs to the packet that is decoded just then
        with contextlib.suppress(av.error.FFmpegError):  # reading stops: the frames that are missing say so
            for packet in container.demux([s for s in container.streams if s.index in search.streams]):
                out += _look(packet, search)
                if len(out) >= _MOST or _behind(packet, search):
                    break
    return _together(out)[:_MOST]


@contextlib.contextmanager
def _listening() -> Iterator[None]:
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        yield
    finally:
        av.logging.set_level(before)


def _look(packet: Any, search: Search) -> list[Damage]:
    """What is wrong with one packet, or with the pictures that come out when it goes in."""
    stream = packet.stream
    frames: list[Any] = []
    failed = ""
    with av.logging.Capture(local=True) as lines:
        try:
            frames = packet.decode() if search.decoding else []
        except av.error.EOFError:
            pass
        except av.error.FFmpegError as error:
            failed = str(error.strerror)
    said = next((_plain(text) for level, _, text in lines if level <= av.logging.ERROR), "")
    out = []
    text = said or (f"it can't be decoded ({failed})" if failed else "")
    if packet.size and (text or packet.is_corrupt):
        out.append(_damage(packet, packet.pts, packet.duration, text or "the container marks it as corrupt", search))
    for frame in frames:
        if frame.is_corrupt:
            out.append(_damage(packet, frame.pts, frame.duration, "the picture is damaged", search, exact=False))
    found = [d for d in out if d is not None]
    return [d for d in found if stream.index in search.streams and search.holds(d.start)]


def _damage(
    packet: Any, pts: int | None, duration: int | None, text: str, search: Search, *, exact: bool = True
) -> Damage | None:
    """None where no time says whether it lies in range."""
    time = pts if pts is not None else packet.dts
    if time is None:
        return None
    start = time * Fraction(packet.stream.time_base) - search.zero
    byte = packet.pos if exact and packet.pos is not None and packet.pos >= 0 else None
    length = (duration or 0) * Fraction(packet.stream.time_base)
    return Damage(packet.stream.index, start, start + length, byte, text)


def _behind(packet: Any, search: Search) -> bool:
    if search.stop is None or packet.dts is None:
        return False
    return bool(packet.dts * Fraction(packet.stream.time_base) - search.zero >= search.stop + _READ_ON_S)


def _plain(text: str) -> str:
    """A decoder's words without line ends and addresses."""
    return re.sub(r"\s*@? ?0x[0-9a-f]+", "", text).strip().rstrip(".")


def _together(found: list[Damage]) -> list[Damage]:
    """One for each time of a stream: the packet's own words stay, with its byte."""
    best: dict[tuple[int, Fraction], Damage] = {}
    for one in found:
        key = (one.stream, one.start)
        if key not in best or (best[key].byte is None and one.byte is not None):
            best[key] = one
    return sorted(best.values(), key=lambda d: (d.start, d.stream))


def complaints(text: str) -> bool:
    """Whether ffmpeg's error output `text` tells of more than outputs that got no frame."""
    return any(line and not _OF_OUTPUTS.search(line) for line in map(str.strip, text.splitlines()))


_OF_OUTPUTS = re.compile(r"\[(vost|aost|out|enc:)[#\w]|Could not open encoder before EOF|Conversion failed")
