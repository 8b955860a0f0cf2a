"""Options that several commands share, and how commands put out what they have: JSON, files. Writes files."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from coders.coder import PRESETS
from onboarding.settings import DEFAULT_STORE
from values.clock import parse_seconds
from values.errors import UsageError

Command = Callable[..., Any]


def store_option(command: Command) -> Command:
    return click.option(
        "--store", "store_url", default=DEFAULT_STORE, show_default=True, envvar="MATINEE_STORE", metavar="URL",
        help="file:FOLDER, s3://BUCKET/PREFIX?endpoint=… or minio://HOST/BUCKET/PREFIX.",
    )(command)  # fmt: skip


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


def preset_option(command: Command) -> Command:
    return click.option(
        "--preset", default="fast", show_default=True, metavar="|".join(PRESETS[:5]) + "|…", help="Encoder speed."
    )(command)


def share_option(command: Command) -> Command:
    return click.option(
        "--search-share", type=float, default=0.25, show_default=True, metavar="SHARE",
        help="CPU a search may cost, as a share of the final encode.",
    )(command)  # fmt: skip


def search_options(command: Command) -> Command:
    """What a search for a title's own ladder may cost and look at."""
    shots = click.option("--shots", is_flag=True, help="Cut at shots, and give each shot a CRF of its own.")
    return share_option(shots(command))


class Seconds(click.ParamType[Fraction]):
    """Seconds as an exact fraction: 4, 4.004 or 1001/250."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        if isinstance(value, Fraction):
            return value
        return parse_seconds(str(value), where=param.opts[0] if param else "")


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def write_file(path: Path, text: str) -> None:
    """Write a file that the user asked for, and say so on standard error. Raises UsageError if it can't be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the file can't be written ({error.strerror})",
            where=str(path),
            hint="Name a file in a folder that is there.",
        ) from error
    click.echo(f"wrote {path}", err=True)
