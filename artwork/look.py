"""From decoded frames to pictures on a screen: deinterlaced, cropped, turned, brought to size, in SDR. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import av.filter
import numpy as np
from numpy.typing import NDArray

from artwork.plan import View
from artwork.tone import tone_map
from media.colour import Colour

Pixels: TypeAlias = NDArray[np.uint8]
"""An RGB picture: rows, columns, three channels."""

_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
"""What ffmpeg's scale filter calls the matrix coefficients of ITU-T H.273."""
_TURNS = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}


def picture_of(frames: Sequence[Any], wanted: Any, view: View) -> Pixels:
    """The frame `wanted` as `view` shows it. `frames` are it and its neighbours, which deinterlacing looks at."""
    deinterlace = view.picture.scan != "progressive"
    given = [f for f in frames if _alike(f, wanted)] if deinterlace else [wanted]
    graph = _graph(wanted, view, deinterlace=deinterlace)
    for frame in given:
        graph.push(frame)
    graph.push(None)
    number = next(i for i, frame in enumerate(given) if frame is wanted)
    shown = None
    for _ in range(number + 1):
        shown = graph.pull()
    hdr = view.picture.colour.hdr
    pixels = shown.to_ndarray()  # type: ignore[union-attr]
    if not hdr:
        return np.ascontiguousarray(pixels)
    signal = tone_map(pixels.astype(np.float32) / 65535, view.picture.colour)
    return np.rint(signal * 255).astype(np.uint8)


def _alike(one: Any, other: Any) -> bool:
    """Whether two frames can go through one graph: a stream's size may change on its way."""
    return (one.width, one.height, one.format.name) == (other.width, other.height, other.format.name)


def _graph(frame: Any, view: View, *, deinterlace: bool) -> Any:
    """What libavfilter does with the frames; every filter keeps one frame for one frame."""
    picture, (width, height) = view.picture, view.size
    turns = _TURNS.get(view.turn % 360, ())
    steps: list[tuple[str, str]] = (
        [("bwdif", f"mode=send_frame:parity={picture.parity}:deint=all")] if deinterlace else []
    )
    if picture.crop:
        crop = picture.crop
        steps.append(("crop", f"{crop.width}:{crop.height}:{crop.x}:{crop.y}:exact=1"))
    if len(turns) == 1:
        width, height = height, width
    steps.append(("scale", f"{width}:{height}:flags=area+accurate_rnd+full_chroma_int{_read_as(picture.colour)}"))
    steps += [("hflip", "")] if view.mirrored else []
    steps += [("transpose", turn) for turn in turns]
    steps.append(("format", "rgb48le" if picture.colour.hdr else "rgb24"))
    graph = av.filter.Graph()
    last = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )  # fmt: skip
    for name, options in steps:
        node = graph.add(name, options or None)
        last.link_to(node)
        last = node
    sink = graph.add("buffersink")
    last.link_to(sink)
    graph.configure()
    return graph


def _read_as(colour: Colour) -> str:
    """Options of the scale filter: how sample values mean colours. What is unspecified is left to the frame's word."""
    matrix = _MATRICES.get(colour.matrix)
    levels = "full" if colour.full_range else "limited"
    return f":in_range={levels}" + (f":in_color_matrix={matrix}" if matrix else "")
