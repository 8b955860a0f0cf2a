"""The bundled sample film; see README.md beside it for its licence."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

NAME = "bbb-15s.mp4"


def sample_path() -> Path:
    """The path of the bundled sample."""
    return Path(str(files("samples") / NAME))
