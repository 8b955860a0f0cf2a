"""Digests: xxh3-128 over bytes, and over values in one canonical JSON form. Pure."""

from __future__ import annotations

import json
from typing import Any

import xxhash


def digest_bytes(data: bytes | memoryview) -> str:
    """xxh3-128 of `data` as 32 lower-case hex digits."""
    return xxhash.xxh3_128_hexdigest(data)


def digest_value(value: Any) -> str:
    """xxh3-128 of a JSON-able value in canonical form (sorted keys, no spaces): equal values, equal digests."""
    return digest_bytes(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode())
