"""Quality measured chunk by chunk is the quality of the whole film, frame for frame."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import pytest

import encoder.measure
from chunker.plan import plan_chunks, plan_segments
from encoder.argv import FRAGMENTS, STATS, compile_argv
from encoder.cut import MisplacedFrames
from encoder.frames import film_from
from encoder.job import ChunkJob
from encoder.measure import LogFiles, Measured, given_frames, measure, measure_argv
from media.boxes import split_init
from media.ffmpeg import FFmpegError, ffmpeg_path
from quality.scores import FrameScores, PartScores, join_scores, pool
from quality.settings import MeasureSettings
from tests.encoder.jobs import film_input, job_of, jobs_of, planned
from tests.parts import SAMPLE, clip
from values.errors import EncodeError

SIZE = (320, 180)
RUNGS = (((160, 90), 34), ((320, 180), 40))
PLAIN = MeasureSettings(SIZE)
EVERYTHING = MeasureSettings(SIZE, psnr=True, xpsnr=True)


def quiet_ffmpeg(*args: str) -> None:
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *args], check=True)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots of 23, 25 and 24 frames, so that chunks of 24 start before and at a cut; and the same at 50 Hz."""
    folder: Path = tmp_path_factory.mktemp("clips")
    x264 = ("-an", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-g", "10")
    for rate in (24, 50):
        shots = "select='between(n,40,62)+between(n,100,124)+between(n,240,263)'"
        filters = f"scale=320:180,{shots},settb=1/{rate},setpts=N,fps={rate}"
        quiet_ffmpeg("-i", str(SAMPLE), "-vf", filters, "-r", str(rate), *x264, str(folder / f"{rate}.mp4"))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A name with all that means something to ffmpeg's filter graphs: what is measured lies in it."""
    path: Path = tmp_path_factory.mktemp("odd") / "it's [a], b; c:d=e\\f %d"
    path.mkdir()
    return path


def jobs_for(path: Path, folder: Path, *, chunk_s: Fraction = Fraction(1)) -> tuple[ChunkJob, ...]:
    film = planned(path, segment_s=chunk_s, chunk_s=chunk_s)
    return jobs_of(film, path, work_dir=str(folder))


def encoded(job: ChunkJob, folder: Path, rungs: Sequence[tuple[tuple[int, int], int]] = RUNGS) -> list[str]:
    """The job's chunk in each rung, as the encoder would write it: what is measured here is no matter of presets."""
    paths = [str(folder / f"{job.chunk.start}-{job.chunk.stop}-{width}.mp4") for (width, _), _ in rungs]
    rate = job.timing.rate
    for path, (size, crf) in zip(paths, rungs, strict=True):
        picture = film_from(job, None).filter("scale", *size, out_range="tv").filter("format", "yuv420p")
        out = ffmpeg.output(picture, path, **{
            "c:v": "libx264", "preset": "ultrafast", "crf": crf, "x264-params": "stitchable=1", "f": "mp4",
            "fps_mode:v": "passthrough", "enc_time_base:v": f"{rate.denominator}/{rate.numerator}",
            "video_track_timescale": rate.numerator * 1000, "movflags": FRAGMENTS, "use_editlist": "0",
        })  # fmt: skip
        subprocess.run(compile_argv(out, ffmpeg_path()), check=True, capture_output=True)
    return paths


def measured(jobs: Sequence[ChunkJob], folder: Path, settings: MeasureSettings, **kwargs: Any) -> list[PartScores]:
    """The scores of the film's renditions, joined from those of its chunks."""
    found = [measure(j, encoded(j, folder, **kwargs), settings, seeks=(None,)) for j in jobs]
    return [joined(found, i, jobs[-1].chunk.stop) for i in range(len(found[0].parts))]


def joined(found: Sequence[Measured], rendition: int, frames: int) -> PartScores:
    parts = [m.parts[rendition] for m in found]

    def join(scores: list[FrameScores | None]) -> FrameScores | None:
        known = [s for s in scores if s is not None]
        return join_scores(known, frames, where="film") if known else None

    vmaf = join([p.vmaf for p in parts])
    assert vmaf is not None
    return PartScores(vmaf, join([p.psnr_y for p in parts]), join([p.xpsnr_y for p in parts]))


def whole_file(path: Path, jobs: Sequence[ChunkJob], folder: Path, width: int) -> dict[str, Any]:
    """What ffmpeg says of the whole rendition against the whole film, in the plainest command there is."""
    pieces = [(folder / f"{j.chunk.start}-{j.chunk.stop}-{width}.mp4").read_bytes() for j in jobs]
    inits = [split_init(p)[0] for p in pieces]
    assert len(set(inits)) == 1
    whole = Path(folder).parent / "whole.mp4"
    whole.write_bytes(inits[0] + b"".join(p[len(inits[0]) :] for p in pieces))
    log, lines = Path(folder).parent / "whole.json", Path(folder).parent / "whole.txt"
    scale = f"scale={SIZE[0]}:{SIZE[1]}:flags=bicubic"
    rate = f"settb=1/{jobs[0].timing.rate},setpts=N,fps={jobs[0].timing.rate}"
    graph = (
        f"[0:v]{rate},{scale},split[d1][d2];[1:v]{rate},{scale},split[r1][r2];[r1][d1]xpsnr=stats_file={lines}[x];"
        f"[d2][r2]libvmaf=log_path={log}:log_fmt=json:feature=name=psnr[v]"
    )
    quiet_ffmpeg(
        "-i", str(whole), "-i", str(path), "-filter_complex", graph,
        "-map", "[v]", "-f", "null", "-", "-map", "[x]", "-f", "null", "-",
    )  # fmt: skip
    found = json.loads(log.read_text())
    found["xpsnr"] = [float(y) for y in re.findall(r"n: *\d+ +XPSNR y: *(\S+)", lines.read_text())]
    return dict(found)


def test_pooled_chunks_equal_a_run_over_the_whole_file(clips: Path, folder: Path) -> None:
    path = clips / "24.mp4"
    jobs = jobs_for(path, folder)
    assert [(j.chunk.start, j.chunk.stop) for j in jobs] == [(0, 24), (24, 48), (48, 72)]
    for scores, ((width, _), _) in zip(measured(jobs, folder, EVERYTHING), RUNGS, strict=True):
        whole = whole_file(path, jobs, folder, width)
        assert scores.vmaf.values == tuple(f["metrics"]["vmaf"] for f in whole["frames"])
        assert scores.psnr_y is not None
        assert scores.psnr_y.values == tuple(f["metrics"]["psnr_y"] for f in whole["frames"])
        pooled = pool(scores.vmaf, Fraction(24))
        assert math.isclose(pooled.mean, whole["pooled_metrics"]["vmaf"]["mean"], abs_tol=1e-5)
        assert math.isclose(pooled.harmonic_mean, whole["pooled_metrics"]["vmaf"]["harmonic_mean"], abs_tol=1e-5)


@pytest.mark.parametrize("rate", [24, 50])
def test_xpsnr_of_chunks_is_that_of_the_whole_file(rate: int, clips: Path, folder: Path) -> None:
    path = clips / f"{rate}.mp4"
    jobs = jobs_for(path, folder)
    assert jobs[0].timing.rate == rate
    (scores,) = measured(jobs, folder, EVERYTHING, rungs=RUNGS[:1])
    assert scores.xpsnr_y is not None
    assert scores.xpsnr_y.values == tuple(whole_file(path, jobs, folder, 160)["xpsnr"])


def test_without_the_films_frames_around_it_a_chunk_is_measured_wrongly(
    clips: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_for(clips / "24.mp4", folder)
    (right,) = measured(jobs, folder, EVERYTHING, rungs=RUNGS[:1])
    monkeypatch.setattr(encoder.measure, "given_frames", lambda chunk, timing, settings: chunk)
    (wrong,) = measured(jobs, folder, EVERYTHING, rungs=RUNGS[:1])
    differing = [n for n, (a, b) in enumerate(zip(right.vmaf.values, wrong.vmaf.values, strict=True)) if a != b]
    assert {23, 48} <= set(differing) <= {23, 24, 47, 48}
    assert right.xpsnr_y != wrong.xpsnr_y


@pytest.mark.parametrize("every", [2, 5, 7, 24])
def test_every_nth_frame_is_scored_as_if_all_were(every: int, clips: Path, folder: Path) -> None:
    jobs = jobs_for(clips / "24.mp4", folder)
    (full,) = measured(jobs, folder, EVERYTHING, rungs=RUNGS[:1])
    (some,) = measured(jobs, folder, replace(EVERYTHING, every=every), rungs=RUNGS[:1])
    assert full.psnr_y
    assert full.xpsnr_y
    assert some == PartScores(
        *(FrameScores(0, every, s.values[::every]) for s in (full.vmaf, full.psnr_y, full.xpsnr_y))
    )


def test_a_chunk_between_two_measured_frames_has_no_scores_and_costs_nothing(clips: Path, folder: Path) -> None:
    job = jobs_for(clips / "24.mp4", folder)[1]
    found = measure(job, ["no such file"], MeasureSettings(SIZE, every=50, psnr=True), seeks=())
    assert found == Measured((PartScores(FrameScores(50, 50, ()), FrameScores(50, 50, ())),))


@pytest.mark.parametrize(
    "name",
    ["derived_480i_tff_mpeg2_ac351.ts", "derived_360p_vfr_8s.mp4", "phone_hdr10_hevc_1080p_vfr_1s.mp4",
     "phone_720p_rot90_5s.mp4", "bbb_1080p24_mpeg2_mp2.ts"],
)  # fmt: skip
def test_films_that_are_interlaced_hdr_turned_or_of_variable_rate_are_measured_alike(name: str, folder: Path) -> None:
    """As the encoder saw them: each chunk sought for on its own, against one run over the film."""
    path = clip(name)
    settings, rungs = MeasureSettings((160, 96), xpsnr=True), [((80, 48), 34)]
    jobs = jobs_for(path, folder, chunk_s=Fraction(1, 2))[:3]
    whole = replace(
        jobs[0],
        chunk=replace(jobs[0].chunk, stop=jobs[-1].chunk.stop),
        timing=replace(jobs[0].timing, frames=min(jobs[0].timing.frames, jobs[-1].chunk.stop + 1)),
    )
    chunks = [measure(j, encoded(j, folder, rungs), settings, seeks=(j.seek, *j.fallbacks)) for j in jobs]
    pieces = [(folder / f"{j.chunk.start}-{j.chunk.stop}-80.mp4").read_bytes() for j in jobs]
    init = split_init(pieces[0])[0]
    (folder / "joined.mp4").write_bytes(init + b"".join(p[len(init) :] for p in pieces))
    one = measure(whole, [str(folder / "joined.mp4")], settings, seeks=(None,))
    assert joined(chunks, 0, whole.chunk.stop) == one.parts[0]


def test_a_seek_that_lands_late_is_followed_by_an_earlier_one(clips: Path, folder: Path) -> None:
    path = clips / "24.mp4"
    job = jobs_for(path, folder)[1]
    parts = encoded(job, folder)
    right = measure(job, parts, PLAIN, seeks=(None,))
    late = job.timing.origin + round(30 / (job.timing.rate * job.timing.time_base))
    with pytest.raises(MisplacedFrames, match="entered the encoder as frame 23"):
        measure(job, parts, PLAIN, seeks=(late,))
    assert measure(job, parts, PLAIN, seeks=(late, None)).parts == right.parts
    assert list(folder.glob("measure-*")) == []


def test_a_rendition_that_lacks_frames_is_an_error(clips: Path, folder: Path) -> None:
    jobs = jobs_for(clips / "24.mp4", folder)
    (other,) = encoded(replace(jobs[1], chunk=replace(jobs[1].chunk, stop=44)), folder, RUNGS[:1])
    for every, says in ((1, "22 frames were compared with the film, planned 26"), (8, "11 .* planned 13")):
        with pytest.raises(EncodeError, match=rf"chunk 1 of 24.mp4 .*{says}"):
            measure(jobs[1], [other], MeasureSettings(SIZE, every=every), seeks=(None,))


def test_a_rendition_that_is_no_video_is_an_error_that_names_the_chunk(clips: Path, folder: Path) -> None:
    job = jobs_for(clips / "24.mp4", folder)[0]
    (folder / "bad.mp4").write_bytes(b"no video")
    with pytest.raises(FFmpegError, match=r"chunk 0 of 24.mp4 \(frames 0 to 24\), measuring quality: ffmpeg exited"):
        measure(job, [str(folder / "bad.mp4")], PLAIN, seeks=(None,))


@pytest.mark.parametrize(
    ("every", "xpsnr", "rate", "index", "span"),
    [
        (1, False, 24, 0, (0, 97)),  # the film starts here
        (1, False, 24, 1, (95, 193)),
        (1, False, 24, 2, (191, 220)),  # and ends here
        (1, True, 24, 1, (95, 193)),
        (1, True, 50, 1, (94, 193)),
        (8, False, 24, 1, (88, 193)),  # 96 is measured, and needs 95
        (7, False, 24, 1, (91, 193)),  # 98 is measured
        (7, True, 50, 1, (91, 193)),
        (19, True, 50, 1, (95, 193)),  # 114 is measured
        (500, False, 24, 1, (0, 193)),
    ],
)
def test_a_chunk_is_widened_by_what_its_scores_look_at(
    every: int, xpsnr: bool, rate: int, index: int, span: tuple[int, int]
) -> None:
    chunk = plan_chunks(plan_segments(220, 96), 1)[index]
    timing = job_of(Fraction(rate), 220, 96)[0].timing
    given = given_frames(chunk, timing, MeasureSettings(SIZE, every=every, xpsnr=xpsnr))
    assert (given.start, given.stop) == span


def test_the_film_is_decoded_once_and_compared_with_every_rendition() -> None:
    job = job_of(Fraction(24), 480, 96)[1]
    graph = (
        "[0:0]setpts=PTS-(900)[s0];[s0]settb=1/24[s1];[s1]fps=fps=24/1:round=near[s2];"
        "[s2]trim=end_pts=385:start_pts=184[s3];"
        "[s3]setparams=color_primaries=1:color_trc=1:colorspace=1:range=limited[s4];[s4]split=2[s5][s6];"
        "[1:v]tpad=start=8:start_mode=clone:stop=1:stop_mode=clone[s7];[s7]settb=1/24[s8];[s8]setpts=N+184[s9];"
        "[s9]select=lt(mod(n+1\\,8)\\,3)[s10];[s10]scale=320:180:flags=bicubic:out_range=tv[s11];"
        "[s11]format=yuv420p[s12];"
        "[s6]select=lt(mod(n+1\\,8)\\,3)[s13];[s13]scale=320:180:flags=bicubic:out_range=tv[s14];"
        "[s14]format=yuv420p[s15];[s15]split=2[s16][s17];"
        "[s12][s16]libvmaf=log_fmt=json:log_path=a.json:model=version\\\\=vmaf_v0.6.1:n_subsample=3:n_threads=1:"
        "shortest=1[s18];"
        "[2:v]tpad=start=8:start_mode=clone:stop=1:stop_mode=clone[s19];[s19]settb=1/24[s20];[s20]setpts=N+184[s21];"
        "[s21]select=lt(mod(n+1\\,8)\\,3)[s22];[s22]scale=320:180:flags=bicubic:out_range=tv[s23];"
        "[s23]format=yuv420p[s24];"
        "[s24][s17]libvmaf=log_fmt=json:log_path=b.json:model=version\\\\=vmaf_v0.6.1:n_subsample=3:n_threads=1:"
        "shortest=1[s25]"
    )

    def counted(stream: str, stats: str) -> tuple[str, ...]:
        return (
            "-map", stream, "-f", "null", "-fps_mode:v", "passthrough", "-stats_enc_pre:v", stats,
            "-stats_enc_pre_fmt:v", STATS, "-",
        )  # fmt: skip

    logs = [LogFiles("a.json", "a.xpsnr", "a.frames"), LogFiles("b.json", "b.xpsnr", "b.frames")]
    argv = measure_argv(
        "ffmpeg", job, 1234, ["a.mp4", "b.mp4"], MeasureSettings(SIZE, every=8), logs=logs, film_stats="film"
    )
    assert argv == (
        "ffmpeg", *film_input("0.014711"),
        "-threads", "1", "-i", "a.mp4", "-threads", "1", "-i", "b.mp4", "-filter_complex", graph,
        *counted("[s5]", "film"), *counted("[s18]", "a.frames"), *counted("[s25]", "b.frames"),
        "-copyts", "-filter_complex_threads", "1", "-y", "-nostdin", "-hide_banner", "-loglevel", "warning",
    )  # fmt: skip
