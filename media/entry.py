"""Whether decoding can start at a coded picture, by its own headers: for files whose tables don't say, or lie. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from media.bits import Bits
from values.errors import DamagedMedia

CODECS = frozenset({"h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "vp8"})
"""The codecs whose headers are read here."""

_AVC_SLICES, _AVC_IDR, _AVC_SEI = (1, 2, 5), 5, 6
_HEVC_SLICES, _HEVC_IRAP, _HEVC_SEI = range(32), range(16, 24), 39
_RECOVERY_POINT = 6  # SEI payload (ITU-T H.264 section D.2.8)
_INTRA = (2, 4, 7, 9)  # slice types I and SI, alone or all alike (table 7-6)
_LOOK = 1 << 16  # bytes in which the headers of an MPEG picture lie


def entry_point(codec: str, data: bytes, extradata: bytes) -> int | None:
    """How many pictures after this one are shown wrongly if decoding starts with it: 0 for most entry points, more for
    an H.264 picture from which intra refresh begins. None if decoding can't start here.

    `data` is a packet and `extradata` its stream's. Raises ValueError for a codec that is not one of CODECS.
    """
    if codec == "h264":
        return _avc(data, extradata)
    if codec == "hevc":
        kinds = [unit[0] >> 1 & 0x3F for unit in _units(data, _length_size(extradata, 21)) if unit]
        first = next((kind for kind in kinds if kind in _HEVC_SLICES), None)
        return 0 if first in _HEVC_IRAP else None
    if codec == "vp8":
        return 0 if data and not data[0] & 1 else None  # RFC 6386 section 9.1
    if codec == "mpeg4":
        at = data.find(b"\0\0\1\xb6", 0, _LOOK)
        return 0 if at >= 0 and data[at + 4 : at + 5] and not data[at + 4] >> 6 else None  # ISO/IEC 14496-2, 6.2.5
    if codec in CODECS:
        at = data.find(b"\0\0\1\0", 0, _LOOK)
        return 0 if at >= 0 and data[at + 5 : at + 6] and data[at + 5] >> 3 & 7 == 1 else None  # ITU-T H.262, 6.2.3
    raise ValueError(f"the headers of {codec} are not read here")


def _avc(data: bytes, extradata: bytes) -> int | None:
    slices, recovery = [], None
    for unit in _units(data, _length_size(extradata, 4)):
        kind = unit[0] & 0x1F if unit else 0
        if kind == _AVC_IDR:
            return 0
        if kind == _AVC_SEI and recovery is None:
            recovery = _recovery(_unescaped(unit[1:256]))
        if kind in _AVC_SLICES:
            slices.append(unit[:32])
    if recovery is not None and slices:
        return recovery
    return 0 if slices and all(_slice_type(unit) in _INTRA for unit in slices) else None


def _length_size(extradata: bytes, at: int) -> int:
    """The width of the NAL units' lengths, by an avcC or hvcC; 0 where start codes part them (Annex B)."""
    return (extradata[at] & 3) + 1 if len(extradata) > at and extradata[0] == 1 else 0


def _units(data: bytes, length_size: int) -> Iterator[bytes]:
    """The NAL units of a packet; those that a damaged length cuts off are left out."""
    if not length_size:
        yield from (part for part in data.split(b"\0\0\1")[1:] if part)
        return
    at = 0
    while at + length_size < len(data):
        size = int.from_bytes(data[at : at + length_size], "big")
        yield data[at + length_size : at + length_size + size]
        at += length_size + size


def _slice_type(unit: bytes) -> int:
    payload = _unescaped(unit[1:])
    bits = Bits(payload, 0, len(payload))
    try:
        bits.uvlc()  # first_mb_in_slice
        return bits.uvlc()
    except DamagedMedia:
        return -1


def _recovery(payload: bytes) -> int | None:
    """recovery_frame_cnt of the recovery point among SEI messages, None if there is none."""
    at = 0
    try:
        while at + 2 < len(payload):
            kind, at = _sei_number(payload, at)
            size, at = _sei_number(payload, at)
            if kind == _RECOVERY_POINT:
                return Bits(payload, at, min(at + size, len(payload))).uvlc()
            at += size
    except (DamagedMedia, IndexError):
        pass
    return None


def _sei_number(payload: bytes, at: int) -> tuple[int, int]:
    value = 0
    while payload[at] == 0xFF:
        value, at = value + 0xFF, at + 1
    return value + payload[at], at + 1


def _unescaped(data: bytes) -> bytes:
    """Without emulation prevention (ITU-T H.264 section 7.4.1)."""
    return data.replace(b"\0\0\3", b"\0\0")
