"""Colour as video streams declare it: code points, range, and the metadata of HDR. Pure.

Code points are those of ITU-T H.273 (ISO/IEC 23091-2); 2 is "unspecified".
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

UNSPECIFIED = 2
PQ, HLG = 16, 18
"""Transfer characteristics of SMPTE ST 2084 and ARIB STD-B67."""


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


BT709 = Colour(1, 1, 1)
"""What every SDR rendition is in: BT.709, limited range."""
