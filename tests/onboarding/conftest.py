"""One onboarded sample for the whole room's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.onboarding.runs import Run, onboard_sample


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The bundled sample, onboarded into a folder store. Read only: copy the folder to change it."""
    folder: Path = tmp_path_factory.mktemp("library")
    return onboard_sample(folder)


@pytest.fixture
def run_copy(sample_run: Run, tmp_path: Path) -> Run:
    """A copy of the onboarded sample that a test may damage."""
    import shutil

    shutil.copytree(sample_run.folder, tmp_path / "library")
    values: dict[str, Any] = {**sample_run.__dict__, "folder": tmp_path / "library"}
    return Run(**values)
