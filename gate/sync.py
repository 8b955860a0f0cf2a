"""Sound against picture: missing, late, cut short, with holes, or of one channel. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from gate.facts import Facts
from gate.finding import Finding, Severity, seconds
from gate.limits import Limits
from gate.measures import Measures, SoundMeasures
from gate.runs import gather
from gate.sound import is_main, track_note

_DEAD_DB, _ALIVE_DB = -6000, -4000  # hundredths: a channel that is off beside one that is on


def find_sync(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """What each track lacks beside the picture."""
    whole = Fraction(0), facts.duration
    if not facts.audio:
        yield Finding("sync", "warning", *whole, "The file has no sound: check that it is a silent film.")
    for sound in measures.sounds:
        if not sound.spans:
            severity: Severity = "error" if is_main(sound, facts) else "warning"
            text = (
                f"The sound track holds nothing that can be decoded. Export the sound again.{track_note(sound, facts)}"
            )
            yield Finding("sync", severity, *whole, text, {}, sound.track)
            continue
        yield from _start(sound, facts, limits)
        yield from _holes(sound, facts, limits)
        yield from _end(sound, facts, limits)
        yield from _channels(sound, facts)


def _start(sound: SoundMeasures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    late = sound.spans[0][0]
    track = next(t for t in facts.audio if t.index == sound.track)
    early = facts.origin * facts.time_base - track.start
    numbers = {"late_s": round(float(late), 4)}
    if late >= limits.late_told_s:
        grave: Severity = "warning" if late >= limits.late_s else "info"
        text = f"The sound begins {seconds(late)} after the picture. It stays there, after silence."
        text += track_note(sound, facts)
        yield Finding("sync", grave, Fraction(0), late, text, numbers, sound.track)
    elif early >= limits.late_told_s:
        text = f"The sound begins {seconds(early)} before the picture: that much of it is left out."
        text += track_note(sound, facts)
        grave = "warning" if early >= limits.late_s else "info"
        yield Finding("sync", grave, Fraction(0), Fraction(0), text, {"early_s": round(float(early), 4)}, sound.track)


def _end(sound: SoundMeasures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    end, film = sound.spans[-1][1], facts.duration
    apart = abs(film - end)
    if apart < limits.length_told_s:
        return
    grave: Severity = "warning" if apart >= limits.length_s else "info"
    if end < film and is_main(sound, facts) and (apart >= limits.length_error_s or 2 * apart > film):
        grave = "error"
    if end < film:
        text = f"The sound ends {seconds(apart)} before the picture; silence follows. Compare with the source."
    else:
        text = f"The sound goes on for {seconds(apart)} after the last picture: that much of it is left out."
    numbers = {"picture_s": round(float(film), 3), "sound_s": round(float(end), 3)}
    yield Finding("sync", grave, min(end, film), max(end, film), text + track_note(sound, facts), numbers, sound.track)


def _holes(sound: SoundMeasures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    holes = [(a[1], b[0]) for a, b in pairwise(sound.spans) if b[0] - a[1] >= limits.sound_gap_s]
    for first, last in gather(holes, Fraction(1)):
        group = holes[first:last]
        length = sum((b - a for a, b in group), Fraction(0))
        grave: Severity = "error" if length >= limits.sound_gap_error_s and is_main(sound, facts) else "warning"
        many = f" in {len(group)} places" if len(group) > 1 else ""
        text = (
            f"{seconds(length)} of sound are missing{many}: its time stamps jump, or its format changes. Silence takes "
            f"their place; compare with the source.{track_note(sound, facts)}"
        )
        numbers = {"missing_s": round(float(length), 4), "places": len(group)}
        yield Finding("sync", grave, group[0][0], group[-1][1], text, numbers, sound.track)


def _channels(sound: SoundMeasures, facts: Facts) -> Iterator[Finding]:
    if len(sound.loudest) != 2 or max(sound.loudest) < _ALIVE_DB or min(sound.loudest) > _DEAD_DB:
        return
    side = "left" if sound.loudest[0] < sound.loudest[1] else "right"
    text = f"The {side} channel is silent throughout: check the mix, or export it as mono.{track_note(sound, facts)}"
    numbers = {"left_peak_dbfs": sound.loudest[0] / 100, "right_peak_dbfs": sound.loudest[1] / 100}
    yield Finding("silence", "warning", Fraction(0), facts.duration, text, numbers, sound.track)
