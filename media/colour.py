"""Colour as video streams declare it: code points, range, and the metadata of HDR. Pure.

Code points are those of ITU-T H.273 (ISO/IEC 23091-2); 2 is "unspecified".
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

UNSPECIFIED = 2
PQ, HLG = 16, 18
"""Transfer characteristics of SMPTE ST 2084 and ARIB STD-B67."""

PRIMARIES = {
    1: "BT.709", 4: "BT.470M", 5: "BT.601 625", 6: "BT.601 525", 7: "SMPTE 240M", 8: "film", 9: "BT.2020",
    10: "XYZ", 11: "DCI-P3", 12: "Display P3", 22: "EBU 3213",
}  # fmt: skip
TRANSFERS = {
    1: "BT.709", 4: "gamma 2.2", 5: "gamma 2.8", 6: "BT.601", 7: "SMPTE 240M", 8: "linear", 9: "log 100",
    10: "log 316", 11: "xvYCC", 12: "BT.1361", 13: "sRGB", 14: "BT.2020", 15: "BT.2020", PQ: "PQ", HLG: "HLG",
}  # fmt: skip
MATRICES = {
    0: "RGB", 1: "BT.709", 4: "FCC", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 8: "YCgCo", 9: "BT.2020",
    10: "BT.2020 constant luminance", 12: "of its primaries", 13: "of its primaries, constant luminance", 14: "ICtCp",
}  # fmt: skip
"""What people call the code points; one that is not here is not known and can't be worked with."""


@dataclass(frozen=True, slots=True)
class MasteringDisplay:
    """The display a film was graded on (SMPTE ST 2086): CIE 1931 xy of red, green, blue and white, and its luminance
    in cd/m²."""

    red: tuple[Fraction, Fraction]
    green: tuple[Fraction, Fraction]
    blue: tuple[Fraction, Fraction]
    white: tuple[Fraction, Fraction]
    min_nits: Fraction
    max_nits: Fraction


@dataclass(frozen=True, slots=True)
class ContentLight:
    """Content light levels (CTA-861.3), in cd/m²: of the brightest pixel, and of the brightest frame's average."""

    max_cll: int
    max_fall: int


@dataclass(frozen=True, slots=True)
class Colour:
    """How sample values mean colours."""

    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED
    full_range: bool = False
    mastering: MasteringDisplay | None = None
    light: ContentLight | None = None

    @property
    def video_range(self) -> str:
        """HLS's word for it (RFC 8216bis section 4.4.6.2): SDR, PQ or HLG."""
        return {PQ: "PQ", HLG: "HLG"}.get(self.transfer, "SDR")

    @property
    def hdr(self) -> bool:
        return self.video_range != "SDR"

    @property
    def codes(self) -> tuple[int, int, int]:
        """Primaries, transfer and matrix."""
        return self.primaries, self.transfer, self.matrix


UNSAID = Colour()
BT709 = Colour(1, 1, 1)
"""What every SDR rendition is in: BT.709, limited range."""


@dataclass(frozen=True, slots=True)
class ColourWords:
    """What one place in a file says of colour: 2, and None for the range, where it is silent."""

    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED
    full_range: bool | None = None


SILENT = ColourWords()


@dataclass(frozen=True, slots=True)
class ColourReading:
    """All that a file says of its picture's colour.

    `coded` is what the bitstream says, `container` what the boxes around it do. `rgb` tells that samples are red, green
    and blue. `dynamic` names metadata that changes from picture to picture, such as ``'HDR10+'``; `mended` says what
    was wrong with the rest.
    """

    coded: ColourWords = SILENT
    container: ColourWords = SILENT
    rgb: bool = False
    mastering: MasteringDisplay | None = None
    light: ContentLight | None = None
    dynamic: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()

    @property
    def said(self) -> ColourWords:
        """The bitstream's words, and the container's where it is silent."""
        coded, container = self.coded, self.container
        return ColourWords(
            coded.primaries if coded.primaries != UNSPECIFIED else container.primaries,
            coded.transfer if coded.transfer != UNSPECIFIED else container.transfer,
            coded.matrix if coded.matrix != UNSPECIFIED else container.matrix,
            coded.full_range if coded.full_range is not None else container.full_range,
        )
