"""Cuts into media files, byte by byte: boxes replaced, elements nested, bits flipped by a seed. Pure."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

from media.boxes import make_box, make_full_box, walk

STBL = ("moov", "trak", "mdia", "minf", "stbl")


def edit(data: bytes, path: tuple[str, ...], change: Callable[[bytes], bytes]) -> bytes:
    """An ISO file whose first box at `path` has another body; sizes above follow. A missing last box is added."""
    if not path:
        return change(data)
    parts, found = [], False
    for box in walk(data):
        body = data[box.body : box.stop]
        if box.kind == path[0] and not found:
            found = True
            body = edit(body, path[1:], change)
        parts.append(make_box(box.kind, body))
    if not found:
        assert len(path) == 1, f"no {path[0]}"
        parts.append(make_box(path[0], change(b"")))
    return b"".join(parts)


def put(data: bytes, path: tuple[str, ...], body: bytes) -> bytes:
    """`edit` with a body whatever there was."""
    return edit(data, path, lambda _: body)


def poke(data: bytes, path: tuple[str, ...], offset: int, value: bytes) -> bytes:
    """`edit` that overwrites some bytes of the body, from `offset` on."""
    return edit(data, path, lambda body: body[:offset] + value + body[offset + len(value) :])


def full(*parts: bytes, version: int = 0) -> bytes:
    """The body of a full box."""
    return make_full_box("none", version, 0, *parts)[8:]


def entries(count: int, entry: bytes, *, times: int | None = None) -> bytes:
    """A table's body that claims `count` entries and holds `times` of them (as many as it claims, if not given)."""
    return full(struct.pack(">I", count), entry * (count if times is None else times))


def compressed_moov(data: bytes, claimed: int | None = None) -> bytes:
    """The file with its moov compressed (QuickTime's cmov), said to be of `claimed` bytes."""
    out = []
    for box in walk(data):
        whole = data[box.start : box.stop]
        if box.kind == "moov":
            size = struct.pack(">I", claimed or len(whole))
            inside = make_box("dcom", b"zlib") + make_box("cmvd", size, zlib.compress(whole, 9))
            whole = make_box("moov", make_box("cmov", inside))
        out.append(whole)
    return b"".join(out)


def flipped(data: bytes, seed: int, *, count: int, start: float = 0.0, stop: float = 1.0) -> bytes:
    """`count` bits turned over, at places drawn by `seed` from a part of the file."""
    dice = random.Random(seed)
    out = bytearray(data)
    for _ in range(count):
        out[dice.randrange(int(len(out) * start), int(len(out) * stop))] ^= 1 << dice.randrange(8)
    return bytes(out)


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def element(ident: str, *parts: bytes, claimed: int | None = None) -> bytes:
    """An EBML element with an eight-byte size, by `claimed` another than its body's (RFC 8794)."""
    body = b"".join(parts)
    size = len(body) if claimed is None else claimed
    return bytes.fromhex(ident) + (size | 1 << 56).to_bytes(8, "big") + body


def number(ident: str, value: int) -> bytes:
    """An EBML element that holds an unsigned integer."""
    return element(ident, value.to_bytes(8, "big"))


def matroska(*tracks: bytes, clusters: bytes = b"", scale: int = 1_000_000) -> bytes:
    """A Matroska file of these TrackEntry bodies (RFC 9559)."""
    head = element("1a45dfa3", element("4282", b"matroska"), number("4287", 4), number("4285", 2))
    info = element("1549a966", number("2ad7b1", scale))
    entries_ = [element("ae", track) for track in tracks]
    return head + element("18538067", info, element("1654ae6b", *entries_), clusters)


def video_track(codec: str, width: int, height: int, *more: bytes) -> bytes:
    """A TrackEntry body: video track 1."""
    size = element("e0", number("b0", width), number("ba", height))
    return number("d7", 1) + number("73c5", 1) + number("83", 1) + element("86", codec.encode()) + size + b"".join(more)


def cluster(time: int, payload: bytes) -> bytes:
    """A cluster of one key frame of track 1."""
    return element("1f43b675", number("e7", time), element("a3", b"\x81\x00\x00\x80", payload))


def avc_sps(width_mbs: int, height_mbs: int) -> bytes:
    """A Baseline SPS of that many macroblocks (ITU-T H.264 section 7.3.2.1.1)."""
    bits = "".join(_golomb(n) for n in (0, 0, 2, 1)) + "0" + _golomb(width_mbs - 1) + _golomb(height_mbs - 1)
    bits += "1" + "1" + "0" + "0" + "1"  # frames only, direct 8x8, no cropping, no VUI, stop bit
    bits += "0" * (-len(bits) % 8)
    return b"\x67\x42\x00\x3e" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def _golomb(value: int) -> str:
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def ts_packet(pid: int, payload: bytes, counter: int = 0) -> bytes:
    """A transport packet that begins a section."""
    head = struct.pack(">BHB", 0x47, 0x4000 | pid, 0x10 | counter & 15)
    return head + b"\x00" + payload.ljust(183, b"\xff")


def ts_section(table: int, ident: int, body: bytes) -> bytes:
    """A PSI section with its CRC (ISO/IEC 13818-1 section 2.4.4)."""
    length = 5 + len(body) + 4
    section = struct.pack(">BHHBBB", table, 0xB000 | length, ident, 0xC1, 0, 0) + body
    return section + struct.pack(">I", _crc(section))


def _crc(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value
