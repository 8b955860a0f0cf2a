"""What `matinee probe` says of a master, as JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from onboarding.probing import probe_json, probe_master
from tests.encoder.masters import MPEG2, interlaced
from treatment.wishes import Wishes


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    return interlaced(tmp_path / "fields.ts", *MPEG2, "-flags", "+ildct+ilme")


def test_each_rule_is_told_with_what_was_found_and_decided_and_why(fields: Path) -> None:
    told = probe_json(probe_master(str(fields)))
    json.dumps(told, default=str)
    assert (told["rate"], told["frames"], told["source_frames"]) == ("50", 100, 50)
    assert told["video"]["display_size"] == (170, 96)
    assert list(told["treatment"]) == ["rate", "scan", "start", "shape", "crop", "colour", "renditions", "sound"]
    assert told["treatment"]["scan"] == {
        "detected": "interlaced, top field first",
        "decided": "each field becomes a picture, by bwdif",
        "why": "fields move apart in the pixels",
    }
    (sample,) = told["samples"]
    assert (sample["frames"], sample["flagged"], set(sample["among"])) == (40, 40, {"t"})
    assert (sample["lit"], sample["black_frames"]) == ([0, 0, 160, 96], 0)


def test_a_probe_tells_what_would_become_of_wishes(fields: Path) -> None:
    told = probe_json(
        probe_master(str(fields), wishes=Wishes(deinterlace="frame", rate=Fraction(24), crop="64:48:0:0"))
    )
    assert (told["rate"], told["frames"], told["video"]["display_size"]) == ("24", 48, (68, 48))
    assert told["treatment"]["scan"]["why"] == "asked for: --deinterlace frame"
    assert len([note for note in told["notes"] if "asked for" in note]) == 3
