"""The encoder's commands, whole."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from encoder.argv import FRAGMENTS, STATS, chunk_argv, first_pass_argv
from media.colour import Colour
from tests.encoder.jobs import film_input, job_of, outputs_of
from treatment.picture import Picture

ENCODER = (
    "-bufsize:v", "{buffer}", "-c:v", "libx264", "-crf:v", "30.5", "-enc_time_base:v", "1/24",
    "-force_key_frames:v", "{keys}", "-forced-idr:v", "1", "-fps_mode:v", "passthrough", "-fragment_index", "{first}",
    "-g:v", "97", "-level:v", "{level}", "-map_chapters", "-1", "-map_metadata", "-1", "-maxrate:v", "{cap}",
    "-movflags", FRAGMENTS,
    "-preset:v", "fast", "-rc_init_occupancy:v", "1000", "-refs:v", "2",
    "-stats_enc_pre:v", "{stats}", "-stats_enc_pre_fmt:v", STATS, "-threads:v", "1", "-use_editlist", "0",
    "-video_track_timescale", "24000", "-write_btrt", "0", "-x264-params:v", "stitchable=1:open-gop=0", "{path}",
)  # fmt: skip


def encoder(**values: str) -> tuple[str, ...]:
    return tuple(values.get(word.strip("{}"), word) if word.startswith("{") else word for word in ENCODER)


def test_a_chunk_is_decoded_once_and_encoded_into_every_rung() -> None:
    job = job_of(Fraction(24), 300, 96)[1]
    graph = (
        "[0:0]setpts=PTS-(900)[s0];[s0]tpad=stop_duration=0.083333:stop_mode=clone[s1];"
        "[s1]settb=1/24[s2];[s2]fps=fps=24/1:round=near[s3];"
        "[s3]trim=end_pts=300:start_pts=192[s4];"
        "[s4]setparams=color_primaries=1:color_trc=1:colorspace=1:range=limited[s5];[s5]split=2[s6][s7];"
        "[s6]scale=160:90:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s8];[s8]setsar=1[s9];[s9]format=yuv420p[s10];"
        "[s7]scale=320:180:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s11];[s11]setsar=1[s12];[s12]format=yuv420p[s13]"
    )
    keys = "expr:eq(n,0)+eq(n,96)"
    assert chunk_argv("ffmpeg", job, job.seek, outputs_of(job, "a", "b")) == (
        "ffmpeg", *film_input("8.011000"),
        "-filter_complex", graph,
        "-map", "[s10]", "-f", "mp4",
        *encoder(buffer="600000", keys=keys, first="193", cap="300000", level="1.2", stats="a.txt", path="a.mp4"),
        "-map", "[s13]", "-f", "mp4",
        *encoder(buffer="1200000", keys=keys, first="193", cap="600000", level="1.3", stats="b.txt", path="b.mp4"),
        "-copyts", "-filter_complex_threads", "1", "-y", "-nostdin", "-hide_banner", "-loglevel", "warning",
    )  # fmt: skip


def test_each_segment_of_a_chunk_starts_with_a_forced_idr() -> None:
    first = job_of(Fraction(24), 300, 96)[0]
    argv = chunk_argv("ffmpeg", first, None, outputs_of(first, "a", "b"))
    assert argv[argv.index("-force_key_frames:v") + 1] == "expr:eq(n,0)+eq(n,96)"
    assert "-ss" not in argv


def test_the_last_chunk_repeats_the_last_frame_where_the_source_shows_it_longer() -> None:
    first, last = job_of(Fraction(24), 300, 96)
    held = Picture(0, closing_frames=3)
    graphs = [
        " ".join(chunk_argv("ffmpeg", replace(j, picture=held), None, outputs_of(j, "a", "b"))) for j in (first, last)
    ]
    assert ["tpad=stop=3:stop_mode=clone" in g for g in graphs] == [False, True]


def test_interlaced_and_hdr_pictures_are_brought_to_plain_ones_before_they_are_split() -> None:
    job = replace(job_of(Fraction(24), 96, 96)[0], picture=Picture(2, scan="frame", colour=Colour(9, 16, 9)))
    argv = chunk_argv("ffmpeg", job, None, outputs_of(job, "a", "b"))
    graph = argv[argv.index("-filter_complex") + 1]
    order = ["[0:2]setpts", "bwdif", "settb", "fps", "trim", "zscale", "tonemap", "split", "]scale"]
    places = [graph.index(step) for step in order]
    assert places == sorted(places)


def test_a_name_with_odd_characters_stays_one_word() -> None:
    job = replace(job_of(Fraction(24), 96, 96)[0], location="/m/it's [a] film; rm -rf.mp4")
    argv = chunk_argv("ffmpeg", job, None, outputs_of(job, "a", "b"))
    assert argv[argv.index("-i") + 1] == "/m/it's [a] film; rm -rf.mp4"


def test_one_output_needs_no_split() -> None:
    job = job_of(Fraction(24), 96, 96)[0]
    argv = chunk_argv("ffmpeg", job, None, outputs_of(job, "a")[:1])
    assert "split" not in argv[argv.index("-filter_complex") + 1]


def test_rungs_of_one_size_share_one_scaler() -> None:
    job = job_of(Fraction(24), 96, 96)[0]
    low, high = job.settings.rungs
    rungs = (low, high, replace(low, name="90p-low", max_bps=100_000))
    job = replace(job, settings=replace(job.settings, rungs=rungs))
    argv = chunk_argv("ffmpeg", job, None, outputs_of(job, "a", "b", "c"))
    assert argv[argv.index("-filter_complex") + 1].split("[s3];")[1] == (
        "[s3]trim=end_pts=96:start_pts=0[s4];"
        "[s4]setparams=color_primaries=1:color_trc=1:colorspace=1:range=limited[s5];[s5]split=2[s6][s7];"
        "[s6]scale=160:90:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s8];[s8]setsar=1[s9];[s9]format=yuv420p[s10];[s10]split=2[s11][s12];"
        "[s7]scale=320:180:flags=bicubic:in_chroma_loc=left:out_chroma_loc=left:out_range=tv[s13];[s13]setsar=1[s14];[s14]format=yuv420p[s15]"
    )
    mapped = [argv[i + 1] for i, word in enumerate(argv) if word == "-map"]
    paths = [word for word in argv if word.endswith(".mp4") and not word.startswith("/")]
    assert list(zip(mapped, paths, strict=True)) == [("[s11]", "a.mp4"), ("[s15]", "b.mp4"), ("[s12]", "c.mp4")]


def test_vp9_is_encoded_in_two_passes_over_the_same_frames() -> None:
    job = job_of(Fraction(24), 96, 96)[0]
    rungs = tuple(replace(r, codec="vp9") for r in job.settings.rungs)
    job = replace(job, settings=replace(job.settings, codec="vp9", rungs=rungs))
    outputs = outputs_of(job, "a", "b")
    first = first_pass_argv("ffmpeg", job, 1234, outputs)
    second = chunk_argv("ffmpeg", job, 1234, outputs)
    shared = ("-cpu-used:v", "4", "-crf:v", "30", "-deadline:v", "good", "-enc_time_base:v", "1/24")
    keys = ("-force_key_frames:v", "expr:eq(n,0)", "-fps_mode:v", "passthrough")

    def output(number: int, name: str, stream: str) -> tuple[str, ...]:
        plain = number == 1
        return (
            "-map", stream, "-f", "null" if plain else "mp4", "-auto-alt-ref:v", "1", "-b:v", "0",
            "-c:v", "libvpx-vp9", *shared, *keys, *(() if plain else ("-fragment_index", "1")), "-g:v", "97",
            "-lag-in-frames:v", "25",
            *(() if plain else ("-map_chapters", "-1", "-map_metadata", "-1", "-movflags", FRAGMENTS)),
            "-pass:v", str(number), "-passlogfile:v", f"{name}.mp4.pass", "-row-mt:v", "0",
            "-stats_enc_pre:v", f"{name}.txt", "-stats_enc_pre_fmt:v", STATS, "-threads:v", "1",
            *(() if plain else ("-use_editlist", "0", "-video_track_timescale", "24000", "-write_btrt", "0")),
            "-" if plain else f"{name}.mp4",
        )  # fmt: skip

    start = second[: second.index("-map")]
    stop = ("-copyts", "-filter_complex_threads", "1", "-y", "-nostdin", "-hide_banner", "-loglevel", "warning")
    assert first == (*start, *output(1, "a", "[s10]"), *output(1, "b", "[s13]"), *stop)
    assert second == (*start, *output(2, "a", "[s10]"), *output(2, "b", "[s13]"), *stop)
