"""``python -m tests.players.masters``: every clip of a folder onboarded, audited and played; writes docs/masters.md.

What was detected and decided is taken from the titles' own records, what players said from the same harness as the
tests. Needs chromium and the packages of tests/players (``npm ci`` there, or one run of the player tests).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from onboarding.pipeline import onboard
from onboarding.probing import probe_master
from onboarding.settings import OnboardSettings
from packager.audit import audit
from storage.open import open_store
from tests.parts import MEDIA, SAMPLE, program
from tests.players.harness import CHROMIUM_FLAGS, PLAYERS, Player, near, pages_app, player_tab
from tests.players.processes import Server, free_port
from values.errors import MatineeError
from values.events import Completed
from values.keys import slug, title_key
from values.title import Title, load_title

_HERE = Path(__file__).parent
_MATINEE = (sys.executable, "-c", "from cli import main; main()")
_WHOLE_S = 40
"""Longer titles are not played whole: their beginning, and after a seek their end."""

_PART_S = 6
_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mxf")
_LADDER = (
    "codec: {codec}\nadapt: true\nrungs: [{{name: {codec}, width: 640, height: 360, crf: {crf}, max_kbps: 1200}}]\n"
)
_CODECS = {"h264": 27, "hevc": 30, "av1": 40}


@dataclass(frozen=True, slots=True)
class Row:
    """One clip: what was decided of it by area and rule, or why it was refused; the auditor's and players' words."""

    clip: str
    refused: str
    treatment: Mapping[str, Any]
    title: str
    notes: Sequence[str]
    verify: str
    players: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A title behind an edge, as a player takes it."""

    hls_url: str
    dash_url: str


def onboarded(clip: Path, folder: Path, *, allow_damaged: bool = False) -> Title | MatineeError:
    """The clip as a title of one rung in each of three codecs, or why not."""
    ladders = []
    deep = _is_deep(clip)
    for codec, crf in _CODECS.items():
        if codec != "h264" and not deep:
            continue
        path = folder / f"{codec}.yaml"
        path.write_text(_LADDER.format(codec=codec, crf=crf))
        ladders.append(str(path))
    settings = OnboardSettings(
        master=str(clip), store_url=f"file:{folder / 'store'}", title_id=slug(clip.stem), ladder=",".join(ladders),
        preset="veryfast", quality="off", segment_s=Fraction(2), allow_damaged=allow_damaged,
    )  # fmt: skip
    try:
        *_, last = onboard(settings)
        assert isinstance(last, Completed)
    except MatineeError as error:
        return error
    key = title_key(slug(clip.stem))
    return load_title(open_store(settings.store_url).get(key), where=key)


def _is_deep(clip: Path) -> bool:
    """Whether the clip is HDR or has more than 8 bits a sample."""
    try:
        found = probe_master(str(clip))
    except MatineeError:
        return False
    return found.colour.colour.hdr or found.video.bit_depth > 8


def audited(title: Title, folder: Path) -> str:
    report = audit(open_store(f"file:{folder / 'store'}"), title.id, deep=True)
    if report.sound:
        return f"sound: {len(title.files()) + 1} objects, {report.segments} segments, {report.decoded} frames decoded"
    return "; ".join(f"{f.key} {f.what}" for f in report.faults)


async def played(player: Player, shown: Shown, title: Title) -> str:
    """What became of playing the title: ``'to the end, N frames'``, or every fault."""
    await player.open(shown)  # type: ignore[arg-type]  # what it reads of a presentation is there
    duration = title.duration
    whole = duration <= _WHOLE_S
    await player.play(rate=2)
    if not whole:
        await player.until_time(_PART_S)
        await player.seek(float(duration) - _PART_S)
        await player.play(rate=2)
    end = await player.until_end()
    faults = player.faults()
    if not near(end.time_s, duration):
        faults.append(f"ended at {end.time_s:.3f} s of {float(duration):.3f} s")
    if whole and end.frames_total != title.frames:
        faults.append(f"{end.frames_total} frames of {title.frames}")
    if faults:
        return "; ".join(faults)
    return f"to the end, {end.frames_total} frames" if whole else "beginning and end"


@asynccontextmanager
async def edge_of(folder: Path) -> AsyncIterator[str]:
    """An origin and an edge over the folder's store; the edge's URL."""
    origin_port, edge_port = free_port(), free_port()
    origin = Server(
        [*_MATINEE, "origin", "--store", f"file:{folder / 'store'}", "--port", str(origin_port)],
        port=origin_port, log=folder / "origin.log",
    )  # fmt: skip
    edge = Server(
        [*_MATINEE, "edge", "--origin", f"http://127.0.0.1:{origin_port}", "--port", str(edge_port)],
        port=edge_port, log=folder / "edge.log",
    )  # fmt: skip
    try:
        await origin.start()
        await edge.start()
        yield f"http://127.0.0.1:{edge_port}"
    finally:
        edge.kill()
        origin.kill()


