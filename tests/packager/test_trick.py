"""packager.trick: key frames become tracks of their own, read by ranges and made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from media.fragments import first_sample, parse_fragments
from packager.trick import make_trick, trick_drafts
from storage.memory import MemoryStore
from tests.packager.film import ID, Film
from tests.packager.rich import Rich, with_key_bytes
from values.errors import DamagedMedia


class Watched(MemoryStore):
    """Remembers the bytes that were read of each object, and what was put."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        super().__init__()
        for key, data in objects.items():
            super().put(key, data)
        self.read_to: dict[str, int | None] = {}
        self.stored: list[str] = []

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        self.read_to[key] = stop
        return super().read(key, start, stop)

    def put(self, key, data, *, media_type="application/octet-stream"):  # type: ignore[no-untyped-def]
        self.stored.append(key)
        return super().put(key, data, media_type=media_type)


def test_each_key_frame_lasts_as_long_as_its_segment_and_only_its_bytes_are_read(film: Film, tmp_path: Path) -> None:
    draft = with_key_bytes(film.objects, film.drafts[1])
    store = Watched(film.objects)
    trick = make_trick(store, ID, draft)
    assert (trick.id, trick.of, trick.width, trick.height) == ("v-180p-trick", "v-180p", 320, 180)
    assert [(s.start, s.duration, s.samples) for s in trick.segments] == [
        (0, 48000, 1), (48000, 48000, 1), (96000, 48000, 1), (144000, 36000, 1),
    ]  # fmt: skip
    assert {store.read_to.get(s.file.key) for s in draft.segments} == {s.key_bytes for s in draft.segments}
    for source, segment in zip(draft.segments, trick.segments, strict=True):
        (fragment,) = parse_fragments(store.get(segment.file.key), draft.track)
        (sample,) = fragment.samples
        of = parse_fragments(film.objects[source.file.key], draft.track)[0].samples[0]
        assert (fragment.decode_time, sample.duration, sample.cts_offset, sample.sync) == (
            source.start, source.duration, of.cts_offset, True,
        )  # fmt: skip
    path = tmp_path / "trick.mp4"
    path.write_bytes(b"".join(store.get(f.key) for f in (trick.init, *(s.file for s in trick.segments))))
    with av.open(str(path)) as container:
        shown = [(frame.pts, frame.key_frame) for frame in container.decode(video=0)]
    assert shown == [(0, True), (48000, True), (96000, True), (144000, True)]


def test_what_is_there_is_not_made_again(film: Film) -> None:
    draft = with_key_bytes(film.objects, film.drafts[0])
    store = Watched(film.objects)
    first = make_trick(store, ID, draft)
    lost = first.segments[2].file.key
    store.delete(lost)
    store.stored.clear()
    store.read_to.clear()
    assert make_trick(store, ID, draft) == first
    assert store.stored == [lost]
    assert [s.file.key for s in draft.segments if s.file.key in store.read_to] == [draft.segments[2].file.key]


def test_other_segments_make_another_track(film: Film) -> None:
    draft = with_key_bytes(film.objects, film.drafts[0])
    store = Watched(film.objects)
    other = replace(draft, segments=draft.segments[:3])
    assert make_trick(store, ID, draft).init.key != make_trick(store, ID, other).init.key


def test_a_segment_that_does_not_begin_as_recorded_is_named(film: Film) -> None:
    draft = with_key_bytes(film.objects, film.drafts[0])
    first, *rest = draft.segments
    short = replace(draft, segments=(replace(first, key_bytes=first.key_bytes - 1), *rest))
    with pytest.raises(DamagedMedia, match=r"v-90p/.*/1.m4s, byte 24: the first sample ends at byte"):
        make_trick(Watched(film.objects), ID, short)


def test_one_rung_a_codec_and_range_is_taken_the_one_nearest_to_360_lines(rich: Rich) -> None:
    assert [d.id for d in trick_drafts(rich.drafts)] == ["v-180p", "v-hdr"]
    base = next(d for d in rich.drafts if d.id == "v-90p")
    sizes = ((426, 240), (640, 360), (854, 480), (608, 1080))
    ladder = [replace(base, id=f"{w}x{h}", track=replace(base.track, width=w, height=h)) for w, h in sizes]
    assert [d.id for d in trick_drafts(ladder)] == ["640x360"]
    assert [d.id for d in trick_drafts([ladder[0], ladder[2]])] == ["426x240"]
    assert [d.id for d in trick_drafts(ladder[2:])] == ["854x480"]


def test_segments_whose_key_frames_are_not_known_give_no_track(film: Film) -> None:
    assert trick_drafts(film.drafts) == ()
    assert all(r.iframes is None for r in film.presentation().title.renditions)


@pytest.mark.parametrize(
    ("cut", "what"),
    [(lambda d: d[:-1], "the first sample ends at byte"), (lambda d: d[:24], "there is no moof box"),
     (lambda d: d[:60], "box 'moof' says")],
)  # fmt: skip
def test_a_head_that_is_too_short_is_damaged(film: Film, cut, what: str) -> None:  # type: ignore[no-untyped-def]
    draft = with_key_bytes(film.objects, film.drafts[0])
    segment = draft.segments[1]
    head = film.objects[segment.file.key][: segment.key_bytes]
    assert first_sample(head, draft.track).sync
    with pytest.raises(DamagedMedia, match=what):
        first_sample(cut(head), draft.track)
