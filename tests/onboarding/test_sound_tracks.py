"""Every sound track of a master in the title: languages, names, roles, codecs, loudness; found again by a next run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from encoder.cluster import RayPool
from ingest.inspect import Inspection
from media.ffmpeg import ffmpeg_path, run
from onboarding.sound import least_gap, rendition_id
from onboarding.titles import read_title
from packager.audit import audit
from tests.encoder.jobs import inspected
from tests.encoder.sounds import beeps, write_wav
from tests.onboarding.runs import Run, onboard_sample
from tests.onboarding.sync import LADDER
from tests.parts import clip
from tests.treatment.tracks import track
from treatment.decision import Decision
from treatment.sound import decide_sound
from treatment.wishes import NO_WISHES, Wishes
from values.events import ChunkFinished
from values.title import Title


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds with four sound tracks: German stereo, English 5.1 that is the default, a commentary, a description,
    each of another loudness."""
    folder = tmp_path_factory.mktemp("tracks")
    words = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2"]
    for number, (channels, peak) in enumerate([(2, 0.4), (6, 0.1), (2, 0.05), (1, 0.02)]):
        path = write_wav(folder / f"{number}.wav", [beeps((0, 1), 2, 48000, peak=peak)] * channels)
        words += ["-i", str(path)]
    for number in range(5):
        words += ["-map", str(number)]
    tags = [("ger", "", "0"), ("eng", "", "default"), ("eng", "Director's Commentary", "0"), ("eng", "AD", "0")]
    for number, (language, title, flag) in enumerate(tags):
        words += [f"-metadata:s:a:{number}", f"language={language}", f"-disposition:a:{number}", flag]
        words += [f"-metadata:s:a:{number}", f"title={title}"] if title else []
    out = folder / "tracks.mkv"
    run(
        [ffmpeg_path(), "-v", "error", "-y", *words, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac",
         str(out)],
        where="tracks",
    )  # fmt: skip
    return out


@pytest.fixture(scope="module", autouse=True)
def _ray() -> Iterator[None]:
    """One Ray for all these films."""
    with RayPool(workers=2):
        yield


