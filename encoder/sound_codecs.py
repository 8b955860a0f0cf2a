"""What sets the sound codecs apart: frames, priming, bit rates, and what their encoders are asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from treatment.sound import AudioCodec, Layout

RATE_HZ = 48_000
"""All sound is delivered at this sample rate, which is its tracks' timescale too."""


@dataclass(frozen=True, slots=True)
class SoundCodec:
    """`frame` counts samples in an access unit, `priming` those that FFmpeg's encoder puts before the first of the
    sound (AVCodecContext.initial_padding). Bit rates are shares of the ladder's rate for stereo AAC; `most_bps` is what
    the codec can code for one channel."""

    encoder: str
    frame: int
    priming: int
    shares: dict[Layout, float]
    most_bps: int


SOUND_CODECS: dict[AudioCodec, SoundCodec] = {
    # ISO/IEC 14496-3: 1024 samples, at most 6144 bits a channel
    "aac": SoundCodec("aac", 1024, 1024, {"mono": 0.5, "stereo": 1.0, "5.1": 3.0}, 288_000),
    # ETSI TS 102 366: six blocks of 256; a block overlaps the one before
    "eac3": SoundCodec("eac3", 1536, 256, {"mono": 0.5, "stereo": 1.0, "5.1": 3.0}, 160_000),
    # RFC 6716: frames of 20 ms; 312 is libopus's lookahead, which dOps names as PreSkip
    "opus": SoundCodec("libopus", 960, 312, {"mono": 0.4, "stereo": 0.75, "5.1": 2.0}, 256_000),
}


def bit_rate(codec: AudioCodec, layout: Layout, channels: int, stereo_bps: int) -> int:
    """The bit rate of these channels in this codec, where stereo AAC has `stereo_bps`: at 128 kbit/s AAC gets 64 for
    mono and 384 for 5.1, E-AC-3 384 for 5.1, Opus 96 for stereo and 256 for 5.1."""
    coder = SOUND_CODECS[codec]
    return min(round(coder.shares[layout] * stereo_bps), coder.most_bps * min(channels, 5))


def encoder_options(codec: AudioCodec, bps: int, *, lufs: float | None) -> dict[str, str]:
    """What ffmpeg's encoder is asked for; `lufs` is the loudness of what it is given."""
    options = {"c:a": SOUND_CODECS[codec].encoder, "b:a": str(bps), "ar": str(RATE_HZ)}
    if codec == "eac3":
        # dialnorm tells decoders how loud the programme is (ETSI TS 102 366 annex E, ATSC A/85): they expect the truth.
        # Those that fold to stereo are told the levels with which our own stereo is made.
        options |= {
            "dialnorm": str(max(-31, min(-1, round(lufs)))) if lufs is not None else "-31",
            "dmix_mode": "loro",
            "loro_cmixlev": "0.707",
            "loro_surmixlev": "0.707",
        }
    return options
