"""A title's text: gathered from the master and from files beside it, fitted to the film, and stored.

Does I/O: reads the master's packets once and the user's files, writes to the store. Decisions are `treatment.text`'s.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ingest.inspect import Inspection
from onboarding.text_store import store_chapters, store_text
from packager.drafts import TextDraft
from packager.languages import label, tag
from storage import Store
from subtitles.captions import caption_tracks
from subtitles.chapters import film_chapters
from subtitles.cue import BadSubtitles, Cue, Subtitles, to_ms
from subtitles.extract import Extracted, extract
from subtitles.fit import fit, hours_ahead
from subtitles.language import UNDETERMINED, language_tag
from subtitles.packets import read_packets
from subtitles.read import MOST_BYTES, SubtitleFile, read_file
from subtitles.segments import TextSegment, cut_segments
from subtitles.sidecar import Sidecar, parse_sidecar
from subtitles.tx3g import all_forced
from treatment.text import (
    Candidate,
    Left,
    TextPlan,
    caption_candidate,
    refusal,
    settle,
    stream_candidate,
    stream_source,
    text_record,
)
from values.clock import clock_text
from values.errors import UsageError
from values.title import Chapter, StoredFile

_NAMELESS = "Subtitles"
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Given:
    """A file of the user's that was read."""

    sidecar: Sidecar
    file: SubtitleFile

    @property
    def source(self) -> str:
        return f"{Path(self.sidecar.path).name} ({self.file.format})"


