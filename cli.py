"""The command `matinee`: parse, call, render."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from console.config import config_path, load_config
from console.gate_commands import qc
from console.ladder_commands import ladder, ladders, quality
from console.options import Seconds, json_option, preset_option, print_json, search_options, store_option
from console.wishes import picture_options, sound_options, wishes_of
from onboarding.settings import QUALITY, OnboardSettings
from values.errors import MatineeError, UsageError

# What a command needs beyond this is imported by the command: `matinee --help` should not wait for Ray.

_T = TypeVar("_T")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MATINEE"})
@click.version_option(package_name="matinee")
@click.option("--config", type=click.Path(path_type=Path), help="Config file (default: ./matinee.toml).")
@click.pass_context
def commands(context: click.Context, config: Path | None) -> None:
    """From a master file to a playing title: transcode, package, store, serve."""
    settings = {_PARAMETERS.get(key, key): value for key, value in load_config(config or config_path()).items()}
    store = {"store_url": settings["store_url"]} if "store_url" in settings else {}
    every = dict.fromkeys(("verify", "quality", "origin", "serve", "demo"), store)
    every["qc"] = {key: settings[key] for key in ("store_url", "workers", "ray_address") if key in settings}
    every["ladder"] = {key: value for key, value in settings.items() if key in _LADDER_KEYS}
    context.default_map = {"onboard": settings, "titles": dict.fromkeys(("list", "show", "rm"), store), **every}


_LADDER_KEYS = ("store_url", "preset", "search_share", "workers", "ray_address")
"""What `matinee ladder` takes from the config file: what onboarding takes, but for the ladder."""

_PARAMETERS = {
    "store": "store_url",
    "segment": "segment_s",
    "chunk": "chunk_s",
    "ray": "ray_address",
    "search-share": "search_share",
    "bit-depth": "bit_depth",
    "rotate": "rotation",
    "thumbnails": "thumbnails_s",
    "true-peak": "true_peak",
}
"""The parameters whose names differ from their options', which are the config file's keys."""


@commands.command()
@click.argument("master")
@click.option("--title", metavar="TEXT", help="The title's name (default: the file's).")
@click.option("--id", "title_id", metavar="SLUG", help="The title's id (default: made from the file's name).")
@store_option
@click.option(
    "--ladder", default="web-h264", show_default=True, metavar="NAME|FILE.yaml[,…]",
    help="What to encode into; several ladders give a title of several codecs.",
)  # fmt: skip
@preset_option
@click.option(
    "--quality", type=click.Choice(tuple(QUALITY)), default="fast", show_default=True,
    help="Measure VMAF of no frame, every tenth, or all.",
)  # fmt: skip
@search_options
@picture_options
@sound_options
@click.option(
    "--subtitle", "subtitles", multiple=True, metavar="FILE:LANG[:ROLE]",
    help="Subtitles beside the master; ROLE is subtitles, sdh or forced. Give it once a file.",
)  # fmt: skip
@click.option(
    "--qc", type=click.Choice(("off", "warn", "strict")), default="warn", show_default=True,
    help="Look the master over first; strict refuses one with errors.",
)  # fmt: skip
@click.option(
    "--thumbnails", "thumbnails_s", type=click.IntRange(0, 600), default=10, show_default=True, metavar="SECONDS",
    help="A thumbnail every so often; 0 for none.",
)  # fmt: skip
@click.option("--segment", "segment_s", type=Seconds(), default="4", show_default=True, help="Segment length.")
@click.option("--chunk", "chunk_s", type=Seconds(), help="Chunk length (default: planned from length and workers).")
@click.option("--workers", type=int, metavar="N", help="Chunks encoded at once (default: one a core).")
@click.option("--ray", "ray_address", metavar="ADDRESS", help="A Ray cluster to join (default: a local Ray).")
@click.option("--force", is_flag=True, help="Encode again what is already encoded.")
@click.option("--allow-damaged", is_flag=True, help="Go on with a damaged master.")
@json_option
def onboard(as_json: bool, **options: Any) -> None:
    """Turn MASTER (a path, an http(s) URL or s3://bucket/key) into a title."""
    settings = OnboardSettings(wishes=wishes_of(options), **options)
    from console.progress import choose_view, follow
    from onboarding.pipeline import onboard as run

    follow(run(settings), choose_view(as_json=as_json))


@commands.command()
@click.argument("master")
@picture_options
@sound_options
@click.option("--allow-damaged", is_flag=True, help="Describe a damaged master too.")
@json_option
def probe(master: str, allow_damaged: bool, as_json: bool, **options: Any) -> None:
    """Inspect MASTER without storing anything: what it is, what would become of it and why, or why it is refused."""
    from console.tables import draw, probe_table
    from onboarding.probing import probe_json, probe_master

    found = probe_master(master, allow_damaged=allow_damaged, wishes=wishes_of(options))
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


@commands.command()
@store_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8081, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--access-log", is_flag=True, help="Log every request.")
@json_option
def origin(store_url: str, as_json: bool, **options: Any) -> None:
    """Serve the titles of a store over HTTP: what edges fetch from."""
    from origin import OriginSettings, run_origin
    from storage.open import open_store

    settings = OriginSettings(**options)
    start(run_origin(open_store(store_url), settings, on_ready=_listening("origin", settings.host, as_json)))


@commands.command()
@click.option("--origin", "origins", required=True, metavar="URL[,URL…]", help="Where to fetch; later ones are spares.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8082, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--ram", default="256MB", show_default=True, metavar="SIZE", help="Bytes kept in memory.")
@click.option("--disk", metavar="DIR:SIZE", help="Bytes kept in a folder, over restarts too.")
@json_option
def edge(origins: str, host: str, port: int, ram: str, disk: str | None, as_json: bool) -> None:
    """Run an edge cache in front of an origin."""
    from edge_cache.server import run_edge
    from edge_cache.settings import EdgeSettings, parse_disk, parse_origins, parse_size

    folder, size = parse_disk(disk) if disk else (None, 0)
    settings = EdgeSettings(
        origins=parse_origins(origins),
        host=host,
        port=port,
        ram_bytes=parse_size(ram),
        disk_dir=folder,
        disk_bytes=size,
    )
    start(run_edge(settings, on_ready=_listening("edge", host, as_json)))


@commands.command()
@store_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The page's port; edges and origin take the next ones.")
@click.option("--edges", default=2, show_default=True, help="How many edge caches.")
@click.option("--ram", default="256MB", show_default=True, metavar="SIZE", help="Memory of each edge.")
@click.option("--disk", metavar="DIR:SIZE", help="A folder for the edges' disk tiers, and the size of each.")
@json_option
def serve(store_url: str, host: str, port: int, edges: int, ram: str, disk: str | None, as_json: bool) -> None:
    """Run an origin, edges and the watch page together."""
    from edge_cache.settings import parse_disk, parse_size
    from theatre.serve import serve as run
    from theatre.settings import ServeSettings

    folder, size = parse_disk(disk) if disk else (None, 0)
    settings = ServeSettings(
        store_url,
        host=host,
        port=port,
        edges=edges,
        edge_ram_bytes=parse_size(ram),
        edge_disk=folder,
        edge_disk_bytes=size,
    )
    start(run(settings, on_ready=lambda house: _show_house(house, as_json)))


@commands.command()
@click.option("--check", is_flag=True, help="Play everything through an edge with an HTTP client, then stop.")
@store_option
@click.option("--port", default=8080, show_default=True, help="The page's port; 0 takes free ones.")
@click.option("--preset", default="veryfast", show_default=True, help="Encoder speed.")
@json_option
def demo(check: bool, store_url: str, port: int, preset: str, as_json: bool) -> None:
    """Onboard the bundled sample (15 s of Big Buck Bunny) and serve it."""
    from console.progress import choose_view, follow
    from console.tables import check_table, draw
    from onboarding.pipeline import onboard as run
    from samples import sample_path
    from theatre.demo import check_house
    from theatre.serve import serve as run_house
    from theatre.settings import ServeSettings

    master = OnboardSettings(
        str(sample_path()), store_url=store_url, title="Big Buck Bunny (15 s)", title_id="bbb-15s", preset=preset
    )
    follow(run(master), choose_view(as_json=as_json))
    if not check:
        start(run_house(ServeSettings(store_url, port=port), on_ready=lambda house: _show_house(house, as_json)))
        return
    report = start(check_house(ServeSettings(store_url, port=0), "bbb-15s"))
    if as_json:
        click.echo(json.dumps({"event": "check", **dataclasses.asdict(report)}, default=str))
    else:
        draw(check_table(report))
        for fault in report.faults:
            click.echo(f"fault  {fault.file}: {fault.what}")
        click.echo(f"check  {len(report.tracks)} tracks played to the end, {len(report.faults)} faults")
    if report.faults:
        sys.exit(1)


for _command in (ladder, ladders, quality, qc):
    commands.add_command(_command)


def start(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a server until it is told to stop, or a piece of asynchronous work to its end."""
    import asyncio

    return asyncio.run(work)


def _listening(name: str, host: str, as_json: bool) -> Callable[[int], None]:
    def say(port: int) -> None:
        url = f"http://{host}:{port}"
        click.echo(
            json.dumps({"event": "ready", "url": url}) if as_json else f"{name} ready at {url} (Ctrl-C stops it)"
        )

    return say


def _show_house(house: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": "ready", **dataclasses.asdict(house)}))
        return
    click.echo(f"origin {house.origin_url}")
    for url in house.edge_urls:
        click.echo(f"edge   {url}")
    click.echo(f"watch  {house.page_url}  (Ctrl-C stops it)")


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
    signal.signal(signal.SIGTERM, _terminated)
    try:
        commands.main(args=args, prog_name="matinee", standalone_mode=False)
    except MatineeError as error:
        _fail(error, "--json" in args)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        _fail(UsageError(error.format_message(), hint=_usage_hint(error)), "--json" in args)
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped: chunks that are done are kept, and the same command goes on from there", err=True)
        sys.exit(128 + (_stopped_by[0] if _stopped_by else signal.SIGINT))


_stopped_by: list[int] = []
"""The signal that ended the run, if it was not Ctrl-C."""


def _terminated(number: int, frame: object) -> None:
    """SIGTERM unwinds as Ctrl-C does, which libraries know how to handle: no process, no temporary file is left."""
    _stopped_by.append(number)
    signal.raise_signal(signal.SIGINT)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See: {context.command_path} --help" if context else "See: matinee --help"


def _fail(error: MatineeError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": "error", "what": error.what, "where": error.where, "hint": error.hint}))
    click.echo(f"error: {error}", err=True)
    sys.exit(error.exit_code)
