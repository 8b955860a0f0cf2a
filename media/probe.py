"""What a media file says of itself and what its first picture shows, through PyAV. Does I/O.

Nothing is decided here: refusing and choosing is the business of other rooms.
"""

from __future__ import annotations

import contextlib
import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error

from values.errors import MasterRefused

_THREADS = 4  # each holds a picture of its own, and those of 8K take 50 to 100 MB


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture. `time_base` and rates in seconds and Hz; sizes in pixels before rotation; `rotation` in degrees
    counter-clockwise that a player applies, to a picture that is `mirrored` left to right before; colour as ITU-T H.273
    code points (2 is unknown), the bitstream's word before the container's. `sar` is the sample aspect ratio by the
    container's word or else the bitstream's, `coded_sar` by the bitstream's alone (0 is unknown). `interlaced` is what
    the first picture is flagged as, `field_order` tff, bff or '' (no fields, or unknown)."""

    index: int
    codec: str
    width: int
    height: int
    pixel_format: str
    bit_depth: int
    sar: Fraction
    rotation: int
    time_base: Fraction
    average_rate: Fraction
    guessed_rate: Fraction
    interlaced: bool
    full_range: bool
    primaries: int
    transfer: int
    matrix: int
    language: str = "und"
    coded_sar: Fraction = Fraction(0)
    mirrored: bool = False
    field_order: str = ""

    @property
    def hdr(self) -> bool:
        """Whether the transfer is PQ (SMPTE ST 2084) or HLG (ARIB STD-B67)."""
        return self.transfer in (16, 18)


@dataclass(frozen=True, slots=True)
class AudioStream:
    """A sound track. `start` is its first time in seconds on the container's clock."""

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    start: Fraction
    language: str = "und"


@dataclass(frozen=True, slots=True)
class Probe:
    """A container and its streams. `duration` is what the container claims in seconds, `video_duration` what it claims
    of the picture alone; None where it says nothing."""

    format: str
    duration: Fraction | None
    video_duration: Fraction | None
    start: Fraction
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    subtitles: tuple[str, ...]


def probe(location: str, *, where: str) -> Probe:
    """Open `location` (a path or URL) and read its streams; the first picture is decoded for its colour and scan.

    `where` names the master in messages. Raises MasterRefused when it is not media, or encrypted, or unreadable.
    """
    with open_media(location, where=where) as container:
        picture = _main_video(container)
        return Probe(
            format=container.format.name,
            duration=Fraction(container.duration, av.time_base) if container.duration else None,
            video_duration=picture.duration * picture.time_base if picture and picture.duration else None,
            start=Fraction(container.start_time or 0, av.time_base),
            video=_video(container, picture, where) if picture else None,
            audio=tuple(_audio(s) for s in container.streams.audio if s.codec_context is not None),
            subtitles=tuple(s.codec_context.name for s in container.streams.subtitles if s.codec_context is not None),
        )


@contextlib.contextmanager
def open_media(location: str, *, where: str) -> Any:
    """An open PyAV container, with what can go wrong said in plain words (MasterRefused)."""
    try:
        container = av.open(location, timeout=(30.0, 60.0))
    except av.error.FFmpegError as error:
        raise _refusal(error, where) from error
    with container:
        yield container


def _refusal(error: av.error.FFmpegError, where: str) -> MasterRefused:
    if isinstance(error, av.error.FileNotFoundError):
        return MasterRefused("there is no such file", where=where, hint="Check the path.")
    if isinstance(error, av.error.PermissionError):
        return MasterRefused("the file may not be read", where=where, hint="Check its permissions.")
    if isinstance(error, av.error.InvalidDataError):
        return MasterRefused(
            "this is not a media file that can be read",
            where=where,
            hint="Masters are video files such as MP4, MOV, MKV, WebM, MXF, MPEG-TS or AVI.",
        )
    return MasterRefused(f"the file can't be opened ({error.strerror})", where=where, hint="Check that it is whole.")


def _main_video(container: Any) -> Any:
    """The first video stream that is a film and not an attached picture; of several, the one with most pixels."""
    films = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return max(films, key=lambda s: (s.codec_context.width * s.codec_context.height, -s.index), default=None)


def _video(container: Any, stream: Any, where: str) -> VideoStream | None:
    if stream.codec_context is None:
        return None
    frame = _first_frame(container, stream, where)
    context = stream.codec_context
    shown: Any = frame if frame is not None else context
    rotation, mirrored = _orientation(frame)
    return VideoStream(
        index=stream.index,
        codec=context.name,
        width=shown.width,
        height=shown.height,
        pixel_format=shown.format.name if shown.format else "",
        bit_depth=max((c.bits for c in shown.format.components), default=8) if shown.format else 8,
        sar=Fraction(stream.sample_aspect_ratio or context.sample_aspect_ratio or 1) or Fraction(1),
        rotation=rotation,
        time_base=stream.time_base,
        average_rate=Fraction(stream.average_rate or 0),
        guessed_rate=Fraction(stream.guessed_rate or 0),
        interlaced=bool(frame is not None and frame.interlaced_frame),
        full_range=shown.color_range == 2,
        primaries=int(shown.color_primaries),
        transfer=int(shown.color_trc),
        matrix=int(shown.colorspace),
        language=str(stream.metadata.get("language", "und")),
        coded_sar=Fraction(context.sample_aspect_ratio or 0),
        mirrored=mirrored,
        field_order=_FIELD_ORDERS.get(int(context.field_order), ""),
    )


_FIELD_ORDERS = {2: "tff", 3: "bff", 4: "tff", 5: "bff"}
"""ffmpeg's AVFieldOrder by the field that is shown first. TB and BT come from containers, where they stand for woven
frames whose first line is early or late (Apple TN2162), whatever their names say."""


def _orientation(frame: Any) -> tuple[int, bool]:
    """How a player turns the picture, by the display matrix (ISO/IEC 14496-12 section 8.3.2.3, the first two columns):
    degrees counter-clockwise, to the nearest right angle, and whether it is mirrored left to right before."""
    data = next((bytes(d) for d in frame.side_data if d.type.name == "DISPLAYMATRIX"), None) if frame else None
    if not data:
        return 0, False
    a, b, _, c, d = struct.unpack("=5i", data[:20])
    mirrored = a * d < b * c
    right = (-a, -b) if mirrored else (a, b)  # where the picture's right side comes to lie; y runs down
    return round(math.degrees(math.atan2(-right[1], right[0])) / 90) * 90 % 360, mirrored


def _first_frame(container: Any, stream: Any, where: str) -> Any:
    """The first picture that decodes; None when a thousand packets gave none."""
    if stream.metadata.get("encryption") or "encryption" in str(stream.codec_context.codec_tag).lower():
        raise _encrypted(where)
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = _THREADS
    try:
        for count, packet in enumerate(container.demux(stream)):
            try:
                for frame in packet.decode():
                    return frame
            except av.error.InvalidDataError:
                pass  # a damaged or foreign packet at the start: a later one may do
            if count > 1000:
                break
    except av.error.FFmpegError:
        return None
    return None


def _encrypted(where: str) -> MasterRefused:
    return MasterRefused("the video is encrypted", where=where, hint="Export the master without protection (DRM).")


def _audio(stream: Any) -> AudioStream:
    context = stream.codec_context
    return AudioStream(
        index=stream.index,
        codec=context.name,
        sample_rate_hz=context.sample_rate or 0,
        channels=context.layout.nb_channels,
        layout=context.layout.name,
        start=Fraction(stream.start_time or 0) * stream.time_base,
        language=str(stream.metadata.get("language", "und")),
    )
