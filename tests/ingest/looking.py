"""Masters looked at for tests, in this process or in one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.guard import Usage, guarded_inspect
from ingest.inspect import Inspection
from ingest.limits import BOUNDS, Bounds
from values.errors import MasterRefused


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look: an inspection, or a refusal; and what it cost."""

    found: Inspection | None
    refusal: MasterRefused | None
    usage: Usage

    @property
    def text(self) -> str:
        return str(self.refusal or "")


def guarded(path: Path, *, allow_damaged: bool = False, bounds: Bounds = BOUNDS) -> Seen:
    """`guarded_inspect` of a file. Anything but an inspection or MasterRefused is raised."""
    usage: list[Usage] = []
    with path.open("rb") as file:

        def read(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        found, refusal = None, None
        try:
            found = guarded_inspect(
                str(path),
                size=path.stat().st_size,
                read=read,
                where=path.name,
                allow_damaged=allow_damaged,
                bounds=bounds,
                on_usage=usage.append,
            )
        except MasterRefused as error:
            refusal = error
    assert len(usage) == 1
    return Seen(found, refusal, usage[0])
