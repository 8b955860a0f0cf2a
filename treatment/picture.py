"""How decoded frames become the film's frames: the decision that all chunks of a title share. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from media.colour import BT709, Colour

Scan = Literal["progressive", "field", "frame", "telecine"]
"""As they are; deinterlaced to a picture a field; deinterlaced at frame rate; 24p restored from hard telecine."""

Parity = Literal["auto", "tff", "bff"]
"""Which field of a frame is shown first."""


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of the decoded picture that is kept, in source pixels before rotation. All numbers are even, so that
    chroma is cut where luma is."""

    width: int
    height: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """How decoded frames become the film's frames before scaling, decided once for the whole title.

    `stream` is the index of the video stream in the container. `scan` says how fields become frames, `parity` which
    comes first (auto is as each frame is flagged); `deep` pictures have more than 8 bits a sample. The picture is
    cropped, mirrored left to right where `mirrored`, and turned by `rotation` degrees counter-clockwise;
    `display_matrix` says that the file's frames carry an order to turn them.
    `opening_frames` of black come before the first source frame, `closing_frames` repeat the last one, both to fill the
    grid. `colour` is the source's, unspecified parts decided.
    """

    stream: int
    scan: Scan = "progressive"
    deep: bool = False
    parity: Parity = "auto"
    crop: Crop | None = None
    rotation: int = 0
    mirrored: bool = False
    display_matrix: bool = False
    opening_frames: int = 0
    closing_frames: int = 0
    colour: Colour = BT709


@dataclass(frozen=True, slots=True)
class Look:
    """What a codec's rungs are coded in: the colour of all of them, and bits a sample."""

    colour: Colour = BT709
    bit_depth: int = 8


SDR = Look()
