"""Damaged and hostile masters through the whole line: a sound title that says what is missing, or none."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from onboarding.titles import read_title
from packager.audit import audit
from storage import open_store
from tests.ingest.bases import Bases
from tests.ingest.damaged import FLIPPED, TRUNCATED
from tests.ingest.lying_mp4 import LYING_MP4
from tests.ingest.lying_others import LYING_OTHERS
from tests.onboarding.runs import onboard_sample
from tests.onboarding.tiny import ladder_files, onboard_tiny
from values.errors import MasterRefused, MatineeError

HOSTILE = {h.name: h for h in (*TRUNCATED, *FLIPPED, *LYING_MP4, *LYING_OTHERS)}


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Bases:
    return Bases(tmp_path_factory.mktemp("bases"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of this process go. Those of workers lie in a folder within."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("cut-40.fast.mp4", ("truncated: its mdat box", "pictures that do not decode and show a neighbour's: 1")),
        ("zeroed.mp4", ("can't be decoded", "pictures that do not decode and show a neighbour's: 24")),
        ("cut.ts", ("it ends in the middle of a transport packet",)),
        ("cut.mxf", ("video packets end after 0:00:01.440 of 0:00:03.000",)),
    ],
)
def test_a_damaged_master_becomes_a_title_on_demand_that_says_what_is_missing(
    name: str, missing: tuple[str, ...], bases: Bases, tmp_path: Path, temporary: Path
) -> None:
    master = HOSTILE[name].write(bases, tmp_path)
    ladder = ladder_files(tmp_path, "h264")
    with pytest.raises(MasterRefused, match="--allow-damaged"):
        onboard_tiny(tmp_path / "library", master, ladder=ladder)
    assert_no_title(tmp_path / "library")
    run = onboard_tiny(tmp_path / "library", master, ladder=ladder, allow_damaged=True)
    assert audit(run.store, "sample", deep=True).faults == ()
    notes = "\n".join(read_title(run.store, "sample").notes)
    assert [text for text in missing if text not in notes] == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["talking.mkv", "negative-edit.mp4", "rate-0-by-0.avi"])
def test_a_master_that_says_strange_things_becomes_a_sound_title(
    name: str, bases: Bases, tmp_path: Path, temporary: Path
) -> None:
    run = onboard_tiny(
        tmp_path / "library", HOSTILE[name].write(bases, tmp_path), ladder=ladder_files(tmp_path, "h264")
    )
    assert audit(run.store, "sample", deep=True).faults == ()
    for key, data in run.bytes_of("titles/").items():
        if key.endswith((".m3u8", ".mpd")):  # a track may be called anything, and nothing else
            assert b"passwd" not in re.sub(rb'NAME="[^"]*"|<Label>[^<]*</Label>', b"", data), key
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("allow_damaged", [False, True])
@pytest.mark.parametrize("name", ["million-edits.mp4", "century-between.mkv", "undecodable.mp4", "png-12000.mkv"])
def test_a_refused_master_leaves_no_title_and_no_file(
    name: str, allow_damaged: bool, bases: Bases, tmp_path: Path, temporary: Path
) -> None:
    master = HOSTILE[name].write(bases, tmp_path)
    with pytest.raises(MatineeError) as caught:
        onboard_sample(tmp_path / "library", master, allow_damaged=allow_damaged)
    assert caught.value.hint
    assert_no_title(tmp_path / "library")
    assert list(temporary.iterdir()) == []


def assert_no_title(library: Path) -> None:
    """Nothing of a title is stored, and nothing half written."""
    assert list(open_store(f"file:{library}").list("titles/")) == []
    drafts = library / ".matinee"
    assert not drafts.exists() or list(drafts.iterdir()) == []
