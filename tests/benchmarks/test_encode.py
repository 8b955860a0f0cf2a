"""The peer of `benchmarks.encode` encodes the same ladder, and what runs is measured whole."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.encode import peer_argv
from benchmarks.tree import measure
from encoder.argv import FRAGMENTS
from encoder.job import VideoSettings
from ladders.rung import FittedRung

RUNGS = (FittedRung("90p", 160, 90, 30, 300_000, 600_000), FittedRung("180p", 320, 180, 23.5, 600_000, 1_200_000))


def test_the_peer_decodes_once_and_encodes_the_same_rungs() -> None:
    settings = VideoSettings("h264", "veryfast", RUNGS, Fraction(24), 97)
    argv = peer_argv("ffmpeg", "film.mp4", settings, video=0, audio=1, audio_bps=128_000, folder="out")

    def encoder(crf: str, cap: str, buffer: str, path: str) -> tuple[str, ...]:
        return (
            "-f", "mp4", "-bufsize:v", buffer, "-c:v", "libx264", "-crf:v", crf,
            "-force_key_frames:v", "expr:eq(mod(n,96),0)", "-forced-idr:v", "1", "-g:v", "97", "-maxrate:v", cap,
            "-movflags", FRAGMENTS, "-preset:v", "veryfast", "-video_track_timescale", "24000", path,
        )  # fmt: skip

    assert argv == (
        "ffmpeg", "-i", "film.mp4", "-filter_complex",
        "[0:0]split=2[s0][s1];[s0]scale=160:90:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s2];[s2]setsar=1[s3];[s3]format=yuv420p[s4];"
        "[s1]scale=320:180:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s5];[s5]setsar=1[s6];[s6]format=yuv420p[s7]",
        "-map", "[s4]", *encoder("30", "300000", "600000", "out/90p.mp4"),
        "-map", "[s7]", *encoder("23.5", "600000", "1200000", "out/180p.mp4"),
        "-map", "0:1", "-f", "mp4", "-ac", "2", "-ar", "48000", "-b:a", "128000", "-c:a", "aac",
        "-movflags", FRAGMENTS, "out/audio.mp4", "-y", "-nostdin", "-v", "error",
    )  # fmt: skip


def test_children_that_leave_the_process_tree_are_counted(tmp_path: Path) -> None:
    child = "x = bytearray(60_000_000)\nfor _ in range(4_000_000): pass\nimport time; time.sleep(1.2)"
    parent = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True).wait()\nprint('done')"
    )
    cost = measure([sys.executable, "-c", parent], cwd=tmp_path)
    assert cost.stdout == "done\n"
    assert cost.peak_bytes > 60_000_000
    assert cost.cpu_s > 0
    assert cost.outside_ffmpeg == 1


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        measure([sys.executable, "-c", "raise SystemExit(3)"], cwd=tmp_path)
