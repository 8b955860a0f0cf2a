"""Which stored object goes when room is needed. A policy sees accesses and names victims; it owns no bytes. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol


class EvictionPolicy(Protocol):
    """Told of every insertion, hit and removal, it names the next victim. Objects are known by a number."""

    def insert(self, number: int, size_bytes: int) -> None:
        """A new object of `size_bytes` is stored."""

    def touch(self, number: int) -> None:
        """A stored object was used."""

    def remove(self, number: int) -> None:
        """A stored object is gone: evicted, replaced or invalidated."""

    def victim(self) -> int | None:
        """The stored object to evict next, None if there is none. It stays stored until `remove`."""


class LeastRecentlyUsed:
    """The object whose last use is longest ago goes first."""

    __slots__ = ("_order",)

    def __init__(self) -> None:
        self._order: OrderedDict[int, None] = OrderedDict()

    def insert(self, number: int, size_bytes: int) -> None:
        self._order[number] = None
        self._order.move_to_end(number)

    def touch(self, number: int) -> None:
        self._order.move_to_end(number)

    def remove(self, number: int) -> None:
        del self._order[number]

    def victim(self) -> int | None:
        return next(iter(self._order), None)
