"""Real players live through an edge that dies and an origin that stalls. Real browser, real processes, real signals."""

from __future__ import annotations

import asyncio

import pytest

from tests.players.conftest import OpenTab
from tests.players.harness import PLAYERS, Presentation, near

pytestmark = pytest.mark.asyncio(loop_scope="session")


FIRST_HELD = 5
"""Segments from this number on (8 s into the title) are wanted when the fault strikes, and not before."""


@pytest.mark.parametrize("kind", PLAYERS)
async def test_a_player_outlives_an_edge_that_is_killed_and_started_again(
    kind: str, tab: OpenTab, presentation: Presentation
) -> None:
    """Proves that a crash of the edge under way costs retries: the player goes on where it was, to the right end."""
    presentation.gate.shut(first_held=FIRST_HELD)
    player = await tab(kind)
    await player.open(presentation)
    await player.play(rate=4)
    await presentation.gate.until_wanted()
    player.note("kill-edge")
    presentation.kill_edge()
    await asyncio.sleep(1.5)
    presentation.gate.open()
    await presentation.restart_edge()
    player.note("edge-is-back")
    end = await player.until_end()
    assert player.found("request-failed") != [], "no request was under way: the edge's death was not felt"
    assert player.fatal == []
    assert near(end.time_s, presentation.duration_s)


@pytest.mark.parametrize("kind", PLAYERS)
async def test_a_player_outlives_an_origin_that_stops_for_three_seconds(
    kind: str, tab: OpenTab, presentation: Presentation
) -> None:
    """Proves that a stalled origin costs a wait at most: no error reaches the player, and the end is right."""
    presentation.gate.shut(first_held=FIRST_HELD)
    player = await tab(kind)
    await player.open(presentation)
    await player.play(rate=4)
    await presentation.gate.until_wanted()
    player.note("origin-stops")
    stopped = asyncio.create_task(presentation.pause_origin(3))
    await asyncio.sleep(0)
    presentation.gate.open()
    await stopped
    assert player.segments_answered(first=FIRST_HELD) == [], "segments came while the origin stood still"
    player.note("origin-goes-on")
    end = await player.until_end()
    assert player.faults() == []
    assert near(end.time_s, presentation.duration_s)
