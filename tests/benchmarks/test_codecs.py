"""Codecs are judged against x264 at the same preset word, and shared work against work done apart."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.codecs import check_encoders, main, preset_table, ratios_of
from benchmarks.measuring import Outcome
from benchmarks.scaling import encoding_argv, scaling_argv
from encoder.argv import FRAGMENTS
from tests.encoder.jobs import film_input, job_of, outputs_of
from tests.parts import SAMPLE
from values.errors import UsageError

GRID = (
    "[0:0]setpts=PTS-(900)[s0];[s0]settb=1/24[s1];[s1]fps=fps=24/1:round=near[s2];[s2]trim=end_pts=192:start_pts=0[s3];"
)
GLOBAL = ("-copyts", "-filter_complex_threads", "1", "-y", "-nostdin", "-hide_banner", "-loglevel", "warning")
CASCADE = (
    "[s3]scale=320:180:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s4];[s4]setsar=1[s5];[s5]format=yuv420p[s6];[s6]split=2[s7][s8];"
    "[s8]scale=160:90:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s9];[s9]setsar=1[s10];[s10]format=yuv420p[s11]"
)


def _outcomes(share: float, cpu_s: float) -> list[tuple[float, Outcome]]:
    """A curve that takes `share` of the anchor's bits, over ten seconds."""
    return [
        (crf, Outcome(round(share * bits), 240, 10.0, vmaf, cpu_s, 1.0, 1))
        for crf, bits, vmaf in ((20.0, 40_000_000, 95.0), (28.0, 16_000_000, 85.0), (36.0, 6_000_000, 70.0))
    ]


def test_each_codec_is_compared_with_x264_at_the_same_word() -> None:
    rows = preset_table(
        {
            ("h264", "fast"): _outcomes(1, 2.0),
            ("h264", "slow"): _outcomes(0.8, 5.0),
            ("hevc", "fast"): _outcomes(0.5, 6.0),
            ("hevc", "slow"): _outcomes(0.4, 20.0),
        }
    )
    assert [
        (r["codec"], r["preset"], r["cpu_s_per_minute"], r["cpu_ratio"], round(r["bd_rate_percent"], 6)) for r in rows
    ] == [
        ("h264", "fast", 12.0, 1.0, 0.0),
        ("h264", "slow", 30.0, 1.0, 0.0),
        ("hevc", "fast", 36.0, 3.0, -50.0),
        ("hevc", "slow", 120.0, 4.0, -50.0),
    ]
    assert ratios_of({"presets": rows}) == {
        "hevc fast cpu": 3.0, "hevc fast bits": 0.5, "hevc slow cpu": 4.0, "hevc slow bits": 0.5,
    }  # fmt: skip


def test_a_curve_that_never_meets_x264_has_a_reason_and_no_ratio() -> None:
    far = [(crf, Outcome(o.bits, o.frames, o.seconds, 10 + i, 1.0, 1.0, 1)) for i, (crf, o) in
           enumerate(reversed(_outcomes(1, 2.0)))]  # fmt: skip
    rows = preset_table({("h264", "fast"): _outcomes(1, 2.0), ("av1", "fast"): far})
    assert rows[1]["bd_rate_percent"] is None
    assert rows[1]["why"] == "the curves have no range of quality in common"
    assert ratios_of({"presets": rows}) == {"av1 fast cpu": 0.5}


def test_a_cascade_scales_each_size_from_the_next_larger_one() -> None:
    job = job_of(Fraction(24), 288, 96)[0]
    null = ("-f", "null", "-fps_mode:v", "passthrough", "-")
    assert scaling_argv("ffmpeg", job, cascade=True) == (
        "ffmpeg", *film_input(None), "-filter_complex", GRID + CASCADE,
        "-map", "[s11]", *null, "-map", "[s7]", *null, *GLOBAL,
    )  # fmt: skip


def test_the_peer_scales_each_size_from_the_source() -> None:
    job = job_of(Fraction(24), 288, 96)[0]
    null = ("-f", "null", "-fps_mode:v", "passthrough", "-")
    assert scaling_argv("ffmpeg", job, cascade=False) == (
        "ffmpeg", *film_input(None), "-filter_complex",
        GRID + "[s3]split=2[s4][s5];"
        "[s5]scale=160:90:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s6];[s6]setsar=1[s7];[s7]format=yuv420p[s8];"
        "[s4]scale=320:180:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s9];[s9]setsar=1[s10];[s10]format=yuv420p[s11]",
        "-map", "[s8]", *null, "-map", "[s11]", *null, *GLOBAL,
    )  # fmt: skip


def test_a_cascade_encodes_as_the_encoder_does() -> None:
    job = job_of(Fraction(24), 288, 96)[0]

    def encoder(cap: str, buffer: str, level: str, path: str) -> tuple[str, ...]:
        return (
            "-f", "mp4", "-bufsize:v", buffer, "-c:v", "libx264", "-crf:v", "30.5",
            "-force_key_frames:v", "expr:eq(n,0)+eq(n,96)", "-forced-idr:v", "1", "-fps_mode:v", "passthrough",
            "-g:v", "97", "-level:v", level, "-maxrate:v", cap, "-movflags", FRAGMENTS, "-preset:v", "fast",
            "-rc_init_occupancy:v", "1000", "-refs:v", "2", "-threads:v", "1", "-video_track_timescale", "24000",
            "-x264-params:v", "stitchable=1:open-gop=0", path,
        )  # fmt: skip

    assert encoding_argv("ffmpeg", job, outputs_of(job, "a", "b"), cascade=True) == (
        "ffmpeg", *film_input(None), "-filter_complex", GRID + CASCADE,
        "-map", "[s11]", *encoder("300000", "600000", "1.2", "a.mp4"),
        "-map", "[s7]", *encoder("600000", "1200000", "1.3", "b.mp4"), *GLOBAL,
    )  # fmt: skip


def test_a_codec_that_ffmpeg_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check_encoders(("h264", "hevc"))
    monkeypatch.setattr("benchmarks.codecs.available_encoders", lambda: frozenset({"libx264"}))
    with pytest.raises(UsageError, match="this ffmpeg has no libx265\nLeave out --codec hevc"):
        check_encoders(("h264", "hevc"))


def test_a_small_run_leaves_a_report(tmp_path: Path) -> None:
    out = tmp_path / "codecs.json"
    argv = [
        "--clip", str(SAMPLE), "--start", "3", "--seconds", "2", "--codec", "hevc", "--preset", "ultrafast",
        "--max-height", "360", "--crfs", "2", "--every", "12", "--rounds", "1", "--cache", str(tmp_path / "cache"),
        "--json", str(out),
    ]  # fmt: skip
    done = CliRunner().invoke(main, argv, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text())
    results = report["results"]
    assert [(r["codec"], len(r["points"])) for r in results["presets"]] == [("h264", 2), ("hevc", 2)]
    assert results["presets"][1]["cpu_ratio"] == report["ratios"]["hevc ultrafast cpu"]
    (pair,) = results["decode"]["pairs"]
    assert results["decode"]["cpu_ratio"] == pytest.approx(pair["ours"]["cpu_s"] / pair["peer"]["cpu_s"], abs=1e-6)
    low, high = results["cascade"]["rungs"]
    assert (low["rung"], high["rung"]) == ("234p", "360p")
    assert all(p["bps_percent"] == p["vmaf_change"] == 0 for p in high["points"])  # from the source both ways
    assert all(p["bps_percent"] != 0 for p in low["points"])
    assert {"decode once cpu", "decode once wall", "cascade scaling cpu", "cascade cpu"} <= report["ratios"].keys()
