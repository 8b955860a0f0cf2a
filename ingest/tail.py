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
    """The pictures from the last key frame on. `decoded` are the times of those that came out, `missing` of those that
    did not; `broken` says what went wrong on the way. `disordered` says that pictures came out in another order than
    that of their times."""

    decoded: tuple[int, ...]
    missing: frozenset[int]
    time_base: Fraction
    broken: str = ""
    disordered: bool = False

    @property
    def damage(self) -> str:
        """What is wrong with the end, '' if it is whole."""
        if self.broken or not self.missing:
            return self.broken
        at = clock_text(min(self.missing) * self.time_base)
        return f"{len(self.missing)} of the last pictures, from {at} on, do not decode"


def decode_tail(location: str, video: VideoStream, index: FrameIndex, *, where: str) -> Tail:
    """Decode the last GOP, and the one before it, from which decoding has to start."""
    key, base = index.keyframes[-1], index.time_base
    times: list[int] = []
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
                    times += [frame.pts] if frame.pts is not None else []
                    if frame.is_corrupt and frame.pts is not None and frame.pts >= key:
                        broken = f"a picture near its end, at {clock_text(frame.pts * base)}, does not decode"
                        return Tail((), frozenset(), base, broken)
        except av.error.FFmpegError as error:
            broken = f"its end, from {clock_text(key * base)} on, can't be decoded ({error.strerror})"
    decoded = tuple(t for t in times if t >= key)
    missing = frozenset(t for t in index.pts if t >= key) - set(decoded)
    return Tail(decoded, missing, base, broken, any(b < a for a, b in itertools.pairwise(times)))
