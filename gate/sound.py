"""Silence, clipping and loudness of each sound track. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from gate.facts import Facts
from gate.finding import Finding, Severity, seconds
from gate.limits import Limits
from gate.loudness import integrated_lufs
from gate.measures import BLOCKS_PER_S, FLOOR, Measures, SoundMeasures
from gate.quiet import silence_marks
from gate.runs import gather, runs

_WITHIN_S = Fraction(1)


def find_silence(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Silence within the time for which a track has sound; where it has none is the business of `gate.sync`."""
    for sound in measures.sounds:
        if not sound.spans or not sound.peak:
            continue
        begin, end = sound.spans[0][0], min(sound.spans[-1][1], _time(sound.stop))
        for first, last in runs(silence_marks(sound, limits)):
            start, stop = max(_time(first), begin), min(_time(last), end)
            if stop <= start:
                continue
            peak = max(sound.peak[first:last]) / 100
            judged = _judged(start, stop, (begin, end), limits, main=is_main(sound, facts))
            if judged:
                numbers = {"seconds": round(float(stop - start), 3), "peak_dbfs": peak}
                text = judged[1] + track_note(sound, facts)
                yield Finding("silence", judged[0], start, stop, text, numbers, sound.track)


def _judged(
    start: Fraction, stop: Fraction, track: tuple[Fraction, Fraction], limits: Limits, *, main: bool
) -> tuple[Severity, str] | None:
    begin, end = track
    length, words = stop - start, seconds(stop - start)
    if length >= limits.whole * (end - begin):
        text = "The sound is silent throughout: check that the right track was delivered."
        return ("error" if main else "warning"), text
    if length < limits.silence_s:
        return None
    if start <= begin or stop >= end:
        edge = "begins" if start <= begin else "ends"
        long = length > limits.silence_edge_s and main
        return ("warning" if long else "info"), f"The sound {edge} with {words} of silence."
    if not main:
        return "info", f"{words} of silence."
    if length >= limits.silence_error_s:
        return "error", f"{words} of silence within the film: sound seems to be missing. Compare with the source."
    return "warning", f"{words} of silence within the film: check that it is meant."


def find_clipping(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Stretches with samples in runs at full scale: the tops of the wave are cut off."""
    for sound in measures.sounds:
        blocks = [i for i, count in enumerate(sound.clipped) if count]
        spans = [(_time(i), _time(i + 1)) for i in blocks]
        few = 0
        for first, last in gather(spans, _WITHIN_S):
            count = sum(sound.clipped[i] for i in blocks[first:last])
            if count < limits.clipped_samples:
                few += count
                continue
            start, stop = spans[first][0], spans[last - 1][1]
            text = (
                f"{count:,} samples are cut off at full scale in {seconds(stop - start)}: it sounds harsh. Ask for a "
                f"mix with headroom.{track_note(sound, facts)}"
            )
            yield Finding("clipping", "warning", start, stop, text, {"clipped_samples": count}, sound.track)
        if few:
            text = f"{few} single samples are cut off at full scale, too few to be heard.{track_note(sound, facts)}"
            whole = spans[0][0], spans[-1][1]
            yield Finding("clipping", "info", *whole, text, {"clipped_samples": few}, sound.track)


def find_loudness(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Integrated loudness and true peak of each track, against EBU R 128."""
    for sound in measures.sounds:
        lufs = track_lufs(sound)
        if lufs is None:
            continue
        off = lufs - limits.target_lufs
        span = Fraction(0), facts.duration
        numbers: dict[str, float | int | str] = {"integrated_lufs": round(lufs, 1)}
        side = "louder" if off > 0 else "softer"
        text = f"Loudness is {lufs:.1f} LUFS"
        severity: Severity = "warning" if abs(off) > limits.loudness_far_lu else "info"
        if abs(off) > limits.loudness_lu:
            text += f", {abs(off):.1f} LU {side} than {limits.target_lufs:g}: onboarding brings it there."
        else:
            text += f", within {limits.loudness_lu:g} LU of {limits.target_lufs:g}."
        yield Finding("loudness", severity, *span, text + track_note(sound, facts), numbers, sound.track)
        yield from _peaks(sound, facts, limits)


def _peaks(sound: SoundMeasures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    over = [i for i, peak in enumerate(sound.true_peak) if peak > limits.true_peak_dbtp * 100]
    if not over:
        return
    worst = max(over, key=lambda i: sound.true_peak[i])
    peak = sound.true_peak[worst] / 100
    text = (
        f"The true peak reaches {peak:+.1f} dBTP, over {limits.true_peak_dbtp:g} in {len(over)} "
        f"block{'s' if len(over) > 1 else ''} of 100 ms: gain is lowered so far that it does not."
    )
    numbers = {"true_peak_dbtp": round(peak, 1), "blocks_over": len(over)}
    severity: Severity = "warning" if peak > limits.true_peak_over_dbtp else "info"
    yield Finding(
        "loudness", severity, _time(worst), _time(worst + 1), text + track_note(sound, facts), numbers, sound.track
    )


def track_lufs(sound: SoundMeasures) -> float | None:
    """The track's integrated loudness in LUFS, None for silence."""
    return integrated_lufs(m / 100 for m in sound.momentary if m > FLOOR)


def _time(block: int) -> Fraction:
    return Fraction(block, BLOCKS_PER_S)


def is_main(sound: SoundMeasures, facts: Facts) -> bool:
    """Whether it is the film's first track, which plays unasked."""
    return not facts.audio or sound.track == facts.audio[0].index


def track_note(sound: SoundMeasures, facts: Facts) -> str:
    """Words on which track it is, where there are several."""
    if len(facts.audio) < 2:
        return ""
    number, track = next((n, t) for n, t in enumerate(facts.audio, 1) if t.index == sound.track)
    language = f", {track.language}" if track.language != "und" else ""
    return f" (Sound track {number}{language}.)"
