"""What an edge is told to be: origins, sizes, limits, parsed once from text. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from values.errors import UsageError

_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt]?)i?b?)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """One edge. Origins are tried in the order given; a disk tier exists when `disk_dir` is set.

    UsageError for an origin that is no http(s) URL, a negative size or a disk tier without a size.
    """

    origins: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 0
    ram_bytes: int = 256 << 20
    disk_dir: Path | None = None
    disk_bytes: int = 0
    name: str = "matinee-edge"
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 15.0
    down_s: float = 5.0
    """How long an origin that failed is tried last."""

    def __post_init__(self) -> None:
        if not self.origins:
            raise UsageError("an edge needs an origin", hint="Try --origin http://127.0.0.1:8080")
        for origin in self.origins:
            _check_origin(origin)
        if self.ram_bytes < 0 or self.disk_bytes < 0:
            raise UsageError("a cache can't be smaller than nothing", hint="Give a size such as 256MB.")
        if not 0 <= self.port <= 65535:
            raise UsageError(f"{self.port} is no port", hint="Ports are 1 to 65535; 0 takes a free one.")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.:-]*", self.name):
            raise UsageError(f"{self.name!r} can't name an edge", hint="Use a letter, then letters, digits, . _ or -")


def parse_origins(text: str) -> tuple[str, ...]:
    """``http://a:1,http://b:2`` as URLs in order of preference. UsageError for anything else."""
    return tuple(_check_origin(part.strip()) for part in text.split(",") if part.strip())


def parse_size(text: str) -> int:
    """Bytes in ``256MB``, ``1.5g``, ``64KiB`` or ``4096``; units are powers of 1024. UsageError otherwise."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no size", hint="Write a number and a unit: 512KB, 256MB, 1.5GB.")
    whole, _, part = match[1].partition(".")
    scale = _UNITS[match[2].lower()]
    return int(whole) * scale + (int(part) * scale // 10 ** len(part) if part else 0)


def parse_disk(text: str) -> tuple[Path, int]:
    """``/var/cache/edge:20GB`` as folder and bytes. UsageError when either is missing."""
    folder, colon, size = text.rpartition(":")
    if not colon or not folder:
        raise UsageError(f"{text!r} is no disk tier", hint="Write DIR:SIZE, for example /var/cache/matinee:20GB.")
    return Path(folder), parse_size(size)


def _check_origin(url: str) -> str:
    hint = "Write an origin as http://host:port, several separated by commas."
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise UsageError(f"{url!r} is no origin: {error}", hint=hint) from error
    if not fine or parts.query or parts.fragment or parts.username is not None:
        raise UsageError(f"{url!r} is no origin", hint=hint)
    return url
