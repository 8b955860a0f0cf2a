"""The files of the disk tier: their names, how they are written, and how a folder of them is read. Does file I/O."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import xxhash

from edge_cache.body import PIECE_BYTES
from edge_cache.catalog import Entry
from edge_cache.disk_head import decode_head
from values.errors import ServeError


def object_path(folder: Path, number: int, kind: str) -> Path:
    """The file of object `number`: its ``body``, its ``head``, or its ``part`` while it is written."""
    return folder / f"{number & 0xFF:02x}" / f"{number:016x}.{kind}"


def lock_folder(folder: Path) -> int:
    """Make the folder and claim it for this process; closing the handle gives it up. ServeError if it is claimed."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        hint = "Give each edge its own DIR."
        raise ServeError("another edge uses this disk tier", where=str(folder), hint=hint) from error
    return handle


def scan_folder(folder: Path) -> list[tuple[Entry, int]]:
    """The whole objects of a folder with the lengths of their heads; torn ones are removed."""
    return [
        found
        for shard in sorted(folder.iterdir())
        if shard.is_dir() and len(shard.name) == 2
        for found in _scan_shard(shard)
    ]


def create_file(path: Path) -> int:
    """A new, empty file, open for reading and writing."""
    path.parent.mkdir(exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)


def write_head(path: Path, head: bytes) -> None:
    """Replace a head atomically."""
    part = path.with_suffix(".head-part")
    part.write_bytes(head)
    part.rename(path)


def digest_of(handle: int) -> str:
    """xxh3-64 of a whole file, in hex."""
    running, position = xxhash.xxh3_64(), 0
    while piece := os.pread(handle, PIECE_BYTES, position):
        running.update(piece)
        position += len(piece)
    return running.hexdigest()


def _scan_shard(shard: Path) -> list[tuple[Entry, int]]:
    """The whole objects of one folder; everything else in it that has our names is removed."""
    found: list[tuple[Entry, int]] = []
    whole: set[str] = set()
    for path in sorted(shard.glob("*.head")):
        head = path.read_bytes()
        entry = decode_head(head)
        body = path.with_suffix(".body")
        if entry is None or not body.is_file() or body.stat().st_size != entry.length:
            continue
        entry.file_id, entry.verified = int(path.stem, 16), False
        found.append((entry, len(head)))
        whole.add(path.stem)
    for path in shard.iterdir():
        ours = path.suffix in (".head", ".body", ".part", ".head-part")
        if ours and not (path.stem in whole and path.suffix in (".head", ".body")):
            path.unlink(missing_ok=True)
    return found