@dataclass(frozen=True, slots=True)
class Text:
    """A candidate with its cues, fitted to the film, and cut as its segments are."""

    candidate: Candidate
    cues: tuple[Cue, ...]
    blocks: tuple[str, ...]
    parts: tuple[TextSegment, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The film's text before it is stored: each plan with its text. `record` is JSON-ready."""

    tracks: tuple[tuple[TextPlan, Text], ...]
    chapters: tuple[Chapter, ...]
    notes: tuple[str, ...]
    record: list[Any]


@dataclass(frozen=True, slots=True)
class Texts:
    """The film's text, stored; `record` says of each source what was detected, what was decided, and why."""

    drafts: tuple[TextDraft, ...]
    chapters: tuple[Chapter, ...]
    chapters_file: StoredFile | None
    notes: tuple[str, ...]
    record: list[Any]


NO_TEXTS = Texts((), (), None, (), [])


@dataclass(frozen=True, slots=True)
class _Film:
    """What text is fitted to. `edges` and `duration` are seconds; `notes` and `left` gather what is to be said."""

    inspection: Inspection
    edges: Sequence[Fraction]
    duration: Fraction
    notes: list[str]
    left: list[Left]

    @property
    def end_ms(self) -> int:
        return to_ms(self.duration)

    def text(self, candidate: Candidate, cues: tuple[Cue, ...], blocks: tuple[str, ...]) -> Text:
        parts = cut_segments(cues, self.edges, self.duration, where=candidate.source)
        return Text(candidate, cues, blocks, parts)


def read_sidecars(options: Sequence[str]) -> tuple[Given, ...]:
    """Read the files of ``--subtitle``, before anything else is done. Raises UsageError (BadSubtitles with a line)."""
    return tuple(_read(parse_sidecar(option)) for option in options)


def make_texts(
    inspection: Inspection,
    given: Sequence[Given],
    store: Store,
    location: str,
    *,
    title_id: str,
    edges: Sequence[Fraction],
    duration: Fraction,
    where: str,
) -> Texts:
    """All text of a film of `duration` seconds whose master lies at `location`, stored and cut at `edges`, the starts
    of the picture's segments in seconds.

    Raises BadSubtitles where a file of the user's does not fit the film: call it before anything is encoded.
    """
    gathered = gather_texts(inspection, given, location, edges=edges, duration=duration, where=where)
    drafts = [store_text(store, title_id, plan, t.cues, t.blocks, t.parts) for plan, t in gathered.tracks]
    chapters_file = store_chapters(store, title_id, gathered.chapters)
    return Texts(tuple(drafts), gathered.chapters, chapters_file, gathered.notes, gathered.record)


def gather_texts(
    inspection: Inspection,
    given: Sequence[Given],
    location: str,
    *,
    edges: Sequence[Fraction],
    duration: Fraction,
    where: str,
) -> Gathered:
    """Read the master's text in one pass, and decide which tracks the title gets. Stores nothing."""
    found = extract(location, inspection.probe, start=inspection.clock_start, where=where)
    film = _Film(inspection, edges, duration, [found.damage] if found.damage else [], [])
    texts = [_from_file(one, film) for one in given]
    texts += _from_streams(found, film)
    texts += _from_captions(found, film)
    plans, unused = settle([t.candidate for t in texts], name_of=_name_of)
    left = [*film.left, *unused]
    detected = {stream_source(s, _codec(s.index, found)): dataclasses.asdict(s) for s in inspection.probe.subtitles}
    return Gathered(
        tuple((plan, texts[plan.index]) for plan in plans),
        film_chapters(inspection.probe.chapters, start=inspection.clock_start, duration=duration),
        (*film.notes, *(f"{one.source}: {one.reason}" for one in left)),
        text_record(plans, left, detected),
    )


def _read(sidecar: Sidecar) -> Given:
    path = Path(sidecar.path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        what = "there is no such file" if missing else f"it can't be read ({error.strerror})"
        raise UsageError(what, where=f"--subtitle {sidecar.path}", hint="Check the path.") from error
    return Given(sidecar, read_file(data, language=sidecar.language, where=sidecar.path))


def _from_file(given: Given, film: _Film) -> Text:
    """A file's cues on the film's timeline. Raises BadSubtitles where none of them is in the film."""
    sidecar, subtitles = given.sidecar, given.file.subtitles
    shift, said = _file_shift(subtitles, film)
    cues, fitted = fit(subtitles.cues, duration_ms=film.end_ms, shift_ms=shift)
    if not cues:
        first = min((c.start_ms for c in subtitles.cues), default=None)
        begins = "" if first is None else f"; the first one begins at {clock_text(Fraction(first, 1000))}"
        raise BadSubtitles(
            f"none of its {len(subtitles.cues)} cues is seen in the film, which lasts "
            f"{clock_text(film.duration)}{begins}",
            where=sidecar.path,
            hint="Is it the file of another film? If its times are shifted, correct them first.",
        )
    charset = [] if given.file.charset in ("utf-8", "xml") else [f"read as {given.file.charset}"]
    film.notes.extend(f"{given.source}: {text}" for text in (*charset, *said, *subtitles.notes, *fitted))
    candidate = Candidate(
        given.source, "file", sidecar.language, sidecar.role, sidecar.forced, sidecar.default, cues=len(cues),
        why=("given by the user", *charset, *said),
    )  # fmt: skip
    return film.text(candidate, cues, subtitles.blocks)


def _file_shift(subtitles: Subtitles, film: _Film) -> tuple[int, tuple[str, ...]]:
    """By how many ms a file's cues are moved, and why."""
    if subtitles.mpegts:
        if "mpegts" in film.inspection.probe.format.split(","):
            return to_ms(subtitles.mpegts - film.inspection.clock_start), ("its time stamp map is followed",)
        return 0, ("its time stamp map is passed over: the master has no MPEG-TS clock",)
    hours = hours_ahead(subtitles.cues, film.end_ms)
    start = f"its times count from {hours // _HOUR_MS}:00:00, which is taken as the film's start"
    return -hours, ((start,) if hours else ())


def _from_streams(found: Extracted, film: _Film) -> Iterator[Text]:
    clock = to_ms(-film.inspection.clock_start)
    packets = {s.index: s for s in found.streams}
    for stream in film.inspection.probe.subtitles:
        held = packets.get(stream.index)
        codec = held.codec if held else stream.codec
        source = stream_source(stream, codec)
        why = refusal(stream, codec)
        if why:
            film.left.append(Left(source, why))
        if why or held is None:
            continue
        try:
            if held.overflow:
                raise BadSubtitles("it holds more text than any film has", where=source)
            subtitles = read_packets(codec, held.extradata, held.packets, clock_ms=clock, where=source)
            cues, fitted = fit(subtitles.cues, duration_ms=film.end_ms)
            language = _language(stream.language if stream.language != UNDETERMINED else subtitles.language)
            forced = codec == "mov_text" and all_forced(held.extradata)
            candidate = stream_candidate(stream, language=language, codec=codec, forced=forced, cues=len(cues))
            text = film.text(candidate, cues, subtitles.blocks)
        except BadSubtitles as error:
            film.left.append(Left(source, f"can't be read ({error.what}) and is left out; give it with --subtitle"))
            continue
        film.notes.extend(f"{source}: {said}" for said in (*subtitles.notes, *fitted))
        yield text


def _from_captions(found: Extracted, film: _Film) -> Iterator[Text]:
    tracks, said = caption_tracks(found.captions, stop_ms=film.end_ms)
    film.notes.extend(said)
    probe = film.inspection.probe
    sound = next((a.language for a in probe.audio), UNDETERMINED)
    own = {f"stream {s.index}": s.language for s in probe.subtitles if s.language != UNDETERMINED}
    for track in tracks:
        cues, fitted = fit(track.cues, duration_ms=film.end_ms)
        language = _language(own.get(track.place, sound))
        candidate = caption_candidate(track.name, track.place, sound_language=language, cues=len(cues))
        film.notes.extend(f"{candidate.source}: {text}" for text in fitted)
        yield film.text(candidate, cues, track.blocks)


def _codec(index: int, found: Extracted) -> str:
    return next((s.codec for s in found.streams if s.index == index), "")


def _language(code: str) -> str:
    """A container's or document's language as a BCP 47 tag."""
    found = language_tag(code)
    return (language_tag(tag(found)) if found else None) or UNDETERMINED


def _name_of(language: str) -> str:
    return _NAMELESS if language == UNDETERMINED else label(language)
