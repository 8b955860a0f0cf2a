"""The size and the model that a film is measured with."""

from __future__ import annotations

import pytest

from quality.settings import MODEL, MODEL_4K, MeasureSettings, measure_settings, measure_size


@pytest.mark.parametrize(
    ("display", "size", "model"),
    [
        ((1920, 1080), (1920, 1080), MODEL),
        ((1280, 720), (1280, 720), MODEL),
        ((853, 480), (854, 480), MODEL),
        ((2560, 1440), (2560, 1440), MODEL),
        ((3840, 2160), (3840, 2160), MODEL_4K),
        ((7680, 4320), (3840, 2160), MODEL_4K),
        ((4096, 1716), (3840, 1608), MODEL_4K),
        ((4320, 7680), (2160, 3840), MODEL_4K),
        ((1080, 1920), (1080, 1920), MODEL),
        ((3, 2), (64, 64), MODEL),
    ],
)
def test_a_film_is_measured_at_its_own_size(display: tuple[int, int], size: tuple[int, int], model: str) -> None:
    assert measure_settings(display, every=3) == MeasureSettings(size, 3, model)
    assert measure_size(size) == size


def test_a_step_of_no_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="every is 1 or more"):
        MeasureSettings((16, 16), 0)
