"""What an earlier run has finished already, by its work records. Does I/O, reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from encoder.job import ChunkJob, ChunkResult, TrackPart
from encoder.sound_job import AudioJob, SoundResult
from encoder.sound_task import load_sound
from encoder.task import load_result
from storage import Store
from values.keys import title_prefix


def find_results(store: Store, title_id: str, chunks: Sequence[ChunkJob]) -> dict[str, ChunkResult]:
    """The stored results of these jobs, by their recipe.

    Those count whose record is readable and whose objects are there in full size. A record that is damaged, or names
    what is gone, is passed over: its work is done again.
    """
    sizes = _sizes(store, title_id)
    found = {}
    for job in chunks:
        if job.record_key in sizes:
            result = _chunk(store.get(job.record_key))
            if result and result.recipe == job.recipe and all(_is_stored(p, sizes) for p in result.parts):
                found[job.recipe] = result
    return found


def find_sound(store: Store, title_id: str, jobs: Sequence[AudioJob]) -> dict[str, SoundResult]:
    """The stored results of these jobs' renditions, by their name; what counts is as in `find_results`."""
    sizes = _sizes(store, title_id)
    found = {}
    for output in (output for job in jobs for output in job.outputs):
        if output.record_key in sizes:
            result = _sound(store.get(output.record_key))
            if result and result.recipe == output.recipe and _is_stored(result.part, sizes):
                found[output.rendition] = result
    return found


def _sizes(store: Store, title_id: str) -> dict[str, int]:
    return {info.key: info.size_bytes for info in store.list(title_prefix(title_id))}


def _is_stored(part: TrackPart, sizes: Mapping[str, int]) -> bool:
    return all(sizes.get(f.key) == f.size_bytes for f in (part.init, *(s.file for s in part.segments)))


def _chunk(data: bytes) -> ChunkResult | None:
    try:
        return load_result(data)
    except (ValueError, KeyError, TypeError):
        return None


def _sound(data: bytes) -> SoundResult | None:
    try:
        return load_sound(data)
    except (ValueError, KeyError, TypeError):
        return None
