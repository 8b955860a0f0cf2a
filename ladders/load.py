"""Ladder files: the built-in ones by name, others by path, both checked the same way. Reads YAML files."""

from __future__ import annotations

import itertools
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from coders.table import CODERS
from ladders.rung import SMALLEST, Ladder, Rung
from values.errors import UsageError, nearest

_LADDER_KEYS = {"name", "description", "codec", "audio_kbps", "rungs"}
_RUNG_KEYS = {"name", "width", "height", "crf", "max_kbps", "buffer_kbit"}
CODECS = tuple(CODERS)
DEFAULT = "web-h264"


def builtin_names() -> tuple[str, ...]:
    """The names that `load_ladder` knows without a file."""
    found = (entry.name.removesuffix(".yaml") for entry in files("ladders").iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(found))


def load_ladder(name: str) -> Ladder:
    """The ladder called `name`, or read from the YAML file of that path. Raises UsageError with file and key."""
    if name in builtin_names():
        return parse_ladder((files("ladders") / f"{name}.yaml").read_text(), where=f"ladder {name}", name=name)
    if not name.endswith((".yaml", ".yml")) and "/" not in name:
        raise UsageError(
            f"there is no ladder called {name!r}",
            hint=f"{nearest(name, builtin_names())} A ladder file ends in .yaml.",
        )
    try:
        text = Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UsageError(
            f"the ladder file can't be read ({reason})",
            where=name,
            hint="matinee ladders list shows the built-in ones.",
        ) from error
    return parse_ladder(text, where=name, name=Path(name).stem)


def load_ladders(names: str) -> tuple[Ladder, ...]:
    """The ladders named in `names`, apart by commas: one title may have several, each of another codec."""
    return tuple(load_ladder(name.strip()) for name in names.split(","))


def parse_ladder(text: str, *, where: str, name: str) -> Ladder:
    """A ladder from YAML text. `where` names it in errors, `name` is used if the text has none."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"not YAML: {error}", where=where, hint="See ladders/web-h264.yaml for the form.") from error
    top = _mapping(raw, _LADDER_KEYS, {"rungs"}, where)
    if not isinstance(top["rungs"], list) or not top["rungs"]:
        raise UsageError("`rungs` is not a list with at least one rung", where=where, hint="Add a rung.")
    codec = top.get("codec", "h264")
    rungs = tuple(replace(_rung(r, f"{where}, rung {i + 1}"), codec=codec) for i, r in enumerate(top["rungs"]))
    if codec not in CODECS:
        raise UsageError(f"codec {codec!r} is not known", where=where, hint=nearest(str(codec), CODECS))
    _check_order(rungs, where)
    audio = _number(top, "audio_kbps", where, 16, 512, default=128)
    return Ladder(str(top.get("name", name)), str(top.get("description", "")), rungs, int(audio))


def _check_order(rungs: tuple[Rung, ...], where: str) -> None:
    for low, high in itertools.pairwise(rungs):
        if (low.width, low.height, low.max_kbps) >= (high.width, high.height, high.max_kbps):
            raise UsageError(
                f"rung {high.name} does not come after {low.name} in size and bitrate",
                where=where,
                hint="List the rungs from the lowest to the highest.",
            )
    names = [r.name for r in rungs]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise UsageError(f"two rungs are called {twice!r}", where=where, hint="Give each rung a name of its own.")


def _rung(raw: Any, where: str) -> Rung:
    row = _mapping(raw, _RUNG_KEYS, {"width", "height", "crf", "max_kbps"}, where)
    cap = int(_number(row, "max_kbps", where, 20, 200_000))
    height = int(_number(row, "height", where, SMALLEST, 8192))
    name = str(row.get("name", f"{height}p"))
    if not name or not all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
        raise UsageError(f"{name!r} is no rung name", where=where, hint="Use letters, digits, hyphen and underscore.")
    return Rung(
        name=name,
        width=int(_number(row, "width", where, SMALLEST, 8192)),
        height=height,
        crf=_number(row, "crf", where, 0, 63),
        max_kbps=cap,
        buffer_kbit=int(_number(row, "buffer_kbit", where, cap // 2, cap * 20, default=cap * 2)),
    )


def _mapping(raw: Any, known: set[str], needed: set[str], where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise UsageError("expected keys with values", where=where, hint=f"Known keys: {', '.join(sorted(known))}.")
    for key in raw:
        if key not in known:
            raise UsageError(f"unknown key {key!r}", where=where, hint=nearest(str(key), known))
    missing = sorted(needed - set(raw))
    if missing:
        raise UsageError(f"key {missing[0]!r} is missing", where=where, hint=f"Add {missing[0]}: …")
    return raw


def _number(row: dict[str, Any], key: str, where: str, low: float, high: float, default: float | None = None) -> float:
    value = row.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UsageError(f"{key} is {value!r}", where=where, hint=f"{key} is a number from {low:g} to {high:g}.")
    return float(value)
