"""From a film's sound tracks to jobs, and from their results to renditions. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction

from encoder.sound_codecs import bit_rate
from encoder.sound_job import AudioJob, SoundOutput, SoundResult
from media.tracks import Track
from onboarding.film import Film
from packager.build import Draft
from packager.languages import tag
from packager.names import FIRST_NUMBER, init_key, segment_key
from treatment.sound import CHANNELS, Mix, Output, TrackPlan
from treatment.wishes import Wishes
from values.digest import digest_value
from values.keys import work_key

SOUND_FORMAT = 1
"""Raised whenever the same recipe would give other bytes, so that nothing old is taken for new."""

_RECIPE_DIGITS = 16
_COARSE_FORMATS = {"avi", "asf", "flv", "matroska", "webm", "rm"}
_LEAST_GAP = Fraction(1, 200)
_COARSE_GAP = Fraction(1, 50)


def sound_jobs(
    film: Film, wishes: Wishes, *, location: str, store_url: str, work_dir: str
) -> tuple[AudioJob, ...]:  # fmt: skip
    """One job for each of the title's sound tracks, the default first."""
    starts = {s.index: s.start for s in film.inspection.probe.audio}
    edges = tuple(s.start / film.rate for s in film.segments)
    return tuple(
        AudioJob(
            title_id=film.title_id,
            master_name=film.master.name,
            location=location,
            store_url=store_url,
            track=track,
            outputs=tuple(_output(film, track, output, wishes) for output in track.outputs),
            start=_start(film),
            starts=tuple(starts[i] for i in track.streams),
            duration=film.frames / film.rate,
            edges=edges,
            least_gap=least_gap(film.inspection.probe.format),
            target_lufs=wishes.loudness_lufs,
            true_peak_dbtp=wishes.true_peak_dbtp,
            work_dir=work_dir,
        )
        for track in film.sound
    )


def least_gap(format: str) -> Fraction:
    """What counts as a hole in the sound of a container of this format, in seconds.

    Some count in milliseconds, or give times that waver: there a shorter hole can't be told from their error.
    """
    return _COARSE_GAP if _COARSE_FORMATS & set(format.split(",")) else _LEAST_GAP


def rendition_id(track: TrackPlan, output: Output) -> str:
    """``audio`` for what plays unasked in every player, ``audio-51``, ``audio-ec3``, ``audio-opus`` and
    ``audio-opus-51`` for the same track otherwise; other tracks have their number and language: ``audio-2-de-51``."""
    parts = ["audio"]
    if not track.default:
        language = "" if track.language == "und" else re.sub(r"[^a-z0-9]+", "-", tag(track.language).lower())
        parts += [str(track.number), *([language] if language else [])]
    if output.codec == "eac3":
        return "-".join([*parts, "ec3"])
    parts += ["opus"] if output.codec == "opus" else []
    parts += ["51"] if track.mixes[output.mix].layout == "5.1" else []
    return "-".join(parts)


def sound_drafts(film: Film, results: Mapping[str, SoundResult], tracks: Mapping[str, Track]) -> list[Draft]:
    """The title's sound renditions, track by track. `results` and parsed init segments go by rendition."""
    drafts = []
    for track in film.sound:
        for output in track.outputs:
            name = rendition_id(track, output)
            part = results[name].part
            drafts.append(
                Draft(
                    name,
                    tracks[name],
                    part.init,
                    part.segments,
                    track.language,
                    name=track.name,
                    role=track.role,
                    default=track.default,
                    loudness=results[name].loudness,
                )
            )
    return drafts


def sound_record(
    film: Film, results: Mapping[str, SoundResult]
) -> list[dict[str, object]]:  # fmt: skip
    """What was detected and decided of each sound track, and why, and with what gain: a JSON array for the title's
    record."""
    record = []
    for track in film.sound:
        names = [rendition_id(track, o) for o in track.outputs]
        record.append({
            **track_record(track),
            "renditions": [
                {"id": n, "codec": o.codec, "layout": track.mixes[o.mix].layout, "bps": _bps(film, track, o),
                 "gain": results[n].why}
                for n, o in zip(names, track.outputs, strict=True)
            ],
        })  # fmt: skip
    return record


def track_record(track: TrackPlan) -> dict[str, object]:
    """What was detected of one sound track, and what was decided and why, as a JSON object."""
    return {
        "number": track.number,
        "streams": list(track.streams),
        "detected": track.detected,
        "language": track.language,
        "name": track.name,
        "role": track.role,
        "default": track.default,
        "mixes": [
            {"layout": m.layout, "matrix": [[round(gain, 6) for gain in row] for row in m.matrix]} for m in track.mixes
        ],
        "outputs": [{"codec": o.codec, "layout": track.mixes[o.mix].layout} for o in track.outputs],
        "why": list(track.reasons),
        "lost": list(track.lost),
    }


def _output(film: Film, track: TrackPlan, output: Output, wishes: Wishes) -> SoundOutput:
    bps = _bps(film, track, output)
    name = rendition_id(track, output)
    recipe = _recipe(film, track, output, bps, wishes)
    keys = tuple(segment_key(film.title_id, name, recipe, FIRST_NUMBER + s.index) for s in film.segments)
    return SoundOutput(
        name, output.codec, output.mix, bps, recipe, work_key(film.title_id, recipe),
        init_key(film.title_id, name, recipe), keys,
    )  # fmt: skip


def _start(film: Film) -> Fraction:
    """The film's first frame on the clock of its sound, in seconds."""
    return film.inspection.clock_start


def _bps(film: Film, track: TrackPlan, output: Output) -> int:
    layout = track.mixes[output.mix].layout
    return bit_rate(output.codec, layout, CHANNELS[layout], film.audio_bps)


def _recipe(film: Film, track: TrackPlan, output: Output, bps: int, wishes: Wishes) -> str:
    """The digest of all that shapes one rendition's bytes: all mixes of its track are levelled together."""
    return digest_value({
        "format": SOUND_FORMAT,
        "encoder": film.encoder_version,
        "master": film.master.fingerprint,
        "streams": track.streams,
        "mixes": [_plain(m) for m in track.mixes],
        "mix": output.mix,
        "codec": output.codec,
        "bps": bps,
        "loudness": [wishes.loudness_lufs, wishes.true_peak_dbtp],
        "start": str(_start(film)),
        "duration": str(film.frames / film.rate),
        "edges": [str(s.start / film.rate) for s in film.segments],
    })[:_RECIPE_DIGITS]  # fmt: skip


def _plain(mix: Mix) -> dict[str, object]:
    return {**asdict(mix), "matrix": [[f"{gain:.6g}" for gain in row] for row in mix.matrix]}
