"""What an edge is told when it starts, and the text forms of sizes, disk tiers and origins. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

from values.errors import UsageError, nearest

_UNITS = {
    "": 1, "b": 1,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9.-]{0,62}")


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Everything an edge needs to know. Constructing it raises UsageError for what can't work.

    `origins` are tried in order. `ram_bytes` and `disk_bytes` bound what is stored in each tier, heads included;
    one object may take an eighth of the RAM tier and a quarter of the disk tier, and what is larger streams through.
    `name` stands in `Cache-Status` and `Via`. `down_mark_s` is how long a failed origin is tried last.
    `stale_on_error_s` bounds how stale a response may be served when no origin answers and the response itself does
    not say (RFC 9111 section 4.2.4). With `preserve_host` the client's Host reaches the origin and is part of the
    cache key; without it the origin sees its own authority.
    """

    origins: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 8080
    ram_bytes: int = 256 * 10**6
    disk_dir: Path | None = None
    disk_bytes: int = 0
    name: str = "matinee"
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 15.0
    down_mark_s: float = 5.0
    stale_on_error_s: int = 86_400
    drain_s: float = 10.0
    preserve_host: bool = False
    access_log: bool = False

    def __post_init__(self) -> None:
        if not self.origins:
            raise UsageError("an edge needs an origin", hint="Give one with --origin http://HOST:PORT.")
        for origin in self.origins:
            _check_origin(origin)
        if not _TOKEN.fullmatch(self.name):
            raise UsageError(
                f"{self.name!r} can't name an edge in HTTP fields",
                hint="Use a letter and then letters, digits, dots or hyphens, 63 at most.",
            )
        if self.ram_bytes < 0 or self.disk_bytes < 0:
            raise UsageError("a tier can't have a negative size", hint="Write sizes like 256MB or 20GiB.")
        if (self.disk_dir is None) != (self.disk_bytes == 0):
            raise UsageError("a disk tier needs a folder and a size", hint="Write it like --disk /var/cache/edge:20GB.")
        if min(self.connect_timeout_s, self.read_timeout_s) <= 0:
            raise UsageError("a timeout must be longer than nothing", hint="Give seconds, like 3 or 0.5.")

    @property
    def ram_object_bytes(self) -> int:
        """The largest object, head included, that the RAM tier takes."""
        return self.ram_bytes // 8

    @property
    def disk_object_bytes(self) -> int:
        """The largest object, head included, that the disk tier takes."""
        return self.disk_bytes // 4


def parse_size(text: str) -> int:
    """Bytes from text: ``'256MB'`` is 256 000 000, ``'256MiB'`` and ``'256M'`` are 268 435 456. Raises UsageError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text.strip())
    if not match:
        raise UsageError(f"{text!r} is not a size", hint="Write it like 256MB, 1.5GiB or 4096.")
    number, unit = match.groups()
    if unit.lower() not in _UNITS:
        known = ("B", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "K", "M", "G", "T")
        raise UsageError(f"{unit!r} in {text!r} is not a unit of size", hint=nearest(unit, known))
    return int(Fraction(number) * _UNITS[unit.lower()])


def parse_disk(text: str) -> tuple[Path, int]:
    """A disk tier from ``DIR:SIZE``, as in ``/var/cache/edge:20GB``. Raises UsageError."""
    folder, colon, size = text.rpartition(":")
    if not colon or not folder:
        raise UsageError(f"{text!r} names no disk tier", hint="Write it like /var/cache/edge:20GB.")
    size_bytes = parse_size(size)
    if size_bytes == 0:
        raise UsageError(f"the disk tier {text!r} has no room", hint="Give a size like 20GB, or leave --disk away.")
    return Path(folder), size_bytes


def parse_origins(text: str) -> tuple[str, ...]:
    """Origins from ``URL[,URL…]``, in the order in which they are tried, without a trailing slash. Raises UsageError."""
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    if not origins:
        raise UsageError("no origin is given", hint="Write it like http://127.0.0.1:9000.")
    for origin in origins:
        _check_origin(origin)
    return origins


def _check_origin(origin: str) -> None:
    try:
        parts = urlsplit(origin)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_right = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
        raise UsageError(f"{origin!r} is not the URL of an origin", hint="Write it like http://127.0.0.1:9000.")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(
            f"the origin {origin!r} has more than scheme, host and port",
            hint=f"Requests keep their own path: {parts.scheme}://{parts.hostname} is enough.",
        )
