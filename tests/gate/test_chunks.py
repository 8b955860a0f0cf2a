"""Measures are the same however a film is cut into chunks, and agree with ffmpeg's own over the whole."""

from __future__ import annotations

import itertools
import re
import subprocess
from array import array
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.detect import detect
from gate.job import unmeasured
from gate.measures import PICTURE_COLUMNS, SOUND_COLUMNS, Measures, PictureMeasures, join
from gate.plan import plan_jobs, plan_parts
from gate.sound import track_lufs
from media.ffmpeg import ffmpeg_path
from media.index import FrameIndex
from onboarding.gate import gate_facts
from tests.gate.clips import bare, inspected, make, measured
from tests.parts import SAMPLE, clip


def assert_same(one: Measures, several: Measures, hundredths: int) -> None:
    for name in PICTURE_COLUMNS:
        assert getattr(one.picture, name) == getattr(several.picture, name), name
    assert [s.track for s in one.sounds] == [s.track for s in several.sounds]
    for a, b in zip(one.sounds, several.sounds, strict=True):
        for name in SOUND_COLUMNS:
            # the last block may hold a sample more or less where time stamps are rounded
            assert list(getattr(b, name))[:80] == pytest.approx(list(getattr(a, name))[:80], abs=hundredths), name
        assert [float(t) for span in a.spans for t in span] == pytest.approx(
            [float(t) for span in b.spans for t in span], abs=0.001
        )
        assert a.loudest == b.loudest


# Decoders and filters begin a second before, which leaves a hundredth of a dB. Matroska rounds times to milliseconds:
# blocks may lie half of one apart.
@pytest.mark.parametrize(("suffix", "hundredths"), [("mp4", 2), ("mkv", 30), ("ts", 2)])
def test_one_chunk_and_several_measure_the_same(suffix: str, hundredths: int, tmp_path: Path) -> None:
    path = make(
        tmp_path / f"film.{suffix}", "-ss", "3", "-t", "8", "-i", str(SAMPLE), "-vf", "scale=160:90", "-c:v",
        "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "20", "-c:a", "aac",
        "-aac_pns", "0",  # which would have every decoder make noise of its own
    )  # fmt: skip
    found = inspected(path)
    parts = plan_parts(found.index, 4, shortest_s=Fraction(1))
    assert len(parts) >= 2
    one, facts = measured(path, tmp_path)
    several, _ = measured(path, tmp_path, parts)
    assert all(one.picture.seen)
    assert_same(one, several, hundredths)
    assert bare(detect(one, facts)) == bare(detect(several, facts))


def test_true_interlaced_pictures_in_a_transport_stream_are_measured_the_same(tmp_path: Path) -> None:
    path = clip("derived_480i_tff_mpeg2_ac351.ts")
    one, _ = measured(path, tmp_path)
    several, _ = measured(path, tmp_path, ((0, 72), (72, 144), (144, 240)))
    for name in PICTURE_COLUMNS:
        assert getattr(one.picture, name) == getattr(several.picture, name), name


def test_loudness_and_true_peak_agree_with_a_whole_run_of_ffmpeg(tmp_path: Path) -> None:
    found = inspected(SAMPLE)
    several, _ = measured(SAMPLE, tmp_path, plan_parts(found.index, 3, shortest_s=Fraction(1)))
    argv = (ffmpeg_path(), "-nostdin", "-hide_banner", "-i", str(SAMPLE), "-map", "0:a", "-af")
    said = subprocess.run(
        (*argv, "ebur128=peak=true:framelog=quiet", "-f", "null", "-"), capture_output=True, text=True, check=True
    ).stderr
    lufs, peak = (float(m) for m in re.findall(r"(?:I|Peak):\s+(-?[\d.]+) ", said)[-2:])
    assert track_lufs(several.sounds[0]) == pytest.approx(lufs, abs=0.1)
    assert max(several.sounds[0].true_peak) / 100 == pytest.approx(peak, abs=0.2)


def index(keyframes: list[int], frames: int) -> FrameIndex:
    return FrameIndex(Fraction(1, 25), array("q", range(frames)), array("q", keyframes), 1, 0)


@given(st.integers(1, 5000), st.integers(1, 400), st.integers(1, 16))
def test_chunks_tile_the_film_and_begin_at_key_frames(frames: int, gop: int, workers: int) -> None:
    made = index(list(range(0, frames, gop)), frames)
    parts = plan_parts(made, workers)
    assert parts[0][0] == 0
    assert parts[-1][1] == frames
    assert all(a[1] == b[0] for a, b in itertools.pairwise(parts))
    assert all(start % gop == 0 and stop > start for start, stop in parts)


def test_a_long_film_is_cut_into_minutes_and_one_without_key_frames_not_at_all() -> None:
    hour = index(list(range(0, 90_000, 50)), 90_000)
    assert {b - a for a, b in plan_parts(hour, 2)} == {1500}
    assert plan_parts(index([0], 90_000), 2) == ((0, 90_000),)


def test_a_chunk_decodes_a_frame_on_each_side_and_sound_from_a_second_before() -> None:
    found = inspected(SAMPLE)
    middle = plan_jobs(
        ((0, 192), (192, 288), (288, 360)), found.index, found.video, found.probe.audio, origin=found.timing.origin,
        location=str(SAMPLE), name="sample", work_dir="/nowhere",
    )[1]  # fmt: skip
    assert (middle.context, len(middle.pts)) == (191, 98)
    assert (middle.first_block, middle.stop_block) == (80, 120)
    assert middle.seeks[0] is None or middle.seeks[0] * middle.video.time_base <= Fraction(13, 2)
    assert middle.where == "check of chunk 1 of sample (frames 192 to 288)"


def test_a_chunk_that_takes_its_worker_down_is_damage_and_does_not_end_the_film(tmp_path: Path) -> None:
    path = make(
        tmp_path / "film.mp4", "-t", "6", "-i", str(SAMPLE), "-vf", "scale=160:90", "-c:v", "libx264", "-preset",
        "ultrafast", "-g", "24", "-c:a", "aac",
    )  # fmt: skip
    found = inspected(path)
    jobs = plan_jobs(
        ((0, 48), (48, 96), (96, 144)), found.index, found.video, found.probe.audio, origin=found.timing.origin,
        location=str(path), name="film", work_dir=str(tmp_path),
    )  # fmt: skip
    parts = [jobs[0].run(), unmeasured(jobs[1], "a worker died"), jobs[2].run()]
    judged = [f for f in detect(join([p.measures for p in parts]), gate_facts(found)) if f.kind == "damage"]
    assert [(f.severity, f.start, f.stop) for f in judged] == [("error", Fraction(2), Fraction(4))]
    assert "(a worker died)" in judged[0].text


def test_parts_that_do_not_tile_a_film_are_not_joined() -> None:
    first, third = PictureMeasures(0), PictureMeasures(5)
    for _ in range(4):
        first.add(seen=1)
        third.add(seen=1)
    with pytest.raises(ValueError, match="frames from 5 on where those before end at 4"):
        join([Measures(third), Measures(first)])
    joined = join([Measures(replace(third, start=4)), Measures(first)])
    assert joined.picture.stop == 8
