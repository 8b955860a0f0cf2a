"""The auditor finds every damage by name, and nothing in a sound title."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from media.boxes import make_box, walk
from media.codecs import parameter_sets
from media.tracks import patch_edit_list
from packager.audit import AuditReport, audit
from packager.build import build_title
from packager.publish import publish
from storage.memory import MemoryStore
from tests.packager.damage import Victim, field, payload, text
from tests.packager.film import FRAMES, ID, NOW, RUNGS, Film
from values.errors import TitleError
from values.keys import title_key


@pytest.mark.parametrize("deep", [False, True])
def test_a_sound_title_has_no_fault(film: Film, deep: bool) -> None:
    assert audit(film.stored(), ID, deep=deep) == AuditReport(
        ID, (), files=21, size_bytes=sum(f.size_bytes for f in film.presentation().title.files()),
        segments=12, decoded=len(RUNGS) * FRAMES if deep else 0,
    )  # fmt: skip


@pytest.mark.parametrize("deep", [False, True])
def test_a_sound_title_of_variable_segments_has_no_fault(shot_film: Film, deep: bool) -> None:
    report = audit(shot_film.stored(), ID, deep=deep)
    assert (report.faults, report.segments) == ((), 12)


def test_a_title_that_is_not_there_is_an_error_and_no_verdict() -> None:
    with pytest.raises(TitleError, match="no title 'tiny'"):
        audit(MemoryStore(), ID)


V, W, A = "v-90p", "v-180p", "a-main"


def _drop_second_fragment(v: Victim) -> None:
    two = next(n for n in range(1, 5) if len(v.fragments(V, n)) > 1)
    cut = v.fragments(V, two)[-1]
    v.recorded(v.segment(V, two), lambda d: d[: cut.offset] + d[cut.stop :])


def _insert_sps(v: Victim) -> None:
    """Another SPS in front of the first sample's NAL units, with moof and mdat grown to fit."""
    sps = bytearray(parameter_sets(v.track(V).config, "avc1")[0])
    sps[2] ^= 1
    unit = len(sps).to_bytes(4, "big") + bytes(sps)

    def change(data: bytes) -> bytes:
        first = v.fragments(V, 1)[0]
        mdat = next(b for b in walk(data) if b.kind == "mdat")
        grown = make_box("mdat", unit + data[mdat.body : mdat.stop])
        head = data[: mdat.start]
        size = first.samples[0].size.to_bytes(4, "big")
        at = head.index(b"trun") + 4 + 4 + 8 + 4  # version and flags, count and offset, first flags: then sizes
        has_first = int.from_bytes(head[head.index(b"trun") + 5 : head.index(b"trun") + 8], "big") & 4
        at -= 0 if has_first else 4
        assert head[at : at + 4] == size
        head = head[:at] + (first.samples[0].size + len(unit)).to_bytes(4, "big") + head[at + 4 :]
        return head + grown + data[mdat.stop :]

    v.recorded(v.segment(V, 1), change)


def _idr_becomes_plain(v: Victim) -> None:
    """The type of the first slice from IDR (5) to non-IDR (1)."""
    key, sample = v.segment(V, 2), v.fragments(V, 2)[0].samples[0]

    def change(data: bytes) -> bytes:
        out = bytearray(data)
        at = sample.offset
        while at < sample.offset + sample.size:
            size = int.from_bytes(out[at : at + 4], "big")
            if out[at + 4] & 0x1F == 5:
                out[at + 4] = out[at + 4] & 0xE0 | 1
            at += 4 + size
        return bytes(out)

    v.recorded(key, change)


def _unmark_second_idr(v: Victim) -> None:
    """A fragment that starts inside a segment: the flags of its first sample from sync to non-sync."""
    two = next(n for n in range(1, 5) if len(v.fragments(V, n)) > 1)
    start = v.fragments(V, two)[1].offset

    def change(data: bytes) -> bytes:
        at = data.index(b"trun", start) + 4 + 12
        assert data[at : at + 4] == (0x2000000).to_bytes(4, "big")
        return data[:at] + (0x1010000).to_bytes(4, "big") + data[at + 4 :]

    v.recorded(v.segment(V, two), change)


def _swap(v: Victim, a: str, b: str, how: str) -> None:
    first, second = v.store.get(a), v.store.get(b)
    getattr(v, how)(a, lambda _: second)
    getattr(v, how)(b, lambda _: first)


