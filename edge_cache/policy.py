"""Which stored object goes when room is needed. A policy sees accesses and names victims; it owns no bytes. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Protocol, TypeVar

K = TypeVar("K", bound=Hashable)


class Policy(Protocol[K]):
    """Told of every admission, hit and removal, it names victims in the order in which they should go."""

    def admit(self, key: K) -> None:
        """A new object is stored."""

    def touch(self, key: K) -> None:
        """A stored object was used."""

    def forget(self, key: K) -> None:
        """A stored object is gone: evicted, replaced or invalidated."""

    def victims(self) -> Iterator[K]:
        """Stored objects, the one to evict first in front. Nothing may change while they are drawn."""


class Lru(Policy[K]):
    """The object whose last use is longest ago goes first."""

    def __init__(self) -> None:
        self._order: OrderedDict[K, None] = OrderedDict()

    def admit(self, key: K) -> None:
        self._order[key] = None
        self._order.move_to_end(key)

    def touch(self, key: K) -> None:
        self._order.move_to_end(key)

    def forget(self, key: K) -> None:
        del self._order[key]

    def victims(self) -> Iterator[K]:
        return iter(self._order)
