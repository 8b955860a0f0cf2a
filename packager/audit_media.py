"""Auditing stored media: sizes, digests, boxes and NAL units of a rendition's objects. Reads a store.

One segment is in memory at a time. Nothing of the title record is believed: it is what the bytes are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from media.fragments import Fragment, Sample, parse_fragments
from media.nal import inspect_sample
from media.tracks import Track, parse_init
from packager.audit_facts import Fault, RenditionFacts, SegmentFacts
from storage.protocol import Store
from values.digest import digest_bytes
from values.errors import DamagedMedia, NotFoundError, UsageError
from values.title import Rendition, Segment, StoredFile


def fetch(store: Store, file: StoredFile, faults: list[Fault]) -> bytes | None:
    """The object's bytes, held against its recorded size and digest; None if it is missing."""
    try:
        data = b"".join(store.read(file.key))
    except NotFoundError:
        faults.append(Fault(file.key, "is missing from the store"))
        return None
    except UsageError as error:
        faults.append(Fault(file.key, f"is no key that a store can hold ({error.what})"))
        return None
    if len(data) != file.size_bytes:
        faults.append(Fault(file.key, f"has {len(data)} bytes and the record says {file.size_bytes}"))
    elif digest_bytes(data) != file.xxh3:
        faults.append(Fault(file.key, f"has the digest {digest_bytes(data)} and the record says {file.xxh3}"))
    return data


def audit_rendition(store: Store, rendition: Rendition, rate: Fraction, faults: list[Fault]) -> RenditionFacts:
    """Read the init and every segment of a rendition; `rate` is the title's frames per second."""
    track = _init(store, rendition, faults)
    reader = _SegmentReader(track, rendition, rate, faults) if track else None
    found: list[SegmentFacts | None] = []
    for segment in rendition.segments:
        data = fetch(store, segment.file, faults)
        if reader is None:
            found.append(None)
        elif data is None:
            reader.skip(segment)
            found.append(None)
        else:
            found.append(reader.read(segment, data))
    return RenditionFacts(rendition, track, tuple(found))


def _init(store: Store, rendition: Rendition, faults: list[Fault]) -> Track | None:
    key = rendition.init.key
    data = fetch(store, rendition.init, faults)
    if data is None:
        return None
    try:
        track = parse_init(data)
    except DamagedMedia as error:
        faults.append(Fault(key, f"can't be read at {error.where}: {error.what}"))
        return None
    sound = rendition.kind == "audio"
    said: list[tuple[str, object, object]] = [
        ("handler", track.handler, "soun" if sound else "vide"),
        ("codec", track.codec, rendition.codec),
        ("timescale", track.timescale, rendition.timescale),
        ("width", track.width, rendition.width),
        ("height", track.height, rendition.height),
        ("channels", track.channels, rendition.channels),
        ("sample rate", track.sample_rate_hz, rendition.sample_rate_hz),
        ("priming", track.media_time if sound else 0, rendition.priming),
    ]
    faults += [Fault(key, f"says {what} {is_} and the record says {told}") for what, is_, told in said if is_ != told]
    return track


@dataclass(slots=True)
class _SegmentReader:
    """Reads segments in order and remembers where the next one must begin."""

    track: Track
    rendition: Rendition
    rate: Fraction
    faults: list[Fault]
    expected: int = 0
    sequence: int = 0

    def skip(self, segment: Segment) -> None:
        self.expected = segment.start + segment.duration

    def read(self, segment: Segment, data: bytes) -> SegmentFacts | None:
        key = segment.file.key
        try:
            fragments = parse_fragments(data, self.track)
            if not any(f.samples for f in fragments):
                raise DamagedMedia("it holds no samples", where="byte 0")
            facts = self._facts(key, data, fragments)
            if self.track.nal_length_size:
                self._check_nals(key, data, fragments)
        except DamagedMedia as error:
            self.faults.append(Fault(key, f"can't be read at {error.where}: {error.what}"))
            self.skip(segment)
            return None
        duration = sum(f.duration for f in fragments)
        said = [
            ("starts at tick", fragments[0].decode_time, segment.start),
            ("lasts ticks", duration, segment.duration),
            ("holds samples", facts.samples, segment.samples),
        ]
        for what, is_, told in said:
            if is_ != told:
                self._fault(key, f"{what} {is_} and the record says {told}")
        return facts

    def _facts(self, key: str, data: bytes, fragments: Sequence[Fragment]) -> SegmentFacts:
        start = fragments[0].decode_time
        for fragment in fragments:
            if fragment.track_id != self.track.track_id:
                self._fault(key, f"is of track {fragment.track_id} and the init describes {self.track.track_id}")
            if fragment.sequence <= self.sequence:
                self._fault(key, f"has fragment number {fragment.sequence} after {self.sequence}")
            if fragment.decode_time != self.expected:
                self._fault(key, f"has tfdt {fragment.decode_time} where the media before it ends at {self.expected}")
            self.sequence = fragment.sequence
            self.expected = fragment.decode_time + fragment.duration
        samples = sum(len(f.samples) for f in fragments)
        if self.rendition.kind == "audio":
            priming = self.track.media_time
            return SegmentFacts(key, len(data), max(start - priming, 0), self.expected - priming, samples)
        first, stop = self._check_pictures(key, fragments)
        return SegmentFacts(key, len(data), first, stop, samples)

    def _check_pictures(self, key: str, fragments: Sequence[Fragment]) -> tuple[int, int]:
        """Each picture must be shown on its own place of the frame grid, none before the segment starts."""
        ticks = self.track.timescale / self.rate
        shown: list[int] = []
        for fragment in fragments:
            at = fragment.decode_time
            for sample in fragment.samples:
                if sample.duration != ticks:
                    self._fault(key, f"has a frame of {sample.duration} ticks and a frame lasts {ticks}")
                    return fragments[0].decode_time, fragments[-1].decode_time + fragments[-1].duration
                shown.append(at + sample.cts_offset - self.track.media_time)
                at += sample.duration
        shown.sort()
        begin = fragments[0].decode_time
        if shown != [begin + n * ticks for n in range(len(shown))]:
            self._fault(key, f"shows pictures off the frame grid that starts at tick {begin}")
        return shown[0], int(shown[-1] + ticks)

    def _check_nals(self, key: str, data: bytes, fragments: Sequence[Fragment]) -> None:
        first = True
        foreign = 0
        for sample in (s for f in fragments for s in f.samples):
            seen = inspect_sample(data, sample.offset, sample.offset + sample.size, self.track)
            foreign += len(seen.foreign_sets)
            if first and not (seen.idr and sample.sync):
                self._fault(key, f"does not start with an IDR picture{_flagged(sample)}")
            elif sample.sync and not seen.idr:
                self._fault(key, f"has a sample at byte {sample.offset} marked as sync that is no IDR picture")
            first = False
        if foreign:
            self._fault(key, f"carries {foreign} parameter sets that its init does not have")

    def _fault(self, key: str, what: str) -> None:
        self.faults.append(Fault(key, what))


def _flagged(sample: Sample) -> str:
    return "" if sample.sync else " (its first sample is marked as non-sync)"
