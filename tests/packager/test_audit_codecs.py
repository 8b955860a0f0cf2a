"""The auditor and titles of several codecs: entry points, codec strings, manifests, the declared peak."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from media.boxes import Box, make_box, only, walk
from media.fragments import Fragment, parse_fragments
from media.obu import units
from packager.audit import Fault, audit
from packager.audit_bucket import BucketAudit
from packager.build import build_title
from packager.publish import publish
from quality.scores import FrameScores, dump_scores, quality_of
from storage.memory import MemoryStore
from tests.packager.damage import Victim, text
from tests.packager.film import CODED, FRAMES, ID, NOW, RATE, Film
from values.bucket import pour
from values.digest import digest_bytes
from values.title import StoredFile


@pytest.mark.parametrize("deep", [False, True])
def test_a_sound_title_of_four_codecs_has_no_fault(coded_film: Film, deep: bool) -> None:
    report = audit(coded_film.stored(), ID, deep=deep)
    assert report.faults == ()
    assert report.decoded == (len(CODED) * FRAMES if deep else 0)


def test_its_manifests_lead_from_the_widest_codec_to_the_others(coded_film: Film) -> None:
    files = coded_film.presentation().files
    hls, dash = files[-2].data.decode(), files[-1].data.decode()
    assert re.findall(r'CODECS="(....)', hls) == ["avc1", "hvc1", "vp09", "av01"]
    assert re.findall(r'<AdaptationSet.*? codecs="(....)', dash) == ["avc1", "hvc1", "vp09", "av01", "mp4a"]
    assert re.findall(r'selectionPriority="(\d)"', dash) == ["1", "3", "2", "4"]


Damage = Callable[[Victim], object]


def _change(rendition: str, number: int, change: Callable[[bytearray, int], object]) -> Damage:
    """Change the bytes of a segment, given where its first sample starts."""

    def damage(v: Victim) -> None:
        at = v.fragments(rendition, number)[0].samples[0].offset

        def changed(data: bytes) -> bytes:
            out = bytearray(data)
            change(out, at)
            return bytes(out)

        v.recorded(v.segment(rendition, number), changed)

    return damage


def _set(offset: int, value: int) -> Callable[[bytearray, int], object]:
    return lambda data, at: data.__setitem__(at + offset, value)


def _no_key_frame(data: bytearray, at: int) -> None:
    """The first frame of an AV1 sample from key frame to intra-only frame."""
    frame = next(u for u in units(data, at, len(data)) if u.kind == 6)
    data[frame.start] = data[frame.start] & 0x9F | 0x40


def _no_header(data: bytearray, at: int) -> None:
    """The sequence header of an AV1 sample becomes padding."""
    data[at] = 15 << 3 | 2


def _in_init(kind: str, offset: int, value: int, rendition: str) -> Damage:
    def change(data: bytes) -> bytes:
        at = data.index(kind.encode()) + 4 + offset
        return data[:at] + bytes([value]) + data[at + 1 :]

    return lambda v: v.recorded(v.init(rendition), change)


def _unmarked(rendition: str) -> Damage:
    """The sync sample that opens segment 1 is marked as non-sync in the flags of its trun."""
    flags = (0x1010000).to_bytes(4, "big")

    def change(data: bytes) -> bytes:
        at = data.index(b"trun") + 4 + 12
        assert data[at : at + 4] == (0x2000000).to_bytes(4, "big")
        return data[:at] + flags + data[at + 4 :]

    return lambda v: v.recorded(v.segment(rendition, 1), change)


def _reordered(data: bytes) -> bytes:
    """The second and third picture of a segment shown in each other's place, by composition offsets in its trun."""
    moof = next(b for b in walk(data) if b.kind == "moof")
    traf = only(data, moof, "traf")
    trun = only(data, traf, "trun")
    body = data[trun.body : trun.stop]
    has, count, offset = (int.from_bytes(body[a:b], "big") for a, b in ((1, 4), (4, 8), (8, 12)))
    assert has & 0xF05 == 0x205  # sizes, data offset, the first sample's flags
    shifts = [0, 1000, -1000, *([0] * count)]
    entries = b"".join(body[16 + 4 * n : 20 + 4 * n] + shifts[n].to_bytes(4, "big", signed=True) for n in range(count))
    head = bytes([1]) + (has | 0x800).to_bytes(3, "big") + body[4:8] + (offset + 4 * count).to_bytes(4, "big")

    def again(parent: Box, old: Box, new: bytes) -> bytes:
        inside = walk(data, parent.body, parent.stop)
        return make_box(parent.kind, *(new if b == old else data[b.start : b.stop] for b in inside))

    moved = again(moof, traf, again(traf, trun, make_box("trun", head, body[12:16], entries)))
    return data[: moof.start] + moved + data[moof.stop :]


DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "VP9 that starts with an inter frame": (
        _change("v-vp9", 2, _set(0, 0x86)), "v-vp9/.*/2.m4s", "does not start with a key frame",
    ),
    "VP9 without its sync code": (
        _change("v-vp9", 2, _set(1, 0x48)), "v-vp9/.*/2.m4s", "can't be read at byte .*no sync code",
    ),
    "VP9 of another size": (
        _change("v-vp9", 3, _set(5, 0x1A)), "v-vp9/.*/3.m4s", r"codes pictures of \d+x\d+ and its init says 160x90",
    ),
    "VP9 of another profile than its init says": (
        _in_init("vpcC", 4, 1, "v-vp9"), "v-vp9/.*/1.m4s", "is coded as vp09.00.10.08 and its init says vp09.01.10.08",
    ),
    "a VP9 key frame that is not marked": (
        _unmarked("v-vp9"), "v-vp9/.*/1.m4s", r"a key frame \(its first sample is marked as non-sync\)",
    ),
    "AV1 that starts with an intra-only frame": (
        _change("v-av1", 2, _no_key_frame), "v-av1/.*/2.m4s", "does not start with a shown key frame",
    ),
    "AV1 that starts without a sequence header": (
        _change("v-av1", 2, _no_header), "v-av1/.*/2.m4s", "does not start with a shown key frame after a sequence",
    ),
    "AV1 of another sequence header": (
        _change("v-av1", 3, _set(2, 0x22)), "v-av1/.*/3.m4s", "carries 1 parameter sets that its init does not have",
    ),
    "AV1 of another profile": (
        _change("v-av1", 3, _set(2, 0x42)), "v-av1/.*/3.m4s", "is coded as av01.2.00M.08 and its init says av01.0.00M",
    ),
    "AV1 with reordered pictures": (
        lambda v: v.recorded(v.segment("v-av1", 1), _reordered), "v-av1/.*/1.m4s",
        "composition offset of 1000 ticks, which AV1 must not have",
    ),
    "an av1C that says another level": (
        _in_init("av1C", 1, 0x05, "v-av1"), "v-av1/.*/init.mp4", "codec av01.0.05M.08 and its coded .* av01.0.00M.08",
    ),
    "an hvcC that says another level": (
        _in_init("hvcC", 12, 93, "v-hevc"), "v-hevc/.*/init.mp4", "codec hvc1.1.6.L93.90 and .* of hvc1.1.6.L30.90",
    ),
    "an avcC that says another level": (
        _in_init("avcC", 3, 40, "v-h264"), "v-h264/.*/init.mp4", "codec avc1.*28 and its coded headers are .*avc1.*0A",
    ),
    "HEVC that starts with a trailing picture": (
        _change("v-hevc", 2, _set(4, 0x02)), "v-hevc/.*/2.m4s", "does not start with an IDR picture",
    ),
    "the less efficient codec preferred": (
        lambda v: v.recorded(v.title.dash.key, text('Priority="1"', 'Priority="9"')), "mani.*",
        r"prefers avc1 \(9\) to hvc1 \(3\), which is more efficient",
    ),
    "codecs without priorities": (
        lambda v: v.recorded(v.title.dash.key, lambda d: re.sub(rb' selectionPriority="\d"', b"", d)), "mani.*",
        r"prefers vp09 \(1\) to av01 \(1\)",
    ),
    "a switch from codec to codec": (
        lambda v: v.recorded(v.title.dash.key, text("<Role", (
            '<SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value="2" /><Role'
        ))), "mani.*", "lets players switch from avc1 to hvc1 in mid-play",
    ),
    "two codecs in one set": (
        lambda v: v.recorded(v.title.dash.key, lambda d: re.sub(
            rb'(?s) *</AdaptationSet>\s*<AdaptationSet id="2"[^>]*>.*?<Role[^>]*>', b"", d, count=1)), "mani.*",
        "mixes avc1 and hvc1 in the adaptation set 1",
    ),
    "codecs that don't belong to the variant": (
        lambda v: v.recorded(v.title.hls.key, text("av01.0.00M.08", "av01.0.01M.08")), "master-.*", "CODECS av01.0.01",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_to_a_codec_is_found_by_file_and_name(coded_film: Film, name: str) -> None:
    damage, file, what = DAMAGES[name]
    victim = Victim(coded_film.stored())
    damage(victim)
    faults = audit(victim.store, ID).faults
    assert [f for f in faults if re.search(f"{file}$", f.file) and re.search(what, f.what)], faults


def _with_peak(film: Film, rendition: str, max_bps: int, spare_bits: int) -> tuple[MemoryStore, int, Fraction]:
    """The film published with a declared peak that the rendition keeps to with `spare_bits` to spare."""
    store = film.stored()
    victim = Victim(store)
    frames = [
        (sample.size, 1 / RATE)
        for number in range(1, 5)
        for fragment in victim.fragments(rendition, number)
        for sample in fragment.samples
    ]
    peak = pour(frames, max_bps).peak_bits
    buffer = int(peak) + spare_bits
    drafts = [replace(d, max_bps=max_bps, buffer_bits=buffer) if d.id == rendition else d for d in film.drafts]
    publish(store, build_title(film.facts, drafts), now=NOW)
    return store, buffer, peak


@pytest.mark.parametrize("rendition", CODED)
def test_the_declared_peak_is_held_against_every_window(coded_film: Film, rendition: str) -> None:
    store, buffer, peak = _with_peak(coded_film, rendition, 30_000, 1)
    assert audit(store, ID).faults == ()
    assert next(r for r in Victim(store).title.video if r.id == rendition).buffer_bits == buffer
    store, buffer, peak = _with_peak(coded_film, rendition, 30_000, -1)
    (fault,) = audit(store, ID).faults
    assert re.search(rf"{rendition}/.*/\d.m4s$", fault.file)
    assert fault.what.startswith(
        f"a window exceeds the declared peak: the bucket of {buffer} bits that drains at 30000 bit/s holds "
        f"{-(-peak // 1)} at "
    )


def test_the_window_that_overflows_may_lie_across_segments(film: Film) -> None:
    """Two segments that each keep to the buffer alone, and not one after the other."""
    draft = film.drafts[0]
    rendition = replace(film.presentation().title.renditions[0], max_bps=1000, buffer_bits=0)
    fragments = [_fragments(film, draft.segments[n].file.key) for n in (0, 1)]
    alone = []
    for pieces in fragments:
        one = BucketAudit.of(rendition, 24000)
        assert one
        one.pour("x", pieces)
        alone.append(one.leak.peak_bits)
    both = BucketAudit.of(replace(rendition, buffer_bits=int(max(alone)) + 1), 24000)
    assert both
    both.pour("first", fragments[0])
    assert both.faults() == []
    both.pour("second", fragments[1])
    ((at, what),) = [(f.file, f.what) for f in both.faults()]
    assert at == "second"
    assert float(re.search(r"at ([0-9.]+) s$", what).group(1)) >= 2  # type: ignore[union-attr]


def _fragments(film: Film, key: str) -> tuple[Fragment, ...]:
    return parse_fragments(film.objects[key], film.drafts[0].track)


def test_a_segment_that_is_missing_is_not_held_against_the_peak(coded_film: Film) -> None:
    store, _, _ = _with_peak(coded_film, "v-h264", 30_000, 1)
    key = Victim(store).segment("v-h264", 2)
    store.delete(key)
    assert Fault(key, "is missing from the store") in (found := audit(store, ID).faults)
    assert not any("declared peak" in f.what for f in found)


def _measured(film: Film, means: dict[str, float]) -> MemoryStore:
    """The film with a score for each frame of each rendition: all the same, the mean."""
    store = film.stored()
    drafts = []
    for draft in film.drafts:
        if draft.id in means:
            scores = FrameScores(0, 1, (means[draft.id],) * FRAMES)
            data = dump_scores(scores)
            info = store.put(f"titles/{ID}/{draft.id}-quality.json", data)
            stored = StoredFile(info.key, len(data), digest_bytes(data))
            quality = quality_of(scores, RATE, model="vmaf_v0.6.1", size=(160, 90), stored=stored)
            draft = replace(draft, quality=quality)
        drafts.append(draft)
    publish(store, build_title(film.facts, drafts), now=NOW)
    return store


MEANS = {"v-hevc": 91.0, "v-h264": 88.5, "v-vp9": 90.25, "v-av1": 93.125}


def test_measured_quality_is_the_score_and_is_audited_over_all_codecs(coded_film: Film) -> None:
    victim = Victim(_measured(coded_film, MEANS))
    assert audit(victim.store, ID).faults == ()
    scores = re.findall(rb"SCORE=([0-9.]+)", victim.store.get(victim.title.hls.key))
    # Mean VMAF and log2 of the codec's efficiency: what VP9 saves in bits is worth more than half a point.
    assert scores == [b"88.500", b"91.678", b"90.835", b"94.263"]
    victim.recorded(victim.title.hls.key, text("SCORE=88.500", "SCORE=91.679"))
    (fault,) = audit(victim.store, ID).faults
    assert re.fullmatch(r"says SCORE 91.678 for v-hevc-.* and 91.679 for v-h264-.*, which is worse", fault.what)


def test_the_single_frames_scores_are_held_against_the_record(coded_film: Film) -> None:
    store = _measured(coded_film, MEANS)
    keys = [f"titles/{ID}/{name}-quality.json" for name in ("v-hevc", "v-vp9")]
    store.put(keys[0], b"[]")
    assert {f.file for f in audit(store, ID).faults} == {keys[0]}


def test_statistics_that_are_not_those_of_the_scores_are_a_fault(coded_film: Film) -> None:
    victim = Victim(_measured(coded_film, MEANS))
    victim.record(lambda r: r["renditions"][0]["quality"].update(p1=1.0))
    (fault,) = audit(victim.store, ID).faults
    assert "and others than the record" in fault.what
