"""Decisions on sound told, a rule a track. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from treatment.decision import Decision
from treatment.sound import TrackPlan
from treatment.wishes import Wishes


def sound_decisions(tracks: Sequence[TrackPlan], wishes: Wishes) -> tuple[Decision, ...]:
    """What becomes of each sound track, in the master's order, and of their loudness; that there is none, where so."""
    if not tracks:
        return (Decision("sound", "none", "a film without sound", ""),)
    several = len(tracks) > 1
    found = []
    for track in sorted(tracks, key=lambda t: t.number):
        about = [track.language, *([track.name] if track.name else []), *([track.role] if track.role != "main" else [])]
        made = ", ".join(f"{o.codec.upper()} {track.mixes[o.mix].layout}" for o in track.outputs)
        rule = f"sound {track.number}" if several else "sound"
        why = "; ".join((*track.reasons, *track.lost))
        found.append(Decision(rule, f"{track.detected} ({', '.join(about)})", made, why))
    if wishes.loudness_lufs is None:
        loudness = Decision("loudness", "measured with the encode", "as it is", "no target, as wished")
    else:
        target = f"{wishes.loudness_lufs:g} LUFS, true peaks up to {wishes.true_peak_dbtp:g} dBTP"
        loudness = Decision("loudness", "measured with the encode", target, "one gain for the whole title (EBU R 128)")
    return (*found, loudness)
