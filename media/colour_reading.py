"""What a file says of its colour, the bitstream and the container apart, through PyAV. Does I/O.

libav mixes the two: what the container says fills in where the bitstream is silent, and the other way round. They are
taken apart by looking twice: at a picture of a decoder that was told nothing, and at the streams of a container that
was given no decoder.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

import av
import av.error

from media.colour import SILENT, UNSPECIFIED, ColourReading, ColourWords, ContentLight, MasteringDisplay
from media.foreign import foreign_container

_BLIND = {"codec_whitelist": "none", "probesize": "100000", "analyzeduration": "1"}
"""Options of a demuxer that opens no decoder and reads next to nothing of the media."""

_DYNAMIC = {
    "DYNAMIC_HDR_PLUS": "HDR10+",
    "DYNAMIC_HDR_VIVID": "HDR Vivid",
    "DOVI_RPU_BUFFER": "Dolby Vision",
    "DOVI_METADATA": "Dolby Vision",
}
_DOLBY_TAGS = ("dvh1", "dvhe", "dva1", "dvav", "dav1")
_MASTERING = struct.Struct("=20i2i")  # AVMasteringDisplayMetadata: ten fractions, and libav's opinion of them
_LIGHT = struct.Struct("=2I")
_UNITS = 10_000
_LEAST_PEAK, _MOST_PEAK = 5, 10_000  # cd/m²: ITU-T H.265 section D.3.28


def forget_colour(context: Any) -> None:
    """Take from a decoder that has not begun what the container told it, so that its pictures tell the rest."""
    context.color_primaries = context.color_trc = context.colorspace = UNSPECIFIED
    context.color_range = 0


def read_colour(location: str, stream: Any, frame: Any) -> ColourReading:
    """The reading of a stream of the file at `location`.

    `frame` is its first picture, of a decoder that has been made to forget (`forget_colour`); None where none decodes.
    """
    container = container_words(location, stream.index)
    tag = str(stream.codec_context.codec_tag).lower()
    dolby = ("Dolby Vision",) if tag in _DOLBY_TAGS else ()
    if frame is None:
        return ColourReading(container=container, dynamic=dolby)
    data = {_kind(d): bytes(d) for d in frame.side_data}
    mastering, mended = parse_mastering(data.get("MASTERING_DISPLAY_METADATA", b""))
    dynamic = dict.fromkeys((*dolby, *(name for kind, name in _DYNAMIC.items() if kind in data)))
    return ColourReading(
        coded=words_of(frame),
        container=container,
        rgb=frame.format.is_rgb or frame.format.name == "pal8",
        mastering=mastering,
        light=parse_light(data.get("CONTENT_LIGHT_LEVEL", b"")),
        dynamic=tuple(dynamic),
        mended=mended,
    )


def container_words(location: str, index: int) -> ColourWords:
    """What the container alone says of stream `index`; silence where it can't be asked."""
    try:
        with av.open(location, timeout=(30.0, 60.0), options=_BLIND | foreign_container(location)) as container:
            streams = [s for s in container.streams.video if s.index == index and s.codec_context is not None]
            return words_of(streams[0].codec_context) if streams else SILENT
    except av.error.FFmpegError:
        return SILENT


def words_of(shown: Any) -> ColourWords:
    """The words of a picture or a codec context. 0 is RGB as a matrix and reserved elsewhere."""
    full = {1: False, 2: True}.get(int(shown.color_range))
    return ColourWords(int(shown.color_primaries), int(shown.color_trc), int(shown.colorspace), full)


def parse_mastering(data: bytes) -> tuple[MasteringDisplay | None, tuple[str, ...]]:
    """libav's AVMasteringDisplayMetadata, mended where a known mistake was made, and what was mended.

    Phones copy the descriptor of CTA-861.3 section 3.3 into the bitstream as it is: its greatest luminance is in cd/m²
    where the bitstream's is in 0.0001 cd/m², and its primaries come in another order. None for what makes no sense.
    """
    if len(data) < _MASTERING.size:
        return None, ()
    numbers = _MASTERING.unpack_from(data)
    pairs = list(zip(numbers[0:20:2], numbers[1:20:2], strict=True))
    if any(under == 0 for _, under in pairs):
        return None, ()
    x = [Fraction(over, under) for over, under in pairs]
    if any(not 0 < value <= 1 for value in x[:8]):
        return None, ()  # files with zeros here are common
    low, high = x[8], x[9]
    mended: list[str] = []
    if high < _LEAST_PEAK <= high * _UNITS <= _MOST_PEAK:
        mended.append(f"the mastering display's peak of {float(high):g} cd/m² is read as {float(high * _UNITS):g}")
        high *= _UNITS
    if not (_LEAST_PEAK <= high <= _MOST_PEAK and 0 <= low < high):
        return None, ("the mastering display's luminance makes no sense: its metadata is left out",)
    said = [(x[0], x[1]), (x[2], x[3]), (x[4], x[5])]
    red = max(said)
    green = max((p for p in said if p != red), key=lambda p: p[1], default=red)
    blue = next((p for p in said if p not in (red, green)), green)
    if said != [red, green, blue]:
        mended.append("the mastering display's primaries were in another order")
    return MasteringDisplay(red, green, blue, (x[6], x[7]), low, high), tuple(mended)


def parse_light(data: bytes) -> ContentLight | None:
    """libav's AVContentLightMetadata; None where both levels are 0, which is "not known" (CTA-861.3)."""
    if len(data) < _LIGHT.size:
        return None
    found = ContentLight(*_LIGHT.unpack_from(data))
    return found if found.max_cll or found.max_fall else None


def _kind(data: Any) -> str:
    try:
        return str(data.type.name)
    except ValueError:
        return ""  # a kind that this PyAV has no name for
