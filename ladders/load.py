"""Ladder files: the built-in ones by name, others by path, both checked the same way. Reads YAML files."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from ladders.check import check_sound
from ladders.rung import BOXES, Ladder, Policy, Rung, rung_name
from ladders.schema import check_shape
from values.errors import UsageError, nearest

DEFAULT = "web-h264"
_BUFFER_S = 2  # Apple's HLS authoring specification and common players are at ease with a VBV of one to two seconds


def builtin_names() -> tuple[str, ...]:
    """The names that `load_ladder` knows without a file."""
    found = (entry.name.removesuffix(".yaml") for entry in files("ladders").iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(found))


def load_ladder(name: str) -> Ladder:
    """The ladder called `name`, or read from the YAML file of that path. Raises UsageError with file and key."""
    if name in builtin_names():
        text = (files("ladders") / f"{name}.yaml").read_text(encoding="utf-8")
        return parse_ladder(text, where=f"ladder {name}", name=name, adapt=True)
    if not name.endswith((".yaml", ".yml")) and "/" not in name:
        raise UsageError(
            f"there is no ladder called {name!r}",
            hint=f"{nearest(name, builtin_names())} A ladder file ends in .yaml.",
        )
    try:
        text = Path(name).read_text(encoding="utf-8")
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


def parse_ladder(text: str, *, where: str, name: str, adapt: bool = False) -> Ladder:
    """A ladder from YAML text. `where` names it in errors; `name` and `adapt` are used if the text has none.

    Raises UsageError naming the rung and the key.
    """
    try:
        raw = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2026-02-30 is a date to YAML
        raise UsageError(f"not YAML: {error}", where=where, hint="See ladders/web-h264.yaml for the form.") from error
    check_shape(raw, where)
    codec = raw.get("codec", "h264")
    ladder = Ladder(
        raw.get("name", name),
        raw.get("description", ""),
        tuple(_rung(row, codec) for row in raw.get("rungs", ())),
        int(raw.get("audio_kbps", 128)),
        _policy(raw["per_title"], raw["codecs"]) if "per_title" in raw else None,
        raw.get("adapt", adapt),
    )
    check_sound(ladder, where)
    return ladder


def _rung(row: dict[str, Any], codec: str) -> Rung:
    codec = row.get("codec", codec)
    width, height, cap = int(row["width"]), int(row["height"]), int(row["max_kbps"])
    name = row.get("name", rung_name(codec, (width, height)))
    return Rung(name, width, height, float(row["crf"]), cap, int(row.get("buffer_kbit", cap * _BUFFER_S)), codec)


def _policy(row: dict[str, Any], codecs: list[str]) -> Policy:
    boxes = tuple((int(width), int(height)) for width, height in row.get("boxes", BOXES))
    policy = Policy(tuple(codecs), boxes)
    # JSON Schema takes 8.0 for an integer and 95 for a number: each becomes what the field is.
    given = {key: type(getattr(policy, key))(value) for key, value in row.items() if key != "boxes"}
    return dataclasses.replace(policy, **given)


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, but a key that is given twice is an error, where YAML's own takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)
