"""A strict static judge, hls-parser, reads every playlist as the edge serves it. Real servers, real node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import m3u8
import pytest
from aiohttp import ClientSession

from tests.packager.rich import make_rich
from tests.parts import program
from tests.players.harness import Presentation

pytestmark = pytest.mark.asyncio(loop_scope="session")
HERE = Path(__file__).parent


def judge(*files: Path) -> list[tuple[str | None, str | None]]:
    """(kind, fault) of each file."""
    node = program("node", "nodejs")
    run = subprocess.run([node, str(HERE / "judge.mjs"), *map(str, files)], capture_output=True, text=True, check=True)
    return [(verdict["kind"], verdict["fault"]) for verdict in json.loads(run.stdout)]


async def test_hls_parser_in_strict_mode_accepts_every_playlist(
    node_modules: Path, presentation: Presentation, tmp_path: Path
) -> None:
    """Proves that the multivariant playlist and all media playlists are well-formed by RFC 8216, through the edge."""
    playlists = [await _text(presentation.hls_url)]
    master = m3u8.loads(playlists[0])
    uris = [p.uri for p in master.playlists] + [m.uri for m in master.media]
    playlists += [await _text(urljoin(presentation.hls_url, uri)) for uri in uris]
    files = [tmp_path / f"{index}.m3u8" for index in range(len(playlists))]
    for file, text in zip(files, playlists, strict=True):
        file.write_text(text)
    assert judge(*files) == [("master", None)] + [("media", None)] * (len(presentation.heights) + 1)


async def test_hls_parser_in_strict_mode_accepts_a_title_with_everything(node_modules: Path, tmp_path: Path) -> None:
    """Proves the same of groups of sound, subtitles, key frames and images, and that the judge saw them."""
    made = make_rich(tmp_path).presentation()
    files = [tmp_path / file.key.rpartition("/")[2] for file in made.files if file.key.endswith(".m3u8")]
    for file, data in zip(files, (f.data for f in made.files if f.key.endswith(".m3u8")), strict=True):
        file.write_bytes(data)
    kinds = {file.name: verdict for file, verdict in zip(files, judge(*files), strict=True)}
    assert set(kinds.values()) == {("master", None), ("media", None)}
    assert [name for name, (kind, _) in kinds.items() if kind == "master"] == [made.title.hls.key.rpartition("/")[2]]
    assert len(kinds) == 1 + 3 * 2 + 7 + 4 + 1


@pytest.mark.parametrize(
    ("damage", "by"),
    [
        (("#EXT-X-TARGETDURATION:2\n", ""), "EXT-X-TARGETDURATION tag is REQUIRED"),
        (("#EXTINF:2.000000", "#EXTINF:3.000000"), "EXTINF duration"),
    ],
)
async def test_hls_parser_in_strict_mode_refuses_a_damaged_playlist(
    node_modules: Path, presentation: Presentation, tmp_path: Path, damage: tuple[str, str], by: str
) -> None:
    """Proves that the judge judges."""
    master = m3u8.loads(await _text(presentation.hls_url))
    text = await _text(urljoin(presentation.hls_url, master.playlists[0].uri))
    assert damage[0] in text
    file = tmp_path / "damaged.m3u8"
    file.write_text(text.replace(*damage))
    ((kind, fault),) = judge(file)
    assert kind is None and fault is not None and by in fault


async def _text(url: str) -> str:
    async with ClientSession(raise_for_status=True) as client, client.get(url) as answer:
        return await answer.text()
