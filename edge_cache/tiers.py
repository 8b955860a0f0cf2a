"""RAM above disk: what is kept where. RAM decisions are synchronous; the disk tier does its I/O in threads.

The rule: every object kept in RAM is also written to the disk tier when its fill is complete (so a restart keeps it,
and demotion is just letting go of RAM); objects larger than a quarter of the RAM budget live on disk only. An object
that is on disk only comes back to RAM at its second hit there, so a scan through cold objects does not flush RAM.
"""

from __future__ import annotations

from edge_cache.budget import Budget
from edge_cache.catalog import Catalog, Entry
from edge_cache.core_messages import Stored
from edge_cache.disk import DiskDraft, DiskTier
from edge_cache.fill import Fill
from edge_cache.policy import Lru

OVERHEAD_BYTES = 2048
"""Charged to RAM for each object beside its body: fields, prepared head, index."""
OBJECT_PART = 4
"""The largest object of a tier is this part of its budget."""
PROMOTE_AT_HIT = 2


class Tiers:
    """The cache's contents. Implements `fill.Room`."""

    def __init__(self, ram_bytes: int, disk: DiskTier | None = None) -> None:
        self.catalog = Catalog()
        self.disk = disk
        self.ram: Budget[Entry] = Budget(
            ram_bytes, Lru(), evict=self._ram_evicted, pinned=lambda entry: entry.readers > 0
        )
        self._lingering: dict[Entry, int] = {}

    async def open(self) -> None:
        """Read the disk tier's index."""
        if self.disk is not None:
            for entry in await self.disk.open(self._disk_evicted):
                for older in self.catalog.add(entry):
                    self._drop_bytes(older)

    async def close(self) -> None:
        """Finish writing."""
        if self.disk is not None:
            await self.disk.close()

    def reserve_ram(self, held_bytes: int, extra_bytes: int) -> bool:
        """Room for a growing object, if it is not too large for RAM."""
        if held_bytes + extra_bytes > self.ram.limit_bytes // OBJECT_PART:
            return False
        return self.ram.reserve(extra_bytes)

    def release_ram(self, size_bytes: int) -> None:
        """Give reserved room back."""
        self.ram.release(size_bytes)

    async def draft(self, length: int | None) -> DiskDraft | None:
        """A file for an object on its way, if there is a disk tier with room for it."""
        return None if self.disk is None else await self.disk.draft(length)

    async def keep(self, target: str, fill: Fill) -> Entry | None:
        """Make a complete, kept fill an entry, in place of an older variant. None if there was no room after all."""
        assert fill.kept and fill.done and fill.failure is None
        entry = Entry(target, fill.stored, fill.received)
        if isinstance(fill.draft, DiskDraft):
            assert self.disk is not None
            if not await self.disk.commit(fill.draft, entry):
                return None
            self._admit(entry)
            return entry
        if not self.ram.reserve(OVERHEAD_BYTES):
            return None
        entry.ram = fill.body
        self.ram.adopt(entry, fill.reserved + OVERHEAD_BYTES)
        fill.adopt(lambda: self.pin(entry), lambda: self.unpin(entry))
        self._admit(entry)
        return entry

    async def write_through(self, entry: Entry) -> None:
        """Copy an object that is in RAM to the disk tier, unless the disk can't keep up."""
        if self.disk is None or entry.ram is None:
            return
        self.pin(entry)
        try:
            await self.disk.store(entry, entry.ram)
        finally:
            self.unpin(entry)
        if entry.voided:
            self._drop_bytes(entry)

    def pin(self, entry: Entry) -> None:
        """Its bytes in RAM are being read."""
        entry.readers += 1

    def unpin(self, entry: Entry) -> None:
        """A reader of its bytes in RAM has left."""
        entry.readers -= 1
        if not entry.readers and entry in self._lingering:
            self.ram.release(self._lingering.pop(entry))

    def renew(self, entry: Entry, stored: Stored) -> None:
        """Take the fields of a 304."""
        entry.renew(stored)
        if self.disk is not None and entry in self.disk.budget:
            self.disk.renew(entry)

    def void(self, target: str) -> None:
        """Forget all variants of a target."""
        for entry in list(self.catalog.of(target)):
            self.remove(entry)

    def remove(self, entry: Entry) -> None:
        """Forget an object; its room in RAM comes back when its last reader has left."""
        self.catalog.remove(entry)
        self._drop_bytes(entry)

    async def promote(self, entry: Entry) -> None:
        """Count a hit on disk, and bring the object back to RAM if the rule says so and there is room."""
        assert self.disk is not None
        entry.disk_hits += 1
        if entry.disk_hits < PROMOTE_AT_HIT or not self.reserve_ram(0, entry.length):
            return
        body = await self.disk.load(entry)
        if body is None or entry.ram is not None or entry.voided or not self.ram.reserve(OVERHEAD_BYTES):
            self.release_ram(entry.length)
            return
        entry.ram = body
        self.ram.adopt(entry, entry.length + OVERHEAD_BYTES)

    def touch(self, entry: Entry) -> None:
        """The object is being served."""
        if entry.ram is not None and entry in self.ram:
            self.ram.touch(entry)
        if self.disk is not None and entry in self.disk.budget:  # it has a number before its files are whole
            self.disk.budget.touch(entry)

    def _admit(self, entry: Entry) -> None:
        for older in self.catalog.add(entry):
            self._drop_bytes(older)

    def _drop_bytes(self, entry: Entry) -> None:
        entry.voided = True
        if entry in self.ram:
            if entry.readers:
                self._lingering[entry] = self.ram.disown(entry)
            else:
                self.ram.drop(entry)
                entry.ram = None
        if self.disk is not None:
            self.disk.remove(entry)

    def _ram_evicted(self, entry: Entry) -> None:
        entry.ram = None
        entry.disk_hits = 0
        if self.disk is None or entry not in self.disk.budget:
            entry.voided = True
            self.catalog.remove(entry)

    def _disk_evicted(self, entry: Entry) -> None:
        if entry.ram is None:
            entry.voided = True
            self.catalog.remove(entry)
