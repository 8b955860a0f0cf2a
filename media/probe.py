"""What a media file says of itself and what its first picture shows, through PyAV. Does I/O.

Nothing is decided here: refusing and choosing is the business of other rooms.
"""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error

from media.foreign import MASTERS_ARE, MAX_PIXELS, foreign_container
from values.errors import MasterRefused


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture. `time_base` and rates in seconds and Hz; sizes in pixels before rotation; `rotation` in degrees
    counter-clockwise that a player applies; colour as ITU-T H.273 code points (2 is unknown), the bitstream's word
    before the container's; `sar` is the sample aspect ratio."""

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

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height in square pixels as a player shows them, rotation applied, rounded to whole pixels."""
        width = round(self.width * self.sar)
        return (self.height, width) if self.rotation % 180 else (width, self.height)

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
        container = av.open(location, timeout=(30.0, 60.0), options=foreign_container(location))
    except av.error.FFmpegError as error:
        raise _refusal(error, where) from error
    for stream in container.streams.video:
        if stream.codec_context is not None:
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    with container:
        yield container


def packets(container: Any, stream: Any) -> Iterator[Any]:
    """The stream's packets, as they lie in the file.

    PyAV ends with IndexError, after the last of them, where another stream appears on the way (FLV, MPEG-TS).
    """
    with contextlib.suppress(IndexError):
        yield from container.demux(stream)


def _refusal(error: av.error.FFmpegError, where: str) -> MasterRefused:
    if isinstance(error, av.error.FileNotFoundError):
        return MasterRefused("there is no such file", where=where, hint="Check the path.")
    if isinstance(error, av.error.PermissionError):
        return MasterRefused("the file may not be read", where=where, hint="Check its permissions.")
    if isinstance(error, av.error.InvalidDataError):
        return MasterRefused(
            "this is not a media file that can be read",
            where=where,
            hint=f"{MASTERS_ARE}.",
        )
    if isinstance(error, av.error.ArgumentError):
        return MasterRefused("this is not a kind of file that masters come in", where=where, hint=f"{MASTERS_ARE}.")
    if isinstance(error, av.error.ExitError):
        return MasterRefused(
            "its headers could not be read within 30 s",
            where=where,
            hint="Where the store is slow or far, try again; otherwise the file is damaged: copy the master again.",
        )
    if isinstance(error, av.error.EOFError):
        return MasterRefused(
            "it ends before anything of a film has come", where=where, hint=f"Copy the master again. {MASTERS_ARE}."
        )
    if error.errno == errno.ENOMEM:
        return MasterRefused(
            "its headers ask for more memory, or more streams, than any film has",
            where=where,
            hint="They are damaged or made to do harm: copy the master again.",
        )
    return MasterRefused(f"the file can't be opened ({error.strerror})", where=where, hint="Check that it is whole.")


def _main_video(container: Any) -> Any:
    """The first video stream that is a film and not an attached picture; of several, the one with most pixels."""
    films = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return max(films, key=lambda s: (_pixels(s), -s.index), default=None)


def _pixels(stream: Any) -> int:
    """The size of a stream's picture; less than any for a codec that is not known."""
    context = stream.codec_context
    return -1 if context is None else int(context.width * context.height)


def _video(container: Any, stream: Any, where: str) -> VideoStream:
    if stream.codec_context is None:
        raise MasterRefused(
            "its video has a codec that is not known",
            where=where,
            hint="Export the master in a common codec, such as H.264, HEVC or ProRes; if it is in one, its headers are "
            "damaged: copy it again.",
        )
    context = stream.codec_context
    declared = context.width, context.height  # a decoder that refuses them forgets them
    frame = _first_frame(container, stream, where)
    shown: Any = frame if frame is not None else context
    return VideoStream(
        index=stream.index,
        codec=context.name,
        width=shown.width or declared[0],
        height=shown.height or declared[1],
        pixel_format=shown.format.name if shown.format else "",
        bit_depth=max((c.bits for c in shown.format.components), default=8) if shown.format else 8,
        sar=Fraction(stream.sample_aspect_ratio or context.sample_aspect_ratio or 1) or Fraction(1),
        rotation=int(frame.rotation) % 360 if frame is not None else 0,
        time_base=stream.time_base,
        average_rate=Fraction(stream.average_rate or 0),
        guessed_rate=Fraction(stream.guessed_rate or 0),
        interlaced=bool(frame is not None and frame.interlaced_frame),
        full_range=shown.color_range == 2,
        primaries=int(shown.color_primaries),
        transfer=int(shown.color_trc),
        matrix=int(shown.colorspace),
        language=_language(stream.metadata.get("language", "")),
    )


def _first_frame(container: Any, stream: Any, where: str) -> Any:
    """The first picture that decodes; None when a thousand packets gave none."""
    if stream.metadata.get("encryption") or "encryption" in str(stream.codec_context.codec_tag).lower():
        raise _encrypted(where)
    stream.thread_type = "AUTO"
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


def _language(said: str) -> str:
    """The language that a container names; ``und`` where that is no code (RFC 5646 section 2.1): it is text of whoever
    made the file, and goes into manifests."""
    return said if re.fullmatch(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*", said) else "und"


def _audio(stream: Any) -> AudioStream:
    context = stream.codec_context
    return AudioStream(
        index=stream.index,
        codec=context.name,
        sample_rate_hz=context.sample_rate or 0,
        channels=context.layout.nb_channels,
        layout=context.layout.name,
        start=Fraction(stream.start_time or 0) * stream.time_base,
        language=_language(stream.metadata.get("language", "")),
    )