async def play_all(titles: Sequence[Title], folder: Path) -> dict[str, dict[str, str]]:
    """What each player said of each title, by the title's id."""
    said: dict[str, dict[str, str]] = {t.id: {} for t in titles}
    runner = web.AppRunner(pages_app(_HERE), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port := free_port()).start()
    async with async_playwright() as playwright, edge_of(folder) as edge:
        path = program("chromium", "chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        for title in titles:
            shown = Shown(f"{edge}/titles/{title.id}/master.m3u8", f"{edge}/titles/{title.id}/manifest.mpd")
            for kind in PLAYERS:
                said[title.id][kind] = await _one(browser, f"http://127.0.0.1:{port}", kind, shown, title)
                print(f"{title.id}: {kind}: {said[title.id][kind]}", file=sys.stderr)
        await browser.close()
    await runner.cleanup()
    return said


async def _one(browser: Browser, pages_url: str, kind: str, shown: Shown, title: Title) -> str:
    async with player_tab(browser, pages_url, kind) as player:
        try:
            return await played(player, shown, title)
        except (AssertionError, PlaywrightError, TimeoutError) as error:
            return f"failed: {str(error).splitlines()[0]}"


def markdown(rows: Sequence[Row], command: str) -> str:
    """The document: a section a clip with a table of its decisions, and a summary in front."""
    lines = [
        "# Masters",
        "",
        "What matinee makes of real masters: what it detected, what it decided and why, what `matinee verify --deep`",
        "says of the title, and whether players in Chromium play it to its end. Written by",
        "",
        f"    {command}",
        "",
        "The clips are described in the media folder's README. Each became a title of one rung of H.264; those in HDR",
        "or of more than 8 bits got one of HEVC and AV1 each too (Chromium's own player, `native`, switches none).",
        "",
        "| clip | verify | " + " | ".join(PLAYERS) + " |",
        "|---|---|" + "---|" * len(PLAYERS),
    ]
    for row in rows:
        if row.refused:
            lines.append(f"| [{row.clip}](#{_anchor(row.clip)}) | refused |" + " |" * len(PLAYERS))
        else:
            said = " | ".join("plays" if "fail" not in (w := row.players[k]) and ";" not in w else w for k in PLAYERS)
            lines.append(f"| [{row.clip}](#{_anchor(row.clip)}) | {row.verify.split(':')[0]} | {said} |")
    for row in rows:
        lines += ["", f"## {row.clip}", ""]
        if row.refused:
            lines += [f"Refused: {row.refused}"]
            continue
        lines += [row.title, "", "| | detected | decided | why |", "|---|---|---|---|"]
        for rule, found in row.treatment.items():
            cells = (_cell(found.get(k)) for k in ("detected", "decided", "why"))
            lines.append(f"| {rule} | {' | '.join(cells)} |")
        lines += ["", *(f"- {note}" for note in row.notes), "", f"verify: {row.verify}."]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return str(value if value is not None else "").replace("|", "\\|").replace("\n", " ")


def _anchor(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum() or c in "-_ ").replace(" ", "-")


def _outline(title: Title) -> str:
    tracks = [f"{r.codec} {r.width}x{r.height}" for r in title.video]
    tracks += [f"{r.codec} {r.channels} channels ({r.language})" for r in title.audio]
    tracks += [f"WebVTT {t.language} {t.role}, {t.cues} cues" for t in title.texts]
    return f"{title.frames} frames at {title.rate} fps; {', '.join(tracks)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.players.masters")
    parser.add_argument("--media", type=Path, default=MEDIA, help="folder of clips")
    parser.add_argument("--only", nargs="*", default=[], help="names of clips")
    parser.add_argument("--out", type=Path, default=Path("docs/masters.md"))
    options = parser.parse_args()
    clips = [p for p in sorted(options.media.iterdir()) if p.suffix in _SUFFIXES] + [SAMPLE]
    clips = [p for p in clips if not options.only or p.name in options.only]
    with tempfile.TemporaryDirectory(prefix="masters-") as name:
        folder = Path(name)
        found: dict[str, Title | MatineeError] = {}
        for clip in clips:
            found[clip.name] = onboarded(clip, folder)
            print(
                f"{clip.name}: {'refused' if isinstance(found[clip.name], MatineeError) else 'onboarded'}",
                file=sys.stderr,
            )
        titles = [t for t in found.values() if isinstance(t, Title)]
        said = asyncio.run(play_all(titles, folder))
        rows = [
            Row(clip, str(t).replace(f"{options.media}/", "").replace("\n", " "), {}, "", (), "", {})
            if isinstance(t, MatineeError)
            else Row(clip, "", t.treatment, _outline(t), t.notes, audited(t, folder), said[t.id])
            for clip, t in found.items()
        ]
    options.out.write_text(markdown(rows, "python -m tests.players.masters"))
    options.out.with_suffix(".json").write_text(
        json.dumps([asdict(r) for r in rows], indent=1, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    main()
