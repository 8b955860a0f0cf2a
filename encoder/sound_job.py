"""What the task of a sound track is given and what it gives back: plain frozen values that pickle. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from encoder.job import TrackPart
from encoder.sound_codecs import RATE_HZ
from treatment.sound import AudioCodec, TrackPlan
from values.title import Loudness


@dataclass(frozen=True, slots=True)
class SoundOutput:
    """One rendition to make: mix number `mix` of the track in `codec` at `bps`. `recipe` is the digest of all that
    determines its bytes; its record is stored under `record_key`, its segments under `segment_keys` in order."""

    rendition: str
    codec: AudioCodec
    mix: int
    bps: int
    recipe: str
    record_key: str
    init_key: str
    segment_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AudioJob:
    """The task of one sound track: all its renditions, from one decode.

    `start` is the time in seconds, on the container's clock, of the film's first frame, `starts` the container's word
    for the first time of each of the track's streams, `duration` the film's length, and `edges` the starts of the video
    segments in seconds of the film. Holes of `least_gap` seconds and more are filled with silence; `format` is the
    container's. Loudness is as in `treatment.loudness.gains`.
    """

    title_id: str
    master_name: str
    location: str
    store_url: str
    track: TrackPlan
    outputs: tuple[SoundOutput, ...]
    start: Fraction
    starts: tuple[Fraction, ...]
    duration: Fraction
    edges: tuple[Fraction, ...]
    least_gap: Fraction
    target_lufs: float | None
    true_peak_dbtp: float
    work_dir: str

    @property
    def where(self) -> str:
        return f"audio track {self.track.number} of {self.master_name}"

    @property
    def cost(self) -> float:
        """The longest task that can't be divided goes first."""
        return float("inf")

    @property
    def samples(self) -> int:
        """The film's length in samples of the sound that is delivered, the last one whole."""
        return -int(-self.duration * RATE_HZ // 1)


@dataclass(frozen=True, slots=True)
class SoundResult:
    """A finished rendition; `priming` in samples, `loudness` before and after, and why its gain was chosen."""

    recipe: str
    part: TrackPart
    priming: int
    loudness: Loudness
    why: str


@dataclass(frozen=True, slots=True)
class AudioResult:
    """A finished sound track: one result a rendition, and what all cost in CPU seconds."""

    results: tuple[SoundResult, ...]
    cpu_s: float
