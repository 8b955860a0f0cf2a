"""What is cached: objects by target and variant, with their bytes in RAM, on disk, or both. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from edge_cache.body import Body
from edge_cache.core_messages import Stored
from edge_cache.reply_head import field_lines

MAX_VARIANTS = 32
"""Variants kept of one target; the oldest goes when another comes."""


@dataclass(slots=True, eq=False)
class Entry:
    """One cached response. `ram` or `file_id` (or both) hold its `length` bytes; `readers` are reading `ram` now."""

    target: str
    stored: Stored
    length: int
    ram: Body | None = None
    file_id: int | None = None
    digest: str = ""
    verified: bool = True
    disk_hits: int = 0
    readers: int = 0
    voided: bool = False
    head: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self.renew(self.stored)

    def renew(self, stored: Stored) -> None:
        """Take new fields after a 304."""
        self.stored = stored
        self.head = field_lines(stored.fields)


class Catalog:
    """Entries by target. Synchronous; the caller keeps bytes and budgets in step with it."""

    def __init__(self) -> None:
        self._by_target: dict[str, list[Entry]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_target.values()))

    def __iter__(self) -> Iterator[Entry]:
        for entries in list(self._by_target.values()):
            yield from list(entries)

    def of(self, target: str) -> list[Entry]:
        """All variants of a target, in no order that matters."""
        return self._by_target.get(target, [])

    def find(self, stored: Stored, target: str) -> Entry | None:
        """The entry that holds just this response."""
        return next((entry for entry in self.of(target) if entry.stored is stored), None)

    def add(self, entry: Entry) -> list[Entry]:
        """Put an entry in. Returns those it replaces, taken out: the same variant, the oldest if too many."""
        entries = self._by_target.setdefault(entry.target, [])
        names = {name for name, _ in entry.stored.selected}
        gone = [
            other
            for other in entries
            if other.stored.selected == entry.stored.selected or names != {name for name, _ in other.stored.selected}
        ]
        kept = [other for other in entries if other not in gone]
        if len(kept) >= MAX_VARIANTS:
            gone.append(min(kept, key=lambda other: other.stored.received_ms))
            kept.remove(gone[-1])
        self._by_target[entry.target] = [*kept, entry]
        return gone

    def remove(self, entry: Entry) -> bool:
        """Take an entry out; False if it was not in."""
        entries = self._by_target.get(entry.target, [])
        if entry not in entries:
            return False
        entries.remove(entry)
        if not entries:
            del self._by_target[entry.target]
        return True
