"""The command `matinee`: parse, call, render."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from console.config import config_path, load_config
from onboarding.settings import DEFAULT_STORE, PRESETS, OnboardSettings
from values.clock import parse_seconds
from values.errors import MatineeError, UsageError

# What a command needs beyond this is imported by the command: `matinee --help` should not wait for Ray.

_Command = Callable[..., Any]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MATINEE"})
@click.version_option(package_name="matinee")
@click.option("--config", type=click.Path(path_type=Path), help="Config file (default: ./matinee.toml).")
@click.pass_context
def commands(context: click.Context, config: Path | None) -> None:
    """From a master file to a playing title: transcode, package, store, serve."""
    settings = load_config(config or config_path())
    store = {"store": settings["store"]} if "store" in settings else {}
    every = dict.fromkeys(("verify", "origin", "serve"), store)
    context.default_map = {"onboard": settings, "titles": dict.fromkeys(("list", "show", "rm"), store), **every}


def store_option(command: _Command) -> _Command:
    return click.option(
        "--store", "store_url", default=DEFAULT_STORE, show_default=True, envvar="MATINEE_STORE", metavar="URL",
        help="file:FOLDER, s3://BUCKET/PREFIX?endpoint=… or minio://HOST/BUCKET/PREFIX.",
    )(command)  # fmt: skip


def json_option(command: _Command) -> _Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


class Seconds(click.ParamType[Fraction]):
    """Seconds as an exact fraction: 4, 4.004 or 1001/250."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        if isinstance(value, Fraction):
            return value
        return parse_seconds(str(value), where=f"--{param.name}" if param else "")


@commands.command()
@click.argument("master")
@click.option("--title", metavar="TEXT", help="The title's name (default: the file's).")
@click.option("--id", "title_id", metavar="SLUG", help="The title's id (default: made from the file's name).")
@store_option
@click.option("--ladder", default="web-h264", show_default=True, metavar="NAME|FILE.yaml", help="What to encode into.")
@click.option(
    "--preset", default="fast", show_default=True, metavar="|".join(PRESETS[:5]) + "|…", help="Encoder speed."
)
@click.option("--segment", "segment_s", type=Seconds(), default="4", show_default=True, help="Segment length.")
@click.option("--chunk", "chunk_s", type=Seconds(), help="Chunk length (default: planned from length and workers).")
@click.option("--workers", type=int, metavar="N", help="Chunks encoded at once (default: one a core).")
@click.option("--ray", "ray_address", metavar="ADDRESS", help="A Ray cluster to join (default: a local Ray).")
@click.option("--force", is_flag=True, help="Encode again what is already encoded.")
@click.option("--allow-damaged", is_flag=True, help="Go on with a damaged master.")
@json_option
def onboard(as_json: bool, **options: Any) -> None:
    """Turn MASTER (a path, an http(s) URL or s3://bucket/key) into a title."""
    settings = OnboardSettings(**options)
    from console.progress import choose_view, follow
    from onboarding.pipeline import onboard as run

    follow(run(settings), choose_view(as_json=as_json))


@commands.command()
@click.argument("master")
@click.option("--allow-damaged", is_flag=True, help="Describe a damaged master too.")
@json_option
def probe(master: str, allow_damaged: bool, as_json: bool) -> None:
    """Inspect MASTER without storing anything: what it is, or why it would be refused."""
    from console.tables import draw, probe_table
    from onboarding.probing import probe_json, probe_master

    found = probe_master(master, allow_damaged=allow_damaged)
    if as_json:
        print_json(probe_json(found))
    else:
        draw(probe_table(found, master))


@commands.group()
def titles() -> None:
    """The titles of a store."""


@titles.command("list")
@store_option
@json_option
def titles_list(store_url: str, as_json: bool) -> None:
    """List all titles."""
    from console.tables import draw, titles_table
    from onboarding.titles import list_titles
    from storage.open import open_store
    from values.title import Title

    entries = list(list_titles(open_store(store_url)))
    good = [t for t in entries if isinstance(t, Title)]
    if as_json:
        print_json([_title_line(t) for t in good])
    else:
        draw(titles_table(good))
    broken = [e for e in entries if isinstance(e, MatineeError)]
    for error in broken:
        click.echo(f"error: {error}", err=True)
    if broken:
        sys.exit(1)


@titles.command("show")
@click.argument("title_id", metavar="TITLE")
@store_option
@json_option
def titles_show(title_id: str, store_url: str, as_json: bool) -> None:
    """Show one title with its renditions."""
    from console.tables import draw, title_table
    from onboarding.titles import read_title
    from storage.open import open_store
    from values.title import dump_title

    title = read_title(open_store(store_url), title_id)
    if as_json:
        click.echo(dump_title(title).decode(), nl=False)
    else:
        draw(title_table(title))
        for note in title.notes:
            click.echo(f"note  {note}")


@titles.command("rm")
@click.argument("title_id", metavar="TITLE")
@store_option
@json_option
def titles_rm(title_id: str, store_url: str, as_json: bool) -> None:
    """Remove a title from the store. Its master stays."""
    from onboarding.titles import remove_title
    from storage.open import open_store

    removed = remove_title(open_store(store_url), title_id)
    if as_json:
        print_json({"title_id": title_id, "removed_objects": removed})
    else:
        click.echo(f"removed {title_id}: {removed} objects")


@commands.command()
@click.argument("title_id", metavar="TITLE")
@click.option("--deep", is_flag=True, help="Decode every rendition too.")
@store_option
@json_option
def verify(title_id: str, deep: bool, store_url: str, as_json: bool) -> None:
    """Audit a stored title: every object, box, playlist and number. Exits 1 if anything is wrong."""
    from console.tables import audit_line, audit_table, draw
    from packager.audit import audit
    from storage.open import open_store

    report = audit(open_store(store_url), title_id, deep=deep)
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        if report.faults:
            draw(audit_table(report))
        click.echo(audit_line(report))
    if report.faults:
        sys.exit(1)


@commands.group()
def ladders() -> None:
    """Ladders: what masters are encoded into."""


@ladders.command("list")
@json_option
def ladders_list(as_json: bool) -> None:
    """List the built-in ladders."""
    from console.tables import draw, ladder_table
    from ladders.load import builtin_names, load_ladder

    found = [load_ladder(name) for name in builtin_names()]
    if as_json:
        print_json([dataclasses.asdict(ladder) for ladder in found])
    else:
        for ladder in found:
            draw(ladder_table(ladder))
            click.echo()


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


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def _title_line(title: Any) -> dict[str, Any]:
    return {
        "id": title.id,
        "name": title.name,
        "created": title.created,
        "duration": float(title.duration),
        "frames": title.frames,
        "renditions": [r.id for r in title.renditions],
        "hls": title.hls.key,
        "dash": title.dash.key,
    }


def main(argv: list[str] | None = None) -> None:
    """Run the command line: what goes wrong is said on standard error, with an exit code that says so too."""
    args = sys.argv[1:] if argv is None else argv
    try:
        commands.main(args=args, prog_name="matinee", standalone_mode=False)
    except MatineeError as error:
        _fail(error, "--json" in args)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        _fail(UsageError(error.format_message(), hint=_usage_hint(error)), "--json" in args)
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped: what is done is kept, the same command goes on from here", err=True)
        sys.exit(130)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See: {context.command_path} --help" if context else "See: matinee --help"


def _fail(error: MatineeError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": "error", "what": error.what, "where": error.where, "hint": error.hint}))
    click.echo(f"error: {error}", err=True)
    sys.exit(error.exit_code)
