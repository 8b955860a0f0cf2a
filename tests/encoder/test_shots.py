"""Shots of real clips: found where they are, and the same chunk by chunk as in the whole film."""

from __future__ import annotations

import pickle
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from chunker.cuts import FrameScores, find_cuts, join_scores, rate_cuts
from encoder.cut import MisplacedFrames
from encoder.job import ChunkJob
from encoder.shots import ShotJob, ShotResult, detect_shots, parse_scores, seeks, shots_argv, widened
from media.ffmpeg import ffmpeg_path
from tests.encoder.jobs import film_input, job_of, jobs_of, planned
from tests.parts import SAMPLE, clip
from values.errors import EncodeError

WHOLE = Fraction(10_000)


def measured(path: Path, folder: Path, chunk_s: Fraction) -> FrameScores:
    film = planned(path, segment_s=min(chunk_s, Fraction(4)), chunk_s=chunk_s)
    jobs = jobs_of(film, path, work_dir=str(folder))
    return join_scores([detect_shots(ShotJob(job)).scores for job in jobs])


def test_the_command_measures_the_films_frames_beside_those_before() -> None:
    job = widened(job_of(Fraction(24), 480, 96)[1])
    assert shots_argv("ffmpeg", job, 720_900, "/w/it's: [a], b.txt") == (
        "ffmpeg", *film_input("8.011000"),
        "-filter_complex",
        "[0:0]setpts=PTS-(900)[s0];[s0]settb=1/24[s1];[s1]fps=fps=24/1:round=near[s2];"
        "[s2]trim=end_pts=384:start_pts=189[s3];[s3]scale=64:36:flags=area:out_range=tv[s4];"
        "[s4]format=yuv444p[s5];[s5]blackframe=amount=0:threshold=32[s6];[s6]format=rgb24[s7];"
        "[s7]scdet=threshold=100[s8];[s8]format=gbrp[s9];[s9]split=2[s10][s11];[s11]setpts=PTS+3[s12];"
        "[s10][s12]msad=shortest=1[s13];"
        r"[s13]metadata=file=/w/it\\\'s\\: \[a\]\, b.txt:mode=print[s14]",
        "-map", "[s14]", "-f", "null", "-", "-copyts", "-filter_complex_threads", "1", "-y", "-nostdin",
        "-hide_banner", "-loglevel", "warning",
    )  # fmt: skip


def test_the_cuts_of_the_sample_are_found(tmp_path: Path) -> None:
    """Seen on contact sheets: four hard cuts, and much motion."""
    assert find_cuts(measured(SAMPLE, tmp_path, WHOLE)) == (64, 139, 274, 319)


def test_the_cuts_and_fades_of_a_trailer_are_found(tmp_path: Path) -> None:
    """Seen on contact sheets: five hard cuts and four returns from black. The dissolve at frame 1130 is not found."""
    found = rate_cuts(measured(clip("bbb_trailer_720p24_55s_mp3.mp4"), tmp_path, WHOLE))
    assert tuple(c.frame for c in found) == (5, 243, 339, 593, 770, 864, 900, 988, 1049)


@pytest.mark.parametrize(
    "name",
    ["seattle_360p30_msmpeg4.avi", "marathon_400p2997_5s.mp4", "derived_480i_tff_mpeg2_ac351.ts",
     "derived_360p_vfr_8s.mp4"],
)  # fmt: skip
def test_hand_held_motion_is_no_cut(name: str, tmp_path: Path) -> None:
    assert find_cuts(measured(clip(name), tmp_path, WHOLE)) == ()


@pytest.mark.parametrize(
    "name",
    ["", "bbb_1080p24_mpeg2_mp2.ts", "derived_480i_tff_mpeg2_ac351.ts", "derived_360p_vfr_8s.mp4",
     "seattle_360p30_msmpeg4.avi"],
)  # fmt: skip
def test_chunks_see_what_the_whole_film_does(name: str, tmp_path: Path) -> None:
    path = clip(name) if name else SAMPLE
    assert measured(path, tmp_path, Fraction(1)) == measured(path, tmp_path, WHOLE)


