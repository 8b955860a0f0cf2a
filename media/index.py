"""Every video packet of a file: when it is shown and whether decoding can start at it, without decoding. Does I/O."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av.error
from av.stream import Discard

from media.foreign import MAX_PACKETS
from media.probe import open_media, packets
from values.errors import MasterRefused


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """The frames of one video stream. Times are ticks of `time_base` (seconds).

    `pts` holds the time of each frame that is shown, from the stream's first keyframe on, ascending. `keyframes` holds
    the times of the frames at which decoding can start, which an edit list may hide. `last_duration` is the shown time
    of the last frame in ticks, 0 if unknown. `corrupt` counts packets that the container itself reports as damaged.
    """

    time_base: Fraction
    pts: array[int]
    keyframes: array[int]
    last_duration: int
    corrupt: int
    damage: str = ""

    def keyframe_before(self, pts: int, skip: int = 0) -> int:
        """The last keyframe shown at or before `pts`, or the one `skip` keyframes earlier (at least the first)."""
        return self.keyframes[max(0, bisect_right(self.keyframes, pts) - 1 - skip)]


def index_frames(location: str, stream_index: int, *, where: str) -> FrameIndex:
    """Read every packet of the video stream. Raises MasterRefused when there are no usable ones."""
    with open_media(location, where=where) as container:
        stream = container.streams[stream_index]
        for other in container.streams:
            if other.index != stream_index:
                other.discard = Discard.all
        shown: list[tuple[int, int]] = []
        keys: list[int] = []
        corrupt = 0
        damage = ""
        hidden = _hides_frames(stream.codec_context.name)
        try:
            for packet in packets(container, stream):
                if not packet.size or (hidden and not bytes(packet)[0] & 0x10):
                    continue
                corrupt += packet.is_corrupt
                time = packet.pts if packet.pts is not None else packet.dts
                if time is None:
                    raise _untimed(len(shown), where)
                if len(shown) >= MAX_PACKETS:
                    raise _endless(where)
                if packet.is_keyframe:
                    keys.append(time)
                if keys and not packet.is_discard:  # an edit list may start within a GOP: decoded, not shown
                    shown.append((time, packet.duration or 0))
        except av.error.ExitError as error:  # not the file's fault: the film must not end here
            raise MasterRefused(
                f"reading stood still for a minute after {len(shown)} video packets",
                where=where,
                hint="The store or the network is slow or gone. Try again.",
            ) from error
        except av.error.FFmpegError as error:
            damage = f"reading stops after {len(shown)} video packets ({error.strerror})"
        time_base = Fraction(stream.time_base)
    frames = sorted({time: duration for time, duration in shown if time >= keys[0]}.items()) if keys else []
    if not frames:
        raise MasterRefused("no video packet can be read", where=where, hint="The picture is missing or damaged.")
    return FrameIndex(
        time_base, array("q", (t for t, _ in frames)), array("q", sorted(keys)), frames[-1][1], corrupt, damage
    )


def _hides_frames(codec: Any) -> bool:
    """VP8 packets may hold a frame that is never shown (RFC 6386 section 9.1: bit 4 of the frame tag)."""
    return bool(codec == "vp8")


def _endless(where: str) -> MasterRefused:
    return MasterRefused(
        f"it has more than {MAX_PACKETS} pictures, 24 hours at 120 Hz",
        where=where,
        hint="Cut the film into parts; if it is shorter than that, its index is damaged: export the master again.",
    )


def _untimed(count: int, where: str) -> MasterRefused:
    return MasterRefused(
        f"video packet {count} has no time stamp",
        where=where,
        hint="Put the stream into a container with time stamps: ffmpeg -fflags +genpts -i IN -c copy OUT.mkv",
    )
