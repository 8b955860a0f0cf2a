"""One title in four codecs, and the ladders that are refused before any work."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import m3u8
import pytest
from defusedxml import ElementTree

from media.bitstream import inspect_coded
from media.brands import brands
from media.fragments import parse_fragments
from media.tracks import parse_init
from onboarding.pipeline import onboard
from onboarding.settings import OnboardSettings
from onboarding.titles import list_titles, read_title, remove_title
from packager.audit import audit
from storage import open_store
from tests.onboarding.runs import Run, settings_for
from tests.onboarding.tiny import FRAMES, LADDERS, ladder_files
from values.errors import UsageError
from values.events import ChunkFinished, StageStarted

RENDITIONS = {
    "90p": "avc1.42C00B", "180p": "avc1.42C00D", "hevc-90p": "hvc1.1.6.L30.90", "vp9-90p": "vp09.00.10.08",
    "av1-90p": "av01.0.00M.08",
}  # fmt: skip
CODECS = dict(zip(RENDITIONS, ("h264", "h264", "hevc", "vp9", "av1"), strict=True))
PEAKS = dict(zip(RENDITIONS, (90_000, 600_000, 80_000, 90_000, 60_000), strict=True))


def test_a_title_in_four_codecs_passes_the_deep_audit(four_codecs: Run) -> None:
    report = audit(four_codecs.store, "sample", deep=True)
    assert report.faults == ()
    assert report.decoded == FRAMES * len(RENDITIONS)
    title = read_title(four_codecs.store, "sample")
    assert {r.id: r.codec for r in title.video} == RENDITIONS
    assert {r.id: (r.max_bps, r.buffer_bits) for r in title.video} == {n: (p, 2 * p) for n, p in PEAKS.items()}
    assert len(title.audio) == 1


def test_all_renditions_are_cut_alike_and_tell_their_codec_and_brand(four_codecs: Run) -> None:
    store = four_codecs.store
    title = read_title(store, "sample")
    for rendition in title.video:
        init = store.get(rendition.init.key)
        track = parse_init(init)
        assert track.codec == RENDITIONS[rendition.id]
        wanted = {"h264": "cfhd", "hevc": "chhd", "av1": "av01", "vp9": "iso6"}[CODECS[rendition.id]]
        assert wanted in brands(init)
        assert [(s.start, s.samples) for s in rendition.segments] == [
            (n * 24_000, 24 if n < 6 else 14) for n in range(7)
        ]
        for segment in rendition.segments:
            data = store.get(segment.file.key)
            first = parse_fragments(data, track)[0].samples[0]
            assert inspect_coded(data, first.offset, first.offset + first.size, track).entry_point


def test_hls_lists_variants_of_each_codec_with_scores_of_their_own(four_codecs: Run) -> None:
    playlist = m3u8.loads(four_codecs.store.get(four_codecs.summary["hls"]).decode())
    infos = {p.uri.rsplit("-", 1)[0]: p.stream_info for p in playlist.playlists}
    assert {name: info.codecs for name, info in infos.items()} == {n: f"{c},mp4a.40.2" for n, c in RENDITIONS.items()}
    assert {name: info.resolution for name, info in infos.items()} == {
        name: (320, 180) if name == "180p" else (160, 90) for name in RENDITIONS
    }
    text = four_codecs.store.get(four_codecs.summary["hls"]).decode()
    variants = [line for line in text.splitlines() if line.startswith("#EXT-X-STREAM-INF:")]
    scores = [float(line.split("SCORE=")[1]) for line in variants]
    assert len(scores) == len(set(scores)) == len(RENDITIONS)


def test_dash_has_one_adaptation_set_for_each_codec(four_codecs: Run) -> None:
    root = ElementTree.fromstring(four_codecs.store.get(four_codecs.summary["dash"]))
    space = "{urn:mpeg:dash:schema:mpd:2011}"
    sets = [s for s in root.iter(f"{space}AdaptationSet") if s.get("contentType") == "video"]
    assert [[r.get("id") for r in s.iter(f"{space}Representation")] for s in sets] == [
        ["90p", "180p"], ["hevc-90p"], ["vp9-90p"], ["av1-90p"],
        ["180p-trick"], ["hevc-90p-trick"], ["vp9-90p-trick"], ["av1-90p-trick"],
    ]  # fmt: skip
    found = {r.get("id"): r.get("codecs") for s in sets[:4] for r in s.iter(f"{space}Representation")}
    assert found == RENDITIONS
    ranks = [s.get("selectionPriority") for s in sets[:4]]
    assert len(set(ranks)) == 4


def test_codecs_that_are_added_later_leave_what_is_done_as_it_is(one_codec: Run, four_codecs: Run) -> None:
    assert one_codec.summary["reused_chunks"] == 0
    assert (four_codecs.summary["reused_chunks"], four_codecs.summary["chunks"]) == (4, 16)
    media = "titles/sample/media/"
    before, after = one_codec.bytes_of(media), four_codecs.bytes_of(media)
    assert before == {key: data for key, data in after.items() if key in before}
    added = {"hevc-90p", "vp9-90p", "av1-90p"}
    assert {key.split("/")[3] for key in after.keys() - before.keys()} == added | {f"{name}-trick" for name in added}
    old, new = (read_title(run.store, "sample") for run in (one_codec, four_codecs))
    assert [(r.id, r.segments, r.init) for r in new.video[:2]] == [(r.id, r.segments, r.init) for r in old.video]
    assert new.audio[0].segments == old.audio[0].segments


def test_events_tell_each_chunk_of_each_codec_once(one_codec: Run, four_codecs: Run) -> None:
    chunks = [e for e in four_codecs.events if isinstance(e, ChunkFinished)]
    assert sorted((e.codec, e.index, e.reused) for e in chunks) == sorted(
        (codec, index, codec == "h264") for codec in LADDERS for index in range(4)
    )
    assert [e.done for e in chunks] == list(range(1, 17))
    assert {e.total for e in chunks} == {16}
    assert sum(e.frames for e in chunks) == 4 * FRAMES
    assert {e.codec for e in one_codec.events if isinstance(e, ChunkFinished)} == {""}  # nothing to tell apart


def test_the_record_says_how_each_codec_was_encoded(four_codecs: Run) -> None:
    settings = read_title(four_codecs.store, "sample").settings
    assert [(e["codec"], e["preset"], [r["name"] for r in e["rungs"]]) for e in settings["encodes"]] == [
        ("h264", "ultrafast", ["90p", "180p"]), ("hevc", "ultrafast", ["hevc-90p"]),
        ("vp9", "ultrafast", ["vp9-90p"]), ("av1", "ultrafast", ["av1-90p"]),
    ]  # fmt: skip
    assert settings["encodes"][3]["rungs"] == [
        {"name": "av1-90p", "crf": 36.5, "max_bps": 60_000, "buffer_bits": 120_000}
    ]
    assert settings["encodes"][0]["chunk_crfs"] == [[30, 26]] * 4
    assert settings["encodes"][2]["encoded_again"] > 0  # VP9 has no rate control of its own here
    assert settings["audio_bps"] == 64_000
    assert all(r.quality is None for r in read_title(four_codecs.store, "sample").video)


def test_a_title_of_several_codecs_is_listed_and_removed_like_any(four_codecs: Run, tmp_path: Path) -> None:
    shutil.copytree(four_codecs.folder, tmp_path / "library")
    store = open_store(f"file:{tmp_path / 'library'}")
    assert list(list_titles(store)) == [read_title(store, "sample")]
    assert remove_title(store, "sample") > 5 * 8
    assert list(store.list("titles/")) == []


def refused(settings: OnboardSettings) -> tuple[UsageError, list[str]]:
    """The error of an onboarding that is refused, and the stages that it came to."""
    stages = []
    with pytest.raises(UsageError) as caught:
        for event in onboard(settings):
            if isinstance(event, StageStarted):
                stages.append(event.stage)
    return caught.value, stages


def written(folder: Path) -> list[str]:
    return [info.key for info in open_store(f"file:{folder}").list("")]


def test_two_ladders_of_one_codec_are_refused_before_the_master_is_looked_at(tmp_path: Path) -> None:
    ladder = f"{ladder_files(tmp_path, 'av1', 'h264')},mobile"
    error, stages = refused(settings_for(tmp_path / "library", Path("no such master"), ladder=ladder))
    assert str(error) == (
        "the ladders tiny-h264 and mobile both have rungs of h264\n"
        "Give one ladder for each codec, or write one ladder file with all rungs of that codec."
    )
    assert stages == []
    assert written(tmp_path / "library") == []


def test_a_codec_that_ffmpeg_lacks_is_refused_before_the_master_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onboarding.pipeline.available_encoders", lambda: frozenset({"libx264", "libvpx-vp9", "aac"}))
    ladder = ladder_files(tmp_path, "h264", "av1")
    error, stages = refused(settings_for(tmp_path / "library", Path("no such master"), ladder=ladder))
    assert error.what == "this ffmpeg has no encoder libsvtav1, which the rungs of AV1 need"
    assert error.where == "ladder tiny-av1"
    assert error.hint.startswith("Take a ladder without av1 (of matinee's codecs this ffmpeg encodes: h264, vp9)")
    assert stages == []
    assert written(tmp_path / "library") == []


LARGE = {
    "rungs": "rungs: [{width: 640, height: 360, crf: 30, max_kbps: 500}]",
    "policy": "codecs: [h264]\nper_title: {top: 95, step: 6, floor_kbps: 100, ceiling_kbps: 8000, boxes: [[640, 360]]}",
}


@pytest.mark.parametrize(("form", "kind"), [("rungs", "rung"), ("policy", "box")])
def test_a_source_smaller_than_every_rung_is_refused_before_any_encode(
    form: str, kind: str, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "large.yaml").write_text(LARGE[form])
    ladder = f"{ladder_files(tmp_path, 'av1')},{tmp_path / 'large.yaml'}"
    error, stages = refused(settings_for(tmp_path / "library", tiny, ladder=ladder))
    assert error.what == f"every {kind} is larger than the source, which is 320x180: the smallest is 640x360"
    assert error.hint.startswith(f"Add a {kind} of at most 320x180, or write adapt: true")
    assert stages == ["ingest", "inspect"]
    assert [key for key in written(tmp_path / "library") if key.startswith("titles/")] == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quality": "ful"}, "--quality: quality can't be 'ful'\nDid you mean 'full'?"),
        ({"quality": "none"}, "--quality: quality can't be 'none'\nKnown are: fast, full, off."),
        ({"search_share": 0.0}, "--search-share: a search can't cost 0 of the encode\nIt is a share: 0.25 allows"),
        ({"search_share": -1.0}, "--search-share: a search can't cost -1 of the encode\nIt is a share"),
        ({"search_share": float("nan")}, "--search-share: a search can't cost nan of the encode\nIt is a share"),
        ({"search_share": 101.0}, "--search-share: a search can't cost 101 of the encode\nIt is a share"),
        ({"preset": "medum"}, "there is no preset 'medum'\nDid you mean 'medium'?"),
    ],
)
def test_settings_that_mean_nothing_are_refused_with_what_they_may_be(
    settings: Callable[..., OnboardSettings], changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        settings(**changes)
    assert str(caught.value).startswith(says)


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., OnboardSettings]:
    return lambda **changes: settings_for(tmp_path, **changes)
