"""What becomes of us when the process that looks at a master comes to a bad end: nothing but a refusal."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.guard import guarded_inspect
from ingest.inspect import inspect
from ingest.limits import Bounds
from tests.ingest.looking import guarded
from tests.parts import SAMPLE, clip
from values.errors import MasterRefused, StoreError


@pytest.fixture
def master(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(SAMPLE.read_bytes())
    return path


def ended_by(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The process does not serve, but `name` of the bad wards."""
    monkeypatch.setattr(
        "ingest.guard._BOOT",
        "import sys; from multiprocessing.connection import Connection; line = Connection(int(sys.argv[1])); "
        f"sys.path[:] = line.recv(); from tests.ingest.bad_wards import {name}; {name}(line)",
    )


def test_a_guarded_look_sees_what_a_plain_one_sees(master: Path) -> None:
    data = master.read_bytes()
    plain = inspect(str(master), size=len(data), read=lambda a, b: data[a:b], where="film")
    seen = guarded(master)
    assert seen.found == plain
    assert seen.usage.cpu_s > 0
    assert 20 << 20 < seen.usage.peak_bytes < 1 << 30


def test_8k_is_looked_at_within_an_eighth_of_the_bound() -> None:
    seen = guarded(clip("8k_hevc_300ms.mp4"))
    assert seen.found is not None
    assert seen.found.display_size == (7680, 4320)
    assert seen.usage.peak_bytes < Bounds().address_space_bytes // 8


@pytest.mark.parametrize(
    ("end", "what"),
    [
        ("crash", r"the media library crashed on it \(its process was ended by SIGSEGV\)"),
        ("killed", "was killed, most likely because this machine's memory ran out"),
        ("spin", "used up its CPU time and was stopped"),
        ("stumble", r"it can't be understood \(IndexError: pop index out of range\)(.|\n)*bad_wards.py line"),
    ],
)
def test_a_bad_end_is_a_refusal(master: Path, monkeypatch: pytest.MonkeyPatch, end: str, what: str) -> None:
    ended_by(monkeypatch, end)
    seen = guarded(master)
    assert seen.refusal is not None
    assert seen.refusal.where == "film.mp4"
    assert seen.refusal.hint
    with pytest.raises(MasterRefused, match=what):
        raise seen.refusal


def test_a_look_that_takes_all_memory_is_a_refusal_and_leaves_ours_alone(
    master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_by(monkeypatch, "hoard")
    seen = guarded(master, bounds=Bounds(address_space_bytes=1 << 30))
    assert "looking at it needs more than 1 GiB of memory" in seen.text
    assert seen.usage.peak_bytes < 1 << 30


def test_a_look_without_end_is_stopped(master: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended_by(monkeypatch, "hang")
    seen = guarded(master, bounds=Bounds(wall_s=1))
    assert "looking at it did not end within 1 s and was stopped" in seen.text
    assert is_gone(int(master.with_name("film.mp4.pid").read_text()))


def test_the_process_has_the_bounds_that_it_is_given(master: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended_by(monkeypatch, "confess")
    bounds = Bounds(address_space_bytes=3 << 30, processors=1, wall_s=50, bytes_per_s=1 << 30)
    assert guarded(master, bounds=bounds).text == "memory 3221225472, core 0, cpu 51, processors 1"


def test_a_larger_master_has_more_time() -> None:
    assert Bounds().deadline_s(0) == 600
    assert Bounds().deadline_s(500 << 30) == 600 + 64_000


def test_an_error_of_the_store_stays_one(master: Path) -> None:
    def read(start: int, stop: int) -> bytes:
        raise StoreError("the store is gone", where="s3", hint="Wait.")

    with pytest.raises(StoreError, match="s3: the store is gone"):
        guarded_inspect(str(master), size=master.stat().st_size, read=read, where="film")


def test_the_process_dies_with_us(master: Path) -> None:
    """Killed outright, we leave no parser behind."""
    program = (
        "import sys; sys.path[:0] = sys.argv[2:]; from pathlib import Path; import pytest; "
        "from tests.ingest.test_guard import ended_by, guarded; ended_by(pytest.MonkeyPatch(), 'hang'); "
        "guarded(Path(sys.argv[1]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(master), *[p for p in sys.path if p]])
    number = master.with_name("film.mp4.pid")
    pause = threading.Event()
    while not number.exists():
        assert parent.poll() is None
        pause.wait(0.1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while not is_gone(int(number.read_text())):
        pause.wait(0.1)


def is_gone(pid: int) -> bool:
    """Whether the process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_no_file_of_ours_stays_open(master: Path) -> None:
    guarded(master)
    before = len(list(Path("/proc/self/fd").iterdir()))
    guarded(master)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
