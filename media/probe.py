"""What a media file says of itself and what its first picture shows, through PyAV. Does I/O.

Nothing is decided here: refusing and choosing is the business of other rooms.
"""

from __future__ import annotations

import contextlib
import errno
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error

from media.colour import HLG, PQ, ColourReading
from media.colour_reading import forget_colour, read_colour
from media.edits import moved_up
from media.foreign import MASTERS_ARE, MAX_PIXELS, foreign_container
from values.errors import MasterRefused

_BITMAPS = ("dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub")
_ANCILLARY = "vbi_vanc_smpte_436M"
_THREADS = 4  # each holds a picture of its own, and those of 8K take 50 to 100 MB


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture. `time_base` and rates in seconds and Hz; sizes in pixels before rotation; `rotation` in degrees
    counter-clockwise that a player applies, to a picture that is `mirrored` left to right before; `colour` is what the
    file says of it. `sar` is the sample aspect ratio by the container's word or else the bitstream's, `coded_sar` by
    the bitstream's alone (0 is unknown). `interlaced` is what the first picture is flagged as, `field_order` tff, bff
    or '' (no fields, or unknown)."""

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
    colour: ColourReading
    language: str = "und"
    coded_sar: Fraction = Fraction(0)
    mirrored: bool = False
    field_order: str = ""

    @property
    def hdr(self) -> bool:
        """Whether the transfer is PQ (SMPTE ST 2084) or HLG (ARIB STD-B67)."""
        return self.colour.said.transfer in (PQ, HLG)


@dataclass(frozen=True, slots=True)
class AudioStream:
    """A sound track. `start` is its first time in seconds on the container's clock, `duration` what the container
    claims of it in seconds, None where it says nothing.

    `speakers` names each channel, in order (``FL``, ``FR``, ``FC``, ``LFE``, ``SL`` …); () where the file does not say
    what they are. `title` is the track's name; `handler` that of its handler, which is often a program's.
    `dispositions` are the container's flags by FFmpeg's names: ``default``, ``comment``, ``visual_impaired`` …
    """

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    start: Fraction
    language: str = "und"
    duration: Fraction | None = None
    speakers: tuple[str, ...] = ()
    title: str = ""
    handler: str = ""
    dispositions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    """A stream of subtitles. `codec` is ffmpeg's name, ``unknown`` where PyAV has none; `title` the track's own name.
    `default`, `forced` and `hearing_impaired` are its dispositions; a `bitmap` one holds pictures of text."""

    index: int
    codec: str
    language: str = "und"
    title: str = ""
    default: bool = False
    forced: bool = False
    hearing_impaired: bool = False
    bitmap: bool = False


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter as the container has it: ``[start, stop)`` in seconds on its clock, and its name, '' for none."""

    start: Fraction
    stop: Fraction
    name: str


@dataclass(frozen=True, slots=True)
class Probe:
    """A container and its streams. `duration` is what the container claims in seconds, `video_duration` what it claims
    of the picture alone; None where it says nothing. `moved_up` is by how many seconds the pictures' times are too
    early against all others (see `media.edits`). `ancillary` are the indexes of streams of SMPTE ST 436 data, in which
    MXF carries captions."""

    format: str
    duration: Fraction | None
    video_duration: Fraction | None
    start: Fraction
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    subtitles: tuple[SubtitleStream, ...]
    moved_up: Fraction = Fraction(0)
    chapters: tuple[ChapterMark, ...] = ()
    ancillary: tuple[int, ...] = ()


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
            video=_video(location, container, picture, where) if picture else None,
            audio=tuple(_audio(s) for s in container.streams.audio if s.codec_context is not None),
            moved_up=moved_up(location, picture.index) if picture and "mov" in container.format.name else Fraction(0),
            subtitles=tuple(_subtitle(s) for s in container.streams.subtitles),
            chapters=tuple(_chapter(c) for c in container.chapters()),
            ancillary=tuple(s.index for s in container.streams.data if s.metadata.get("data_type") == _ANCILLARY),
        )


