"""What can be set on an origin, parsed once at the edge of the program. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OriginSettings:
    """How an origin listens, caches what it knows of titles, and bounds its work.

    `manifest_ttl_s` is the freshness that manifests, records and lists are given; `stale_s` how long after that a
    cache may go on serving them while it revalidates, `stale_error_s` how long when the origin fails (RFC 5861).
    `record_ttl_s` is how long a title record is believed without asking the store; segments, whose names are
    immutable, are served from a record for `segment_record_ttl_s`. `threads` bounds the store calls in flight,
    `store_timeout_s` each of them, and `send_timeout_s` the wait for a client that takes no bytes.
    `known_files` bounds the files remembered over all cached records.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    manifest_ttl_s: int = 2
    stale_s: int = 4
    stale_error_s: int = 3600
    record_ttl_s: float = 1.0
    segment_record_ttl_s: float = 60.0
    threads: int = 16
    store_timeout_s: float = 30.0
    send_timeout_s: float = 60.0
    known_files: int = 500_000
    access_log: bool = False
