"""Quality measured on the workers, chunk by chunk: as much as is asked for, on what is there, equal to the whole."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from coders.table import coder_of
from media.ffmpeg import ffmpeg_path
from onboarding.quality import title_quality
from onboarding.settings import QUALITY
from onboarding.titles import read_title
from packager.audit import audit
from tests.onboarding.runs import Run
from tests.onboarding.tiny import FRAMES, ladder_files, onboard_tiny
from values.events import ChunkFinished, Progressed
from values.title import Rendition

MEDIA = "titles/sample/media/"


@pytest.fixture(scope="module")
def measured(four_codecs: Run, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The title in four codecs, encoded without being measured and onboarded again to measure every frame."""
    folder: Path = tmp_path_factory.mktemp("measured")
    shutil.copytree(four_codecs.folder, folder / "library")
    return onboard_tiny(
        folder / "library", tiny, ladder=ladder_files(folder, "h264", "hevc", "vp9", "av1"), quality="full"
    )


@pytest.fixture(scope="module")
def at_once(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """In two codecs and in chunks of other lengths (72, 72 and 14 frames), measured as they were encoded."""
    folder: Path = tmp_path_factory.mktemp("at-once")
    ladder = ladder_files(folder, "h264", "av1")
    return onboard_tiny(folder / "library", tiny, ladder=ladder, chunk_s=Fraction(3), quality="full")


def whole_file(run: Run, rendition: Rendition, tiny: Path, folder: Path) -> dict[str, Any]:
    """libvmaf's log of the joined rendition against the film, by the plainest command there is."""
    joined, log = folder / "joined.mp4", folder / "log.json"
    keys = [rendition.init.key, *(s.file.key for s in rendition.segments)]
    joined.write_bytes(b"".join(run.store.get(key) for key in keys))
    scale = "scale=320:180:flags=bicubic"
    graph = (
        f"[0:v]settb=1/24,setpts=N,{scale}[d];[1:v]settb=1/24,setpts=N,{scale}[r];"
        f"[d][r]libvmaf=log_path={log}:log_fmt=json:n_threads=2"
    )
    command = [ffmpeg_path(), "-v", "error", "-i", joined, "-i", tiny, "-lavfi", graph, "-f", "null", "-"]
    subprocess.run(command, check=True)
    return dict(json.loads(log.read_text()))


@pytest.mark.parametrize("name", ["measured", "at_once"])
def test_pooled_quality_is_that_of_a_run_over_the_whole_file(
    name: str, tiny: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(name)
    found = title_quality(run.store, "sample")
    assert [c.stop - c.start for c in found.title.chunks] == {
        "measured": [48, 48, 48, 14], "at_once": [72, 72, 14]
    }[name]  # fmt: skip
    assert len(found.renditions) == {"measured": 5, "at_once": 3}[name]
    for rendition in found.renditions:
        whole = whole_file(run, rendition.rendition, tiny, tmp_path)
        pooled = whole["pooled_metrics"]["vmaf"]
        assert rendition.quality.frames == len(whole["frames"]) == FRAMES
        assert abs(rendition.quality.mean - pooled["mean"]) <= 0.01
        assert abs(rendition.quality.harmonic_mean - pooled["harmonic_mean"]) <= 0.01
        theirs = [frame["metrics"]["vmaf"] for frame in whole["frames"]]
        assert list(rendition.scores.values) == pytest.approx(theirs, abs=0.001)


def test_what_was_encoded_before_is_measured_without_being_encoded_again(four_codecs: Run, measured: Run) -> None:
    assert measured.summary["encode_cpu_s"] == 0
    assert measured.summary["measure_cpu_s"] > 0
    assert measured.summary["reused_chunks"] == 16
    assert measured.bytes_of(MEDIA) == four_codecs.bytes_of(MEDIA)
    assert all(e.reused for e in measured.events if isinstance(e, ChunkFinished))
    progress = [(e.done, e.total) for e in measured.events if isinstance(e, Progressed) and e.stage == "quality"]
    assert progress == [(n, 16) for n in range(1, 17)]
    assert audit(measured.store, "sample").faults == ()


def test_the_title_keeps_the_statistics_and_the_scores_of_each_rendition(measured: Run) -> None:
    title = read_title(measured.store, "sample")
    for rendition in title.video:
        quality = rendition.quality
        assert quality
        assert (quality.model, quality.width, quality.height) == ("vmaf_v0.6.1", 320, 180)
        assert (quality.every, quality.frames) == (1, FRAMES)
        assert 0 < quality.p1 <= quality.p5 <= quality.mean <= 100
        assert quality.harmonic_mean <= quality.mean
        assert (quality.worst_ten_s, quality.worst_at_s) == (quality.mean, 0)  # the film is shorter
        assert quality.scores in title.files()
    by_id = {r.id: r.quality.mean for r in title.video if r.quality}
    assert by_id["90p"] < by_id["180p"]
    summary = {r["id"]: r["vmaf"] for r in measured.summary["renditions"]}
    assert summary == {**by_id, "audio": None}


def test_hls_ranks_variants_by_the_quality_that_was_measured(measured: Run) -> None:
    text = measured.store.get(measured.summary["hls"]).decode()
    lines = [line for line in text.splitlines() if line.startswith("#EXT-X-STREAM-INF:")]
    scores = [float(line.split("SCORE=")[1]) for line in lines]
    video = [r for r in measured.summary["renditions"] if r["kind"] == "video"]
    worth = [r["vmaf"] + math.log2(coder_of(r["codec"]).efficiency) for r in video]  # type: ignore[union-attr]
    assert sorted(scores) == pytest.approx(sorted(worth), abs=0.001)


def test_measured_as_it_was_encoded_costs_and_says_so(at_once: Run) -> None:
    assert at_once.summary["encode_cpu_s"] > 0
    assert at_once.summary["measure_cpu_s"] > 0
    assert audit(at_once.store, "sample", deep=True).faults == ()


def test_the_same_again_measures_nothing_and_what_is_known_is_kept(at_once: Run, tiny: Path, tmp_path: Path) -> None:
    """Turned off, measuring leaves what it has found before."""
    shutil.copytree(at_once.folder, tmp_path / "library")
    ladder = ladder_files(tmp_path, "h264", "av1")
    for quality in ("full", "off", "full"):
        run = onboard_tiny(tmp_path / "library", tiny, ladder=ladder, chunk_s=Fraction(3), quality=quality)
        assert (run.summary["encode_cpu_s"], run.summary["measure_cpu_s"]) == (0, 0)
        now, before = (read_title(r.store, "sample").video for r in (run, at_once))
        assert [r.quality for r in now] == [r.quality for r in before]


def test_what_was_measured_frame_by_frame_serves_for_every_so_many(measured: Run, tiny: Path, tmp_path: Path) -> None:
    """Every so many frames of the film, whatever the chunks: the same scores as when all were measured."""
    every = QUALITY["fast"]
    assert every > 1
    shutil.copytree(measured.folder, tmp_path / "library")
    run = onboard_tiny(tmp_path / "library", tiny, ladder=ladder_files(tmp_path, "h264"), quality="fast")
    assert run.summary["encode_cpu_s"] == 0
    assert run.summary["measure_cpu_s"] == 0
    full = {r.rendition.id: r.scores.values for r in title_quality(measured.store, "sample").renditions}
    for rendition in title_quality(run.store, "sample").renditions:
        assert (rendition.quality.every, rendition.quality.frames) == (every, -(-FRAMES // every))
        assert rendition.scores.values == full[rendition.rendition.id][::every]
