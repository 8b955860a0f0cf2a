"""What users may ask for otherwise than matinee would decide."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from treatment.wishes import CHOICES, NO_WISHES, Wishes
from values.errors import UsageError


@pytest.mark.parametrize(
    ("wish", "option"),
    [
        ({"deinterlace": "fields"}, "--deinterlace"),
        ({"bit_depth": "12"}, "--bit-depth"),
        ({"rate": Fraction(121)}, "--rate"),
        ({"rate": Fraction(0)}, "--rate"),
        ({"crop": "1920x800"}, "--crop"),
        ({"sar": Fraction(11)}, "--sar"),
        ({"rotation": 45}, "--rotate"),
        ({"loudness_lufs": 3.0}, "--loudness"),
        ({"true_peak_dbtp": 0.5}, "--true-peak"),
    ],
)
def test_a_wish_that_cant_be_met_is_refused_by_its_option(wish: dict[str, Any], option: str) -> None:
    with pytest.raises(UsageError) as refused:
        Wishes(**wish)
    assert refused.value.where == option and refused.value.hint


def test_every_word_that_is_offered_is_taken() -> None:
    for name, words in CHOICES.items():
        for word in words:
            assert getattr(Wishes(**{name: word}), name) == word
        assert getattr(NO_WISHES, name) == words[0] or name == "crop"


def test_the_nearest_word_is_named() -> None:
    with pytest.raises(UsageError, match="eac3"):
        Wishes(surround="eac-3")
