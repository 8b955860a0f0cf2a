"""The bytes of an object in RAM: blocks that grow as bytes arrive and are handed out as views. No I/O."""

from __future__ import annotations

PIECE_BYTES = 256 << 10
"""The longest view given out: what one write hands to a socket, so a slow reader holds no more than this twice."""
GROW_BYTES = 64 << 10
"""Blocks of a body of unknown length."""


class Body:
    """Bytes that only grow at the end and can be forgotten from the front. `room_bytes` is what is allocated."""

    def __init__(self, length: int | None = None) -> None:
        self._block_bytes = GROW_BYTES if length is None else max(1, length)
        self._fixed = length is not None
        self._blocks: list[bytearray | None] = [bytearray(length)] if length else []
        self.length = 0
        self.room_bytes = length or 0
        self._gone = 0

    def needs_bytes(self, extra: int) -> int:
        """How many more bytes must be allocated to append `extra`."""
        blocks = -(-(self.length + extra) // self._block_bytes)
        return max(0, blocks - len(self._blocks)) * self._block_bytes

    def append(self, data: bytes | bytearray) -> None:
        """Copy `data` to the end, allocating blocks as needed."""
        source, position = memoryview(data), 0
        while position < len(source):
            index, offset = divmod(self.length, self._block_bytes)
            if index == len(self._blocks):
                self._blocks.append(bytearray(self._block_bytes))
                self.room_bytes += self._block_bytes
            block = self._blocks[index]
            assert block is not None
            count = min(len(source) - position, self._block_bytes - offset)
            memoryview(block)[offset : offset + count] = source[position : position + count]
            self.length += count
            position += count

    def view(self, position: int, stop: int | None = None) -> memoryview:
        """Up to PIECE_BYTES from `position`, not beyond `stop`; empty at the end. They stay valid while held."""
        limit = self.length if stop is None else min(stop, self.length)
        if position >= limit:
            return memoryview(b"")
        index, offset = divmod(position, self._block_bytes)
        block = self._blocks[index]
        assert block is not None, "bytes were read after they were forgotten"
        count = min(limit - position, self._block_bytes - offset, PIECE_BYTES)
        return memoryview(block)[offset : offset + count]

    def forget(self, position: int) -> None:
        """Let go of the blocks that lie wholly before `position`."""
        while self._gone < min(position // self._block_bytes, len(self._blocks)):
            self._blocks[self._gone] = None
            self.room_bytes -= self._block_bytes
            self._gone += 1

    def trim(self) -> None:
        """The end is reached: give back the unused part of the last block."""
        used = self.length - (len(self._blocks) - 1) * self._block_bytes
        if self._blocks and self._blocks[-1] is not None and used < self._block_bytes and not self._fixed:
            self._blocks[-1] = self._blocks[-1][:used]
            self.room_bytes -= self._block_bytes - used
