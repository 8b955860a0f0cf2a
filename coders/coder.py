"""The interface: what an encoder is asked for, and what one entry of the table says. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from coders.levels import Shape


@dataclass(frozen=True, slots=True)
class Light:
    """What an encoder writes of high dynamic range besides the colour of its pictures.

    `pq` says that samples are PQ, `volume` is the mastering display (SMPTE ST 2086): x and y of red, green, blue and
    white, then the least and the greatest luminance in cd/m²; () where it is not known. `levels` are MaxCLL and MaxFALL
    in cd/m².
    """

    pq: bool
    volume: tuple[Fraction, ...] = ()
    levels: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Coding:
    """What one encode is asked for.

    `crf` is the constant rate factor on the codec's own scale. `max_bps` over a VBV of `buffer_bits`, `initial_bits` of
    them filled when the encode starts, caps it; `max_bps` 0 leaves it uncapped. `keyint` is the longest GOP in frames
    and `threads` what the encoder may use. `shape` is what the whole rendition may need, and decides its level. `light`
    is there where pictures are of high dynamic range; what colour they are in, their own tags tell the encoder.
    """

    preset: str
    crf: float
    max_bps: int
    buffer_bits: int
    initial_bits: int
    keyint: int
    threads: int
    shape: Shape
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Coder:
    """One video codec as matinee encodes it.

    `name` is the ladder file's word and `label` people's; `encoder` is ffmpeg's encoder, `entry` the sample entry of
    the init segment (ISO/IEC 14496-15 and the codecs' own bindings; the CMAF brand follows from what it holds:
    `media.brands`), `pixel_format` what goes in, and `deep_format` what goes in at ten bits a sample: '' for a codec
    whose ten-bit profiles hardly any player takes, so that its rungs are of eight bits and standard dynamic range.

    CRFs run from 0 to `max_crf`; `halving_crf` more of it take about half of the bits. `efficiency` is about how many
    bits of H.264 one of its bits is worth, and orders variants that look alike; `slowness`, about how many times the
    CPU of H.264 it takes at the same preset, orders work. `strict_vbv` says that the encoder itself keeps to a VBV;
    `passes` is 2 where it must have seen all frames before it encodes well.
    """

    name: str
    label: str
    encoder: str
    entry: str
    pixel_format: str
    max_crf: int
    halving_crf: float
    efficiency: float
    slowness: float
    strict_vbv: bool
    passes: int
    options: Callable[[Coding], dict[str, str]]
    deep_format: str = ""

    def format_at(self, bit_depth: int) -> str:
        """The pixel format that goes in at so many bits a sample."""
        return self.deep_format if bit_depth > 8 and self.deep_format else self.pixel_format


PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""One scale of speed for all codecs, fastest first, named as libx264 names it. Each entry translates it."""