@pytest.fixture(scope="module")
def done(master: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return onboarded(tmp_path_factory.mktemp("library") / "library", master)


def onboarded(folder: Path, master: Path, wishes: Wishes = NO_WISHES) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    ladder = folder.parent / "tiny.yaml"
    ladder.write_text(LADDER)
    return onboard_sample(folder, master, ladder=str(ladder), wishes=wishes)


def outline(title: Title) -> list[tuple[str, str, int, str, str, str, bool]]:
    return [(r.id, r.codec, r.channels, r.language, r.name, r.role, r.default) for r in title.audio]


def test_all_tracks_are_in_the_title_with_language_name_and_role(done: Run) -> None:
    assert outline(read_title(done.store, "sample")) == [
        ("audio", "mp4a.40.2", 2, "eng", "", "main", True),
        ("audio-51", "mp4a.40.2", 6, "eng", "", "main", True),
        ("audio-1-de", "mp4a.40.2", 2, "ger", "", "main", False),
        ("audio-3-en", "mp4a.40.2", 2, "eng", "Director's Commentary", "commentary", False),
        ("audio-4-en", "mp4a.40.2", 1, "eng", "AD", "description", False),
    ]
    assert audit(done.store, "sample", deep=True).faults == ()


def test_each_track_is_as_loud_as_the_others_and_the_record_says_what_was_done(done: Run) -> None:
    title = read_title(done.store, "sample")
    found = {r.id: r.loudness for r in title.audio}
    for loudness in found.values():
        assert loudness is not None
        assert loudness.measured_lufs is not None
        assert loudness.lufs == pytest.approx(-23, abs=0.2)
        assert loudness.gain_db == pytest.approx(-23 - loudness.measured_lufs, abs=0.02)
    said = title.settings["sound"]
    assert [t["number"] for t in said] == [2, 1, 3, 4]
    assert said[0]["renditions"][1] == {
        "id": "audio-51", "codec": "aac", "layout": "5.1", "bps": 192_000, "gain": "brought to -23 LUFS",
    }  # fmt: skip
    assert said[2]["why"][0] == 'commentary: it is called "Director\'s Commentary"'


def test_a_codec_more_encodes_only_what_is_new(done: Run, master: Path, tmp_path: Path) -> None:
    shutil.copytree(done.folder, tmp_path / "library")
    old = read_title(done.store, "sample")
    again = onboarded(tmp_path / "library", master, Wishes(opus=True))
    new = read_title(again.store, "sample")
    kept = {r.id: r.segments for r in new.audio if "opus" not in r.id}
    assert kept == {r.id: r.segments for r in old.audio}
    assert [r.id for r in new.audio if "opus" in r.id] == [
        "audio-opus", "audio-opus-51", "audio-1-de-opus", "audio-3-en-opus", "audio-4-en-opus"
    ]  # fmt: skip
    assert again.summary["reused_chunks"] == again.summary["chunks"]


def test_a_rendition_whose_segment_is_gone_is_made_again_to_the_same_bytes(
    done: Run, master: Path, tmp_path: Path
) -> None:
    shutil.copytree(done.folder, tmp_path / "library")
    before = done.bytes_of("titles/sample/media/")
    key = read_title(done.store, "sample").audio[1].segments[0].file.key
    copy = Run(tmp_path / "library", [], {})
    copy.store.delete(key)
    again = onboarded(tmp_path / "library", master)
    assert again.bytes_of("titles/sample/media/") == before
    assert [e.index for e in again.events if isinstance(e, ChunkFinished) and not e.reused] == [-1]


def test_sound_that_ends_before_the_picture_is_silent_to_its_end(tmp_path: Path) -> None:
    run = onboarded(tmp_path / "library", clip("audio_shorter_than_video.mp4"))
    title = read_title(run.store, "sample")
    (sound,) = title.audio
    length = (sound.duration_ticks - sound.priming) / sound.timescale
    assert 0 <= length - float(title.duration) < 1024 / 48000
    assert audit(run.store, "sample", deep=True).faults == ()


def test_loudness_of_a_title_is_left_alone_when_that_is_wished(master: Path, tmp_path: Path) -> None:
    run = onboarded(tmp_path / "library", master, Wishes(loudness_lufs=None, surround="off"))
    title = read_title(run.store, "sample")
    assert [r.id for r in title.audio] == ["audio", "audio-1-de", "audio-3-en", "audio-4-en"]
    for rendition in title.audio[1:]:
        assert rendition.loudness is not None
        assert rendition.loudness.gain_db == 0
        assert rendition.loudness.target_lufs is None


def test_ids_are_slugs_and_tell_tracks_codecs_and_layouts_apart() -> None:
    streams = [track("5.1"), track("5.1", index=2, language="zh-Hant"), track(index=3), track(index=4)]
    plans = decide_sound(streams, Wishes(surround="eac3", opus=True))
    assert [rendition_id(p, o) for p in plans for o in p.outputs] == [
        "audio", "audio-51", "audio-ec3", "audio-opus", "audio-opus-51",
        "audio-2-zh-hant", "audio-2-zh-hant-51", "audio-2-zh-hant-ec3", "audio-2-zh-hant-opus",
        "audio-2-zh-hant-opus-51", "audio-3", "audio-3-opus", "audio-4", "audio-4-opus",
    ]  # fmt: skip


def test_probe_shows_each_track_and_why(master: Path) -> None:
    found: Inspection = inspected(master)
    rules = {d.rule: d for d in found.decisions}
    assert rules["sound 2"] == Decision(
        "sound 2",
        "flac 5.1 48000 Hz (eng)",
        "AAC stereo, AAC 5.1",
        "stereo by ITU-R BS.775: centre and surrounds at -3 dB, no LFE; plays unasked",
    )
    described = rules["sound 4"]
    assert (described.detected, described.decided) == ("flac mono 48000 Hz (eng, AD, description)", "AAC mono")
    assert described.why.startswith("description:")


def test_what_counts_as_a_hole_depends_on_the_clock_of_the_container() -> None:
    assert least_gap("mov,mp4,m4a,3gp,3g2,mj2") < least_gap("matroska,webm")
