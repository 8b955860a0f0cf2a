"""Real players and a title that the command made of a master with languages, subtitles and chapters: what is seen,
heard and read is what the master has at that time, also after a change of language on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from fractions import Fraction

import pytest
import pytest_asyncio

from tests.feature import CUES, ID, OVER_EDGES, RATE, SECONDS, TONES_HZ, Feature, second_of
from tests.players.conftest import OpenTab
from tests.players.harness import PLAYERS, SWITCHERS, Player, near
from tests.players.masters import Shown, edge_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

SYNC_S = 0.005
NATIVE_SYNC_S = 0.025
"""Chromium's own HLS player lets the sound's priming be heard, and so is a frame of AAC late (21 ms)."""

TONE_HZ = 30
"""How far off a tone is measured: the analyser's bins are 23 Hz wide."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(feature: Feature) -> AsyncIterator[Shown]:
    async with edge_of(feature.folder) as edge:
        yield Shown(f"{edge}/titles/{ID}/master.m3u8", f"{edge}/titles/{ID}/manifest.mpd")


async def opened(tab: OpenTab, kind: str, shown: Shown) -> Player:
    player = await tab(kind)
    await player.open(shown)  # type: ignore[arg-type]  # what it reads of a presentation is there
    return player


async def until_heard(player: Player, language: str) -> None:
    await player.until(f"Math.abs(stage.ear.tone - {TONES_HZ[language]}) < {TONE_HZ}", f"{language} to be heard")


async def in_step(player: Player, tolerance_s: float) -> None:
    """The first three flashes are heard at their time by the film's clock, also past the end of a segment; that they
    are seen then has a test of its own."""
    await player.until("stage.ear.loud.length >= 3", "three loud tones")
    loud = await player.ask("stage.ear.loud")
    assert [second + 0.5 for second in range(3)] == pytest.approx(loud[:3], abs=tolerance_s)


@pytest.mark.parametrize("kind", SWITCHERS)
async def test_a_player_changes_language_and_subtitles_on_the_way(kind: str, tab: OpenTab, shown: Shown) -> None:
    player = await opened(tab, kind, shown)
    await player.ask("stage.hear('en', 2)")
    await player.ask("stage.read('en')")
    await player.ask("stage.listen()")
    await player.play()
    await until_heard(player, "en")
    await in_step(player, SYNC_S)
    await player.until("stage.words()[0]?.startsWith('English')", "English words")
    await player.ask("stage.hear('en', 6)")
    await player.until("stage.fetched('/audio-51/')", "sound in 5.1")
    await until_heard(player, "en")
    await player.ask("stage.hear('de', 2)")
    await player.ask("stage.read('de')")
    await until_heard(player, "de")
    await player.until("stage.words()[0]?.startsWith('Deutsch')", "German words")
    await player.play(rate=4)
    end = await player.until_end()
    assert player.faults() == []
    assert near(end.time_s, Fraction(SECONDS)) and near(end.duration_s, Fraction(SECONDS))


@pytest.mark.parametrize("kind", SWITCHERS)
async def test_a_players_words_are_those_of_their_time(kind: str, tab: OpenTab, shown: Shown) -> None:
    """Each cue once, at its time, also the one that three segments have. dash.js has just those cues that are near."""
    player = await opened(tab, kind, shown)
    await player.ask("stage.read('en')")
    await player.play(rate=4)
    await player.until_end()
    due = {text: (start, end) for start, end, text in [*CUES["en"], OVER_EDGES]}
    cues = await player.ask("stage.cues()")
    assert len(cues) == len({text for *_, text in cues})
    assert kind == "dashjs" or len(cues) == len(due)
    for start, end, text in cues:
        assert (start, end) == pytest.approx(due[text], abs=0.001)
    for time_s, words in ((3.6, ["English 3", OVER_EDGES[2]]), (7.9, []), (6.6, ["English 6"])):
        await player.seek(time_s)
        await player.until(f"String(stage.words().sort()) === '{','.join(words)}'", f"{words} at {time_s} s")
    assert player.faults() == []


@pytest.mark.parametrize("kind", PLAYERS)
async def test_a_player_shows_the_picture_of_each_time(kind: str, tab: OpenTab, shown: Shown) -> None:
    """Proves that B-frames are no shift: the last frame before a flash and its first are where the master has them."""
    player = await opened(tab, kind, shown)
    for second in (0, 4):
        for frames, expected in ((-0.5, second), (0.5, None)):
            time_s = second + 0.5 + frames / float(RATE)
            await player.seek(time_s)
            await player.until(f"stage.frameNear({time_s})", f"the picture of {time_s} s")
            assert second_of(await player.ask("stage.level()")) == expected


async def test_the_native_player_is_a_frame_of_sound_late_at_most(tab: OpenTab, shown: Shown) -> None:
    player = await opened(tab, "native", shown)
    await player.ask("stage.listen()")
    await player.play()
    await in_step(player, NATIVE_SYNC_S)


@pytest.mark.parametrize("kind", ["shaka-hls", "shaka-dash"])
async def test_shaka_winds_through_key_frames_to_the_end(kind: str, tab: OpenTab, shown: Shown) -> None:
    """Six seconds are there as all their frames when it begins to wind; from then on one picture a segment is shown.

    In HLS Shaka jumps from a segment's second key frame, if a cut made one, to the next segment, and tells of a gap.
    """
    player = await opened(tab, kind, shown)
    await player.play()
    await player.ask("stage.wind(2)")
    await player.until_end()
    times = await player.ask("stage.times()")
    assert {8} <= {t for t in times if t > 5.99} <= {6, 8}
    ranges = [e for e in player.found("response") if e.detail["status"] == 206]
    trick = [e for e in player.found("response") if "-trick/" in e.detail["url"]]
    assert (bool(ranges), bool(trick)) == ((True, False) if kind == "shaka-hls" else (False, True))
    assert player.fatal == [] and not player.found("error", "console", "request-failed", "status")


async def test_hlsjs_shows_the_key_frame_of_a_time(tab: OpenTab, shown: Shown) -> None:
    player = await opened(tab, "hlsjs", shown)
    assert second_of(await player.ask("stage.stillLevel(5.2)")) == 4
    assert player.faults() == []


@pytest.mark.parametrize("kind", ["shaka-hls", "shaka-dash", "dashjs"])
async def test_a_players_thumbnails_show_their_second(kind: str, tab: OpenTab, shown: Shown) -> None:
    player = await opened(tab, kind, shown)
    assert [second_of(await player.ask(f"stage.tileLevel({s}.3)")) for s in range(SECONDS)] == list(range(SECONDS))
    assert player.faults() == []
