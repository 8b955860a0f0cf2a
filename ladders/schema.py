"""The shape of a ladder file by its JSON Schema (draft 2020-12), and what is wrong in our words. Reads schema.json."""

from __future__ import annotations

import functools
import json
import math
from importlib.resources import files
from typing import Any

from coders.table import CODERS, nearest_codec
from values.errors import UsageError, nearest

Path = tuple[str | int, ...]
"""Keys and indices from the top of the file to a value."""

_RANKS = {"additionalProperties": 1, "required": 2, "oneOf": 3}
"""Faults in keys are told before faults in values, which may follow from them: a misspelt key is a missing one too."""


@functools.cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a ladder file."""
    found: dict[str, Any] = json.loads((files("ladders") / "schema.json").read_text(encoding="utf-8"))
    return found


def check_shape(raw: Any, where: str) -> None:
    """Nothing if `raw` (parsed YAML) has the shape of a ladder file. Raises UsageError with file, rung and key."""
    faults = sorted(_validator().iter_errors(raw), key=_order)
    if faults:
        raise _told(faults[0], raw, where)


@functools.cache
def _validator() -> Any:
    # Imported late: `matinee --help` imports this module and should not wait for jsonschema.
    from jsonschema import Draft202012Validator, validators  # type: ignore[import-untyped]

    # YAML knows .nan and .inf, JSON does not: no comparison would catch the first.
    checker = Draft202012Validator.TYPE_CHECKER.redefine("number", lambda _, value: _is_number(value))
    return validators.extend(Draft202012Validator, type_checker=checker)(schema())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _order(fault: Any) -> tuple[int, int, list[str]]:
    """Mappings that are none first, then keys, then values; each from the top of the file down."""
    is_mapping = fault.validator == "type" and fault.validator_value == "object"
    rank = 0 if is_mapping else _RANKS.get(fault.validator, len(_RANKS) + 1)
    path = [f"{step:05}" if isinstance(step, int) else str(step) for step in fault.absolute_path]
    return rank, len(path), path


def _told(fault: Any, raw: Any, where: str) -> UsageError:
    path: Path = tuple(fault.absolute_path)
    match fault.validator:
        case "additionalProperties":
            known = fault.schema["properties"]
            key = next(k for k in fault.instance if k not in known)
            return UsageError(f"unknown key {key!r}", where=_place(where, path), hint=_belongs(key, known))
        case "required":
            key = next(k for k in fault.validator_value if k not in fault.instance)
            return UsageError(
                f"key {key!r} is missing", where=_place(where, path), hint=f"Add {key}: {_wanted((*path, key), raw)}."
            )
        case "oneOf":
            return _form(raw, where)
        case "type" if fault.validator_value == "object":
            known = fault.schema["properties"]
            hint = f"Known keys: {', '.join(sorted(known))}."
            return UsageError("expected keys with values", where=_place(where, path), hint=hint)
    return _value(fault, path, raw, where)


def _form(raw: dict[str, Any], where: str) -> UsageError:
    """A file that is neither all of one form nor all of the other."""
    if "rungs" in raw and "per_title" in raw:
        what, hint = "both `rungs` and `per_title` are given", "Keep one: rungs written out, or a policy to find them."
    elif "per_title" in raw and "codec" in raw:
        what, hint = "`codec` does not go with `per_title`", f"Write codecs: [{raw['codec']}]."
    elif "per_title" in raw:
        what, hint = "key 'codecs' is missing", "Add codecs: [h264], or more of them."
    elif "rungs" in raw:
        what = "`codecs` does not go with `rungs`"
        hint = "Write codec: beside the rungs for all of them, or in a rung for that one."
    else:
        what = "key 'rungs' is missing"
        hint = "Add rungs: with a list of rungs, or per_title: with codecs: to have them found for each title."
    return UsageError(what, where=where, hint=hint)


def _value(fault: Any, path: Path, raw: Any, where: str) -> UsageError:
    """A key whose value can't be."""
    value = fault.instance
    if path == ("rungs",):
        return UsageError("`rungs` is not a list with at least one rung", where=where, hint="Add a rung.")
    if path[0] == "codecs" and fault.validator == "uniqueItems":
        twice = next(c for c in value if value.count(c) > 1)
        return UsageError(f"codecs names {twice!r} twice", where=where, hint="Name each codec once.")
    if fault.validator == "enum":
        return UsageError(
            f"codec {value!r} is not known", where=_place(where, path[:-1]), hint=nearest_codec(str(value))
        )
    if path[:2] == ("per_title", "boxes") and len(path) > 2:
        number = int(path[2])
        box = raw["per_title"]["boxes"][number]
        return UsageError(
            f"box {number + 1} is {box!r}",
            where=_place(where, path[:1]),
            hint=f"boxes is {_wanted(path[:2], raw)}.",
        )
    key = path[-1]
    if key == "name" and len(path) > 1 and isinstance(value, str):
        what = f"{value!r} is no rung name"
    else:
        what = f"{key} is {value!r}"
    return UsageError(what, where=_place(where, path[:-1]), hint=f"{key} is {_wanted(path, raw)}.")


def _place(where: str, path: Path) -> str:
    """`where` with the part of the file that `path` leads to."""
    match path:
        case ("rungs", int(index), *_):
            return f"{where}, rung {index + 1}"
        case ("per_title", *_):
            return f"{where}, per_title"
    return where


def _belongs(key: Any, known: dict[str, Any]) -> str:
    """Where an unknown key should stand, or the known one it is nearest to."""
    parts = schema()["properties"]
    elsewhere = {
        "at the top of the file": parts,
        "in a rung": parts["rungs"]["items"]["properties"],
        "in per_title": parts["per_title"]["properties"],
    }
    home = next((place for place, keys in elsewhere.items() if key in keys), None)
    return f"{key} belongs {home}." if home else nearest(str(key), known)


def _wanted(path: Path, raw: Any) -> str:
    """What the value at `path` should be: its range, or its description."""
    parts = schema()["properties"]
    match path:
        case ("rungs", int(), str(key)):
            rule = parts["rungs"]["items"]["properties"][key]
        case ("per_title", str(key)):
            rule = parts["per_title"]["properties"][key]
        case _:
            rule = parts[path[0]]
    if rule.get("type") not in ("number", "integer"):
        return str(rule["description"])
    most = rule["maximum"]
    if path[-1] == "crf":
        rung = raw["rungs"][path[1]]
        codec = rung.get("codec", raw.get("codec", "h264"))
        most = CODERS[codec].max_crf if codec in CODERS else most
    whole = "a whole number" if rule["type"] == "integer" else "a number"
    return f"{whole} from {rule['minimum']:g} to {most:g}"