def test_a_cut_and_a_key_frame_on_a_chunks_first_frame_are_no_obstacle(tmp_path: Path) -> None:
    """The seek to the chunk's own first frame is too late to see the picture before: the next one is taken."""
    film = tmp_path / "cut.mp4"
    graph = "color=red:s=64x36:r=24:d=2[a];color=blue:s=64x36:r=24:d=2[b];[a][b]concat,format=yuv420p"
    subprocess.run(
        [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", graph, "-c:v", "libx264", "-g", "24", str(film)], check=True
    )  # fmt: skip
    jobs = jobs_of(planned(film, segment_s=Fraction(2), chunk_s=Fraction(2)), film, work_dir=str(tmp_path))
    assert [j.timing.number(j.seek) for j in jobs if j.seek is not None] == [48]
    assert seeks(widened(jobs[1]))[0] != jobs[1].seek
    assert find_cuts(measured(film, tmp_path, Fraction(2))) == (48,)


def test_a_folder_with_a_strange_name_serves(tmp_path: Path) -> None:
    folder = tmp_path / "it's: [a], b;c=d%20"
    job = jobs_of(planned(SAMPLE, segment_s=Fraction(2), chunk_s=Fraction(2)), SAMPLE, work_dir=str(folder))[1]
    result = detect_shots(ShotJob(job))
    assert (result.index, result.scores.start, result.scores.stop) == (1, 48, 96)
    assert result.cpu_s > 0
    assert list(folder.iterdir()) == []


def test_a_work_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    job = replace(job_of(Fraction(24), 300, 96)[0], work_dir=str(tmp_path / "file"))
    with pytest.raises(EncodeError, match=r"file can't be written .*\n.*Set TMPDIR"):
        detect_shots(ShotJob(job))


def test_a_seek_that_lands_late_is_followed_by_an_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = jobs_of(planned(SAMPLE, segment_s=Fraction(4), chunk_s=Fraction(4)), SAMPLE, work_dir=str(tmp_path))[2]
    from_start = detect_shots(ShotJob(replace(job, seek=None, fallbacks=())))
    tried: list[int | None] = []

    def late_argv(binary: str, job: ChunkJob, seek: int | None, path: str) -> tuple[str, ...]:
        tried.append(seek)
        return shots_argv(binary, job, seek and seek + round(5 / job.timing.time_base), path)

    monkeypatch.setattr("encoder.shots.shots_argv", late_argv)
    assert detect_shots(ShotJob(job)).scores == from_start.scores
    assert len(tried) > 1


def test_frames_that_are_not_there_are_missed(tmp_path: Path) -> None:
    """The sample has 360 frames."""
    job = jobs_of(planned(SAMPLE, segment_s=Fraction(4), chunk_s=Fraction(4)), SAMPLE)[3]
    beyond = replace(
        job, chunk=replace(job.chunk, start=340, stop=362), seek=None, fallbacks=(), work_dir=str(tmp_path)
    )
    with pytest.raises(MisplacedFrames, match=r"23 frames from 337 to 359 were looked at, planned 337 to 362\n.*index"):
        detect_shots(ShotJob(beyond))


def test_scores_are_read_exactly_and_missing_frames_named() -> None:
    job = widened(replace(job_of(Fraction(24), 300, 96)[0], chunk=job_of(Fraction(24), 2, 96)[0].chunk))
    lines = [
        "frame:0    pts:0       pts_time:0", "lavfi.blackframe.pblack=100", "lavfi.scd.mafd=0.000",
        "lavfi.scd.score=0.000", "frame:1    pts:1       pts_time:0.0416667", "lavfi.blackframe.pblack=7",
        "lavfi.scd.mafd=12.345", "lavfi.scd.score=12.345", "lavfi.msad.msad.R=0.1", "lavfi.msad.msad_avg=0.234567",
    ]  # fmt: skip
    assert parse_scores("\n".join(lines), job, where="x") == FrameScores(0, (0, 12345), (0, 23457), (100, 7))
    with pytest.raises(MisplacedFrames, match="x: 1 frames from 0 to 0 were looked at, planned 0 to 2"):
        parse_scores("\n".join(lines[:4]), job, where="x")
    with pytest.raises(MisplacedFrames, match="x: no frames were looked at, planned 0 to 2"):
        parse_scores("", job, where="x")


def test_jobs_and_results_pickle_and_name_themselves() -> None:
    job = ShotJob(job_of(Fraction(24), 300, 96)[1])
    result = ShotResult(1, FrameScores(192, (1,), (2,), (3,)), 0.5)
    assert pickle.loads(pickle.dumps((job, result))) == (job, result)
    assert (job.where, job.cost) == ("shots of chunk 1 of film.mp4 (frames 192 to 300)", 108)
