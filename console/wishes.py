"""Options that overrule what matinee decides of a master, shared by several commands. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import click

from treatment.wishes import CHOICES, Wishes
from values.clock import parse_rate
from values.errors import UsageError

Command = Callable[..., Any]

_NAMES = (
    "rate", "deinterlace", "crop", "sar", "rotation", "colour", "levels", "hdr", "bit_depth", "surround", "opus",
    "mono", "loudness", "true_peak",
)  # fmt: skip
"""The parameters of these options, in the order of `--help`."""


class Rate(click.ParamType[Fraction]):
    """Frames per second: 25, 23.976 or 30000/1001."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        return value if isinstance(value, Fraction) else parse_rate(str(value), where="--rate")


class Ratio(click.ParamType[Fraction]):
    """A ratio of two whole numbers, as in 32:27."""

    name = "ratio"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        if isinstance(value, Fraction):
            return value
        found = re.fullmatch(r"(\d{1,6})[:/](\d{1,6})", str(value).strip())
        if not found or not int(found[2]):
            raise UsageError(f"{value!r} is no ratio", where="--sar", hint="Write it like 32:27, or 1:1 for squares.")
        return Fraction(int(found[1]), int(found[2]))


def picture_options(command: Command) -> Command:
    """What overrules the rules for the picture; `wishes_of` takes the parameters away again."""
    for option in reversed(
        (
            click.option("--rate", type=Rate(), metavar="HZ", help="Output frames a second (default: the master's)."),
            _choice(
                "--deinterlace", "deinterlace", "Fields to frames: a picture a field, a frame, 24p restored, or not."
            ),
            click.option(
                "--crop", default="off", show_default=True, metavar="off|auto|W:H:X:Y", help="Cut away black bars."
            ),
            click.option(
                "--sar", type=Ratio(), metavar="W:H", help="Shape of the master's pixels (default: detected)."
            ),
            click.option(
                "--rotate", "rotation", type=int, metavar="DEGREES", help="Turn counter-clockwise (default: as tagged)."
            ),
            _choice("--colour", "colour", "What the master's colours are."),
            _choice("--levels", "levels", "The master's range of levels."),
            _choice("--hdr", "hdr", "Keep PQ and HLG in HEVC and AV1, or make all SDR."),
            _choice("--bit-depth", "bit_depth", "Bits a sample in HEVC and AV1."),
        )
    ):
        command = option(command)
    return command


def sound_options(command: Command) -> Command:
    """What overrules the rules for sound."""
    for option in reversed(
        (
            _choice("--surround", "surround", "5.1 beside stereo, for masters that have it."),
            click.option("--opus", is_flag=True, help="Opus too, for DASH."),
            _choice("--mono", "mono", "What becomes of mono."),
            click.option(
                "--loudness",
                default="-23",
                show_default=True,
                metavar="LUFS|off",
                help="Programme loudness (EBU R 128).",
            ),
            click.option(
                "--true-peak", type=float, default=-1.0, show_default=True, metavar="DBTP", help="Highest true peak."
            ),
        )
    ):
        command = option(command)
    return command


def wishes_of(options: dict[str, Any]) -> Wishes:
    """The wishes that a command's parameters hold; takes them out of `options`."""
    said = {name: options.pop(name) for name in _NAMES if name in options}
    if "loudness" in said:
        said["loudness_lufs"] = _lufs(str(said.pop("loudness")))
    if "true_peak" in said:
        said["true_peak_dbtp"] = said.pop("true_peak")
    return Wishes(**said)


def _lufs(text: str) -> float | None:
    if text == "off":
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text!r} is no loudness", where="--loudness", hint="Write -23, -16 or off.") from None


def _choice(option: str, name: str, text: str) -> Callable[[Command], Command]:
    words = CHOICES[name]
    return click.option(option, name, type=click.Choice(words), default=words[0], show_default=True, help=text)
