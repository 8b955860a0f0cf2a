"""A file that no film is, or that a film became: made from a small clip or of nothing, the same way each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.ingest.bases import Bases

Make = Callable[[Bases], bytes]
ANY = ""
TAKEN = "taken"
JUMPS = r"clock jumps ahead|pictures last [\d:.]+ ?(days|hours)?"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file, by its name.

    `fate` is what its refusal says (a regular expression), ANY where it may be refused in whatever words, or taken,
    TAKEN where it is a film after all. `partial` says that --allow-damaged takes what is refused without it.
    """

    name: str
    make: Make
    fate: str = ANY
    partial: bool = False

    def write(self, bases: Bases, folder: Path) -> Path:
        path = folder / self.name
        path.write_bytes(self.make(bases))
        return path
