"""The gate as a stage: on Ray's workers, as events, and as the command `matinee qc`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.gate_commands import qc
from gate.report import GateReport
from onboarding.gate import refuse_if_strict, run_gate
from onboarding.probing import probe_master
from onboarding.workers import Workers
from tests.gate.clips import MOVING, TONE, film, pieces
from values.errors import MasterRefused
from values.events import Event, Progressed, StageStarted


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven seconds with two of black, the sound cut off after nine, and a key frame every second."""
    folder: Path = tmp_path_factory.mktemp("gate")
    black = "color=black:s=160x90:r=25"
    return film(folder / "faulty.mkv", pieces((MOVING, 100), (black, 75), (MOVING, 100)), f"{TONE},atrim=end=3", 11)


def test_a_master_is_looked_at_in_chunks_on_the_workers(faulty: Path, tmp_path: Path) -> None:
    found = probe_master(str(faulty))
    events: list[Event] = []
    with Workers(count=1, address=None, attempts=1) as workers:
        stage = run_gate(
            found, str(faulty), name="faulty", work_dir=str(tmp_path), workers=workers, parts=((0, 150), (150, 275))
        )
        report: GateReport | None = None
        while report is None:
            try:
                events.append(next(stage))
            except StopIteration as end:
                report = end.value
    assert events[0] == StageStarted("qc")
    assert events[-1] == Progressed("qc", 275, 275)
    assert [(f.kind, f.severity) for f in report.findings if f.severity != "info"] == [
        ("sync", "error"),
        ("black", "warning"),
    ]
    assert all(f.thumbnail.startswith(b"\xff\xd8") for f in report.findings)
    assert (report.chunks, report.frames) == (2, 275)
    assert list(tmp_path.iterdir()) == []
    json.dumps(report.record())
    with pytest.raises(MasterRefused, match="1 error"):
        refuse_if_strict(report)


def test_qc_prints_json_writes_a_page_and_exits_1_if_strict(faulty: Path, tmp_path: Path) -> None:
    page = tmp_path / "qc.html"
    asked = [str(faulty), "--json", "--strict", "--workers", "1", "--html", str(page)]
    done = CliRunner().invoke(qc, asked, catch_exceptions=False)
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["counts"]["error"] == 1
    assert [f["kind"] for f in found["findings"][:2]] == ["sync", "black"]
    assert (found["findings"][1]["start"], found["findings"][1]["stop"]) == ("4", "7")
    assert "<svg" in page.read_text()
    assert "faulty.mkv has 1 error, 1 warning" in done.stderr


def test_qc_prints_a_table_of_what_was_found_worst_first(faulty: Path) -> None:
    done = CliRunner().invoke(qc, [str(faulty), "--workers", "1"], catch_exceptions=False)
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0].startswith("faulty.mkv: 0:00:11.000, 1 error, 1 warning,")
    assert lines[1].split() == ["SEVERITY", "FROM", "TO", "KIND", "FINDING"]
    assert lines[2].split()[:2] == ["error", "0:00:03.000"]
    assert lines[3].split()[:4] == ["warning", "0:00:04.000", "0:00:07.000", "Black"]


def test_a_master_that_is_none_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no film\n" * 100)
    with pytest.raises(MasterRefused, match="not a media file"):
        CliRunner().invoke(qc, [str(text)], catch_exceptions=False, standalone_mode=False)