def _lines(playlist: bytes, *, swap: tuple[int, int]) -> bytes:
    lines = playlist.splitlines()
    uris = [i for i, line in enumerate(lines) if not line.startswith(b"#")]
    a, b = uris[swap[0]], uris[swap[1]]
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines) + b"\n"


Damage = Callable[[Victim], object]
DAMAGES: dict[str, tuple[Damage, str, str]] = {
    # objects against the record
    "a missing segment": (lambda v: v.delete(v.segment(V, 2)), f"{V}/.*/2.m4s", "is missing"),
    "a missing audio segment": (lambda v: v.delete(v.segment(A, 4)), f"{A}/.*/4.m4s", "is missing"),
    "a missing init": (lambda v: v.delete(v.init(W)), f"{W}/.*/init.mp4", "is missing"),
    "a missing media playlist": (lambda v: v.delete(v.playlist(V)), f"{V}-.*m3u8", "is missing"),
    "a missing multivariant playlist": (lambda v: v.delete(v.title.hls.key), "master-.*m3u8", "is missing"),
    "a missing MPD": (lambda v: v.delete(v.title.dash.key), "manifest-.*mpd", "is missing"),
    "swapped segments": (
        lambda v: _swap(v, v.segment(V, 1), v.segment(V, 2), "silently"), f"{V}/.*/1.m4s", "the record says",
    ),
    "a flipped byte": (
        lambda v: v.silently(v.segment(W, 3), payload(500, b"\xff\x00\xff")), f"{W}/.*/3.m4s", "has the digest",
    ),
    "a truncated segment": (
        lambda v: v.silently(v.segment(W, 3), lambda d: d[:-1]), f"{W}/.*/3.m4s", r"has \d+ bytes and the record says",
    ),
    "a byte too many": (
        lambda v: v.silently(v.segment(A, 1), lambda d: d + b"\0"), f"{A}/.*/1.m4s", r"has \d+ bytes",
    ),
    # boxes
    "a segment cut and recorded so": (
        lambda v: v.recorded(v.segment(W, 3), lambda d: d[:-1]), f"{W}/.*/3.m4s", "can't be read at byte",
    ),
    "swapped segments recorded so": (
        lambda v: _swap(v, v.segment(A, 2), v.segment(A, 3), "recorded"), f"{A}/.*/2.m4s", "has tfdt 177152",
    ),
    "a wrong tfdt": (
        lambda v: v.recorded(v.segment(V, 3), field("tfdt", 4, ">Q", 96001)), f"{V}/.*/3.m4s",
        "has tfdt 96001 where the media before it ends at 96000",
    ),
    "a wrong fragment number": (
        lambda v: v.recorded(v.segment(A, 3), field("mfhd", 4, ">I", 2)), f"{A}/.*/3.m4s", "fragment number 2 after 2",
    ),
    "a wrong track": (
        lambda v: v.recorded(v.segment(A, 3), field("tfhd", 4, ">I", 2)), f"{A}/.*/3.m4s", "is of track 2",
    ),
    "a wrong frame duration": (
        lambda v: v.recorded(v.segment(V, 1), field("tfhd", 12, ">I", 1001)), f"{V}/.*/1.m4s", "frame of 1001 ticks",
    ),
    "a sample entry that does not exist": (
        lambda v: v.recorded(v.segment(V, 1), field("tfhd", 8, ">I", 2)), f"{V}/.*/1.m4s", "sample entry 2",
    ),
    "a fragment left out": (_drop_second_fragment, f"{V}/.*m4s", "holds samples"),
    "no IDR at the start": (_idr_becomes_plain, f"{V}/.*/2.m4s", "does not start with an IDR"),
    "no sync sample at the start": (
        lambda v: v.recorded(v.segment(V, 1), field("trun", 12, ">I", 0x1010000)), f"{V}/.*/1.m4s", "marked as non-",
    ),
    "an IDR that is not marked as sync": (
        _unmark_second_idr, f"{V}/.*m4s", r"has an IDR picture at byte \d+ that is not marked as sync",
    ),
    "NAL lengths that don't fit": (
        lambda v: v.recorded(v.segment(V, 2), payload(0, b"\0\xff\xff\xff")), f"{V}/.*/2.m4s", "NAL unit of 16777215",
    ),
    "parameter sets of its own": (_insert_sps, f"{V}/.*/1.m4s", "carries 1 parameter sets that its init does not"),
    "an init without its edit list": (
        lambda v: v.recorded(v.init(A), lambda d: patch_edit_list(d, 0)), f"{A}/.*/init.mp4", "says priming 0",
    ),
    "an init of another rung": (
        lambda v: v.recorded(v.init(V), lambda _: v.store.get(v.init(W))), f"{V}/.*/init.mp4", "says width 320",
    ),
    "an init that is no MP4": (
        lambda v: v.recorded(v.init(V), lambda _: b"<html>"), f"{V}/.*/init.mp4", "can't be read at byte 4",
    ),
    # the plan
    "a plan of more frames": (lambda v: v.record(lambda r: r.update(frames=181)), f"{V}-.*", "180 frames .* has 181"),
    "chunks with a gap": (
        lambda v: v.record(lambda r: r["chunks"][1].update(start=97)), "title.json", r"\[97, 180\) at frame 96",
    ),
    "a chunk start inside a segment": (
        lambda v: v.record(lambda r: (r["chunks"][0].update(stop=97), r["chunks"][1].update(start=97))),
        f"{V}-.*", "no segment where a chunk starts",
    ),
    "another grid": (lambda v: v.record(lambda r: r.update(segment_frames=47)), f"{V}/.*/2.m4s", "off the grid"),
    "a record of another title": (lambda v: v.record(lambda r: r.update(id="x")), "title.json", "title 'x'"),
    "a record cut short": (
        lambda v: v.silently(title_key(ID), lambda d: d[:-9]), "title.json", "record is damaged",
    ),
    "a record with a rate of zero": (lambda v: v.record(lambda r: r.update(rate="0")), "title.json", "the rate 0"),
    "a wrong sample count in the record": (
        lambda v: v.record(lambda r: r["renditions"][0]["segments"][1].update(samples=47)), f"{V}/.*/2.m4s",
        "holds samples 48 and the record says 47",
    ),
    "a wrong codec in the record": (
        lambda v: v.record(lambda r: r["renditions"][0].update(codec="avc1.640028")), f"{V}/.*/init.mp4", "says codec",
    ),
    # HLS
    "a wrong EXTINF": (
        lambda v: v.recorded(v.playlist(V), text("EXTINF:2.000000", "EXTINF:2.002000")), f"{V}-.*", "EXTINF 2.002000",
    ),
    "a target duration too short": (
        lambda v: v.recorded(v.playlist(V), text("DURATION:2", "DURATION:1")), f"{V}-.*", "TARGETDURATION 1 and a seg",
    ),
    "a target duration that others don't have": (
        lambda v: v.recorded(v.playlist(A), text("DURATION:2", "DURATION:3")), f"{A}-.*", r"others have \[2, 3\]",
    ),
    "a segment not listed": (
        lambda v: v.recorded(v.playlist(V), lambda d: re.sub(rb"#EXTINF:1.5.*\n.*\n", b"", d)), f"{V}-.*",
        "lists 3 segments and the record 4",
    ),
    "segments listed in another order": (
        lambda v: v.recorded(v.playlist(V), lambda d: _lines(d, swap=(0, 1))), f"{V}-.*", "as segment 1",
    ),
    "a wrong EXT-X-MAP": (
        lambda v: v.recorded(v.playlist(V), text("init.mp4", "init2.mp4")), f"{V}-.*", "names the init",
    ),
    "no EXT-X-ENDLIST": (
        lambda v: v.recorded(v.playlist(V), text("#EXT-X-ENDLIST\n", "")), f"{V}-.*", "lacks EXT-X-ENDLIST",
    ),
    "no EXT-X-PLAYLIST-TYPE": (
        lambda v: v.recorded(v.playlist(V), text("#EXT-X-PLAYLIST-TYPE:VOD\n", "")), f"{V}-.*", "lacks .*TYPE:VOD",
    ),
    "no EXT-X-INDEPENDENT-SEGMENTS": (
        lambda v: v.recorded(v.playlist(V), text("#EXT-X-INDEPENDENT-SEGMENTS\n", "")), f"{V}-.*", "INDEPENDENT",
    ),
    "an old EXT-X-VERSION": (
        lambda v: v.recorded(v.playlist(V), text("VERSION:7", "VERSION:5")), f"{V}-.*", "VERSION 5|not a playlist",
    ),
    "a playlist that is none": (
        lambda v: v.recorded(v.playlist(V), text("EXTINF:2.0", "EXTINF:two")), f"{V}-.*", "is not a playlist",
    ),
    "a wrong codec string": (
        lambda v: v.recorded(v.title.hls.key, text("avc1.4D400C", "avc1.640028")), "master-.*", "says CODECS avc1.64",
    ),
    "a bandwidth below the peak": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb",BANDWIDTH=\d+", b",BANDWIDTH=99", d, count=1)),
        "master-.*", r"BANDWIDTH 99 for .*whose peak is \d{5}",
    ),
    "an average bandwidth too low": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb"AVERAGE-BANDWIDTH=\d+", b"AVERAGE-BANDWIDTH=9", d)),
        "master-.*", r"AVERAGE-BANDWIDTH 9 for",
    ),
    "a wrong resolution": (
        lambda v: v.recorded(v.title.hls.key, text("320x180", "320x176")), "master-.*", "RESOLUTION 320x176 .* 320x180",
    ),
    "a wrong frame rate": (
        lambda v: v.recorded(v.title.hls.key, text("RATE=24", "RATE=23.976")), "master-.*", "FRAME-RATE 23.976",
    ),
    "a variant that is not listed": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb"#EXT-X-STREAM-INF.*\nv-90p.*\n", b"", d)),
        "master-.*", "does not list .*v-90p",
    ),
    "a variant that does not exist": (
        lambda v: v.recorded(v.title.hls.key, text("\nv-90p", "\nv-99p")), "master-.*", "v-99p.* no playlist of this",
    ),
    "a variant without sound": (
        lambda v: v.recorded(v.title.hls.key, text(',AUDIO="audio"', "")), "master-.*", "without the title's audio",
    ),
    "an audio group that does not exist": (
        lambda v: v.recorded(v.title.hls.key, text('GROUP-ID="audio"', 'GROUP-ID="sound"')), "master-.*",
        "'audio', which does not exist",
    ),
    "a variant without a score": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb",SCORE=[0-9.]+", b"", d, count=1)), "master-.*",
        "lacks SCORE for v-180p.* and has it for others",
    ),
    "a score of zero": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb"SCORE=[0-9.]+", b"SCORE=0.000", d, count=1)),
        "master-.*", r"SCORE 0.000 for v-180p.*, which is no positive number",
    ),
    "a score that is no number": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb"SCORE=[0-9.]+", b"SCORE=1e3", d, count=1)),
        "master-.*", "SCORE 1e3 for",
    ),
    "a lower score for what is better": (
        lambda v: v.recorded(v.title.hls.key, lambda d: re.sub(rb"SCORE=[0-9.]+", b"SCORE=0.1", d, count=1)),
        "master-.*", r"SCORE 0.1 for v-180p.* and \d+\.\d+ for v-90p.*, which is worse",
    ),
    "wrong channels": (
        lambda v: v.recorded(v.title.hls.key, text('CHANNELS="2"', 'CHANNELS="6"')), "master-.*", "CHANNELS 6",
    ),
    # DASH
    "an MPD that is no XML": (lambda v: v.recorded(v.title.dash.key, text("</MPD>", "")), "mani.*", "not well-formed"),
    "an MPD with an entity": (
        lambda v: v.recorded(v.title.dash.key, text("<MPD", '<!DOCTYPE x [<!ENTITY a "b">]><MPD')), "mani.*",
        "not well-formed",
    ),
    "a wrong MPD duration": (
        lambda v: v.recorded(v.title.dash.key, text('Duration="PT7.5S"', 'Duration="PT7.6S"')), "mani.*", "PT7.6S",
    ),
    "a wrong S duration": (
        lambda v: v.recorded(v.title.dash.key, text('d="36000"', 'd="36001"')), "mani.*", r"puts .*4.m4s at",
    ),
    "a repeat too many": (
        lambda v: v.recorded(v.title.dash.key, text('r="2"', 'r="3"')), "mani.*", "lists 5 segments of v-90p",
    ),
    "a wrong MPD timescale": (
        lambda v: v.recorded(v.title.dash.key, text('"24000"', '"12000"')), "mani.*", "timescale 12000 for v-90p",
    ),
    "a presentationTimeOffset": (
        lambda v: v.recorded(v.title.dash.key, text('"44100" start', '"44100" presentationTimeOffset="9" start')),
        "mani.*", r"puts .*a-main.*1.m4s at",
    ),
    "a wrong start number": (
        lambda v: v.recorded(v.title.dash.key, text('startNumber="1"', 'startNumber="0"')), "mani.*", "lists .*0.m4s",
    ),
    "a wrong template": (
        lambda v: v.recorded(v.title.dash.key, text("$Number$.m4s", "$Time$.m4s")), "mani.*", "lists .*90p.*0.m4s",
    ),
    "a wrong init address": (
        lambda v: v.recorded(v.title.dash.key, text("init.mp4", "init.m4s")), "mani.*", "names the init",
    ),
    "a wrong MPD codec": (
        lambda v: v.recorded(v.title.dash.key, text('codecs="mp4a.40.2" bandwidth', 'codecs="mp4a.40.5" bandwidth')),
        "mani.*", "codecs mp4a.40.5 for a-main",
    ),
    "a wrong MPD codec of a whole set": (
        lambda v: v.recorded(v.title.dash.key, text("mp4a.40.2", "mp4a.40.5")), "mani.*",
        "codecs mp4a.40.5 for the adaptation set 2, which holds mp4a.40.2",
    ),
    "a worse representation ranked first": (
        lambda v: v.recorded(
            v.title.dash.key,
            lambda d: d.replace(b'Ranking="2"', b'Ranking="0"', 1),
        ),
        "mani.*", "ranks v-90p 0 and v-180p, which is better, 1",
    ),
    "two representations of the same rank": (
        lambda v: v.recorded(v.title.dash.key, text('Ranking="2"', 'Ranking="1"')), "mani.*", "set 1 by 1, 1",
    ),
    "a representation without a rank": (
        lambda v: v.recorded(v.title.dash.key, text(' qualityRanking="2"', "")), "mani.*", "set 1 by None, 1",
    ),
    "a wrong MPD size": (
        lambda v: v.recorded(v.title.dash.key, text('height="90"', 'height="96"')), "mani.*", "height 96 for v-90p",
    ),
    "a wrong MPD frame rate": (
        lambda v: v.recorded(v.title.dash.key, text(' frameRate="24"', ' frameRate="24000/1001"')), "mani.*",
        "frameRate 24000/1001",
    ),
    "a frame rate over zero": (
        lambda v: v.recorded(v.title.dash.key, text(' frameRate="24"', ' frameRate="24/0"')), "mani.*", "can't be read",
    ),
    "an MPD bandwidth below the peak": (
        lambda v: v.recorded(v.title.dash.key, lambda d: re.sub(rb'width="\d{5}"', b'width="9"', d, count=1)), "mani.*",
        "bandwidth 9 for v-90p",
    ),
    "a wrong sampling rate": (
        lambda v: v.recorded(v.title.dash.key, text("44100", "48000")), "mani.*", "audioSamplingRate 48000",
    ),
    "wrong MPD channels": (
        lambda v: v.recorded(v.title.dash.key, text('2011" value="2"', '2011" value="1"')), "mani.*", "the channels",
    ),
    "a minBufferTime too short": (
        lambda v: v.recorded(v.title.dash.key, text('BufferTime="PT2S"', 'BufferTime="PT1S"')), "mani.*",
        "minBufferTime PT1S",
    ),
    "a live MPD": (lambda v: v.recorded(v.title.dash.key, text("static", "dynamic")), "mani.*", "type dynamic"),
    "a representation missing": (
        lambda v: v.recorded(v.title.dash.key, text('id="v-90p"', 'id="v-91p"')), "mani.*",
        "0 representations of v-90p",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_by_file_and_name(film: Film, name: str) -> None:
    damage, file, what = DAMAGES[name]
    victim = Victim(film.stored())
    damage(victim)
    faults = audit(victim.store, ID).faults
    matching = [f for f in faults if re.search(f"{file}$", f.file) and re.search(what, f.what)]
    assert matching, faults


GRID_DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "no grid": (lambda v: v.record(lambda r: r.update(grid=[])), f"{V}/.*/2.m4s", "frame 64, off the grid of 48"),
    "a start that the grid lacks": (
        lambda v: v.record(lambda r: r["grid"].remove(139)), f"{W}/.*/4.m4s", "frame 139, off the listed grid",
    ),
    "a grid with a start that no segment has": (
        lambda v: v.record(lambda r: r["grid"].append(160)), f"{W}-.*", "no segment at frame 160 of the grid",
    ),
    "a grid that is one frame off": (
        lambda v: v.record(lambda r: r["grid"].__setitem__(1, 65)), f"{V}/.*/2.m4s", "frame 64, off the listed grid",
    ),
    "a chunk start that the grid lacks": (
        lambda v: v.record(lambda r: r["grid"].remove(96)), "title.json", "chunk 1 at frame 96, which its grid lacks",
    ),
    "a grid without the first frame": (
        lambda v: v.record(lambda r: r["grid"].remove(0)), "title.json", "grid that starts at frame 64",
    ),
    "a grid out of order": (
        lambda v: v.record(lambda r: r["grid"].reverse()), "title.json", "grid with frame 96 after frame 139",
    ),
    "a grid past the film's end": (
        lambda v: v.record(lambda r: r["grid"].append(180)), "title.json", "grid with frame 180 of a film of 180",
    ),
    "a grid that is none": (lambda v: v.record(lambda r: r.update(grid=["x"])), "title.json", "record is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", GRID_DAMAGES)
def test_damage_to_a_listed_grid_is_found_by_file_and_name(shot_film: Film, name: str) -> None:
    damage, file, what = GRID_DAMAGES[name]
    victim = Victim(shot_film.stored())
    damage(victim)
    faults = audit(victim.store, ID).faults
    assert [f for f in faults if re.search(f"{file}$", f.file) and re.search(what, f.what)], faults


def test_segment_boundaries_must_agree_across_renditions(film: Film) -> None:
    """One rung with its first two segments in one object."""
    one, *others = film.drafts
    first, second, *rest = one.segments
    joined = film.objects[first.file.key] + film.objects[second.file.key][24:]
    store = film.stored()
    info = store.put(first.file.key.replace("/1.", "/9."), joined)
    merged = replace(
        first,
        file=replace(first.file, key=info.key, size_bytes=len(joined), xxh3=info.etag),
        duration=first.duration + second.duration,
        samples=first.samples + second.samples,
    )
    with pytest.raises(ValueError, match="segment 1 is stored as"):
        build_title(film.facts, [replace(one, segments=(merged, *rest)), *others])
    moved = []
    for number, segment in enumerate([merged, *rest], 1):
        key = segment.file.key.rsplit("/", 2)[0] + f"/other/{number}.m4s"
        store.put(key, store.get(segment.file.key))
        moved.append(replace(segment, file=replace(segment.file, key=key)))
    presentation = build_title(film.facts, [replace(one, segments=tuple(moved)), *others])
    publish(store, presentation, now=NOW)
    key = presentation.title.renditions[1].playlist.key
    assert [(f.file, f.what) for f in audit(store, ID).faults] == [
        (key, "has other segment boundaries than v-90p (from segment 2 on)")
    ]


@pytest.mark.parametrize("how", ["slice data", "a segment of another rung", "audio data"])
def test_what_only_a_decoder_can_see_is_found_deep(film: Film, how: str) -> None:
    victim = Victim(film.stored())
    if how == "slice data":
        sample = victim.fragments(V, 3)[0].samples[5]
        key = victim.segment(V, 3)
        victim.recorded(
            key, lambda d: d[: sample.offset + 12] + bytes(sample.size - 12) + d[sample.offset + sample.size :]
        )
    elif how == "audio data":
        victim.recorded(victim.segment(A, 2), payload(400, bytes(800)))
    else:
        victim.recorded(victim.segment(V, 2), lambda _: victim.store.get(victim.segment(W, 2)))
    shallow = [f for f in audit(victim.store, ID).faults if "andwidth" not in f.what.lower()]
    deep = [f for f in audit(victim.store, ID, deep=True).faults if "decode" in f.what]
    rendition = A if how == "audio data" else V
    assert (shallow, [f.file for f in deep]) == ([], [victim.playlist(rendition)])
