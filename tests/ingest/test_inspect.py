"""Masters looked over: what is taken, what is refused, and in which words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ingest.inspect import Inspection, inspect
from ingest.integrity import find_protection
from media.ffmpeg import ffmpeg_path
from tests.parts import SAMPLE, clip
from values.errors import MasterRefused


def look(path: Path, *, allow_damaged: bool = False) -> Inspection:
    with path.open("rb") as file:

        def read(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        return inspect(str(path), size=path.stat().st_size, read=read, where=path.name, allow_damaged=allow_damaged)


def made(path: Path, *options: str, source: str = "testsrc2=s=128x96:r=25:d=4") -> Path:
    """A small clip made by ffmpeg."""
    argv = [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", source, *options, "-y", str(path)]
    subprocess.run(argv, check=True)
    return path


def test_scan_and_transfer_are_seen_in_the_pictures() -> None:
    assert look(clip("derived_480i_tff_mpeg2_ac351.ts")).video.interlaced
    assert look(clip("phone_hdr10_hevc_1080p_vfr_1s.mp4")).video.hdr
    assert not look(SAMPLE).video.interlaced


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(MasterRefused, match=r"empty.mp4: the file is empty \(0 bytes\)"):
        look(tmp_path / "empty.mp4")


def test_what_is_not_media_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("just some notes, " * 500)
    with pytest.raises(MasterRefused, match="not a media file that can be read\nMasters are video files"):
        look(tmp_path / "notes.mp4")


def test_sound_alone_is_refused() -> None:
    with pytest.raises(MasterRefused, match=r"the file has no video \(only 1 audio\)"):
        look(clip("audio_eac3_51.mp4"))


def test_a_master_without_its_index_is_refused_with_the_byte_where_it_ends() -> None:
    with pytest.raises(MasterRefused, match=r"file ends at byte 1500000; its index \(the moov box\) is missing"):
        look(clip("derived_truncated.mp4"), allow_damaged=True)


def test_a_cut_transport_stream_is_refused_and_taken_on_demand() -> None:
    path = clip("derived_truncated.ts")
    with pytest.raises(MasterRefused, match=r"in the middle of a transport packet(.|\n)*--allow-damaged"):
        look(path)
    found = look(path, allow_damaged=True)
    assert found.timing.frames == 25
    assert "truncated" in found.damage[0]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_file_cut_in_half_is_refused_with_the_byte(tmp_path: Path, suffix: str) -> None:
    whole = made(tmp_path / f"whole.{suffix}", *(["-movflags", "+faststart"] if suffix == "mp4" else []))
    assert look(whole).timing.frames == 100
    half = tmp_path / f"half.{suffix}"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    with pytest.raises(MasterRefused, match=rf"truncated: .* ends at byte {half.stat().st_size}"):
        look(half)


def test_a_tail_that_does_not_decode_is_found_before_any_hour_is_spent(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mp4", "-c:v", "libx264", "-g", "25", "-movflags", "+faststart")
    data = bytearray(whole.read_bytes())
    for at in range(len(data) - len(data) // 8, len(data)):
        data[at] = 0xFF
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(data)
    with pytest.raises(MasterRefused, match="the file is damaged"):
        look(bad)
    assert look(bad, allow_damaged=True).damage


def test_protected_samples_are_recognised(tmp_path: Path) -> None:
    locked = made(
        tmp_path / "locked.mp4", "-c:v", "libx264", "-encryption_scheme", "cenc-aes-ctr",
        "-encryption_key", "00112233445566778899aabbccddeeff", "-encryption_kid", "00112233445566778899aabbccddeeff",
    )  # fmt: skip
    with pytest.raises(MasterRefused, match=r"the file is encrypted: its sample entry is encv"):
        look(locked)


def test_a_scrambled_transport_stream_is_recognised() -> None:
    packets = bytearray(b"\x47\x40\x00\x10" + bytes(184)) * 20
    packets[188 * 5 + 3] |= 0x80
    data = bytes(packets)
    assert find_protection(len(data), lambda a, b: data[a:b]) == "its transport packets are scrambled (byte 940)"


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    found = look(made(tmp_path / "one.mp4", "-frames:v", "1"))
    assert (found.timing.frames, found.timing.rate) == (1, 25)


def test_a_picture_attached_to_sound_is_no_film(tmp_path: Path) -> None:
    cover = made(tmp_path / "cover.jpg", "-frames:v", "1")
    song = tmp_path / "song.m4a"
    subprocess.run(
        [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-i", str(cover), "-map", "0", "-map", "1",
         "-c:v", "copy", "-disposition:v", "attached_pic", str(song)], check=True,
    )  # fmt: skip
    with pytest.raises(MasterRefused, match="has no video"):
        look(song)


def test_a_film_trimmed_by_an_edit_list_keeps_every_frame_that_is_shown(tmp_path: Path) -> None:
    """ffmpeg, which knows nothing of our index, counts the same frames."""
    whole = made(tmp_path / "whole.mp4", "-c:v", "libx264", "-g", "25", source="testsrc2=s=128x96:r=25:d=8")
    cut = tmp_path / "cut.mp4"
    subprocess.run([ffmpeg_path(), "-v", "error", "-ss", "0.48", "-i", str(whole), "-c", "copy", str(cut)], check=True)
    out = subprocess.run(
        [ffmpeg_path(), "-v", "error", "-i", str(cut), "-f", "framehash", "-hash", "adler32", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    shown = sum(1 for line in out.splitlines() if not line.startswith("#"))
    found = look(cut)
    assert found.timing.frames == len(found.index.pts) == shown == 188
