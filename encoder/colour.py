"""From the film's colours to a rendition's: range, matrix, tone mapping, pixel format. Filters of ffmpeg's graphs."""

from __future__ import annotations

from typing import Any

from coders.table import CODERS
from ladders.rung import FittedRung
from media.colour import Colour
from treatment.picture import Look


def looked(stream: Any, source: Colour, look: Look) -> Any:
    """The film's frames in the colour of `look`, before they are scaled."""
    return tone_mapped(stream) if source.hdr and not look.colour.hdr else stream


def scaled(stream: Any, rung: FittedRung, look: Look) -> Any:
    """The picture in the rung's size: square pixels, limited range, in the pixel format that its codec takes."""
    stream = stream.filter("scale", rung.width, rung.height, flags="bicubic", out_range="tv")
    return stream.filter("setsar", "1").filter("format", CODERS[rung.codec].pixel_format)


def tone_mapped(stream: Any) -> Any:
    stream = stream.filter("zscale", transfer="linear", npl="100").filter("format", "gbrpf32le")
    stream = stream.filter("zscale", primaries="bt709").filter("tonemap", "hable", desat="0")
    return stream.filter("zscale", transfer="bt709", matrix="bt709", range="tv").filter("format", "yuv420p")
