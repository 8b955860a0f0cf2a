"""What an earlier run has finished already, by its work records. Does I/O, reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from encoder.job import AudioJob, AudioResult, ChunkJob, ChunkResult, TrackPart
from encoder.task import load_audio, load_result
from storage import Store
from values.keys import title_prefix


def find_results(
    store: Store, title_id: str, chunks: Sequence[ChunkJob], sound: AudioJob | None
) -> tuple[dict[str, ChunkResult], AudioResult | None]:
    """The stored results of these jobs, chunks by their recipe.

    Those count whose record is readable and whose objects are there in full size. A record that is damaged, or names
    what is gone, is passed over: its work is done again.
    """
    sizes = {info.key: info.size_bytes for info in store.list(title_prefix(title_id))}
    found = {}
    for job in chunks:
        if job.record_key in sizes:
            result = _chunk(store.get(job.record_key))
            if result and result.recipe == job.recipe and all(_is_stored(p, sizes) for p in result.parts):
                found[job.recipe] = result
    audio = _audio(store.get(sound.record_key)) if sound and sound.record_key in sizes else None
    if audio and not _is_stored(audio.part, sizes):
        audio = None
    return found, audio


def _is_stored(part: TrackPart, sizes: Mapping[str, int]) -> bool:
    return all(sizes.get(f.key) == f.size_bytes for f in (part.init, *(s.file for s in part.segments)))


def _chunk(data: bytes) -> ChunkResult | None:
    try:
        return load_result(data)
    except (ValueError, KeyError, TypeError):
        return None


def _audio(data: bytes) -> AudioResult | None:
    try:
        return load_audio(data)
    except (ValueError, KeyError, TypeError):
        return None
