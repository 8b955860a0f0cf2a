"""Results of chunks joined into the title's renditions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import chain

from encoder.job import AudioResult, ChunkResult, TrackPart
from media.tracks import Track
from onboarding.film import Film
from packager.build import Draft, Facts, Presentation, build_title
from values.errors import EncodeError
from values.title import ChunkRecord, StoredFile


def present(
    film: Film,
    results: Mapping[int, ChunkResult],
    audio: AudioResult | None,
    poster: StoredFile | None,
    *,
    tracks: Mapping[str, Track],
    now: datetime,
) -> Presentation:
    """The presentation of a film whose chunks are all done. `tracks` are the parsed init segments by rendition.

    Joining is no re-mux: the chunks' segments follow one another as they are. Raises EncodeError if chunks disagree on
    a rendition's init segment or don't tile the film.
    """
    ordered = [results[c.index] for c in film.chunks]
    drafts = []
    for i, rung in enumerate(film.settings.rungs):
        part = join([r.parts[i] for r in ordered], where=f"{film.master.name}, {rung.name}")
        drafts.append(Draft(rung.name, tracks[rung.name], part.init, part.segments))
    if audio and film.audio:
        part = audio.part
        drafts.append(Draft(part.rendition, tracks[part.rendition], part.init, part.segments, film.audio.language))
    facts = Facts(
        id=film.title_id,
        name=film.name,
        created=now.replace(microsecond=0).isoformat(),
        master_fingerprint=film.master.fingerprint,
        master_name=film.master.name,
        rate=film.settings.rate,
        frames=film.frames,
        segment_frames=film.settings.segment_frames,
        chunks=tuple(ChunkRecord(c.index, c.start, c.stop, results[c.index].recipe) for c in film.chunks),
        poster=poster,
        notes=(*film.inspection.notes, *film.inspection.damage),
        settings={
            "preset": film.settings.preset,
            "threads": film.settings.threads,
            "encoder": film.encoder_version,
            "recipe": film.recipe,
            "rungs": [
                {"name": r.name, "crf": r.crf, "max_bps": r.max_bps, "buffer_bits": r.buffer_bits}
                for r in film.settings.rungs
            ],
            "audio_bps": film.audio_bps if film.audio else 0,
        },
    )
    return build_title(facts, drafts)


def join(parts: list[TrackPart], *, where: str) -> TrackPart:
    """The parts of one rendition, in order, as one: same init, segments that follow one another to the tick."""
    if len({p.init for p in parts}) != 1:
        raise EncodeError(
            "chunks were encoded with different parameter sets",
            where=where,
            hint="Encode the title anew: --force. If it repeats, the workers' ffmpeg builds differ.",
        )
    segments = tuple(chain.from_iterable(p.segments for p in parts))
    at = 0
    for segment in segments:
        if segment.start != at:
            raise EncodeError(
                f"a segment starts at tick {segment.start}, expected {at}", where=where, hint="Use --force."
            )
        at += segment.duration
    return TrackPart(parts[0].rendition, parts[0].init, segments)
