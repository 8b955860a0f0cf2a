"""Levels of samples, block by block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gate.measures import FLOOR
from gate.samples import Levels, read_levels

BLOCK = 4800


def levels(path: Path, samples: np.ndarray, *, skip: int = 0, blocks: int | None = None) -> Levels:
    np.asarray(samples, dtype="<f4").tofile(path)
    return read_levels(path, samples.shape[1], BLOCK, skip=skip, blocks=blocks)


def tone(count: int, *, hertz: float = 997.0, size: float = 0.5, phase: float = 0.0) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * np.arange(count) / 48_000 + phase)


def test_each_block_has_its_peak_and_its_level_and_a_last_one_may_be_short(tmp_path: Path) -> None:
    quiet = np.zeros(BLOCK)
    sound = np.column_stack([np.concatenate([tone(BLOCK), quiet, tone(100, size=0.25)]), np.zeros(2 * BLOCK + 100)])
    found = levels(tmp_path / "a", sound)
    assert list(found.peak) == pytest.approx([-602, FLOOR, -1204], abs=1)
    assert list(found.level) == pytest.approx([-903, FLOOR, -1505], abs=20)
    assert found.loudest == pytest.approx((-602, FLOOR), abs=1)
    assert found.samples == 2 * BLOCK + 100


def test_what_comes_before_and_after_is_left_out(tmp_path: Path) -> None:
    sound = np.concatenate([tone(BLOCK, size=1.0), tone(BLOCK, size=0.1), tone(BLOCK, size=1.0)])[:, None]
    assert list(levels(tmp_path / "a", sound, skip=BLOCK, blocks=1).peak) == pytest.approx([-2000], abs=1)
    assert len(levels(tmp_path / "a", sound, skip=5 * BLOCK).peak) == 0
    assert read_levels(tmp_path / "missing", 2, BLOCK, skip=0, blocks=None) == Levels()


def test_a_peak_between_samples_is_seen(tmp_path: Path) -> None:
    # a quarter of the sample rate, 45 degrees off: samples reach 0.707 of a wave that reaches 1
    sound = tone(BLOCK, hertz=12_000, size=1.0, phase=np.pi / 4)[:, None]
    found = levels(tmp_path / "a", sound)
    assert found.peak[0] == pytest.approx(-301, abs=1)
    assert found.true_peak[0] == pytest.approx(0, abs=60)


def test_three_samples_in_a_row_at_full_scale_are_clipped_and_two_are_not(tmp_path: Path) -> None:
    sound = np.zeros((2 * BLOCK, 2))
    sound[10:12, 0] = 1.0
    sound[50:53, 0] = -1.0
    sound[50:53, 1] = 32767 / 32768
    sound[BLOCK - 2 : BLOCK + 2, 0] = 1.5  # a run over the border of two blocks
    assert list(levels(tmp_path / "a", sound).clipped) == [8, 2]


def test_pieces_of_a_long_track_meet_without_a_seam(tmp_path: Path) -> None:
    sound = np.random.default_rng(5).normal(0, 0.4, (120 * BLOCK, 1)).clip(-1, 1)
    whole = levels(tmp_path / "a", sound)
    part = levels(tmp_path / "a", sound, skip=37 * BLOCK, blocks=40)
    for name in ("peak", "true_peak", "level", "clipped"):
        assert getattr(part, name) == getattr(whole, name)[37:77]


def test_samples_that_are_no_numbers_are_silence(tmp_path: Path) -> None:
    sound = np.full((BLOCK, 1), np.nan)
    assert list(levels(tmp_path / "a", sound).peak) == [FLOOR]
