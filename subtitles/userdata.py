"""Caption bytes in coded pictures: from a video packet to its cc_data triplets, without decoding. Pure.

ATSC A/53 part 4 section 6.2.3 (user data of MPEG-2 and of SEI messages, also used by HEVC and by AV1's metadata), and
captions in ancillary data (SMPTE ST 436 packets that hold the distribution packets of ST 334-2).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from media.boxes import Buffer
from media.obu import units
from values.errors import DamagedMedia

CODECS = ("h264", "hevc", "mpeg2video", "av1")
"""Codecs whose packets may carry captions (ffmpeg's names)."""

_MARK = b"GA94\x03"
_T35 = b"\xb5\x00\x31"  # United States, ATSC
_START = re.compile(rb"\x00\x00\x01")
_SEI = {"h264": (6,), "hevc": (39, 40)}
_REGISTERED = 4  # the SEI payload for data registered by ITU-T T.35
_AV1_METADATA, _AV1_T35 = 5, 4
_CDP_MARK = b"\x96\x69"
_CAPTION_DID = b"\x61\x01"


def nal_length(codec: str, extradata: bytes) -> int:
    """The bytes of a NAL unit's length field as the configuration record says; 0 where start codes part them."""
    if codec == "h264" and len(extradata) > 6 and extradata[0] == 1:
        return (extradata[4] & 3) + 1
    if codec == "hevc" and len(extradata) > 22 and extradata[0] == 1:
        return (extradata[21] & 3) + 1
    return 0


def picture_captions(codec: str, data: bytes, length_size: int = 0) -> bytes:
    """The cc_data triplets of a packet, b"" where it has none. `length_size` is that of `nal_length`.

    What does not fit its place is passed over: captions never make a picture unusable.
    """
    if _MARK not in data:  # nearly all packets of most films end here
        return b""
    if codec == "mpeg2video":
        found = (data[m.end() + 1 :] for m in _START.finditer(data) if data[m.end() : m.end() + 1] == b"\xb2")
        return b"".join(_user_data(part) for part in found)
    if codec == "av1":
        return b"".join(_t35(part) for part in _av1_metadata(data))
    return b"".join(_t35(part) for unit in _seis(codec, data, length_size) for part in _messages(unit))


def ancillary_captions(data: bytes) -> bytes:
    """The cc_data triplets of a frame's ancillary data (SMPTE ST 436 section 7), 8-bit samples."""
    out = bytearray()
    at = 2
    for _ in range(int.from_bytes(data[:2], "big")):
        if at + 14 > len(data):
            break
        samples = int.from_bytes(data[at + 4 : at + 6], "big")
        stored = int.from_bytes(data[at + 6 : at + 10], "big") * int.from_bytes(data[at + 10 : at + 14], "big")
        body = data[at + 14 : at + 14 + stored]
        if body[:2] == _CAPTION_DID:
            out += _distribution_packet(body[3:samples])
        at += 14 + stored
    return bytes(out)


def _user_data(data: bytes) -> bytes:
    """The triplets of A/53 user data, which begins with its identifier."""
    if data[:5] != _MARK or len(data) < 7:
        return b""
    flags = data[5]
    if not flags & 0x40:
        return b""
    triplets = data[7 : 7 + 3 * (flags & 0x1F)]
    return triplets[: len(triplets) // 3 * 3]


def _t35(payload: bytes) -> bytes:
    return _user_data(payload[3:]) if payload[:3] == _T35 else b""


def _seis(codec: str, data: bytes, length_size: int) -> Iterator[bytes]:
    """The SEI units of a packet, without their header and without emulation prevention."""
    header = 2 if codec == "hevc" else 1
    for start, stop in _lengths(data, length_size) if length_size else _start_codes(data):
        kind = data[start] >> 1 & 0x3F if codec == "hevc" else data[start] & 0x1F
        if kind in _SEI[codec]:
            yield data[start + header : stop].replace(b"\0\0\3", b"\0\0")


def _lengths(data: bytes, size: int) -> Iterator[tuple[int, int]]:
    at = 0
    while at + size < len(data):
        start = at + size
        at = start + int.from_bytes(data[at:start], "big")
        if at > start:
            yield start, min(at, len(data))


def _start_codes(data: bytes) -> Iterator[tuple[int, int]]:
    starts = [m.end() for m in _START.finditer(data)]
    for start, following in itertools.pairwise([*starts, len(data) + 3]):
        if start < following - 3:
            yield start, following - 3


def _messages(sei: bytes) -> Iterator[bytes]:
    """The payloads of registered user data in an SEI unit (H.264 section 7.3.2.3.1)."""
    at = 0
    while at + 2 < len(sei):
        kind, at = _sei_number(sei, at)
        size, at = _sei_number(sei, at)
        if kind == _REGISTERED:
            yield sei[at : at + size]
        at += size


def _sei_number(sei: bytes, at: int) -> tuple[int, int]:
    value = 0
    while at < len(sei) and sei[at] == 0xFF:
        value, at = value + 255, at + 1
    return value + (sei[at] if at < len(sei) else 0), at + 1


def _av1_metadata(data: Buffer) -> Iterator[bytes]:
    try:
        for unit in units(data, 0, len(data)):
            if unit.kind == _AV1_METADATA and unit.stop > unit.start and data[unit.start] == _AV1_T35:
                yield bytes(data[unit.start + 1 : unit.stop])
    except DamagedMedia:
        return


def _distribution_packet(data: bytes) -> bytes:
    """The triplets of a caption distribution packet (ST 334-2 section 5)."""
    if data[:2] != _CDP_MARK or len(data) < 9:
        return b""
    at = 7
    if data[4] & 0x80:  # a time code section
        at += 5
    if data[at : at + 1] != b"\x72":
        return b""
    triplets = data[at + 2 : at + 2 + 3 * (data[at + 1] & 0x1F)]
    return triplets[: len(triplets) // 3 * 3]
