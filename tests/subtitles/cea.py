"""Caption bytes for tests: CEA-608 words with parity, SCC files of them, and CEA-708 packets as cc_data triplets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from subtitles.cea608 import Pair

RCL, BS, DER, RU2, RU3, RDC, TR, EDM, CR, ENM, EOC = (
    (0x14, code) for code in (0x20, 0x21, 0x24, 0x25, 0x26, 0x29, 0x2A, 0x2C, 0x2D, 0x2E, 0x2F)
)
ITALICS, PLAIN, YELLOW = (0x11, 0x2E), (0x11, 0x20), (0x11, 0x2A)

Word = tuple[int, int]


def parity(byte: int) -> int:
    return byte | 0x80 if byte.bit_count() % 2 == 0 else byte


def pac(row: int, indent: int = 0, *, underline: bool = False) -> Word:
    """A preamble for row 1 to 15 with an indent of 0, 4 … 28."""
    first, second = {
        1: (0x11, 0x40), 2: (0x11, 0x60), 3: (0x12, 0x40), 4: (0x12, 0x60), 5: (0x15, 0x40), 6: (0x15, 0x60),
        7: (0x16, 0x40), 8: (0x16, 0x60), 9: (0x17, 0x40), 10: (0x17, 0x60), 11: (0x10, 0x40), 12: (0x13, 0x40),
        13: (0x13, 0x60), 14: (0x14, 0x40), 15: (0x14, 0x60),
    }[row]  # fmt: skip
    return first, second | 0x10 | indent // 4 << 1 | underline


def words(*parts: Word | str) -> list[Word]:
    """Codes (sent twice, as broadcasters do) and text."""
    out: list[Word] = []
    for part in parts:
        if isinstance(part, str):
            codes = [ord(c) for c in part] + [0] * (len(part) % 2)
            out += list(zip(codes[::2], codes[1::2], strict=True))
        else:
            out += [part, part]
    return out


def pairs(at_ms: int, *parts: Word | str) -> list[Pair]:
    """Everything at one time."""
    return [Pair(at_ms, parity(a), parity(b)) for a, b in words(*parts)]


def scc(events: Iterable[tuple[str, Sequence[Word | str]]]) -> str:
    """An SCC file: time codes and what is sent from then on."""
    lines = [
        f"{code}\t{' '.join(f'{parity(a):02x}{parity(b):02x}' for a, b in words(*parts))}\n" for code, parts in events
    ]
    return "Scenarist_SCC V1.0\n\n" + "\n".join(lines)


def triplets_608(found: Iterable[Pair], field: int = 1) -> bytes:
    return b"".join(bytes((0xFC | (field - 1), p.first, p.second)) for p in found)


def dtvcc(service: int, data: bytes, sequence: int = 0) -> bytes:
    """One CEA-708 packet that holds one service block, as triplets."""
    header = bytes([service << 5 | len(data)]) if service < 7 else bytes([0xE0 | len(data), service])
    body = header + data
    body += b"\0" * (1 - len(body) % 2)  # with its header byte, a packet has an even length
    size = (len(body) + 1) // 2
    packet = bytes([sequence << 6 | size]) + body
    pieces = [packet[n : n + 2] for n in range(0, len(packet), 2)]
    return b"".join(bytes([0xFF if n == 0 else 0xFE]) + piece for n, piece in enumerate(pieces))


def window(number: int, *, visible: bool = True, rows: int = 2, columns: int = 32, anchor: int = 7, v: int = 74,
           h: int = 105, style: int = 0) -> bytes:  # fmt: skip
    """DefineWindow."""
    return bytes([0x98 + number, 0x20 * visible, v, h, anchor << 4 | rows - 1, columns - 1, style << 3])


def a53(triplets: bytes) -> bytes:
    """User data as ATSC A/53 has it, from its identifier on."""
    return b"GA94\x03" + bytes([0x40 | len(triplets) // 3, 0xFF]) + triplets + b"\xff"
