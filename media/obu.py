"""AV1 temporal units: open bitstream units, sequence headers, and where decoding can start. Pure.

AV1 bitstream and decoding process specification sections 5.3, 5.5 and 5.9; AV1 in ISO BMFF section 2.4.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from media.bits import Bits
from media.boxes import Buffer, damaged

_SEQUENCE, _FRAME_HEADER, _FRAME, _TILE_LIST = 1, 3, 6, 8
_KEY_FRAME = 0
_BT709 = (1, 1, 1, 0)
_UNSAID = 2


@dataclass(frozen=True, slots=True)
class Obu:
    """One unit whose payload lies at ``[start, stop)`` of the data."""

    kind: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class SequenceHeader:
    """What a track's sequence headers must agree in (AV1 in ISO BMFF sections 2.2 and 4): no coding tools.

    `colour` is primaries, transfer, matrix (2 where not said) and full range; `subsampling` x, y and sample position.
    """

    profile: int
    still_picture: bool
    reduced: bool
    level_index: int
    tier: int
    width: int
    height: int
    bit_depth: int
    monochrome: bool
    colour: tuple[int, int, int, int]
    subsampling: tuple[int, int, int]

    @property
    def codec(self) -> str:
        """``0.08M.08``, section 5; with the optional fields, as in ``0.08M.10.0.112.09.16.09.0``, where the header
        tells a colour other than BT.709."""
        short = f"{self.profile}.{self.level_index:02d}{'H' if self.tier else 'M'}.{self.bit_depth:02d}"
        if self.colour == _BT709 or _UNSAID in self.colour[:3]:
            return short
        fields = [str(int(self.monochrome)), "".join(map(str, self.subsampling))]
        return ".".join([short, *fields, *(f"{code:02d}" for code in self.colour[:3]), str(self.colour[3])])


@dataclass(frozen=True, slots=True)
class TemporalUnit:
    """One sample: its sequence headers, and whether it is a random access point.

    That is: the first frame is a key frame that is shown, and a sequence header comes before it.
    """

    headers: tuple[SequenceHeader, ...]
    random_access: bool


def units(data: Buffer, start: int, stop: int) -> Iterator[Obu]:
    """The OBUs of ``data[start:stop]``; DamagedMedia if their sizes don't fit it exactly."""
    while start < stop:
        header = data[start]
        if header & 0x80:
            raise damaged("an OBU's forbidden bit is set", start)
        at = start + (2 if header & 4 else 1)
        if header & 2:
            size, at = _leb128(data, at, stop)
        else:
            size = stop - at
        if size < 0 or at + size > stop:
            raise damaged(f"an OBU of {size} bytes does not fit its sample", start)
        yield Obu(header >> 3 & 0xF, at, at + size)
        start = at + size


def inspect_unit(data: Buffer, start: int, stop: int, known: SequenceHeader | None) -> TemporalUnit:
    """Walk the OBUs of a sample; `known` is the init's sequence header, if it has one. Raises DamagedMedia."""
    headers: list[SequenceHeader] = []
    key: bool | None = None
    for obu in units(data, start, stop):
        if obu.kind == _SEQUENCE:
            headers.append(sequence_header(data, obu))
        elif obu.kind in (_FRAME_HEADER, _FRAME) and key is None:
            current = headers[-1] if headers else known
            key = _shown_key_frame(Bits(data, obu.start, obu.stop), current) and bool(headers)
        elif obu.kind == _TILE_LIST:
            raise damaged("a tile list has no place in a file", obu.start)
    if key is None:
        raise damaged("a sample holds no AV1 frame", start)
    return TemporalUnit(tuple(headers), key)


@functools.lru_cache(maxsize=16)
def configured_header(config: bytes) -> SequenceHeader | None:
    """The sequence header among the OBUs of an av1C, or None."""
    found = [o for o in units(config, 4, len(config)) if o.kind == _SEQUENCE]
    return sequence_header(config, found[0]) if found else None


