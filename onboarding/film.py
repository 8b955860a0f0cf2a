"""From an inspected master to the work to be done: rungs, chunks, recipes and jobs. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from chunker.grid import CYCLE, Timing, other_frames, shown_at, source_frames
from chunker.plan import Chunk, Span, plan_chunks, plan_segments, segment_length, segments_per_chunk
from encoder.job import ChunkJob, VideoSettings
from ingest.fetch import Master
from ingest.inspect import Inspection
from ladders.rung import FittedRung
from onboarding.settings import OnboardSettings
from packager.names import FIRST_NUMBER, init_key, segment_key
from quality.settings import MeasureSettings, measure_settings
from treatment.look import decide_look
from treatment.picture import Picture
from treatment.sound import TrackPlan
from values.digest import digest_value
from values.keys import work_key

ENCODER_FORMAT = 3
"""Raised whenever the same recipe would give other bytes, so that nothing old is taken for new."""

_RECIPE_DIGITS = 16
_PREROLL_FORMATS = {"mpegts", "mpeg", "mpegvideo", "h264", "hevc"}  # sought by bytes: they may land late
_MEASURE_BORDER = 2  # frames before the first measured one that its score looks at
_BORDER_FRAMES = 2  # frames that bwdif and fieldmatch look at on either side


@dataclass(frozen=True, slots=True)
class Encode:
    """One codec's part of a title: `crfs` holds, for each chunk, the CRF of each rung; `recipe` is the digest of
    everything that shapes its bytes. `ready` has, for each rung, the store key of a trial that may serve, or ''."""

    settings: VideoSettings
    crfs: tuple[tuple[float, ...], ...]
    recipe: str
    ready: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Film:
    """All that is decided before the first frame is encoded.

    `segment_frames` is the step of the segment grid, and `irregular` says that segments follow the shots instead.
    `audio_bps` is the bit rate of stereo sound in AAC, which those of other sound follow (`onboarding.sound`).
    """

    title_id: str
    name: str
    master: Master
    inspection: Inspection
    picture: Picture
    segment_frames: int
    irregular: bool
    segments: tuple[Span, ...]
    chunks: tuple[Chunk, ...]
    encodes: tuple[Encode, ...]
    sound: tuple[TrackPlan, ...]
    audio_bps: int
    encoder_version: str

    @property
    def frames(self) -> int:
        return self.inspection.timing.frames

    @property
    def rate(self) -> Fraction:
        return self.inspection.timing.rate

    @property
    def rungs(self) -> tuple[FittedRung, ...]:
        """All rungs, codec by codec."""
        return tuple(r for e in self.encodes for r in e.settings.rungs)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a film is cut and, where shots were judged apart, which CRF each rung gets in each chunk.

    `crfs` maps a rung's name to a CRF a chunk; a rung that is not in it keeps its own everywhere.
    """

    segments: tuple[Span, ...]
    chunks: tuple[Chunk, ...]
    irregular: bool = False
    crfs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def plan_cuts(settings: OnboardSettings, timing: Timing) -> Cuts:
    """The regular grid: segments of one length, chunks of as many segments as suits the workers."""
    length = segment_length(timing.rate, settings.segment_s)
    segments = plan_segments(timing.frames, length)
    per_chunk = segments_per_chunk(
        timing.frames, timing.rate, length, workers=settings.worker_count, target_s=settings.chunk_s
    )
    return Cuts(segments, plan_chunks(segments, per_chunk))


def plan_picture(inspection: Inspection) -> Picture:
    """How this master's frames become the film's."""
    video, geometry = inspection.video, inspection.geometry
    return Picture(
        video.index,
        inspection.scan.scan,
        deep=video.bit_depth > 8,
        parity=inspection.scan.parity,
        crop=geometry.crop,
        rotation=geometry.rotation,
        mirrored=geometry.mirrored,
        display_matrix=bool(video.rotation or video.mirrored),
        opening_frames=inspection.opening_frames,
        closing_frames=inspection.closing_frames,
        colour=inspection.colour.colour,
    )


def plan_film(
    settings: OnboardSettings,
    rungs: Sequence[FittedRung],
    cuts: Cuts,
    master: Master,
    inspection: Inspection,
    *,
    audio_bps: int,
    title_id: str,
    name: str,
    encoder_version: str,
    ready: Mapping[str, str] | None = None,
) -> Film:
    """Decide how this master becomes a title of these rungs.

    `ready` maps names of rungs to store keys of trial encodes that are the whole film, in its one chunk, as the rung
    asks for it.
    """
    trials = ready if ready and len(cuts.chunks) == 1 else {}
    timing = inspection.timing
    picture = plan_picture(inspection)
    keyint = max(s.frames for s in cuts.segments) + 1
    shared = {
        "format": ENCODER_FORMAT,
        "encoder": encoder_version,
        "master": master.fingerprint,
        "timing": _plain(asdict(timing)),
        "picture": _plain(asdict(picture)),
        "segments": [s.start for s in cuts.segments],
        "chunks": [c.start for c in cuts.chunks],
        "tolerant": settings.allow_damaged,
    }
    encodes = []
    for codec in dict.fromkeys(r.codec for r in rungs):
        mine = tuple(r for r in rungs if r.codec == codec)
        look = decide_look(codec, picture.colour, inspection.video.bit_depth, settings.wishes)
        video = VideoSettings(codec, settings.preset, mine, timing.rate, keyint, settings.threads, look)
        whole = {r.name: cuts.crfs.get(r.name, (r.crf,) * len(cuts.chunks)) for r in mine}
        crfs = tuple(tuple(whole[r.name][i] for r in mine) for i in range(len(cuts.chunks)))
        found = tuple(trials.get(r.name, "") for r in mine) if trials else ()
        made_of = {**shared, "settings": _plain(asdict(video)), "crfs": crfs, "ready": found}
        encodes.append(Encode(video, crfs, digest_value(made_of)[:_RECIPE_DIGITS], found))
    length = segment_length(timing.rate, settings.segment_s)
    return Film(
        title_id, name, master, inspection, picture, length, cuts.irregular, cuts.segments, cuts.chunks,
        tuple(encodes), inspection.sound, audio_bps, encoder_version,
    )  # fmt: skip


