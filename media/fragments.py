"""Movie fragments: what the moof boxes of a media segment say, and writing segments of raw samples. Pure.

ISO/IEC 14496-12 section 8.8; ISO/IEC 23000-19 (CMAF) section 7.3: one track a fragment, moof and its mdat adjoin.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from media.boxes import Box, Buffer, Reader, children, damaged, make_box, make_full_box, only, read, walk
from media.tracks import Track

NON_SYNC = 0x10000
"""The sample flag of a sample that can't be decoded alone (section 8.8.3.1)."""

_SYNC = 0x2000000  # depends on no other sample


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit: its bytes lie at ``[offset, offset + size)``; times are ticks of the track's timescale."""

    offset: int
    size: int
    duration: int
    flags: int
    cts_offset: int

    @property
    def sync(self) -> bool:
        return not self.flags & NON_SYNC


@dataclass(frozen=True, slots=True)
class Fragment:
    """A moof with its mdat at ``[offset, offset + size)``; the mdat's content is ``[data_start, offset + size)``."""

    offset: int
    size: int
    data_start: int
    sequence: int
    track_id: int
    decode_time: int
    samples: tuple[Sample, ...]

    @property
    def stop(self) -> int:
        return self.offset + self.size

    @property
    def duration(self) -> int:
        """Ticks from the first sample's decode time to the end of the last one."""
        return sum(s.duration for s in self.samples)


def parse_fragments(data: Buffer, track: Track) -> tuple[Fragment, ...]:
    """All fragments of a media segment, or of a whole file after its init; `track` gives the defaults.

    Raises DamagedMedia with the byte offset: boxes that don't fit, a moof without its mdat, several tracks in one
    moof, samples that lie outside the mdat or don't fill it exactly.
    """
    found: list[Fragment] = []
    moof: Box | None = None
    for box in walk(data):
        if moof is not None and box.kind != "mdat":
            raise damaged(f"moof is followed by {box.kind!r} and not by its mdat", moof.start)
        if box.kind == "moof":
            moof = box
        elif box.kind == "mdat":
            if moof is None:
                raise damaged("mdat has no moof before it", box.start)
            found.append(_fragment(data, moof, box, track))
            moof = None
        elif box.kind not in ("styp", "sidx", "prft", "emsg", "free", "skip", "mfra"):
            raise damaged(f"a {box.kind!r} box has no place in a media segment", box.start)
    if moof is not None:
        raise damaged("moof has no mdat after it", moof.start)
    return tuple(found)


def delay_presentation(data: Buffer, ticks: int) -> bytes:
    """Media segments or fragments with `ticks` added to the composition offset of every sample.

    What then is shown later is taken back by an edit list (`media.tracks.patch_edit_list`): offsets that are not
    negative, as CMAF's brand cmfc has them (ISO/IEC 23000-19 section 7.5.13). Raises DamagedMedia where one stays
    negative. Offsets that a run leaves out, because all are 0, are written out.
    """
    out = [
        _delayed(data, box, ticks) if box.kind == "moof" else bytes(data[box.start : box.stop]) for box in walk(data)
    ]
    return b"".join(out)


_HAS_OFFSETS = 0x800


def _delayed(data: Buffer, moof: Box, ticks: int) -> bytes:
    traf = only(data, moof, "traf")
    growth = sum(_missing_offsets(data, trun) for trun in children(data, traf).get("trun", []))
    inside = [
        _delayed_run(data, box, ticks, growth) if box.kind == "trun" else bytes(data[box.start : box.stop])
        for box in walk(data, traf.body, traf.stop)
    ]
    parts = [
        make_box("traf", *inside) if box.kind == "traf" else bytes(data[box.start : box.stop])
        for box in walk(data, moof.body, moof.stop)
    ]
    return make_box("moof", *parts)


def _missing_offsets(data: Buffer, trun: Box) -> int:
    """How many bytes a run grows by when its composition offsets are written out."""
    reader = read(data, trun)
    _, has = reader.full()
    return 0 if has & _HAS_OFFSETS else 4 * reader.number(4)


