"""Which sound tracks a title gets of its master's, in what channels and codecs, and why. Pure.

Every track of the master becomes a track of the title. Each is delivered in stereo (mono stays mono unless wished
otherwise) and, if it has 5.0 channels or more, in 5.1 too. A "mix" is one of these sets of channels; loudness is
measured of mixes, and all encodes of a mix get the same gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from media.probe import AudioStream
from treatment.downmix import STEREO, Matrix, is_plain, is_surround, known, picked, to_stereo, to_surround
from treatment.sound_roles import Role, name_of, role_of
from treatment.sound_tracks import Gathered, gather
from treatment.wishes import Wishes

Layout = Literal["mono", "stereo", "5.1"]
AudioCodec = Literal["aac", "eac3", "opus"]

CHANNELS: dict[str, int] = {"mono": 1, "stereo": 2, "5.1": 6}
_NEVER_DEFAULT = ("clean_effects", "karaoke", "hearing_impaired")


@dataclass(frozen=True, slots=True)
class Mix:
    """Channels as they are delivered. A row of `matrix` for each of them holds the gain of each source channel, those
    of several source streams one after the other. `folded` says that channels were added up, which may overload."""

    layout: Layout
    matrix: Matrix

    @property
    def folded(self) -> bool:
        return not is_plain(self.matrix)


@dataclass(frozen=True, slots=True)
class Output:
    """One encode: a codec, and which of the track's mixes it holds."""

    codec: AudioCodec
    mix: int


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One sound track of the title, numbered from 1 in the master's order.

    `streams` are the container's stream indices: several where each holds one channel. `channels` counts each stream's,
    `codecs` and `rates_hz` are theirs. `detected` says what the master has in words, `reasons` why it is treated so and
    `lost` what of it the title does not get.
    The first output is the one that every player can play.
    """

    number: int
    streams: tuple[int, ...]
    codecs: tuple[str, ...]
    rates_hz: tuple[int, ...]
    channels: tuple[int, ...]
    detected: str
    language: str
    name: str
    role: Role
    default: bool
    mixes: tuple[Mix, ...]
    outputs: tuple[Output, ...]
    reasons: tuple[str, ...]
    lost: tuple[str, ...] = ()


def decide_sound(streams: Sequence[AudioStream], wishes: Wishes) -> tuple[TrackPlan, ...]:
    """The title's sound tracks: the default first, the others in the master's order. () without sound.

    A stream that says it has no channels or no sample rate can't be decoded and is left out (see `left_out`).
    """
    tracks = gather([s for s in streams if _usable(s)])
    first = _default([t.first for t in tracks])
    plans = [_plan(number, track, number == first, wishes) for number, track in enumerate(tracks, 1)]
    return tuple(sorted(plans, key=lambda p: not p.default))


def left_out(streams: Sequence[AudioStream], tracks: Sequence[TrackPlan]) -> tuple[str, ...]:
    """What of the master's sound the title does not get, in words that a user should see."""
    unusable = [
        f"audio stream {s.index} ({s.codec}) is left out: it says it has {s.channels} channels at {s.sample_rate_hz} Hz"
        for s in streams
        if not _usable(s)
    ]
    ordered = sorted(tracks, key=lambda t: t.number)
    return (*unusable, *(f"audio track {t.number} ({t.detected}): {text}" for t in ordered for text in t.lost))


def _usable(stream: AudioStream) -> bool:
    return stream.channels > 0 and stream.sample_rate_hz > 0


def _default(tracks: Sequence[AudioStream]) -> int:
    """The number of the track to play unasked: the first main one that its container marks, else the first main one."""

    def rank(numbered: tuple[int, AudioStream]) -> tuple[bool, bool, bool, int]:
        number, track = numbered
        aside = any(flag in track.dispositions for flag in _NEVER_DEFAULT)
        return role_of(track)[0] != "main", aside, "default" not in track.dispositions, number

    return min(enumerate(tracks, 1), key=rank, default=(0, None))[0] if tracks else 0


def _plan(number: int, track: Gathered, default: bool, wishes: Wishes) -> TrackPlan:
    first = track.first
    role, why_role = role_of(first)
    mixes, why_mixes = _mixes(track, wishes)
    outputs, why_outputs = _outputs(mixes, wishes)
    why_default = ("plays unasked",) if default else ()
    return TrackPlan(
        number=number,
        streams=tuple(s.index for s in track.streams),
        codecs=tuple(s.codec for s in track.streams),
        rates_hz=tuple(s.sample_rate_hz for s in track.streams),
        channels=tuple(s.channels for s in track.streams),
        detected=_detected(track),
        language=first.language,
        name=name_of(first),
        role=role,
        default=default,
        mixes=mixes,
        outputs=outputs,
        reasons=(*why_role, *track.reasons, *why_mixes, *why_outputs, *why_default),
        lost=(*track.lost, *_placeless(track.speakers)),
    )


def _detected(track: Gathered) -> str:
    first = track.first
    layout = first.layout if len(track.streams) == 1 else f"{len(track.streams)} x {first.layout}"
    return f"{first.codec} {layout} {first.sample_rate_hz} Hz"


def _mixes(track: Gathered, wishes: Wishes) -> tuple[tuple[Mix, ...], tuple[str, ...]]:
    speakers = track.speakers
    why: list[str] = []
    if len(speakers) == 1 or sum(map(bool, speakers)) == 1:
        place = next(n for n, s in enumerate(speakers) if s or len(speakers) == 1)
        if wishes.mono == "stereo":
            return (Mix("stereo", picked((place, place), len(speakers))),), (*why, "mono at both sides, as wished")
        return (Mix("mono", picked((place,), len(speakers))),), (*why, "mono stays mono")
    if tuple(s for s in speakers if s) == STEREO:
        places = tuple(n for n, s in enumerate(speakers) if s)
        return (Mix("stereo", picked(places, len(speakers))),), (*why, "stereo as it is")
    stereo = Mix("stereo", to_stereo(speakers))
    why.append("stereo by ITU-R BS.775: centre and surrounds at -3 dB, no LFE")
    if not is_surround(speakers):
        return (stereo,), (*why, "fewer channels than 5.0: stereo alone")
    if wishes.surround == "off":
        return (stereo,), (*why, "no 5.1, as wished")
    surround = Mix("5.1", to_surround(speakers))
    if surround.folded:
        why.append(f"{sum(map(bool, speakers))} channels become 5.1")
    elif "LFE" not in speakers:
        why.append("5.1 with a silent LFE")
    return (stereo, surround), tuple(why)


def _placeless(speakers: Sequence[str]) -> tuple[str, ...]:
    names = [s for s in speakers if s and not known(s)]
    return (f"channels without a place in 5.1 are left out: {', '.join(names)}",) if names else ()


def _outputs(mixes: Sequence[Mix], wishes: Wishes) -> tuple[tuple[Output, ...], tuple[str, ...]]:
    outputs = [Output("aac", number) for number in range(len(mixes))]
    why = []
    if wishes.surround == "eac3" and len(mixes) > 1:
        outputs.append(Output("eac3", 1))  # beside AAC: many players that take 5.1 don't take E-AC-3
        why.append("E-AC-3 beside AAC in 5.1, as wished")
    if wishes.opus:
        outputs += [Output("opus", number) for number in range(len(mixes))]
        why.append("Opus for DASH, as wished")
    return tuple(outputs), tuple(why)
