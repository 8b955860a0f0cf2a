"""What the disk tier writes about an object: one JSON line and its digest. Pure."""

from __future__ import annotations

import json
from typing import Any

import xxhash

from edge_cache.catalog import Entry
from edge_cache.core_fields import fields_of
from edge_cache.core_messages import Stored

_VERSION = 1


def encode_head(entry: Entry) -> bytes:
    """The head of an entry, ending in its own xxh3-64."""
    stored = entry.stored
    record = {
        "version": _VERSION,
        "target": entry.target,
        "length": entry.length,
        "digest": entry.digest,
        "status": stored.status,
        "reason": stored.reason,
        "fields": list(stored.fields.items()),
        "requested_ms": stored.requested_ms,
        "received_ms": stored.received_ms,
        "age_s": stored.age_s,
        "selected": stored.selected,
    }
    line = json.dumps(record, separators=(",", ":")).encode()
    return line + b"\n" + xxhash.xxh3_64(line).hexdigest().encode() + b"\n"


def decode_head(head: bytes) -> Entry | None:
    """The entry of a head; None if the head is torn, damaged or of another version."""
    line, _, digest = head.partition(b"\n")
    if digest.strip() != xxhash.xxh3_64(line).hexdigest().encode():
        return None
    record: dict[str, Any] = json.loads(line)
    if record.get("version") != _VERSION:
        return None
    stored = Stored(
        status=record["status"],
        reason=record["reason"],
        fields=fields_of(*((name, value) for name, value in record["fields"])),
        requested_ms=record["requested_ms"],
        received_ms=record["received_ms"],
        age_s=record["age_s"],
        selected=tuple((name, value) for name, value in record["selected"]),
    )
    return Entry(record["target"], stored, record["length"], digest=record["digest"])
