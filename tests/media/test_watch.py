"""Processes that are given up, and those that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from media.ffmpeg import FFmpegError, Progress, ffmpeg_path, run
from media.watch import IDLE_S, STUCK_S, Watch, cpu_seconds


def test_a_process_that_runs_past_its_time_is_given_up() -> None:
    watch = Watch(begun=100, timeout_s=30)
    assert watch.look(129, cpu_s=1) is None
    assert watch.left_s(129) == 1
    assert watch.look(130, cpu_s=2) == "did not finish within 30 s and was stopped"


def looks(watch: Watch, start: int, count: int, *, cpu: bool, progress: object = None) -> list[str]:
    """What `count` looks, 30 s apart, say that is not None."""
    said = [watch.look(start + 30 * i, float(i if cpu else 7), progress) for i in range(count)]
    return [text for text in said if text]


def test_a_process_that_uses_no_cpu_is_given_up_after_ten_minutes() -> None:
    watch = Watch(begun=0)
    assert looks(watch, 30, 100, cpu=True) == []
    assert looks(watch, 3030, int(IDLE_S / 30), cpu=False) == []
    assert looks(watch, 3030 + int(IDLE_S), 1, cpu=False) == ["did nothing at all for 10 minutes and was stopped"]


def test_a_process_that_works_without_output_is_given_up_after_an_hour() -> None:
    watch = Watch(begun=0)
    assert looks(watch, 30, int(STUCK_S / 30), cpu=True, progress=Progress(3, 0)) == []
    assert looks(watch, 3630, int(STUCK_S / 30), cpu=True, progress=Progress(4, 0)) == []
    assert looks(watch, 7230, 2, cpu=True, progress=Progress(4, 0))[-1] == (
        "came no further for 60 minutes and was stopped"
    )


def test_a_machine_that_slept_for_a_night_stops_nothing() -> None:
    watch = Watch(begun=0)
    assert looks(watch, 30, 5, cpu=False, progress=Progress(4, 0)) == []
    assert looks(watch, 40_000, 1, cpu=False, progress=Progress(4, 0)) == []


def test_a_process_that_reports_nothing_may_work_as_long_as_it_works() -> None:
    watch = Watch(begun=0)
    assert [watch.look(100.0 * i, cpu_s=float(i)) for i in range(1000)] == [None] * 1000
    assert watch.left_s(5) == float("inf")


def test_the_cpu_time_of_this_process_is_what_the_kernel_says() -> None:
    spent = os.times()
    assert spent.user + spent.system - 1 <= cpu_seconds(os.getpid()) <= spent.user + spent.system + 10
    assert cpu_seconds(2**22 + 1) == 0  # beyond any process number


def test_ffmpeg_is_stopped_at_its_time(tmp_path: Path) -> None:
    endless = [ffmpeg_path(), "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=16x16", "-f", "null", "-"]
    with pytest.raises(FFmpegError, match="endless: ffmpeg did not finish within 1 s and was stopped"):
        run(endless, where="endless", timeout_s=1)


def test_ffmpeg_that_stands_still_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.watch.IDLE_S", 0.2)
    monkeypatch.setattr("media.ffmpeg._GLANCE_S", 0.3)
    os.mkfifo(tmp_path / "film.mp4")  # whose writer never comes
    waiting = [ffmpeg_path(), "-v", "error", "-i", str(tmp_path / "film.mp4"), "-f", "null", "-"]
    with pytest.raises(FFmpegError, match="ffmpeg did nothing at all for 0 minutes and was stopped"):
        run(waiting, where="film")


def test_ffmpeg_that_comes_no_further_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.watch.STUCK_S", 1.5)
    monkeypatch.setattr("media.ffmpeg._GLANCE_S", 0.2)
    graph = "testsrc2=s=16x16,select=0"  # works for ever, and puts out nothing
    busy = [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", graph, "-f", "null", "-"]
    seen: list[Progress] = []
    with pytest.raises(FFmpegError, match="ffmpeg came no further for 0 minutes and was stopped"):
        run(busy, where="film", on_progress=seen.append)
    assert all(p.frames == 0 for p in seen)
