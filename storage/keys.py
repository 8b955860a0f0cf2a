"""Which keys, prefixes and byte ranges a store takes; every store asks here before it touches anything. Pure."""

from __future__ import annotations

from values.errors import UsageError

MAX_KEY_BYTES = 900
MAX_PART_BYTES = 255
RESERVED = ".matinee"
"""First part of no key: stores keep their own temporary files under it."""

_RULE = (
    "A key is a relative path of printable characters without empty, '.' or '..' parts, "
    f"at most {MAX_KEY_BYTES} bytes long and {MAX_PART_BYTES} a part, and not under {RESERVED}/."
)


def check_key(key: str) -> str:
    """`key` if a store can keep an object under it. Raises UsageError."""
    if is_key(key):
        return key
    raise UsageError(f"{key!r} is no key for an object", hint=_RULE)


def is_key(key: str) -> bool:
    return bool(key) and _is_start(key) and key.rpartition("/")[2] not in {"", ".", "..", RESERVED}


def check_prefix(prefix: str) -> str:
    """`prefix` if some key can start with it; the empty one is the start of every key. Raises UsageError."""
    if _is_start(prefix):
        return prefix
    raise UsageError(f"no key starts with {prefix!r}", hint=_RULE)


def check_range(start: int, stop: int | None) -> None:
    """Raises UsageError unless ``0 <= start <= stop``, or `stop` is None."""
    if start < 0 or (stop is not None and stop < start):
        raise UsageError(f"[{start}, {stop}) is no range of bytes", hint="Ranges are half-open: 0 <= start <= stop.")


def _is_start(text: str) -> bool:
    """Is `text` printable, short enough, and are all its parts but the last one good parts of a key?"""
    folders = text.split("/")[:-1]
    return (
        text.isprintable()
        and len(text.encode()) <= MAX_KEY_BYTES
        and all(len(part.encode()) <= MAX_PART_BYTES for part in text.split("/"))
        and not any(part in {"", ".", ".."} for part in folders)
        and folders[:1] != [RESERVED]
    )