def _delayed_run(data: Buffer, trun: Box, ticks: int, growth: int) -> bytes:
    """The run with later offsets. Its samples' data begin `growth` bytes further behind the moof's start."""
    reader = read(data, trun)
    version, has = reader.full()
    count = reader.number(4)
    head = (reader.number(4, signed=True) + growth).to_bytes(4, "big", signed=True) if has & 0x1 else b""
    head += reader.take(4) if has & 0x4 else b""
    before = 4 * bin(has & 0x700).count("1")
    entries = []
    for _ in range(count):
        fields = reader.take(before)
        offset = (reader.number(4, signed=version > 0) if has & _HAS_OFFSETS else 0) + ticks
        if offset < 0:
            raise damaged(f"a sample is shown {-offset} ticks before it is decoded", trun.start)
        entries.append(fields + offset.to_bytes(4, "big"))
    content = b"".join((count.to_bytes(4, "big"), head, *entries))
    return make_full_box("trun", 0, has | _HAS_OFFSETS, content)  # version 0: offsets are unsigned


def segment_header() -> bytes:
    """The styp that opens a CMAF segment (ISO/IEC 23000-19 section 7.3.3.1, ISO/IEC 23009-1 section 6.3.4.2)."""
    return make_box("styp", b"msdh", bytes(4), b"msdh", b"cmfs")


def write_audio_segment(
    frames: Sequence[bytes], *, sequence: int, decode_time: int, frame_ticks: int = 1024, track_id: int = 1
) -> bytes:
    """An audio segment (styp, moof, mdat) of raw access units, each lasting `frame_ticks` ticks.

    `sequence` numbers the fragments of a track upwards from 1; `decode_time` is the first unit's, in ticks.
    """
    if not frames:
        raise ValueError("an audio segment needs at least one frame")
    sizes = struct.pack(f">{len(frames)}I", *(len(f) for f in frames))

    def moof(data_offset: int) -> bytes:
        tfhd = make_full_box("tfhd", 0, 0x20028, struct.pack(">III", track_id, frame_ticks, _SYNC))
        tfdt = make_full_box("tfdt", 1, 0, struct.pack(">Q", decode_time))
        trun = make_full_box("trun", 0, 0x201, struct.pack(">II", len(frames), data_offset), sizes)
        mfhd = make_full_box("mfhd", 0, 0, struct.pack(">I", sequence))
        return make_box("moof", mfhd, make_box("traf", tfhd, tfdt, trun))

    return segment_header() + moof(len(moof(0)) + 8) + make_box("mdat", *frames)


def write_key_segment(
    sample: bytes, *, sequence: int, decode_time: int, duration: int, cts_offset: int = 0, track_id: int = 1
) -> bytes:
    """A segment (styp, moof, mdat) of one sample that depends on no other; times in ticks, as in `Sample`."""

    def moof(data_offset: int) -> bytes:
        tfhd = make_full_box("tfhd", 0, 0x20028, struct.pack(">III", track_id, duration, _SYNC))
        tfdt = make_full_box("tfdt", 1, 0, struct.pack(">Q", decode_time))
        entry = struct.pack(">IIIi", 1, data_offset, len(sample), cts_offset)
        signed = int(cts_offset < 0)  # CMAF's brand cmfc asks for version 0 (ISO/IEC 23000-19 section 7.5.13)
        trun = make_full_box("trun", signed, 0xA01, entry)  # offset; size and composition offset of the sample
        mfhd = make_full_box("mfhd", 0, 0, struct.pack(">I", sequence))
        return make_box("moof", mfhd, make_box("traf", tfhd, tfdt, trun))

    return segment_header() + moof(len(moof(0)) + 8) + make_box("mdat", sample)


