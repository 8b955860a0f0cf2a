"""What a worker does with one chunk: fetch, encode, check, cut, store. Does I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from encoder.cut import CutSegment, cut_chunk
from encoder.job import ChunkJob, ChunkResult, MeasureJob, TrackPart
from encoder.measure import measure
from encoder.rungs import OnFrames, encode_rungs
from media.work import work_dir
from storage import Store
from storage.open import open_store
from values.digest import digest_bytes
from values.errors import NotFoundError
from values.title import Segment, StoredFile


def encode_chunk(job: ChunkJob, on_frames: OnFrames | None = None) -> ChunkResult:
    """Encode one chunk into all rungs, measure it, store its segments and then the record of the result.

    Raises EncodeError (FFmpegError, MisplacedFrames) or StoreError; nothing but the whole result is ever recorded.
    """
    store = open_store(job.store_url)
    with work_dir(job.work_dir) as folder:
        takes, spent = encode_rungs(job, folder, on_frames, ready=_ready(job, store, folder))
        parts = []
        for i, (rung, take) in enumerate(zip(job.settings.rungs, takes, strict=True)):
            data = take.path.read_bytes()
            where, colour = f"{job.where}, {rung.name}", job.settings.look.colour
            init, segments = cut_chunk(data, job.chunk, job.settings.rate, where=where, colour=colour)
            part = store_track(store, rung.name, init, segments, job.init_keys[i], job.segment_keys[i])
            parts.append(replace(part, crf=take.coding.crf, tries=take.tries))
        frames_out = sum(s.samples for s in parts[0].segments)
        result = ChunkResult(
            job.chunk.index, job.recipe, tuple(parts), spent.frames_in, frames_out, spent.cpu_s, spent.peak_bytes,
            replaced=spent.replaced,
        )  # fmt: skip
        store.put(job.record_key, dump_result(result), media_type="application/json")  # whatever measuring says
        if job.measuring:
            result = _measured(job, result, [str(take.path) for take in takes])
            store.put(job.record_key, dump_result(result), media_type="application/json")
    return result


def _ready(job: ChunkJob, store: Store, folder: Path) -> dict[int, Path]:
    """The trial encodes that may serve as this chunk's, fetched; those that are gone are made again."""
    found = {}
    for i, key in enumerate(job.ready):
        path = folder / f"{job.settings.rungs[i].name}.trial.mp4"
        if key:
            with suppress(NotFoundError):
                path.write_bytes(store.get(key))
                found[i] = path
    return found


def measure_chunk(job: MeasureJob) -> ChunkResult:
    """Measure a chunk that was encoded before, from its stored segments, and record the result anew."""
    chunk, result = job.chunk_job, job.result
    store = open_store(chunk.store_url)
    with work_dir(chunk.work_dir) as folder:
        paths = []
        for part in result.parts:
            path = folder / f"{part.rendition}.mp4"
            with path.open("wb") as file:
                for key in (part.init.key, *(s.file.key for s in part.segments)):
                    file.writelines(store.read(key))
            paths.append(str(path))
        measured = _measured(chunk, result, paths)
    store.put(chunk.record_key, dump_result(measured), media_type="application/json")
    return measured


def _measured(job: ChunkJob, result: ChunkResult, paths: Sequence[str]) -> ChunkResult:
    """The result with the VMAF of each rung's measured frames. Its encodes lie at `paths`."""
    assert job.measuring is not None
    measured = measure(job, paths, job.measuring, seeks=job.measure_seeks)
    parts = tuple(replace(p, scores=m.vmaf.values) for p, m in zip(result.parts, measured.parts, strict=True))
    return replace(result, parts=parts, measure_cpu_s=measured.cpu_s, every=job.measuring.every)


def store_track(
    store: Store,
    rendition: str,
    init: bytes,
    segments: Iterable[CutSegment],
    init_key: str,
    keys: Sequence[str],
    *,
    media_type: str = "video/mp4",
) -> TrackPart:
    """Put an init segment and media segments under their keys; each is named by what made it, so twice is once."""
    stored = [
        Segment(_put(store, key, b"".join(s.pieces), media_type), s.start, s.duration, s.frames, s.key_bytes)
        for key, s in zip(keys, segments, strict=True)
    ]
    return TrackPart(rendition, _put(store, init_key, init, media_type), tuple(stored))


def dump_result(result: ChunkResult) -> bytes:
    """The work record of a chunk, read again by `load_result`."""
    return json.dumps(asdict(result)).encode()


def load_result(data: bytes) -> ChunkResult:
    """A chunk's work record. Raises ValueError, KeyError or TypeError where it is damaged."""
    raw = json.loads(data)
    return ChunkResult(**{**raw, "parts": tuple(load_part(p) for p in raw["parts"])})


def load_part(raw: dict[str, object]) -> TrackPart:
    """A part of a work record, from its JSON. Raises KeyError or TypeError where it is damaged."""
    segments = raw["segments"]
    init = raw["init"]
    if not isinstance(segments, list) or not isinstance(init, dict):
        raise TypeError("a track part has an init and a list of segments")
    return TrackPart(
        str(raw["rendition"]),
        StoredFile(**init),
        tuple(Segment(**{**s, "file": StoredFile(**s["file"])}) for s in segments),
        float(str(raw["crf"])),
        int(str(raw["tries"])),
        tuple(raw["scores"]) if isinstance(raw["scores"], list) else (),
    )


def _put(store: Store, key: str, data: bytes, media_type: str) -> StoredFile:
    store.put(key, data, media_type=media_type)
    return StoredFile(key, len(data), digest_bytes(data))
