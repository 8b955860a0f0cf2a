"""What coded samples say for themselves, in whichever of four video codecs: entry points and codec strings. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from media.boxes import Buffer
from media.codecs import parameter_sets
from media.nal import inspect_sample, nal_units
from media.obu import SequenceHeader, configured_header, inspect_unit
from media.sps import avc_codec, hevc_codec
from media.tracks import Track
from media.vp9 import inspect_frames


@dataclass(frozen=True, slots=True)
class CodedSample:
    """What a walk over one sample found.

    `entry_point`: decoding can start here with nothing but the init: an IDR picture (H.264, HEVC), a key frame (VP9),
    a shown key frame after a sequence header (AV1). `foreign` counts parameter sets or sequence headers that are not
    those of the init. `size` is the coded width and height where the sample's headers tell (VP9 and AV1).
    """

    entry_point: bool
    foreign: int = 0
    size: tuple[int, int] | None = None


def inspect_coded(data: Buffer, start: int, stop: int, track: Track) -> CodedSample:
    """Walk the video sample at ``[start, stop)``. Raises DamagedMedia."""
    if track.nal_length_size:
        nals = inspect_sample(data, start, stop, track)
        return CodedSample(nals.idr, len(nals.foreign_sets))
    if track.entry == "av01":
        known = configured_header(track.config)
        unit = inspect_unit(data, start, stop, known)
        foreign = sum(header != known for header in unit.headers) if known else 0
        size = (unit.headers[0].width, unit.headers[0].height) if unit.headers else None
        return CodedSample(unit.random_access, foreign, size)
    if track.entry == "vp09":
        first = inspect_frames(data, start, stop)[0]
        return CodedSample(first.key, 0, (first.width, first.height) if first.key else None)
    raise ValueError(f"samples of {track.entry!r} can't be inspected")


def bitstream_codec(track: Track, sample: Buffer = b"") -> str:
    """The RFC 6381 string by the coded headers alone: those in `sample`, else those in the init; '' if neither tells.

    VP9's headers don't tell the level, which is taken from the track. Raises DamagedMedia.
    """
    if track.nal_length_size:
        return _nal_codec(track, sample)
    if track.entry == "av01":
        header = _sequence_header(track, sample)
        return f"av01.{header.codec}" if header else ""
    if track.entry == "vp09" and sample:
        first = inspect_frames(sample, 0, len(sample))[0]
        level = track.codec.split(".")[2]
        return f"vp09.{first.profile:02d}.{level}.{first.bit_depth:02d}" if first.key else ""
    return ""


def _nal_codec(track: Track, sample: Buffer) -> str:
    hevc = track.entry.startswith("h")
    inside = [
        bytes(sample[unit.start : unit.stop])
        for unit in nal_units(sample, 0, len(sample), track)
        if unit.kind == (_HEVC_SPS if hevc else _AVC_SPS)
    ]
    init = [
        unit
        for unit in parameter_sets(track.config, track.entry)
        if unit and (unit[0] >> 1 & 0x3F if hevc else unit[0] & 0x1F) == (_HEVC_SPS if hevc else _AVC_SPS)
    ]
    sets = inside or init
    if not sets:
        return ""
    return f"{track.entry}.{hevc_codec(sets[0]) if hevc else avc_codec(sets[0])}"


_AVC_SPS, _HEVC_SPS = 7, 33


def _sequence_header(track: Track, sample: Buffer) -> SequenceHeader | None:
    known = configured_header(track.config)
    headers = inspect_unit(sample, 0, len(sample), known).headers if sample else ()
    return headers[0] if headers else known
