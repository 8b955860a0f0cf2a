"""packager.scores: a better rendition never has the lower score."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from packager.scores import scores
from values.title import Quality, Rendition, StoredFile

FILE = StoredFile("titles/t/x", 1, "0" * 32)
QUALITY = Quality("vmaf_v0.6.1", 1920, 1080, 1, 100, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, FILE)


def rendition(name: str, bps: int, *, codec: str = "avc1.64001F", vmaf: float | None = None) -> Rendition:
    quality = None if vmaf is None else replace(QUALITY, mean=vmaf)
    return Rendition(name, "video", codec, 24000, FILE, (), FILE, 2 * bps, bps, 640, 360, quality=quality)


def test_measured_renditions_are_scored_by_their_mean_vmaf() -> None:
    video = [rendition("a", 500, vmaf=93.4567), rendition("b", 100, vmaf=95.25), rendition("c", 900, vmaf=40)]
    assert scores(video) == {"a": Decimal("93.457"), "b": Decimal("95.250"), "c": Decimal("40.000")}


def test_what_looks_the_same_is_worth_more_in_a_codec_that_saves_bits() -> None:
    video = [rendition("h264", 900, vmaf=95.2), rendition("av1", 400, codec="av01.0.04M.08", vmaf=95.0)]
    assert scores(video) == {"h264": Decimal("95.200"), "av1": Decimal("96.138")}


def test_one_that_was_not_measured_alike_leaves_all_to_their_bits() -> None:
    video = [rendition("a", 1024, vmaf=90), rendition("b", 2048, vmaf=80)]
    assert scores(video) == {"a": Decimal("90.000"), "b": Decimal("80.000")}
    for odd in (None, replace(QUALITY, model="vmaf_4k"), replace(QUALITY, width=1280)):
        by_bits = scores([video[0], replace(video[1], quality=odd)])
        assert by_bits == {"a": Decimal("10.000"), "b": Decimal("11.000")}


def test_a_bit_of_a_better_codec_counts_for_more() -> None:
    codecs = {
        "h264": "avc1.64001F",
        "hevc": "hvc1.1.6.L93.B0",
        "vp9": "vp09.00.31.08",
        "av1": "av01.0.04M.08",
        "?": "x",
    }
    found = scores([rendition(name, 1 << 20, codec=codec) for name, codec in codecs.items()])
    assert sorted(found, key=lambda name: found[name]) == ["?", "h264", "vp9", "hevc", "av1"]
    assert found["h264"] == Decimal("20.001")  # set apart from the unknown one, which counts for as much


def test_equal_quality_is_told_apart_by_bits_and_lifts_what_is_better() -> None:
    video = [rendition("a", 300, vmaf=50.0001), rendition("b", 200, vmaf=50.0001), rendition("c", 100, vmaf=50.0012)]
    assert scores(video) == {"b": Decimal("50.000"), "a": Decimal("50.001"), "c": Decimal("50.002")}
    assert scores([rendition("a", 0, vmaf=0.0)]) == {"a": Decimal("0.001")}
    assert scores([]) == {}


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(["avc1.1", "av01.1"]), st.floats(0, 100)), max_size=8),
    st.booleans(),
)
def test_scores_are_positive_all_different_and_never_against_the_measure(
    drawn: list[tuple[int, str, float]], measured: bool
) -> None:
    video = [
        rendition(str(n), bps, codec=codec, vmaf=vmaf if measured else None)
        for n, (bps, codec, vmaf) in enumerate(drawn)
    ]
    found = scores(video)
    assert len(set(found.values())) == len(video)
    assert all(value > 0 and value.as_tuple().exponent == -3 for value in found.values())
    for a in video:
        for b in video:
            better = (
                a.quality.mean > b.quality.mean + (0 if a.codec == b.codec else 1.14) if a.quality and b.quality
                else a.codec == b.codec and a.average_bps > b.average_bps
            )  # fmt: skip
            assert not better or found[a.id] > found[b.id]
