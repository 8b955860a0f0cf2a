"""Which encoders and filters the ffmpeg binary was built with. Runs ffmpeg once for each."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterable

from media.ffmpeg import ffmpeg_path
from values.errors import MatineeError, UsageError


@functools.cache
def available_encoders() -> frozenset[str]:
    """The names of all encoders of the binary, like ``'libx264'``. Raises MatineeError if it does not tell."""
    return parse_encoders(_listed("-encoders"))


@functools.cache
def available_filters() -> frozenset[str]:
    """The names of all filters of the binary, like ``'libvmaf'``. Raises MatineeError if it does not tell."""
    return frozenset(words[1] for words in map(str.split, _listed("-filters").splitlines()) if len(words) > 2)


def require_filters(names: Iterable[str], *, hint: str) -> None:
    """Raise UsageError, with `hint`, if the binary lacks one of these filters."""
    missing = sorted(set(names) - available_filters())
    if missing:
        raise UsageError(f"this ffmpeg has no filter {missing[0]}", where=ffmpeg_path(), hint=hint)


def _listed(option: str) -> str:
    command = [ffmpeg_path(), "-hide_banner", option]
    try:
        told = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MatineeError(
            f"ffmpeg did not list what it has ({error})",
            where=command[0],
            hint="Name a working ffmpeg in IMAGEIO_FFMPEG_EXE.",
        ) from error
    return told.stdout


def parse_encoders(listing: str) -> frozenset[str]:
    """The names in the output of ``ffmpeg -encoders``: below its ruled line, the second word of each line."""
    lines = iter(listing.splitlines())
    for line in lines:
        if line.strip().startswith("---"):
            break
    return frozenset(words[1] for words in map(str.split, lines) if len(words) > 1)
