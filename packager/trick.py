"""Key frames as tracks of their own, for players that wind through a DASH presentation. Does I/O on a store.

A segment's first sample is a key frame and its first `key_bytes` bytes hold all of it; only these are read. Each
becomes a segment of one sample that lasts as long as the whole one (ISO/IEC 23000-19 asks no more of a fragment). Names
are digests of what they are made of, so what is there already is not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from media.colour import Colour
from media.fragments import first_sample, write_key_segment
from media.tracks import Track
from packager.drafts import Draft
from packager.measure import measure, presented, target_duration
from packager.names import FIRST_NUMBER, init_key, segment_key, trick_id
from storage.protocol import Store
from values.digest import digest_bytes, digest_value
from values.errors import DamagedMedia
from values.keys import media_prefix
from values.title import Segment, StoredFile, TrickTrack

LINES = 360
"""How tall pictures should be that a viewer sees for a moment."""

_FORMAT = 1
_AT_ONCE = 8


def trick_drafts(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Of which renditions to make trick tracks: one for each codec and dynamic range, the one nearest to `LINES` (in
    doubt the smaller). None for a codec whose segments don't know their `key_bytes`."""
    best: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        if draft.track.handler != "vide" or not all(s.key_bytes for s in draft.segments):
            continue
        family = (draft.track.entry, Colour(*draft.track.colour).video_range)
        if family not in best or _closeness(draft.track) < _closeness(best[family].track):
            best[family] = draft
    return tuple(best.values())


def make_trick(store: Store, title_id: str, draft: Draft, *, at_once: int = _AT_ONCE) -> TrickTrack:
    """The trick track of a rendition, made and stored; `at_once` segments are read at a time.

    Raises StoreError, and DamagedMedia where a segment does not begin as recorded.
    """
    name = trick_id(draft.id)
    recipe = digest_value([_FORMAT, draft.init.xxh3, [(s.file.xxh3, s.key_bytes, s.duration) for s in draft.segments]])
    there = {info.key for info in store.list(f"{media_prefix(title_id, name)}{recipe}/")}
    maker = _Maker(store, draft, frozenset(there))
    numbered = list(enumerate(draft.segments, FIRST_NUMBER))
    keys = [segment_key(title_id, name, recipe, number) for number, _ in numbered]
    with ThreadPoolExecutor(at_once) as pool:
        made = pool.map(maker.segment, draft.segments, (number for number, _ in numbered), keys)
        init = maker.put(init_key(title_id, name, recipe), lambda: store.get(draft.init.key))
        segments = tuple(made)
    sizes = [
        (s.file.size_bytes, stop - start)
        for s, (start, stop) in zip(segments, presented(segments, draft.track.timescale, 0), strict=True)
    ]
    return TrickTrack(
        id=name,
        of=draft.id,
        codec=draft.track.codec,
        timescale=draft.track.timescale,
        init=init,
        segments=segments,
        width=draft.track.width,
        height=draft.track.height,
        peak_bps=measure(sizes, target_duration(d for _, d in sizes)).peak_bps,
    )


class _Maker:
    """Makes one draft's key frames into segments; `there` are the keys of those that are made."""

    def __init__(self, store: Store, draft: Draft, there: frozenset[str]) -> None:
        self.store = store
        self.draft = draft
        self.there = there

    def segment(self, source: Segment, number: int, key: str) -> Segment:
        file = self.put(key, lambda: self._written(source, number))
        return Segment(file, source.start, source.duration, 1, file.size_bytes)

    def put(self, key: str, make: Callable[[], bytes]) -> StoredFile:
        """The object under `key`, which is small: read if it is there, else made and stored."""
        if key in self.there:
            data = self.store.get(key)
        else:
            data = make()
            self.store.put(key, data, media_type="video/mp4")
        return StoredFile(key, len(data), digest_bytes(data))

    def _written(self, source: Segment, number: int) -> bytes:
        head = b"".join(self.store.read(source.file.key, 0, source.key_bytes))
        try:
            sample = first_sample(head, self.draft.track)
        except DamagedMedia as error:
            raise DamagedMedia(error.what, where=f"{source.file.key}, {error.where}", hint=error.hint) from error
        return write_key_segment(
            head[sample.offset : sample.offset + sample.size],
            sequence=number,
            decode_time=source.start,
            duration=source.duration,
            cts_offset=sample.cts_offset,
            track_id=self.draft.track.track_id,
        )


def _closeness(track: Track) -> tuple[int, int]:
    return abs(min(track.width, track.height) - LINES), track.height
