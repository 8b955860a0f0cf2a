"""Options that overrule decisions, from command lines to wishes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click
import pytest
from click.testing import CliRunner

from console.wishes import picture_options, sound_options, wishes_of
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError


def parsed(*args: str) -> Wishes:
    """The wishes that a command of all options gets from these arguments."""
    found: list[Wishes] = []

    @click.command()
    @picture_options
    @sound_options
    def command(**options: Any) -> None:
        found.append(wishes_of(options))
        assert options == {}

    CliRunner().invoke(command, args, catch_exceptions=False, standalone_mode=False)
    return found[0]


def test_no_options_are_no_wishes() -> None:
    assert parsed() == NO_WISHES


def test_every_option_comes_through() -> None:
    said = parsed(
        "--rate", "23.976", "--deinterlace", "telecine", "--crop", "1920:800:0:140", "--sar", "32:27", "--rotate", "90",
        "--colour", "bt601", "--levels", "full", "--hdr", "sdr", "--bit-depth", "10", "--surround", "eac3", "--opus",
        "--mono", "stereo", "--loudness", "off", "--true-peak", "-2",
    )  # fmt: skip
    assert said == Wishes(
        Fraction(24000, 1001), "telecine", "1920:800:0:140", Fraction(32, 27), 90, "bt601", "full", "sdr", "10", "eac3",
        True, "stereo", None, -2.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("args", "option"),
    [(("--loudness", "loud"), "--loudness"), (("--sar", "1:0"), "--sar"), (("--rate", "1/0"), "--rate")],
)
def test_what_is_no_number_is_refused(args: tuple[str, ...], option: str) -> None:
    with pytest.raises(UsageError) as refused:
        parsed(*args)
    assert refused.value.where == option and refused.value.hint


@pytest.mark.parametrize(
    ("text", "rate"),
    [("25", 25), ("29.97", Fraction(30000, 1001)), ("23.98", Fraction(24000, 1001)), ("12.5", Fraction(25, 2)),
     ("60000/1001", Fraction(60000, 1001))],
)  # fmt: skip
def test_rates_are_exact(text: str, rate: Fraction) -> None:
    assert parsed("--rate", text).rate == rate
