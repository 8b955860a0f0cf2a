"""What trials and final encodes cost, before a machine has shown it and after. CPU seconds. Pure.

A model of few constants, measured once on a server core, gives what work costs relative to other work: they matter for
shares, and shares are what a budget is. What trials really took then scales the model, codec by codec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from coders.coder import PRESETS
from coders.table import CODERS

Size = tuple[int, int]

ENCODE_S = 2.6e-8
"""A pixel by libx264 at preset fast."""

MEASURE_S = 4.2e-9
"""A pixel of an encode's frames, of which every sixth is scaled back and compared by VMAF."""

MORE_METRICS = 1.6
"""What PSNR and XPSNR beside VMAF multiply that by."""

DECODE_S = 3.5e-9
START_S = 0.12
"""A process of ffmpeg with its filters and encoders."""

CONTEXT_FRAMES = 6
"""Frames around a window that measuring looks at too."""

_PRESET_EFFORT = dict(zip(PRESETS, (0.25, 0.35, 0.55, 0.8, 1.0, 1.3, 2.0, 3.5, 6.0), strict=True))


@dataclass(frozen=True, slots=True)
class Trial:
    """One task of a search, for its price: a codec, sizes each with a number of CRFs, and the window's frames."""

    codec: str
    sizes: tuple[tuple[Size, int], ...]
    frames: int

    @property
    def encodes(self) -> int:
        return sum(count for _, count in self.sizes)


@dataclass(frozen=True, slots=True)
class Prices:
    """What work costs for one film.

    `source` is the size that is decoded, `display` the one at which quality is measured; `preroll` frames are decoded
    before a window on average. `encode_factor` (by codec) and `measure_factor` say how the machine and the film differ
    from the model.
    """

    source: Size
    display: Size
    preset: str
    preroll: float = 0.0
    encode_factor: Mapping[str, float] = field(default_factory=dict)
    measure_factor: float = 1.0

    def decode_s(self) -> float:
        """Decoding one frame."""
        return DECODE_S * _pixels(self.source)

    def encode_s(self, codec: str, size: Size) -> float:
        """Encoding one frame."""
        effort = _PRESET_EFFORT[self.preset] * CODERS[codec].slowness
        return ENCODE_S * effort * _pixels(size) * self.encode_factor.get(codec, 1.0)

    def trial_encode_s(self, trial: Trial) -> float:
        """Encoding a trial's window: one process decodes it once."""
        frames = sum(count * self.encode_s(trial.codec, size) for size, count in trial.sizes) * trial.frames
        return START_S + (trial.frames + self.preroll) * self.decode_s() + frames

    def trial_measure_s(self, trial: Trial) -> float:
        """Measuring a trial's encodes: one process decodes the film's frames once, and each encode."""
        each = MEASURE_S * _pixels(self.display) * self.measure_factor
        frames = trial.frames + CONTEXT_FRAMES
        return START_S + (frames + self.preroll) * self.decode_s() + frames * trial.encodes * each

    def trial_s(self, trial: Trial) -> float:
        return self.trial_encode_s(trial) + self.trial_measure_s(trial)

    def final_s(self, frames: int, rungs: Iterable[tuple[str, Size]]) -> float:
        """The final encode of `frames` frames into `rungs` (codec and size): one decoding for each codec.

        Short trials make an encoder look dearer than it is, for each has to be started. So what they took lowers this
        price and never raises it: a budget that is a share of it is kept.
        """
        listed = list(rungs)
        codecs = {codec for codec, _ in listed}
        plain = replace(self, encode_factor={c: min(1.0, f) for c, f in self.encode_factor.items()})
        return frames * (len(codecs) * self.decode_s() + sum(plain.encode_s(c, s) for c, s in listed))

    def learned(self, spent: Sequence[tuple[Trial, float, float]]) -> Prices:
        """The prices scaled by what trials took: (trial, CPU seconds of encoding, of measuring)."""
        plain = replace(self, encode_factor={}, measure_factor=1.0)
        factors = dict(self.encode_factor)
        for codec in {t.codec for t, _, _ in spent}:
            mine = [(t, took) for t, took, _ in spent if t.codec == codec]
            factors[codec] = sum(took for _, took in mine) / sum(plain.trial_encode_s(t) for t, _ in mine)
        measured = sum(took for _, _, took in spent) / max(1e-9, sum(plain.trial_measure_s(t) for t, _, _ in spent))
        return replace(self, encode_factor=factors, measure_factor=measured)


def _pixels(size: Size) -> int:
    return size[0] * size[1]
