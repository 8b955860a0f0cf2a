"""The films that benchmarks measure: where they are found, and a part of one as a film of its own. Reads files.

A part is made by numbering: nothing is encoded or copied, the same file is read from another frame on.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import xxhash

from chunker.grid import source_frames
from ingest.inspect import Inspection
from ladders.load import load_ladder
from ladders.rung import FittedRung, fit
from onboarding.probing import probe_master
from samples import sample_path
from values.digest import digest_value
from values.errors import UsageError

LONG_FILM = "bbb_720p24_full_596s.mp4"
_BLOCK = 1 << 20
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Clip:
    """A film, or a part of one, inspected where it lies: `inspection` numbers its frames from 0.

    `name` says which part of which file it is: ``'film.mp4[0s+128s]'``. `fingerprint` is a digest of the file's bytes
    and of which of its frames are meant. The whole film has `film_frames` frames.
    """

    path: str
    name: str
    fingerprint: str
    inspection: Inspection
    film_frames: int

    @property
    def rate(self) -> Fraction:
        return self.inspection.timing.rate

    @property
    def frames(self) -> int:
        return self.inspection.timing.frames

    @property
    def duration(self) -> Fraction:
        """In seconds."""
        return self.frames / self.rate

    @property
    def display_size(self) -> tuple[int, int]:
        return self.inspection.display_size


def media_folder() -> Path:
    """Where the test media are: ``MATINEE_MEDIA``, by default ../shared/media beside the checkout."""
    return Path(os.environ.get("MATINEE_MEDIA", _ROOT.parent / "shared" / "media"))


def find_film(names: Sequence[str] = (LONG_FILM,)) -> str:
    """The path of the first of these test media that is there, else of the bundled sample."""
    found = (media_folder() / name for name in names)
    return str(next((path for path in found if path.is_file()), sample_path()))


def open_clip(place: str, *, start_s: Fraction = Fraction(0), seconds: Fraction | None = None) -> Clip:
    """Inspect the local file at `place`, or the name of one of the test media, and take a part of it.

    The part starts with the frame nearest to `start_s` and is `seconds` long, or as long as the film is. Raises
    MasterRefused, and UsageError for a part that is not in the film.
    """
    path = Path(place)
    if not path.is_file() and (media_folder() / place).is_file():
        path = media_folder() / place
    whole = probe_master(str(path))
    rate, frames = whole.timing.rate, whole.timing.frames
    start = round(start_s * rate)
    stop = frames if seconds is None else min(frames, start + round(seconds * rate))
    if not 0 <= start < stop:
        raise UsageError(
            f"a part from frame {start} on is asked for, it has {frames} frames",
            where=path.name,
            hint="Take an earlier part of at least one frame.",
        )
    is_whole = (start, stop) == (0, frames)
    part = "" if is_whole else f"[{float(start / rate):g}s+{float((stop - start) / rate):g}s]"
    return Clip(
        str(path.absolute()),
        path.name + part,
        digest_value([_fingerprint(path), start, stop]),
        whole if is_whole else part_of(whole, start, stop),
        frames,
    )


def part_of(film: Inspection, start: int, stop: int) -> Inspection:
    """Frames ``[start, stop)`` of a film as a film of their own, numbered from 0.

    Later source frames are forgotten, so that the last chunk is seen to be the last; earlier keyframes are kept, for
    decoding may have to start at one.
    """
    timing, index = film.timing, film.index
    first, *_, last = source_frames(timing, index.pts, start, stop)[:1] + source_frames(
        timing, index.pts, stop - 1, stop
    )
    return replace(
        film,
        timing=replace(timing, origin=first, frames=stop - start),
        index=replace(index, pts=index.pts[: bisect_right(index.pts, last)], last_duration=0),
    )


def rungs_up_to(clip: Clip, ladder: str, max_height: int) -> tuple[FittedRung, ...]:
    """A ladder's rungs for the clip that are at most `max_height` pixels tall (the shorter side), lowest first.

    Raises UsageError if none is.
    """
    rungs = tuple(r for r in fit(load_ladder(ladder), clip.display_size) if min(r.width, r.height) <= max_height)
    if not rungs:
        raise UsageError(
            f"no rung is at most {max_height} lines tall", where=f"ladder {ladder}", hint="Raise --max-height."
        )
    return rungs


def _fingerprint(path: Path) -> str:
    """xxh3-128 of the file's bytes."""
    state = xxhash.xxh3_128()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()
