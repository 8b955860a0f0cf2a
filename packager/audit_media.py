"""Auditing stored media: sizes, digests, boxes and coded headers of a rendition's objects. Reads a store.

One segment is in memory at a time. Nothing of the title record is believed: it is what the bytes are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from media.bitstream import bitstream_codec, inspect_coded
from media.colour import UNSPECIFIED, Colour
from media.fragments import Fragment, Sample, parse_fragments
from media.tracks import Track, parse_init
from packager.audit_bucket import BucketAudit
from packager.audit_colour import coded_colour
from packager.audit_facts import Fault, RenditionFacts, SegmentFacts
from quality.scores import load_scores, measured_frames, quality_of
from storage.protocol import Store
from values.digest import digest_bytes
from values.errors import DamagedMedia, NotFoundError, TitleError, UsageError
from values.title import Quality, Rendition, Segment, StoredFile

UNSAID = (UNSPECIFIED, UNSPECIFIED, UNSPECIFIED)


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
    reader = (
        _SegmentReader(track, rendition, rate, faults, BucketAudit.of(rendition, track.timescale)) if track else None
    )
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
    if reader and reader.bucket:
        faults += reader.bucket.faults()
    if rendition.quality:
        _check_quality(store, rendition, rendition.quality, rate, faults)
    return RenditionFacts(rendition, track, tuple(found))


def _check_quality(store: Store, rendition: Rendition, said: Quality, rate: Fraction, faults: list[Fault]) -> None:
    """The statistics must be those of the scores, and there must be a score for each frame that was to be measured."""
    key = said.scores.key
    data = fetch(store, said.scores, faults)
    if data is None:
        return
    try:
        scores = load_scores(data, where=key)
        found = quality_of(scores, rate, model=said.model, size=(said.width, said.height), stored=said.scores)
    except (TitleError, ValueError) as error:
        faults.append(Fault(key, f"holds no scores ({error})"))
        return
    if found != said:
        faults.append(Fault(key, f"has a mean of {found.mean} over {found.frames} frames, and others than the record"))
    due = len(measured_frames(0, sum(s.samples for s in rendition.segments), said.every)) if said.every > 0 else 0
    if found.frames != due:
        faults.append(Fault(key, f"scores {found.frames} frames, and {due} are every {said.every} of the rendition's"))


def _init(store: Store, rendition: Rendition, faults: list[Fault]) -> Track | None:
    key = rendition.init.key
    data = fetch(store, rendition.init, faults)
    if data is None:
        return None
    try:
        track = parse_init(data)
        coded = bitstream_codec(track)
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
        ("the range", Colour(*track.colour).video_range, rendition.video_range),
    ]
    if rendition.colour != UNSAID:  # records once did not have it
        said.append(("the colour", track.colour, rendition.colour))
    faults += [Fault(key, f"says {what} {is_} and the record says {told}") for what, is_, told in said if is_ != told]
    if coded and coded != track.codec:
        faults.append(Fault(key, f"says codec {track.codec} and its coded headers are those of {coded}"))
    return track


@dataclass(slots=True)
class _SegmentReader:
    """Reads segments in order and remembers where the next one must begin."""

    track: Track
    rendition: Rendition
    rate: Fraction
    faults: list[Fault]
    bucket: BucketAudit | None
    expected: int = 0
    sequence: int = 0
    colour_known: bool = False

    def skip(self, segment: Segment) -> None:
        self.expected = segment.start + segment.duration
        if self.bucket:
            self.bucket.skip(segment.duration)

    def read(self, segment: Segment, data: bytes) -> SegmentFacts | None:
        key = segment.file.key
        try:
            fragments = parse_fragments(data, self.track)
            if not any(f.samples for f in fragments):
                raise DamagedMedia("it holds no samples", where="byte 0")
            facts = self._facts(key, data, fragments)
            if self.track.handler == "vide":
                self._check_coded(key, data, fragments)
        except DamagedMedia as error:
            self.faults.append(Fault(key, f"can't be read at {error.where}: {error.what}"))
            self.skip(segment)
            return None
        if self.bucket:
            self.bucket.pour(key, fragments)
        duration = sum(f.duration for f in fragments)
        said = [
            ("starts at tick", fragments[0].decode_time, segment.start),
            ("lasts ticks", duration, segment.duration),
            ("holds samples", facts.samples, segment.samples),
        ]
        if segment.key_bytes:
            said.append(("has its first sample up to byte", facts.key_bytes, segment.key_bytes))
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
        sample = next(s for f in fragments for s in f.samples)
        end, at = sample.offset + sample.size, start + sample.cts_offset - self.track.media_time
        return SegmentFacts(key, len(data), first, stop, samples, end, digest_bytes(data[sample.offset : end]), at)

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

    def _check_coded(self, key: str, data: bytes, fragments: Sequence[Fragment]) -> None:
        """Decoding must be able to start at the first sample, and where the boxes say so, and nowhere else."""
        samples = [s for f in fragments for s in f.samples]
        name = _ENTRY_POINTS.get(self.track.entry, "an IDR picture")
        foreign = 0
        for number, sample in enumerate(samples):
            seen = inspect_coded(data, sample.offset, sample.offset + sample.size, self.track)
            foreign += seen.foreign
            if number == 0 and not (seen.entry_point and sample.sync):
                self._fault(key, f"does not start with {name}{_flagged(sample)}")
            elif sample.sync and not seen.entry_point:
                self._fault(key, f"has a sample at byte {sample.offset} marked as sync that is not {name}")
            elif seen.entry_point and not sample.sync:
                self._fault(key, f"has {name} at byte {sample.offset} that is not marked as sync")
            if seen.size and seen.size != (self.track.width, self.track.height):
                said = f"{self.track.width}x{self.track.height}"
                self._fault(key, f"codes pictures of {seen.size[0]}x{seen.size[1]} and its init says {said}")
            if self.track.entry == "av01" and sample.cts_offset:
                self._fault(key, f"has a composition offset of {sample.cts_offset} ticks, which AV1 must not have")
        if foreign:
            self._fault(key, f"carries {foreign} parameter sets that its init does not have")
        first = data[samples[0].offset : samples[0].offset + samples[0].size]
        self._check_codec(key, first)
        if not self.colour_known:
            self.colour_known = True
            self._check_colour(key, first)

    def _check_colour(self, key: str, sample: bytes) -> None:
        """What the decoder makes of the coded headers alone, where these and the init say something."""
        coded = coded_colour(self.track, sample)
        named = zip(("primaries", "transfer", "matrix"), coded, self.track.colour, strict=True)
        for what, inside, outside in named:
            if UNSPECIFIED not in (inside, outside) and inside != outside:
                self._fault(key, f"is coded with {what} {inside} and its init says {outside}")
        transfer = coded[1] if self.track.colour[1] == UNSPECIFIED else UNSPECIFIED
        if Colour(transfer=transfer).hdr:
            self._fault(key, f"is coded with transfer {transfer} and its init says nothing of it")

    def _check_codec(self, key: str, sample: bytes) -> None:
        """What the first sample's own headers say, where it has some; the init has had its own fault."""
        coded = bitstream_codec(self.track, sample)
        if coded not in ("", self.track.codec, bitstream_codec(self.track)):
            self._fault(key, f"is coded as {coded} and its init says {self.track.codec}")

    def _fault(self, key: str, what: str) -> None:
        self.faults.append(Fault(key, what))


_ENTRY_POINTS = {"vp09": "a key frame", "av01": "a shown key frame after a sequence header"}


def _flagged(sample: Sample) -> str:
    return "" if sample.sync else " (its first sample is marked as non-sync)"