def sequence_header(data: Buffer, obu: Obu) -> SequenceHeader:
    """A sequence header OBU (section 5.5.1)."""
    bits = Bits(data, obu.start, obu.stop)
    profile, still, reduced = bits.number(3), bits.flag(), bits.flag()
    level, tier = (bits.number(5), 0) if reduced else _operating_points(bits)
    width_bits, height_bits = bits.number(4) + 1, bits.number(4) + 1
    width, height = bits.number(width_bits) + 1, bits.number(height_bits) + 1
    if not reduced and bits.flag():  # frame_id_numbers_present_flag
        bits.number(7)
    bits.number(3)  # superblocks, intra filter and edges
    if not reduced:
        _inter_tools(bits)
    bits.number(3)  # superres, CDEF, restoration
    depth, monochrome, colour, subsampling = _colour(bits, profile)
    return SequenceHeader(
        profile, still, reduced, level, tier, width, height, depth, monochrome, colour, subsampling
    )  # fmt: skip


def _leb128(data: Buffer, at: int, stop: int) -> tuple[int, int]:
    """A little-endian size in groups of seven bits (section 4.10.5), and the byte after it."""
    size = 0
    for shift in range(0, 56, 7):
        if at >= stop:
            break
        byte = data[at]
        at += 1
        size |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return size, at
    raise damaged("an OBU's size does not end", at)


def _operating_points(bits: Bits) -> tuple[int, int]:
    """Level and tier of the first operating point; reads on to the last."""
    delay_bits = 0
    if bits.flag():  # timing_info_present_flag
        bits.number(64)
        if bits.flag():  # equal_picture_interval
            bits.uvlc()
        if bits.flag():  # decoder_model_info_present_flag
            delay_bits = bits.number(5) + 1
            bits.number(42)
    display_delay = bits.flag()
    points: list[tuple[int, int]] = []
    for _ in range(bits.number(5) + 1):
        bits.number(12)
        level = bits.number(5)
        points.append((level, bits.number(1) if level > 7 else 0))
        if delay_bits and bits.flag():
            bits.number(2 * delay_bits + 1)
        if display_delay and bits.flag():
            bits.number(4)
    return points[0]


def _inter_tools(bits: Bits) -> None:
    bits.number(4)  # interintra and masked compound, warped motion, dual filter
    order_hint = bits.flag()
    if order_hint:
        bits.number(2)
    forced = 2 if bits.flag() else bits.number(1)  # seq_force_screen_content_tools
    if forced and not bits.flag():  # seq_choose_integer_mv
        bits.number(1)
    if order_hint:
        bits.number(3)


def _colour(bits: Bits, profile: int) -> tuple[int, bool, tuple[int, int, int, int], tuple[int, int, int]]:
    """color_config (section 5.5.2): bit depth, monochrome, colour and subsampling."""
    high = bits.flag()
    depth = (12 if bits.flag() else 10) if profile == 2 and high else 10 if high else 8
    monochrome = profile != 1 and bits.flag()
    primaries, transfer, matrix = (
        (bits.number(8), bits.number(8), bits.number(8)) if bits.flag() else (2, 2, 2)
    )  # fmt: skip
    if monochrome:
        return depth, True, (primaries, transfer, matrix, bits.number(1)), (1, 1, 0)
    if (primaries, transfer, matrix) == (1, 13, 0):  # sRGB
        return depth, False, (primaries, transfer, matrix, 1), (0, 0, 0)
    full = bits.number(1)
    x = y = int(profile == 0)
    if profile == 2:
        x = bits.number(1) if depth == 12 else 1
        y = bits.number(1) if depth == 12 and x else 0
    position = bits.number(2) if x and y else 0
    return depth, False, (primaries, transfer, matrix, full), (x, y, position)


def _shown_key_frame(bits: Bits, header: SequenceHeader | None) -> bool:
    """The start of uncompressed_header (section 5.9.2)."""
    if header is not None and header.reduced:
        return True
    if bits.flag():  # show_existing_frame
        return False
    return bits.number(2) == _KEY_FRAME and bits.flag()
