"""Every video packet of a file: when it is shown and whether decoding can start at it, without decoding. Does I/O.

The container's flags say where decoding can start. Where it flags no packet, or so many that they can't be true (an MP4
without a sync table calls every sample a key frame), the pictures' own headers are asked.
"""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

import av.error
from av.stream import Discard

from media.entry import CODECS, entry_point
from media.foreign import MAX_PACKETS
from media.probe import open_media, packets
from values.clock import clock_text
from values.errors import MasterRefused

_MOST_KEYS = Fraction(1, 2)  # of all packets: a codec that predicts has fewer key frames, or none to predict from
_MOST_BACK_S, _MOST_AHEAD_S = Fraction(1), Fraction(600)  # seconds that decode times may jump and still be one clock


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """The frames of one video stream. Times are ticks of `time_base` (seconds).

    `pts` holds the time of each frame that is shown, from the stream's first keyframe on, ascending. `keyframes` holds
    the times of the frames at which decoding can start, which an edit list may hide. `last_duration` is the shown time
    of the last frame in ticks, 0 if unknown. `corrupt` counts packets that the container itself reports as damaged.
    `recovery` frames after a keyframe may be decoded wrongly (intra refresh; 0 in nearly all films). To start at a
    keyframe that the container does not know for one, it must be sought `lead` ticks before.
    """

    time_base: Fraction
    pts: array[int]
    keyframes: array[int]
    last_duration: int
    corrupt: int
    damage: str = ""
    recovery: int = 0
    lead: int = 0

    def without_second_fields(self, decoded: Sequence[int]) -> FrameIndex:
        """The index of a stream whose packets hold single fields (H.264 in transport streams): of two that make one
        frame the first. `decoded` are the times of some frames in a row that came out of a decoder."""
        gaps = sorted(b - a for a, b in itertools.pairwise(sorted(decoded)))
        if not gaps:
            return self
        least = gaps[len(gaps) // 2] * 3 // 4
        kept = array("q", self.pts[:1])
        for time in self.pts[1:]:
            if time - kept[-1] > least:
                kept.append(time)
        return replace(self, pts=kept, last_duration=2 * self.last_duration)

    def keyframe_before(self, pts: int, skip: int = 0) -> int:
        """The last keyframe shown at or before `pts`, or the one `skip` keyframes earlier (at least the first)."""
        return self.keyframes[max(0, bisect_right(self.keyframes, pts) - 1 - skip)]


def index_frames(location: str, stream_index: int, *, where: str) -> FrameIndex:
    """Read every packet of the video stream. Raises MasterRefused when there are no usable ones."""
    read = _read(location, stream_index, where, "flags")
    if read.suspect:
        read = _read(location, stream_index, where, "headers")
    if read.packets and not read.keys:
        read = _read(location, stream_index, where, "first")
    keys = sorted(read.keys)
    frames = sorted({t: duration for t, duration in read.shown if keys and t >= keys[0]}.items())
    if not frames:
        raise MasterRefused("no video packet can be read", where=where, hint="The picture is missing or damaged.")
    return FrameIndex(
        read.time_base,
        array("q", (t for t, _ in frames)),
        array("q", keys),
        frames[-1][1],
        read.corrupt,
        "; ".join(read.damage),
        read.recovery,
        read.lead,
    )


@dataclass(slots=True)
class _Read:
    """What was read: shown frames as (time, duration), keyframes' times, and whether they are to be believed."""

    time_base: Fraction
    shown: list[tuple[int, int]]
    keys: list[int]
    packets: int = 0
    corrupt: int = 0
    damage: list[str] = field(default_factory=list)
    recovery: int = 0
    lead: int = 0
    intra_only: bool = False
    _clock: int | None = None

    @property
    def suspect(self) -> bool:
        many = len(self.keys) > 1 and len(self.keys) > _MOST_KEYS * self.packets
        return self.packets > 0 and not self.intra_only and (many or not self.keys)

    def note_clock(self, dts: int | None) -> None:
        """Take down the first place where decode times jump: such frames have no one order in time."""
        if dts is None:
            return
        jump = (dts - self._clock) * self.time_base if self._clock is not None else Fraction(0)
        if not -_MOST_BACK_S <= jump <= _MOST_AHEAD_S and not self.damage:
            way = "ahead" if jump > 0 else "back"
            length = clock_text(abs(jump))
            self.damage.append(f"its clock jumps {way} by {length} after {self.packets - 1} video packets")
        self._clock = dts


def _read(location: str, stream_index: int, where: str, by: Literal["flags", "headers", "first"]) -> _Read:
    """Read all packets. Decoding can start `by` the container's flags, by the pictures' headers, or at the first."""
    with open_media(location, where=where) as container:
        stream = container.streams[stream_index]
        for other in container.streams:
            if other.index != stream_index:
                other.discard = Discard.all
        codec, extradata = stream.codec_context.name, bytes(stream.codec_context.extradata or b"")
        read = _Read(Fraction(stream.time_base), [], [], intra_only=bool(stream.codec_context.codec.intra_only))
        try:
            for packet in packets(container, stream):
                if not packet.size or (codec == "vp8" and _hidden(packet)):
                    continue
                time = packet.pts if packet.pts is not None else packet.dts
                if time is None:
                    raise _untimed(len(read.shown), where)
                if read.packets >= MAX_PACKETS:
                    raise _endless(where)
                read.packets += 1
                if not packet.is_discard:  # edits decode again what they start from
                    read.note_clock(packet.dts)
                read.corrupt += packet.is_corrupt
                start = _start(packet, codec, extradata, by, first=not read.keys)
                if start is not None:
                    read.keys.append(time)
                    read.recovery = max(read.recovery, start)
                    if by != "flags" and packet.dts is not None:  # seeking goes by decode times, to any packet
                        read.lead = max(read.lead, time - packet.dts + (packet.duration or 0))
                if read.keys and not packet.is_discard:  # an edit list may start within a GOP: decoded, not shown
                    read.shown.append((time, packet.duration or 0))
        except av.error.ExitError as error:  # not the file's fault: the film must not end here
            raise MasterRefused(
                f"reading stood still for a minute after {len(read.shown)} video packets",
                where=where,
                hint="The store or the network is slow or gone. Try again.",
            ) from error
        except av.error.FFmpegError as error:
            read.damage.append(f"reading stops after {len(read.shown)} video packets ({error.strerror})")
    return read


def _start(packet: Any, codec: str, extradata: bytes, by: str, *, first: bool) -> int | None:
    """How many frames are decoded wrongly if decoding starts at the packet, None if it can't."""
    if by == "flags":
        return _recovery(codec, packet, extradata) if packet.is_keyframe else None
    if by == "headers" and codec in CODECS:
        return entry_point(codec, bytes(packet), extradata)
    return 0 if first else None


def _recovery(codec: str, packet: Any, extradata: bytes) -> int:
    return (entry_point(codec, bytes(packet), extradata) or 0) if codec == "h264" else 0


def _hidden(packet: Any) -> bool:
    """Whether a VP8 packet holds a frame that is never shown (RFC 6386 section 9.1: bit 4 of the frame tag)."""
    return not bytes(packet)[0] & 0x10


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
