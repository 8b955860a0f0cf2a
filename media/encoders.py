"""Which encoders the ffmpeg binary was built with. Runs ffmpeg once."""

from __future__ import annotations

import functools
import subprocess

from media.ffmpeg import ffmpeg_path
from values.errors import MatineeError


@functools.cache
def available_encoders() -> frozenset[str]:
    """The names of all encoders of the binary, like ``'libx264'``. Raises MatineeError if it does not tell."""
    command = [ffmpeg_path(), "-hide_banner", "-encoders"]
    try:
        told = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MatineeError(
            f"ffmpeg did not list its encoders ({error})",
            where=command[0],
            hint="Name a working ffmpeg in IMAGEIO_FFMPEG_EXE.",
        ) from error
    return parse_encoders(told.stdout)


def parse_encoders(listing: str) -> frozenset[str]:
    """The names in the output of ``ffmpeg -encoders``: below its ruled line, the second word of each line."""
    lines = iter(listing.splitlines())
    for line in lines:
        if line.strip().startswith("---"):
            break
    return frozenset(words[1] for words in map(str.split, lines) if len(words) > 1)