def first_sample(data: Buffer, track: Track) -> Sample:
    """The first sample of a media segment of which only the beginning is given, up to that sample's end or beyond.

    Raises DamagedMedia, also where `data` ends before the sample does.
    """
    for box in walk(data):
        if box.kind == "moof":
            samples = _moof(data, box, track).samples
            if not samples:
                raise damaged("its first moof has no samples", box.start)
            sample = samples[0]
            if not box.stop < sample.offset <= sample.offset + sample.size <= len(data):
                raise damaged(f"the first sample ends at byte {sample.offset + sample.size} of {len(data)}", box.start)
            return sample
    raise damaged("there is no moof box", 0)


def _fragment(data: Buffer, moof: Box, mdat: Box, track: Track) -> Fragment:
    found = _moof(data, moof, track)
    _check_extent(found.samples, moof, mdat)
    size = mdat.stop - moof.start
    return Fragment(moof.start, size, mdat.body, found.sequence, found.track_id, found.decode_time, found.samples)


@dataclass(frozen=True, slots=True)
class _Moof:
    """What a moof says of its samples, whether or not they are there."""

    sequence: int
    track_id: int
    decode_time: int
    samples: tuple[Sample, ...]


def _moof(data: Buffer, moof: Box, track: Track) -> _Moof:
    mfhd = read(data, only(data, moof, "mfhd"))
    mfhd.full()
    sequence = mfhd.number(4)
    traf = only(data, moof, "traf")
    inside = children(data, traf)
    tfdt = read(data, only(data, traf, "tfdt"))
    version, _ = tfdt.full()
    decode_time = tfdt.number(8 if version else 4)
    header = _TrackFragment.of(read(data, only(data, traf, "tfhd")), moof, track)
    samples: list[Sample] = []
    at = header.base
    for trun in inside.get("trun", []):
        at = _run(read(data, trun), header, at, samples)
    return _Moof(sequence, header.track_id, decode_time, tuple(samples))


def _check_extent(samples: Sequence[Sample], moof: Box, mdat: Box) -> None:
    at = mdat.body
    for sample in samples:
        if sample.offset != at:
            raise damaged(f"a sample starts at byte {sample.offset} and not where the one before ends", moof.start)
        at += sample.size
    if at != mdat.stop:
        raise damaged(f"the samples end at byte {at} and their mdat at {mdat.stop}", mdat.start)


@dataclass(frozen=True, slots=True)
class _TrackFragment:
    track_id: int
    base: int
    duration: int
    size: int
    flags: int

    @staticmethod
    def of(reader: Reader, moof: Box, track: Track) -> _TrackFragment:
        _, has = reader.full()
        track_id = reader.number(4)
        base = reader.number(8) if has & 0x1 else moof.start  # one traf: its base is the moof either way
        if has & 0x2 and (entry := reader.number(4)) != 1:  # an init has one sample entry
            raise damaged(f"traf refers to sample entry {entry}", moof.start)
        duration = reader.number(4) if has & 0x8 else track.default_duration
        size = reader.number(4) if has & 0x10 else track.default_size
        flags = reader.number(4) if has & 0x20 else track.default_flags
        return _TrackFragment(track_id, base, duration, size, flags)


def _run(reader: Reader, header: _TrackFragment, at: int, samples: list[Sample]) -> int:
    version, has = reader.full()
    count = reader.number(4)
    if has & 0x1:
        at = header.base + reader.number(4, signed=True)
    first_flags = reader.number(4) if has & 0x4 else None
    fields = bin(has & 0xF00).count("1")
    if count * fields * 4 > reader.stop - reader.at:
        raise damaged(f"trun says {count} samples and is too short for them", reader.at)
    for index in range(count):
        duration = reader.number(4) if has & 0x100 else header.duration
        size = reader.number(4) if has & 0x200 else header.size
        flags = reader.number(4) if has & 0x400 else header.flags
        if index == 0 and first_flags is not None:
            flags = first_flags
        shift = reader.number(4, signed=version > 0) if has & 0x800 else 0
        samples.append(Sample(at, size, duration, flags, shift))
        at += size
    return at
