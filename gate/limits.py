"""From where on something is a finding, and how grave it is: the numbers behind `docs/qc.md`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Limits:
    """Durations in seconds, luma in codes of 8 bit limited range, shares of 1 unless named percent, levels in dB.

    The defaults follow what broadcasters and streaming services ask of masters (EBU QC's tests of black, freeze,
    silence and levels; EBU R 103 for levels, EBU R 128 for loudness), set so that a film's usual fades, holds and
    pauses are told and no more.
    """

    # Black: a picture of which `black_percent` is under luma 32 and whose brightest spot stays under `black_spot`.
    black_percent: int = 98
    black_spot: int = 60
    black_told_s: Fraction = Fraction(1, 2)
    black_long_s: Fraction = Fraction(2)
    black_edge_s: Fraction = Fraction(10)
    black_missing_s: Fraction = Fraction(10)
    dropout_s: Fraction = Fraction(1, 4)
    dropout_step: int = 12
    # Freeze: pictures that differ from the one before by at most `still_mean` on average and `still_spot` anywhere.
    still_mean: float = 0.10
    still_spot: int = 4
    still_mean_once: float = 0.8
    freeze_s: Fraction = Fraction(2)
    freeze_edge_s: Fraction = Fraction(10)
    freeze_error_s: Fraction = Fraction(30)
    # Repeats: pictures that equal the one before while those around move by `moving_mean` or more; so do those that
    # change by `repeat_share` of what the ones on both sides do.
    repeat_mean: float = 0.06
    repeat_spot: int = 8
    repeat_share: float = 0.125
    moving_mean: float = 0.5
    repeat_jump: float = 1.4
    repeat_cut: float = 4.0
    judder_share: float = 0.15
    # Time stamps: a picture shown for this many times the usual.
    gap_frames: float = 1.75
    gap_long_s: Fraction = Fraction(1, 2)
    gap_error_s: Fraction = Fraction(2)
    # Scan: shares of pictures with combing, of one field order more than of the other, among those idet is sure of.
    combed: float = 0.5
    clean: float = 0.2
    # Levels: EBU R 103 allows 1 % of a picture to be outside, and nothing beyond -5 % and 105 % (codes 5 and 246).
    outside_percent: float = 1.0
    level_low: int = 5
    level_high: int = 246
    levels_s: Fraction = Fraction(1, 2)
    # Bars: margins of at least this share of a side, that stay so long.
    bar_share: float = 0.015
    bars_s: Fraction = Fraction(5)
    # Sound against picture.
    late_told_s: Fraction = Fraction(1, 10)
    late_s: Fraction = Fraction(1)
    length_told_s: Fraction = Fraction(1, 5)
    length_s: Fraction = Fraction(1)
    length_error_s: Fraction = Fraction(10)
    sound_gap_s: Fraction = Fraction(1, 20)
    sound_gap_error_s: Fraction = Fraction(2)
    # Silence: no sample reaches this in any channel.
    silence_db: float = -60.0
    silence_s: Fraction = Fraction(2)
    silence_edge_s: Fraction = Fraction(5)
    silence_error_s: Fraction = Fraction(30)
    # Clipping: samples in runs of three or more at full scale.
    clipped_samples: int = 12
    # Loudness.
    target_lufs: float = -23.0
    loudness_lu: float = 1.0
    loudness_far_lu: float = 10.0
    true_peak_dbtp: float = -1.0
    true_peak_over_dbtp: float = 0.0
    # The whole: a film of which at least this share is black (or silent) has no picture (or sound).
    whole: float = 0.95


LIMITS = Limits()
