"""The encoders of the ffmpeg binary."""

from __future__ import annotations

import pytest

from coders.table import CODERS
from media import encoders
from media.encoders import available_encoders, parse_encoders
from values.errors import MatineeError

LISTING = """Encoders:
 V..... = Video
 A..... = Audio
 ------
 V....D libx264              libx264 H.264 / AVC (codec h264)
 V.S.BD ffv1                 FFmpeg video codec #1
 A....D aac                  AAC (Advanced Audio Coding)
"""


def test_the_names_of_a_listing_are_read_below_its_line() -> None:
    assert parse_encoders(LISTING) == {"libx264", "ffv1", "aac"}
    assert parse_encoders("") == frozenset()


def test_the_ffmpeg_that_comes_with_us_has_the_encoders_of_all_codecs() -> None:
    assert available_encoders() >= {coder.encoder for coder in CODERS.values()} | {"aac"}


@pytest.mark.parametrize("path", ["/no/ffmpeg", "/bin/false"])
def test_an_ffmpeg_that_does_not_run_is_named(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "ffmpeg_path", lambda: path)
    with pytest.raises(MatineeError, match=f"{path}: ffmpeg did not list what it has"):
        available_encoders.__wrapped__()
