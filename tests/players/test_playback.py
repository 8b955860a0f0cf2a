"""Real players play the title through an edge: to the end, with seeks, with switches. Real browser, real servers."""

from __future__ import annotations

import pytest

from tests.players.conftest import OpenTab
from tests.players.harness import PLAYERS, SWITCHERS, Presentation, near

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEKS_S = (10.5, 2.25, 13.1, 6.0, 0.0)
DASHJS_SEEKS_S = (10.5, 8.25, 13.1)
"""Forth and back. After a seek into what is buffered dash.js 5.2 goes on fetching where it was before, and leaves out
what lies between two buffered ranges; so its seeks go where nothing is buffered, whatever it did before."""

SLOW_BYTES_PER_S = 45_000
"""A third of what the highest rung needs at twice the speed, and about what the lowest does."""


@pytest.mark.parametrize("kind", PLAYERS)
async def test_a_player_plays_to_the_end_without_a_fault(kind: str, tab: OpenTab, presentation: Presentation) -> None:
    """Proves that the title decodes whole: every frame once, no gap, no error, the right end, all through the edge."""
    player = await tab(kind)
    await player.open(presentation)
    await player.play(rate=4)
    end = await player.until_end()
    assert player.faults() == []
    assert player.past_the_edge() == []
    assert near(end.time_s, presentation.duration_s) and near(end.duration_s, presentation.duration_s)
    assert (end.most_ranges, end.frames_corrupted, end.frames_total) == (1, 0, presentation.frames)


@pytest.mark.parametrize("kind", [kind for kind in PLAYERS if kind != "native"])
async def test_a_player_takes_a_codec_that_it_can_decode_of_a_title_in_four(
    kind: str, tab: OpenTab, coded_presentation: Presentation
) -> None:
    """Proves that codec strings and sets are right: Chromium has no HEVC, and no player stumbles over it.

    Not its native player, which switches from one codec to the next and then can't append it.
    """
    player = await tab(kind)
    await player.open(coded_presentation)
    await player.play(rate=4)
    end = await player.until_end()
    assert player.faults() == []
    assert near(end.time_s, coded_presentation.duration_s) and near(end.duration_s, coded_presentation.duration_s)
    assert (end.most_ranges, end.frames_corrupted, end.frames_total) == (1, 0, coded_presentation.frames)


@pytest.mark.parametrize("kind", PLAYERS)
async def test_a_player_seeks_back_and_forth(kind: str, tab: OpenTab, presentation: Presentation) -> None:
    """Proves random access: each seek lands on the frame of that time and plays on, and the end stays where it was."""
    player = await tab(kind)
    await player.open(presentation)
    await player.play()
    await player.until_time(0.5)
    for target_s in DASHJS_SEEKS_S if kind == "dashjs" else SEEKS_S:
        await player.seek(target_s)
        await player.until(f"stage.frameNear({target_s})", f"the picture of {target_s} s")
        await player.until_time(target_s + 0.4)
    await player.play(rate=4)
    end = await player.until_end()
    assert player.faults() == []
    assert near(end.time_s, presentation.duration_s) and near(end.duration_s, presentation.duration_s)
    assert end.frames_corrupted == 0


@pytest.mark.parametrize("kind", SWITCHERS)
async def test_a_player_switches_renditions_up_and_down(kind: str, tab: OpenTab, presentation: Presentation) -> None:
    """Proves that renditions join: pictures of the lowest, the highest and again the lowest rung are really shown."""
    player = await tab(kind)
    await player.open(presentation)
    assert await player.heights() == set(presentation.heights)
    low, high = min(presentation.heights), max(presentation.heights)
    await player.select(low)
    await player.play(rate=2)
    for height in (low, high, low):
        await player.select(height)
        await player.until_shown(height)
    await player.play(rate=4)
    end = await player.until_end()
    assert player.faults() == []
    assert near(end.time_s, presentation.duration_s)
    assert end.heights_shown[-3:] == [low, high, low]


async def test_the_native_player_goes_up_on_a_fast_line_and_down_on_a_slow_one(
    tab: OpenTab, presentation: Presentation
) -> None:
    """Proves the same for Chromium's own player, which can't be told: it starts low, and the line makes it switch."""
    presentation.gate.shut(first_held=3)
    player = await tab("native")
    await player.open(presentation)
    await player.play(rate=2)
    await player.until_shown(max(presentation.heights))
    presentation.gate.bytes_per_s = SLOW_BYTES_PER_S
    presentation.gate.open()
    await player.until(f"stage.state().shown.at(-1).height < {max(presentation.heights)}", "a smaller picture")
    presentation.gate.bytes_per_s = 0
    await player.play(rate=4)
    end = await player.until_end()
    assert player.faults() == []
    assert near(end.time_s, presentation.duration_s)
    first, second, third = end.heights_shown[:3]
    assert first < second > third
