"""NAL units of H.264 and HEVC samples as MP4 stores them, each after its length (ISO/IEC 14496-15). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from media.boxes import Buffer, damaged
from media.codecs import parameter_sets
from media.tracks import Track


@dataclass(frozen=True, slots=True)
class NalUnit:
    """One NAL unit at ``[start, stop)`` of the data, header included, length field not."""

    kind: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class SampleNals:
    """What a walk over one sample found.

    `idr` is True if its first coded picture is an IDR. `foreign_sets` are parameter sets inside the sample that the
    decoder configuration does not hold: a player that was given only the init would decode them differently.
    """

    idr: bool
    foreign_sets: tuple[bytes, ...]


def nal_units(data: Buffer, start: int, stop: int, track: Track) -> Iterator[NalUnit]:
    """The NAL units of the sample at ``[start, stop)``; DamagedMedia if their lengths don't fit it exactly."""
    width = track.nal_length_size
    while start < stop:
        size = int.from_bytes(data[start : min(start + width, stop)], "big")
        if start + width + size > stop or size == 0:
            raise damaged(f"a NAL unit of {size} bytes does not fit its sample", start)
        start += width
        yield NalUnit(_kind(data[start], track), start, start + size)
        start += size


def inspect_sample(data: Buffer, start: int, stop: int, track: Track) -> SampleNals:
    """Walk all NAL units of an H.264 or HEVC sample. Raises DamagedMedia."""
    known = parameter_sets(track.config, track.entry)
    first: NalUnit | None = None
    foreign: list[bytes] = []
    hevc = track.entry.startswith("h")
    for unit in nal_units(data, start, stop, track):
        if unit.kind in (_HEVC_SETS if hevc else _AVC_SETS):
            payload = bytes(data[unit.start : unit.stop])
            if payload not in known:
                foreign.append(payload)
        elif first is None and (unit.kind < 32 if hevc else 1 <= unit.kind <= 5):
            first = unit
    idr = first is not None and first.kind in (_HEVC_IDR if hevc else _AVC_IDR)
    return SampleNals(idr, tuple(foreign))


_AVC_SETS, _AVC_IDR = (7, 8, 13), (5,)
_HEVC_SETS, _HEVC_IDR = (32, 33, 34), (19, 20)


def _kind(header: int, track: Track) -> int:
    return header >> 1 & 0x3F if track.entry.startswith("h") else header & 0x1F
