"""Sequence parameter sets of H.264 and HEVC: the codec string that the coded stream itself asks for. Pure."""

from __future__ import annotations

from media.boxes import Reader


def avc_codec(sps: bytes) -> str:
    """``64001F`` of an SPS NAL unit: profile, constraint flags and level (ITU-T H.264 section 7.3.2.1.1)."""
    return Reader(unescaped(sps), 1, 4).take(3).hex().upper()


def hevc_codec(sps: bytes) -> str:
    """``1.6.L93.90`` of an SPS NAL unit's general profile, tier and level (ITU-T H.265 sections 7.3.2.2 and 7.3.3).

    Written apart from `media.codecs`, which reads the decoder configuration record.
    """
    payload = unescaped(sps)
    reader = Reader(payload, 3, len(payload))  # NAL header; VPS id, sub-layers and nesting flag
    first = reader.number(1)
    flags = reader.number(4)
    constraints = reader.take(6)
    level = reader.number(1)
    mirrored = sum(1 << i for i in range(32) if flags >> (31 - i) & 1)
    while constraints and not constraints[-1]:
        constraints = constraints[:-1]
    words = [
        f"{' ABC'[first >> 6].strip()}{first & 0x1F}",
        f"{mirrored:X}",
        f"{'LH'[first >> 5 & 1]}{level}",
        *(f"{byte:X}" for byte in constraints),
    ]
    return ".".join(words)


def unescaped(unit: bytes) -> bytes:
    """A NAL unit without its emulation prevention bytes: the 3 of each 0, 0, 3 (ITU-T H.264 section 7.4.1)."""
    out = bytearray()
    zeros = 0
    for byte in unit:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        zeros = zeros + 1 if byte == 0 else 0
        out.append(byte)
    return bytes(out)
