"""Results of chunks joined into the title's renditions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from artwork.record import NO_PICTURES, Pictures
from chunker.plan import Chunk
from encoder.job import ChunkResult, TrackPart
from encoder.sound_job import SoundResult
from media.tracks import Track
from onboarding.film import Encode, Film, recipe_of
from onboarding.sound import sound_drafts, sound_record
from onboarding.texts import NO_TEXTS, Texts
from packager.build import Draft, Facts, ManifestFile, Presentation, build_title
from packager.names import scores_key
from quality.scores import FrameScores, dump_scores, join_scores, measured_frames, quality_of
from quality.settings import measure_settings
from treatment.colour_record import colour_record
from treatment.text import text_treatment
from values.digest import digest_value
from values.errors import EncodeError
from values.title import ChunkRecord, Quality, TrickTrack


@dataclass(frozen=True, slots=True)
class Beside:
    """What a title has besides pictures and sound in motion: what was made to look at, its text, key frames for trick
    play, and what the quality gate found."""

    pictures: Pictures = NO_PICTURES
    texts: Texts = NO_TEXTS
    trick: tuple[TrickTrack, ...] = ()
    checks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """A film's renditions, and the files of their scores."""

    drafts: tuple[Draft, ...]
    scores: tuple[ManifestFile, ...]


def join_film(
    film: Film,
    results: Mapping[str, ChunkResult],
    sound: Mapping[str, SoundResult],
    *,
    tracks: Mapping[str, Track],
    every: int = 0,
) -> Joined:
    """The renditions of a film whose chunks are all done; `results` go by recipe, `sound` by rendition. `tracks` are
    the parsed init segments by rendition, `every` says which frames were to be measured (0 keeps what all chunks know
    already).

    Joining is no re-mux: the chunks' segments follow one another as they are. Raises EncodeError if chunks disagree on
    a rendition's init segment or don't tile the film.
    """
    drafts = []
    scores: list[ManifestFile] = []
    for encode, ordered in zip(film.encodes, _in_order(film, results), strict=True):
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
    return Joined(tuple(drafts), tuple(scores))


def present(
    film: Film,
    results: Mapping[str, ChunkResult],
    sound: Mapping[str, SoundResult],
    joined: Joined,
    beside: Beside,
    *,
    now: datetime,
    notes: Sequence[str] = (),
    extra: Mapping[str, object] | None = None,
) -> Presentation:
    """The presentation of a film, from its joined renditions and what it has beside them. `extra` are more settings for
    the record, `results` and `sound` as in `join_film`."""
    done = _in_order(film, results)
    pictures, texts = beside.pictures, beside.texts
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
        poster=pictures.poster,
        notes=(*film.inspection.notes, *film.inspection.damage, *texts.notes, *notes),
        settings={
            "encoder": film.encoder_version,
            "encodes": [_encode_record(e, r) for e, r in zip(film.encodes, done, strict=True)],
            "audio_bps": film.audio_bps if film.sound else 0,
            "sound": sound_record(film, sound),
            "colour": colour_record(film.inspection.colour, {e.settings.codec: e.settings.look for e in film.encodes}),
            **(extra or {}),
        },
        trick=beside.trick,
        thumbnails=pictures.thumbnails,
        artwork=pictures.artwork,
        chapters=texts.chapters,
        chapters_file=texts.chapters_file,
        treatment={**film.inspection.treatment, **text_treatment(texts.record)},
        checks=beside.checks,
    )
    presentation = build_title(facts, joined.drafts, texts.drafts)
    return replace(presentation, files=(*joined.scores, *presentation.files))


def _in_order(film: Film, results: Mapping[str, ChunkResult]) -> list[list[ChunkResult]]:
    """The results of each codec's chunks, in the film's order."""
    return [[results[recipe_of(e, c)] for c in film.chunks] for e in film.encodes]


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
