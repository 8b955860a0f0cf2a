"""A search as JSON."""

from __future__ import annotations

import json

from onboarding.search import search_json
from optimizer.hull import upper_hull
from tests.reports.searches import made


def test_a_search_as_json_has_all_that_was_found() -> None:
    search = made(("h264", "av1"), notes=("left out",))
    found = json.loads(json.dumps(search_json(search)))
    assert set(found) == {"ladder", "policy", "display", "rungs", "points", "hull", "windows", "cost", "notes"}
    assert [r["name"] for r in found["rungs"]] == [r.name for r in search.ladder.rungs]
    choice, rung = search.choices[0], found["rungs"][0]
    assert (rung["bps"], rung["vmaf"], rung["crf"]) == (choice.point.bps, choice.point.vmaf, choice.point.crf)
    assert (rung["max_bps"], rung["buffer_bits"]) == (choice.max_bps, choice.buffer_bits)
    assert (rung["step"], rung["reason"]) == (choice.step, choice.reason)
    assert len(found["points"]) == len(search.points) == 50
    assert [len(found["windows"]), found["windows"][0]["start"]] == [12, 0]
    assert found["cost"]["share"] == search.cost.share
    assert found["display"] == [1920, 1080]
    assert found["notes"] == ["left out"]


def test_each_codec_has_the_hull_of_its_own_curves() -> None:
    search = made(("h264", "av1"))
    found = search_json(search)["hull"]
    assert list(found) == ["h264", "av1"]
    for codec in found:
        dense = [p for c in search.curves if c.codec == codec for p in c.points()]
        assert [(p["bps"], p["vmaf"]) for p in found[codec]] == [(p.bps, p.vmaf) for p in upper_hull(dense)]