def chunk_jobs(
    film: Film, *, location: str, store_url: str, work_dir: str, tolerant: bool, every: int = 0
) -> tuple[ChunkJob, ...]:
    """One job a chunk and codec, in the film's order, codec by codec. With `every` each `every`th frame is measured."""
    measuring = measure_settings(film.inspection.display_size, every=every) if every else None
    return tuple(
        _chunk_job(film, encode, chunk, location, store_url, work_dir, tolerant, measuring)
        for encode in film.encodes
        for chunk in film.chunks
    )


def recipe_of(encode: Encode, chunk: Chunk) -> str:
    """The digest that names the work of one chunk in one codec."""
    return digest_value([encode.recipe, chunk.start, chunk.stop])


def _chunk_job(
    film: Film,
    encode: Encode,
    chunk: Chunk,
    location: str,
    store_url: str,
    work_dir: str,
    tolerant: bool,
    measuring: MeasureSettings | None,
) -> ChunkJob:
    timing, rungs = film.inspection.timing, encode.settings.rungs
    expected = source_frames(timing, film.inspection.index.pts, chunk.start, chunk.stop)
    seek, *fallbacks = seeks(film.inspection, film.picture, expected[0])
    recipe = recipe_of(encode, chunk)
    return ChunkJob(
        title_id=film.title_id,
        master_name=film.master.name,
        location=location,
        store_url=store_url,
        chunk=chunk,
        timing=timing,
        picture=film.picture,
        settings=encode.settings,
        crfs=encode.crfs[chunk.index],
        seek=seek,
        fallbacks=tuple(fallbacks),
        expected=expected,
        tolerant=tolerant,
        recipe=recipe,
        record_key=work_key(film.title_id, recipe),
        init_keys=tuple(init_key(film.title_id, r.name, encode.recipe) for r in rungs),
        segment_keys=tuple(
            tuple(segment_key(film.title_id, r.name, encode.recipe, FIRST_NUMBER + s.index) for s in chunk.segments)
            for r in rungs
        ),
        work_dir=work_dir,
        measuring=measuring,
        ready=encode.ready,
        others=other_frames(timing, film.inspection.index.pts, chunk.start, chunk.stop),
        decoded_size=(film.inspection.video.width, film.inspection.video.height),
        measure_seeks=measure_seeks(film.inspection, film.picture, chunk.start, measuring) if measuring else (),
    )


def measure_seeks(
    inspection: Inspection, picture: Picture, start: int, measuring: MeasureSettings
) -> tuple[int | None, ...]:
    """Where decoding may start to measure frames from `start` on: see `encoder.measure.given_frames`."""
    first = max(0, start - measuring.every - _MEASURE_BORDER)
    return seeks(inspection, picture, source_frames(inspection.timing, inspection.index.pts, first, first + 1)[0])


def seeks(inspection: Inspection, picture: Picture, first: int) -> tuple[int | None, ...]:
    """Where decoding may start for a source frame at `first` ticks: the keyframe at or before it, then ever earlier
    ones, to be tried in turn; None is the start of the file."""
    index = inspection.index
    skip = int(bool(_PREROLL_FORMATS & set(inspection.probe.format.split(","))))
    needed = index.pts[max(0, _first_needed(inspection, picture, first) - index.recovery)]
    skip += bool(index.recovery)  # what a refresh leaves over, the next one has mended
    tries: list[int | None] = []
    for back in (skip, skip + 1, skip + 4):
        key = index.keyframe_before(needed, back)
        tries.append(key - index.lead if key > index.pts[0] else None)
    return tuple(dict.fromkeys([*tries, None]))


def _first_needed(inspection: Inspection, picture: Picture, first: int) -> int:
    """The place among the source's frames of the first that is looked at to show the one at `first` ticks."""
    timing, pts = inspection.timing, inspection.index.pts
    at = max(0, bisect_right(pts, first) - 1)
    if picture.scan == "progressive":
        return at
    if picture.scan == "telecine":  # a cycle is judged whole, after one whose frames are its neighbours
        at = shown_at(timing, pts, max(0, timing.place(pts[at]) // CYCLE - 1) * CYCLE)
    return max(0, at - _BORDER_FRAMES)


def _plain(value: Any) -> Any:
    """Fractions as text, so that the value has one JSON form."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, int | float | str | bool | None) else str(value)
