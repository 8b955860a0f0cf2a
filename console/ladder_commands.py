"""The commands of ladders and quality: `matinee ladders`, `matinee ladder`, `matinee quality`. Parse, call, render."""

from __future__ import annotations

import dataclasses
import json
import os
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

import click

from console.options import json_option, preset_option, print_json, share_option, store_option, write_file
from console.wishes import picture_options, wishes_of
from values.errors import UsageError

_BESIDE = {"h264": "apple-h264", "hevc": "apple-hevc", "vp9": "vp9", "av1": "av1"}
"""The fixed ladder that a found one is shown beside, by codec."""


@click.command()
@click.argument("master")
@click.option("--ladder", default="per-title", show_default=True, metavar="NAME|FILE.yaml", help="A ladder's policy.")
@click.option("--codecs", metavar="CODEC[,…]", help="h264, hevc, vp9, av1 (default: the policy's).")
@preset_option
@share_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder for the ladder file and report (default: here).",
)
@picture_options
@click.option("--workers", type=int, metavar="N", help="Trials at once (default: one a core).")
@click.option("--ray", "ray_address", metavar="ADDRESS", help="A Ray cluster to join (default: a local Ray).")
@click.option("--allow-damaged", is_flag=True, help="Go on with a damaged master.")
@store_option
@json_option
def ladder(as_json: bool, codecs: str | None, out: Path, **options: Any) -> None:
    """Find the rungs that suit MASTER by trial encodes: a table, a ladder file for `onboard --ladder`, and a report."""
    from coders.table import coder
    from console.progress import choose_view, follow_to_value
    from console.tables import draw, search_table
    from ladders.load import load_ladder
    from onboarding.ladder import find_ladder
    from onboarding.search import search_json
    from onboarding.settings import OnboardSettings
    from optimizer.ladder import ladder_yaml
    from reports.search import search_report

    chosen = tuple(coder(name.strip()).name for name in codecs.split(",")) if codecs else ()
    twice = next((c for c in chosen if chosen.count(c) > 1), None)
    if twice:
        raise UsageError(f"{twice!r} is named twice", where="--codecs", hint="Name each codec once.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder can't be made ({error.strerror})", where=str(out), hint="Name another with --out."
        ) from error
    if not os.access(out, os.W_OK):
        raise UsageError("the folder can't be written", where=str(out), hint="Name another with --out.")
    settings = OnboardSettings(wishes=wishes_of(options), **options)
    found = follow_to_value(find_ladder(settings, chosen), choose_view(as_json=as_json))
    stem = PurePath(found.name).stem
    if as_json:
        click.echo(json.dumps(search_json(found.search), ensure_ascii=False))  # the last of the JSON lines
    else:
        draw(search_table(found.search))
    write_file(out / f"{stem}.ladder.yaml", ladder_yaml(found.search.ladder, found.search.reasons()))
    beside = [load_ladder(_BESIDE[c]) for c in found.search.ladder.codecs]
    rate: Fraction = found.inspection.timing.rate
    write_file(
        out / f"{stem}.ladder.html", search_report(found.search, title=stem, fixed=beside, nominal=True, rate=rate)
    )


@click.group()
def ladders() -> None:
    """Ladders: what masters are encoded into."""


@ladders.command("list")
@json_option
def ladders_list(as_json: bool) -> None:
    """List the built-in ladders."""
    from console.tables import draw, ladders_table
    from ladders.load import builtin_names, load_ladder

    found = [load_ladder(name) for name in builtin_names()]
    if as_json:
        print_json([dataclasses.asdict(ladder) for ladder in found])
    else:
        draw(ladders_table(found))


@ladders.command("show")
@click.argument("name", metavar="NAME|FILE.yaml")
@json_option
def ladders_show(name: str, as_json: bool) -> None:
    """Show one ladder, built in or from a file."""
    from console.tables import draw, ladder_table
    from ladders.load import load_ladder

    ladder = load_ladder(name)
    if as_json:
        print_json(dataclasses.asdict(ladder))
    else:
        draw(ladder_table(ladder))


class PictureSize(click.ParamType[tuple[int, int]]):
    """A picture's width and height in square pixels, as in 1920x1080."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        sides = str(value).lower().split("x")
        if len(sides) != 2 or not all(side.isascii() and side.isdigit() and int(side) > 0 for side in sides):
            where = param.opts[0] if param else ""
            raise UsageError(f"{value!r} is no picture size", where=where, hint="Write WIDTHxHEIGHT: 1920x1080.")
        return int(sides[0]), int(sides[1])


@ladders.command("check")
@click.argument("name", metavar="NAME|FILE.yaml")
@click.option("--source", type=PictureSize(), metavar="WxH", help="Also check it against a source of this size.")
@json_option
def ladders_check(name: str, source: tuple[int, int] | None, as_json: bool) -> None:
    """Check a ladder file, alone or against a source. Exits 0 if it is sound."""
    from console.tables import draw, fitted_table
    from ladders.check import check_against
    from ladders.load import load_ladder
    from ladders.rung import fit

    ladder = load_ladder(name)
    notes = check_against(ladder, source) if source else ()
    fitted = fit(ladder, source) if source and not ladder.policy else ()
    if as_json:
        print_json({
            "name": ladder.name, "sound": True, "codecs": ladder.codecs, "source": source, "notes": notes,
            "rungs": [dataclasses.asdict(r) for r in fitted or ladder.rungs],
        })  # fmt: skip
        return
    found = "found for each title" if ladder.policy else f"{len(ladder.rungs)} rungs"
    click.echo(f"{name}: sound ({', '.join(ladder.codecs)}, {found})")
    for note in notes:
        click.echo(f"note  {note}")
    if source and fitted:
        draw(fitted_table(fitted, source))


@click.command()
@click.argument("title_id", metavar="TITLE")
@click.option("--html", "html", type=click.Path(path_type=Path), metavar="OUT.html", help="Write a report with plots.")
@store_option
@json_option
def quality(title_id: str, html: Path | None, store_url: str, as_json: bool) -> None:
    """Show the measured picture quality (VMAF) of a stored title's renditions."""
    from console.tables import draw, quality_table
    from onboarding.quality import quality_json, title_quality
    from storage.open import open_store

    found = title_quality(open_store(store_url), title_id)
    if as_json:
        print_json(quality_json(found))
    else:
        draw(quality_table(found))
    if html:
        from reports.quality import quality_report

        write_file(html, quality_report(found))
