"""What is measured and against which size: the settings that all chunks of a title share. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

LARGEST = (3840, 2160)
"""The box, in pixels, that no measuring size exceeds (turned for portrait films)."""

MODEL = "version=vmaf_v0.6.1"
MODEL_4K = "version=vmaf_4k_v0.6.1"
_4K_LINES = 1440
_SMALLEST = 64  # libvmaf looks at four halvings of the picture


@dataclass(frozen=True, slots=True)
class MeasureSettings:
    """How renditions are compared with the film.

    `size` is the width and height in pixels to which both are scaled; every `every`th frame of the film's numbering is
    measured. `model` is libvmaf's. `psnr` and `xpsnr` ask for these scores too, of luma, in dB.
    """

    size: tuple[int, int]
    every: int = 1
    model: str = MODEL
    psnr: bool = False
    xpsnr: bool = False

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError("at least every frame in so many is measured: every is 1 or more")


def measure_settings(
    display_size: tuple[int, int], *, every: int = 1, psnr: bool = False, xpsnr: bool = False
) -> MeasureSettings:
    """The settings for a film of `display_size` (width, height in square pixels): at its own size, with its model."""
    size = measure_size(display_size)
    return MeasureSettings(size, every, model_for(size), psnr, xpsnr)


def measure_size(display_size: tuple[int, int]) -> tuple[int, int]:
    """The film's size in square pixels, with even sides, scaled down to fit 3840x2160 (or 2160x3840) if it is larger.

    Sides shorter than 64 pixels, too small for libvmaf, are stretched to that.
    """
    width, height = display_size
    box = LARGEST if width >= height else LARGEST[::-1]
    scale = min(Fraction(1), Fraction(box[0], width), Fraction(box[1], height))
    return _even(width * scale), _even(height * scale)


def model_for(size: tuple[int, int]) -> str:
    """libvmaf's default model, trained at 1080 lines and three picture heights; its 4K model above 1440 lines.

    Lines are the shorter side, so that a portrait film has the model of its landscape twin.
    """
    return MODEL_4K if min(size) > _4K_LINES else MODEL


def _even(side: Fraction) -> int:
    return max(_SMALLEST, 2 * int(side / 2 + Fraction(1, 2)))
