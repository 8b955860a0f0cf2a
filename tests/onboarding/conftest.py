"""One onboarded sample for the whole room's tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.onboarding.runs import Run, onboard_sample
from tests.onboarding.tiny import LADDERS, ladder_files, onboard_tiny, tiny_master


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The bundled sample, onboarded into a folder store. Read only: copy the folder to change it."""
    folder: Path = tmp_path_factory.mktemp("library")
    return onboard_sample(folder)


@pytest.fixture
def run_copy(sample_run: Run, tmp_path: Path) -> Run:
    """A copy of the onboarded sample that a test may damage."""
    shutil.copytree(sample_run.folder, tmp_path / "library")
    values: dict[str, Any] = {**sample_run.__dict__, "folder": tmp_path / "library"}
    return Run(**values)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny film."""
    return tiny_master(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def one_codec(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The tiny film in H.264, in chunks of two segments of a second, its quality not measured. Read only."""
    folder: Path = tmp_path_factory.mktemp("one")
    return onboard_tiny(folder / "library", tiny, ladder=ladder_files(folder, "h264"))


@pytest.fixture(scope="session")
def four_codecs(one_codec: Run, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same title, onboarded again with the three other codecs beside H.264. Read only."""
    folder: Path = tmp_path_factory.mktemp("four")
    shutil.copytree(one_codec.folder, folder / "library")
    return onboard_tiny(folder / "library", tiny, ladder=ladder_files(folder, *LADDERS))
