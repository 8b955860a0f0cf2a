"""`matinee probe`: a master inspected where it lies, nothing stored. Does I/O."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from ingest.guard import guarded_inspect
from ingest.inspect import Inspection
from ingest.source import Source, open_source
from treatment.facts import Sample
from treatment.wishes import NO_WISHES, Wishes
from values.errors import MasterRefused


def probe_master(place: str, *, allow_damaged: bool = False, wishes: Wishes = NO_WISHES) -> Inspection:
    """Inspect the master at `place`, and decide what would become of it as `wishes` has it. One that is not a local
    file is downloaded to a temporary one first."""
    source = open_source(place)
    if source.size_bytes == 0:
        raise MasterRefused("the file is empty (0 bytes)", where=place, hint="Copy the master again.")
    if "://" not in place:
        return _inspect(Path(place).absolute(), source, allow_damaged, wishes)
    with tempfile.TemporaryDirectory(prefix="matinee-") as folder:
        return _inspect(local_copy(source, Path(folder)), source, allow_damaged, wishes)


def local_copy(source: Source, folder: Path) -> Path:
    """A temporary copy of a master that is no local file, in `folder`. Raises MasterRefused where there is no room."""
    path = folder / "master"
    try:
        with path.open("wb") as file:
            for block in source.read():
                file.write(block)
    except OSError as error:
        raise MasterRefused(
            f"no temporary copy can be made ({error.strerror})",
            where=str(folder),
            hint="Set TMPDIR to a folder with room.",
        ) from error
    return path


def probe_json(found: Inspection) -> dict[str, Any]:
    """An inspection as a JSON object; times as exact fractions in text."""
    timing = found.timing
    return {
        "format": found.probe.format,
        "video": dataclasses.asdict(found.video) | {"display_size": found.display_size},
        "audio": [dataclasses.asdict(a) for a in found.probe.audio],
        "subtitles": [dataclasses.asdict(s) for s in found.probe.subtitles],
        "chapters": len(found.probe.chapters),
        "rate": str(timing.rate),
        "constant_rate": timing.constant,
        "source_frames": len(found.index.pts),
        "frames": timing.frames,
        "duration": float(timing.frames / timing.rate),
        "keyframes": len(found.index.keyframes),
        "treatment": found.treatment,
        "samples": [_sample_json(s) for s in found.facts.samples],
        "notes": found.notes,
        "damage": found.damage,
    }


def _sample_json(sample: Sample) -> dict[str, Any]:
    """What a sample showed, without each frame's lit part, of which the widest says enough."""
    lit = sample.lit and [
        min(b.left for b in sample.lit), min(b.top for b in sample.lit),
        max(b.right for b in sample.lit), max(b.bottom for b in sample.lit),
    ]  # fmt: skip
    return {
        **dataclasses.asdict(sample),
        "at": float(sample.at),
        "lit": lit,
        "black_frames": sample.frames - len(sample.lit),
    }


def _inspect(path: Path, source: Source, allow_damaged: bool, wishes: Wishes) -> Inspection:
    with path.open("rb") as file:

        def read(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        return guarded_inspect(
            str(path),
            size=path.stat().st_size,
            read=read,
            where=source.place,
            allow_damaged=allow_damaged,
            wishes=wishes,
        )
