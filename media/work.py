"""A task's own temporary folder. Does I/O."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from values.errors import EncodeError


@contextmanager
def work_dir(root: str) -> Iterator[Path]:
    """A new folder under `root`, gone when the context ends. Raises EncodeError if there is no room for it."""
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=root))
    except OSError as error:
        raise EncodeError(
            f"the work folder can't be written ({error.strerror})", where=root, hint="Set TMPDIR to a folder with room."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
