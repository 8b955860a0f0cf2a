"""The config file: TOML, read once at the start, checked key by key. Reads files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import platformdirs

from values.errors import UsageError, nearest

FILE_NAME = "matinee.toml"

KEYS: dict[str, type | tuple[type, ...]] = {
    "store": str,
    "ladder": str,
    "preset": str,
    "quality": str,
    "search-share": (int, float),
    "segment": (int, float, str),
    "chunk": (int, float, str),
    "workers": int,
    "ray": str,
    "deinterlace": str,
    "crop": str,
    "hdr": str,
    "bit-depth": (int, str),
    "surround": str,
    "mono": str,
    "loudness": (int, float, str),
    "true-peak": (int, float),
    "qc": str,
    "thumbnails": int,
}
"""What may be set, by the name of the option it is the default of."""


def config_path() -> Path | None:
    """The config file in force: ./matinee.toml, else the one in the user's config folder, else none."""
    user = Path(platformdirs.user_config_dir("matinee")) / "config.toml"
    return next((p for p in (Path(FILE_NAME), user) if p.is_file()), None)


def load_config(path: Path | None) -> dict[str, Any]:
    """The settings of the file at `path`, {} for None. Raises UsageError with file and key."""
    if path is None:
        return {}
    try:
        raw = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the config file can't be read", where=str(path), hint="Check the path given.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"the config file is no TOML: {error}", where=str(path), hint='Write: store = "file:…"'
        ) from error
    for key, value in raw.items():
        if key not in KEYS:
            raise UsageError(f"unknown key {key!r}", where=str(path), hint=nearest(key, KEYS))
        if not isinstance(value, KEYS[key]) or isinstance(value, bool):
            raise UsageError(f"{key} is {value!r}", where=str(path), hint=f"See `matinee onboard --help` for --{key}.")
    return {key: str(value) for key, value in raw.items()}