@contextlib.contextmanager
def open_media(location: str, *, where: str, options: dict[str, str] | None = None) -> Any:
    """An open PyAV container, with what can go wrong said in plain words (MasterRefused). `options` are the
    demuxer's."""
    try:
        container = av.open(location, timeout=(30.0, 60.0), options=foreign_container(location) | (options or {}))
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


def _video(location: str, container: Any, stream: Any, where: str) -> VideoStream:
    if stream.codec_context is None:
        raise MasterRefused(
            "its video has a codec that is not known",
            where=where,
            hint="Export the master in a common codec, such as H.264, HEVC or ProRes; if it is in one, its headers are "
            "damaged: copy it again.",
        )
    context = stream.codec_context
    declared = context.width, context.height  # a decoder that refuses them forgets them
    forget_colour(context)
    frame = _first_frame(container, stream, where)
    shown: Any = frame if frame is not None else context
    rotation, mirrored = _orientation(frame)
    return VideoStream(
        index=stream.index,
        codec=context.name,
        width=shown.width or declared[0],
        height=shown.height or declared[1],
        pixel_format=shown.format.name if shown.format else "",
        bit_depth=max((c.bits for c in shown.format.components), default=8) if shown.format else 8,
        sar=Fraction(stream.sample_aspect_ratio or context.sample_aspect_ratio or 1) or Fraction(1),
        rotation=rotation,
        time_base=stream.time_base,
        average_rate=Fraction(stream.average_rate or 0),
        guessed_rate=Fraction(stream.guessed_rate or 0),
        interlaced=bool(frame is not None and frame.interlaced_frame),
        colour=read_colour(location, stream, frame),
        language=_language(stream.metadata.get("language", "")),
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


def _language(said: str) -> str:
    """The first language that a container names (MPEG-TS may name one for each channel); ``und`` where that is no code
    (RFC 5646 section 2.1): it is text of whoever made the file, and goes into manifests."""
    code = said.split(",")[0].strip().lower()
    return code if re.fullmatch(r"[a-z]{2,8}([-_][a-z0-9]{1,8})*", code) else "und"


def _audio(stream: Any) -> AudioStream:
    context = stream.codec_context
    said = {str(key).lower(): str(value) for key, value in stream.metadata.items()}
    speakers = tuple(channel.name for channel in context.layout.channels)
    return AudioStream(
        index=stream.index,
        codec=context.name,
        sample_rate_hz=context.sample_rate or 0,
        channels=context.layout.nb_channels,
        layout=context.layout.name,
        start=Fraction(stream.start_time or 0) * stream.time_base,
        language=_language(said.get("language", "")),
        duration=stream.duration * Fraction(stream.time_base) if stream.duration else None,
        speakers=() if "NONE" in speakers else speakers,
        title=(said.get("title") or said.get("name") or "").strip(),
        handler=said.get("handler_name", "").strip(),
        dispositions=tuple(str(flag.name) for flag in av.stream.Disposition if flag & stream.disposition),
    )


def _subtitle(stream: Any) -> SubtitleStream:
    flags = stream.disposition
    known = av.stream.Disposition
    tags = {name.lower(): str(value) for name, value in stream.metadata.items()}
    codec = stream.codec_context.codec.canonical_name if stream.codec_context is not None else "unknown"
    return SubtitleStream(
        index=stream.index,
        codec=codec,
        language=_language(tags.get("language", "")),
        title=tags.get("title", ""),
        default=bool(flags & known.default),
        forced=bool(flags & known.forced),
        hearing_impaired=bool(flags & (known.hearing_impaired | known.captions)),
        bitmap=codec in _BITMAPS,
    )


def _chapter(raw: Any) -> ChapterMark:
    unit = Fraction(raw["time_base"])
    tags = {name.lower(): str(value) for name, value in raw["metadata"].items()}
    return ChapterMark(raw["start"] * unit, raw["end"] * unit, tags.get("title", ""))
