"""An exact byte budget: room is reserved before bytes exist, and eviction makes room. No I/O of its own."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from edge_cache.policy import Policy

K = TypeVar("K", bound=Hashable)


class Budget(Generic[K]):
    """Charged bytes never exceed `limit_bytes`. Objects that are pinned (being read) are passed over by eviction.

    `evict` is called for each victim after its charge is gone; it frees the bytes.
    """

    def __init__(
        self, limit_bytes: int, policy: Policy[K], *, evict: Callable[[K], None], pinned: Callable[[K], bool]
    ) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self.evictions = 0
        self._policy = policy
        self._charges: dict[K, int] = {}
        self._evict = evict
        self._pinned = pinned

    def __contains__(self, key: K) -> bool:
        return key in self._charges

    def __len__(self) -> int:
        return len(self._charges)

    def reserve(self, size_bytes: int, *, sparing: K | None = None) -> bool:
        """Charge bytes that belong to no object yet, evicting as needed. False, and nothing evicted, if not."""
        missing = self.used_bytes + size_bytes - self.limit_bytes
        victims: list[K] = []
        if missing > 0:
            for key in self._policy.victims():
                if missing <= 0:
                    break
                if key != sparing and not self._pinned(key):
                    victims.append(key)
                    missing -= self._charges[key]
        if missing > 0:
            return False
        for key in victims:
            self.drop(key)
            self.evictions += 1
            self._evict(key)
        self.used_bytes += size_bytes
        return True

    def release(self, size_bytes: int) -> None:
        """Give reserved bytes back."""
        self.used_bytes -= size_bytes

    def adopt(self, key: K, size_bytes: int) -> None:
        """Reserved bytes become those of an object that eviction may choose."""
        self._charges[key] = size_bytes
        self._policy.admit(key)

    def recharge(self, key: K, size_bytes: int) -> bool:
        """The object's size changed. False if the new size can't fit: then it is as it was."""
        old = self._charges[key]
        if size_bytes > old and not self.reserve(size_bytes - old, sparing=key):
            return False
        self.used_bytes -= max(0, old - size_bytes)
        self._charges[key] = size_bytes
        return True

    def touch(self, key: K) -> None:
        """The object was used."""
        self._policy.touch(key)

    def drop(self, key: K) -> None:
        """Take an object out and its charge with it."""
        self.used_bytes -= self._charges.pop(key)
        self._policy.forget(key)

    def disown(self, key: K) -> int:
        """Take an object out but keep its charge reserved, because its bytes are still being read; their number."""
        self._policy.forget(key)
        return self._charges.pop(key)
