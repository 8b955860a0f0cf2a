"""Fields of single bits, as video codecs write their headers. Pure."""

from __future__ import annotations

from media.boxes import Buffer, damaged


class Bits:
    """Reads the bits of ``data[start:stop]``, most significant first; DamagedMedia where they run out."""

    __slots__ = ("at", "data", "stop")

    def __init__(self, data: Buffer, start: int, stop: int) -> None:
        self.data = data
        self.at = 8 * start
        self.stop = 8 * stop

    def number(self, count: int) -> int:
        """An unsigned integer of `count` bits."""
        end = self.at + count
        if end > self.stop:
            raise damaged(f"a header needs {count} bits and {self.stop - self.at} are left", self.at // 8)
        last = -(-end // 8)
        value = int.from_bytes(self.data[self.at // 8 : last], "big") >> (8 * last - end)
        self.at = end
        return value & ((1 << count) - 1)

    def flag(self) -> bool:
        return bool(self.number(1))

    def uvlc(self) -> int:
        """A variable length code: as many zeros as bits follow the first one (AV1 specification section 4.10.3)."""
        zeros = 0
        while not self.flag():
            zeros += 1
        return self.number(zeros) + (1 << zeros) - 1 if zeros < 32 else (1 << 32) - 1
