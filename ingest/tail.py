"""A film's last pictures, decoded: a file that is damaged or cut short shows it there. Does I/O."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

import av.error

from media.index import FrameIndex
from media.probe import VideoStream, open_media, packets
from values.clock import clock_text

_THREADS = 4  # each holds a picture of its own, and those of 8K take 50 to 100 MB


@dataclass(frozen=True, slots=True)
class Tail:
    """The pictures from the last key frame on. `decoded` are the times of those that came out, in that order, `missing`
    of those that did not; `broken` says what went wrong on the way."""

    decoded: tuple[int, ...]
    missing: frozenset[int]
    time_base: Fraction
    broken: str = ""

    @property
    def disordered(self) -> bool:
        """Whether pictures come out in another order than that of their times."""
        return any(later < earlier for earlier, later in itertools.pairwise(self.decoded))

    @property
    def damage(self) -> str:
        """What is wrong with the end, '' if it is whole."""
        if self.broken or not self.missing:
            return self.broken
        at = clock_text(min(self.missing) * self.time_base)
        return f"{len(self.missing)} of the last pictures, from {at} on, do not decode"


def decode_tail(location: str, video: VideoStream, index: FrameIndex, *, where: str) -> Tail:
    """Decode the last GOP, from a key frame earlier on."""
    key, base = index.keyframes[-1], index.time_base
    wanted = {t for t in index.pts if t >= key}
    decoded: list[int] = []
    broken = ""
    with open_media(location, where=where) as container:
        stream = container.streams[video.index]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = _THREADS
        try:
            if key > index.pts[0]:
                container.seek(index.keyframe_before(key, 1), stream=stream, backward=True)
            for packet in packets(container, stream):
                for frame in packet.decode():
                    if frame.pts is None or frame.pts < key:
                        continue
                    decoded.append(frame.pts)
                    if frame.is_corrupt:
                        at = clock_text(frame.pts * base)
                        return Tail(
                            tuple(decoded), frozenset(), base, f"a picture near its end, at {at}, does not decode"
                        )
        except av.error.FFmpegError as error:
            broken = f"its end, from {clock_text(key * base)} on, can't be decoded ({error.strerror})"
    return Tail(tuple(decoded), frozenset(wanted - set(decoded)), base, broken)
