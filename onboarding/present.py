"""Results of chunks joined into the title's renditions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from chunker.plan import Chunk
from encoder.job import ChunkResult, TrackPart
from encoder.sound_job import SoundResult
from media.tracks import Track
from onboarding.film import Encode, Film, recipe_of
from onboarding.sound import sound_drafts, sound_record
from packager.build import Draft, Facts, ManifestFile, Presentation, build_title
from packager.names import scores_key
from quality.scores import FrameScores, dump_scores, join_scores, measured_frames, quality_of
from quality.settings import measure_settings
from values.digest import digest_value
from values.errors import EncodeError
from values.title import ChunkRecord, Quality, StoredFile


def present(
    film: Film,
    results: Mapping[str, ChunkResult],
    sound: Mapping[str, SoundResult],
    poster: StoredFile | None,
    *,
    tracks: Mapping[str, Track],
    now: datetime,
    every: int = 0,
    notes: Sequence[str] = (),
    extra: Mapping[str, object] | None = None,
) -> Presentation:
    """The presentation of a film whose chunks are all done; `results` go by recipe, `sound` by rendition. `tracks`
    are the parsed init segments by rendition, `every` says which frames were to be measured (0 keeps what all chunks
    know already), `extra` are more settings for the record.

    Joining is no re-mux: the chunks' segments follow one another as they are. Raises EncodeError if chunks disagree on
    a rendition's init segment or don't tile the film.
    """
    drafts = []
    scores: list[ManifestFile] = []
    done = [[results[recipe_of(e, c)] for c in film.chunks] for e in film.encodes]
    for encode, ordered in zip(film.encodes, done, strict=True):
        for i, rung in enumerate(encode.settings.rungs):
            part = join([r.parts[i] for r in ordered], where=f"{film.master.name}, {rung.name}")
            known = [r.every for r in ordered]
            step = every or (max(known) if min(known) and not any(max(known) % k for k in known) else 0)
            scored = [(r.every, r.parts[i].scores) for r in ordered]
            measured = _quality(film, rung.name, scored, step) if step else None
            if measured:
                scores.append(measured[1])
            drafts.append(
                Draft(
                    rung.name,
                    tracks[rung.name],
                    part.init,
                    part.segments,
                    max_bps=rung.max_bps,
                    buffer_bits=rung.buffer_bits,
                    quality=measured[0] if measured else None,
                )
            )
    drafts += sound_drafts(film, sound, tracks)
    facts = Facts(
        id=film.title_id,
        name=film.name,
        created=now.replace(microsecond=0).isoformat(),
        master_fingerprint=film.master.fingerprint,
        master_name=film.master.name,
        rate=film.rate,
        frames=film.frames,
        segment_frames=film.segment_frames,
        chunks=tuple(_record(c, [r[c.index] for r in done]) for c in film.chunks),
        grid=tuple(s.start for s in film.segments) if film.irregular else (),
        poster=poster,
        notes=(*film.inspection.notes, *film.inspection.damage, *notes),
        settings={
            "encoder": film.encoder_version,
            "encodes": [_encode_record(e, r) for e, r in zip(film.encodes, done, strict=True)],
            "audio_bps": film.audio_bps if film.sound else 0,
            "sound": sound_record(film, sound),
            **(extra or {}),
        },
    )
    presentation = build_title(facts, drafts)
    return replace(presentation, files=(*scores, *presentation.files))


def _quality(
    film: Film, name: str, parts: Sequence[tuple[int, tuple[float, ...]]], every: int
) -> tuple[Quality, ManifestFile]:
    """A rendition's quality, pooled over its chunks' scores exactly as over the whole film's, and the scores' file."""
    settings = measure_settings(film.inspection.display_size, every=every)
    chunks = [_thinned(c, known, values, every) for c, (known, values) in zip(film.chunks, parts, strict=True)]
    scores = join_scores(chunks, film.frames, where=f"{film.master.name}, {name}")
    data = dump_scores(scores)
    file = ManifestFile(scores_key(film.title_id, name, data), data, "application/json")
    return quality_of(scores, film.rate, model=settings.model, size=settings.size, stored=file.stored), file


def _thinned(chunk: Chunk, known: int, values: Sequence[float], every: int) -> FrameScores:
    """Of the scores of each `known`th frame those of each `every`th."""
    numbers = measured_frames(chunk.start, chunk.stop, known)
    kept = tuple(v for n, v in zip(numbers, values, strict=True) if n % every == 0)
    return FrameScores(measured_frames(chunk.start, chunk.stop, every).start, every, kept)


def _record(chunk: Chunk, results: Sequence[ChunkResult]) -> ChunkRecord:
    recipes = [r.recipe for r in results]
    return ChunkRecord(chunk.index, chunk.start, chunk.stop, recipes[0] if len(recipes) == 1 else digest_value(recipes))


def _encode_record(encode: Encode, results: Sequence[ChunkResult]) -> dict[str, object]:
    settings = encode.settings
    return {
        "codec": settings.codec,
        "preset": settings.preset,
        "threads": settings.threads,
        "recipe": encode.recipe,
        "rungs": [
            {"name": r.name, "crf": r.crf, "max_bps": r.max_bps, "buffer_bits": r.buffer_bits} for r in settings.rungs
        ],
        "chunk_crfs": [[p.crf for p in r.parts] for r in results],
        "encoded_again": sum(max(0, p.tries - 1) for r in results for p in r.parts),  # to keep to the declared peak
    }


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
