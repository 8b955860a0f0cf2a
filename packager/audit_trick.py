"""Auditing stored trick tracks: one key frame a segment, the very one of the rendition they are of. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from media.bitstream import inspect_coded
from media.fragments import parse_fragments
from media.tracks import Track, parse_init
from packager.audit_facts import Fault, RenditionFacts, SegmentFacts, peak_rate
from packager.audit_media import fetch
from storage.protocol import Store
from values.digest import digest_bytes
from values.errors import DamagedMedia
from values.title import Segment, TrickTrack


@dataclass(frozen=True, slots=True)
class TrickFacts:
    """A trick track as its bytes say: `track` is None if the init, a segment's span None if it could not be read."""

    trick: TrickTrack
    track: Track | None
    spans: tuple[tuple[int, int] | None, ...]
    sizes: tuple[tuple[int, Fraction], ...]
    peak_bps: int


def audit_trick(
    store: Store, trick: TrickTrack, found: Sequence[RenditionFacts], faults: list[Fault]
) -> TrickFacts:  # fmt: skip
    """Read the init and all segments of a trick track; `found` are the title's renditions."""
    main = next((f for f in found if f.rendition.id == trick.of and f.rendition.kind == "video"), None)
    if main is None:
        faults.append(Fault(trick.init.key, f"is of the rendition {trick.of!r}, which is no video of this title"))
    track = _init(store, trick, main, faults)
    if main and len(main.segments) != len(trick.segments):
        faults.append(
            Fault(trick.init.key, f"has {len(trick.segments)} segments and {trick.of} has {len(main.segments)}")
        )
    spans = []
    for number, segment in enumerate(trick.segments):
        of = main.segments[number] if main and number < len(main.segments) else None
        spans.append(_segment(store, segment, track, of, faults))
    sizes = tuple((s.file.size_bytes, Fraction(s.duration, max(1, trick.timescale))) for s in trick.segments)
    target_s = max([1, *(int(d + Fraction(1, 2)) for _, d in sizes)])
    peak = peak_rate(sizes, target_s)
    if trick.peak_bps < peak:
        faults.append(Fault(trick.init.key, f"has a peak of {peak} bit/s and the record says {trick.peak_bps}"))
    return TrickFacts(trick, track, tuple(spans), sizes, peak)


def _init(store: Store, trick: TrickTrack, main: RenditionFacts | None, faults: list[Fault]) -> Track | None:
    data = fetch(store, trick.init, faults)
    if data is None:
        return None
    try:
        track = parse_init(data)
    except DamagedMedia as error:
        faults.append(Fault(trick.init.key, f"can't be read at {error.where}: {error.what}"))
        return None
    said: list[tuple[str, object, object]] = [
        ("codec", track.codec, trick.codec),
        ("timescale", track.timescale, trick.timescale),
        ("width", track.width, trick.width),
        ("height", track.height, trick.height),
    ]
    faults += [
        Fault(trick.init.key, f"says {what} {is_} and the record says {told}")
        for what, is_, told in said
        if is_ != told
    ]
    if main and main.track and track != main.track:
        faults.append(Fault(trick.init.key, f"describes another track than the init of {trick.of}"))
    return track


def _segment(
    store: Store, segment: Segment, track: Track | None, of: SegmentFacts | None, faults: list[Fault]
) -> tuple[int, int] | None:
    key = segment.file.key
    data = fetch(store, segment.file, faults)
    if data is None or track is None:
        return None
    try:
        fragments = parse_fragments(data, track)
        samples = [sample for fragment in fragments for sample in fragment.samples]
        if len(samples) != 1 or len(fragments) != 1:
            raise DamagedMedia(f"it holds {len(samples)} samples instead of one", where="byte 0")
        (sample,), fragment = samples, fragments[0]
        coded = inspect_coded(data, sample.offset, sample.offset + sample.size, track)
    except DamagedMedia as error:
        faults.append(Fault(key, f"can't be read at {error.where}: {error.what}"))
        return None
    if not (coded.entry_point and sample.sync):
        faults.append(Fault(key, "does not hold a key frame that is marked as one"))
    if fragment.track_id != track.track_id:
        faults.append(Fault(key, f"is of track {fragment.track_id} and the init describes {track.track_id}"))
    start = fragment.decode_time + sample.cts_offset - track.media_time
    span = (start, start + sample.duration)
    said = (segment.start, segment.start + segment.duration)
    if span != said:
        faults.append(
            Fault(key, f"shows its picture in [{span[0]}, {span[1]}) and the record says [{said[0]}, {said[1]})")
        )
    if of and span != (of.start, of.stop):
        faults.append(
            Fault(key, f"shows its picture in [{span[0]}, {span[1]}) and {of.key} is of [{of.start}, {of.stop})")
        )
    if of and digest_bytes(data[sample.offset : sample.offset + sample.size]) != of.key_digest:
        faults.append(Fault(key, f"holds another picture than the first of {of.key}"))
    return span
