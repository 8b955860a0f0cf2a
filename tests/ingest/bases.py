"""Small whole clips in many containers, made once: what hostile files are cut from."""

from __future__ import annotations

from pathlib import Path

from media.ffmpeg import ffmpeg_path, run

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=3")
_TONE = ("-f", "lavfi", "-i", "sine=r=48000:d=3")
_AVC = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
_MPEG2 = ("-c:v", "mpeg2video", "-g", "12", "-b:v", "400k")

_OPTIONS: dict[str, tuple[str, ...]] = {
    "mp4": (*_AVC, "-c:a", "aac", "-f", "mp4"),
    "silent.mp4": (*_AVC, "-an", "-f", "mp4"),
    "fast.mp4": (*_AVC, "-c:a", "aac", "-movflags", "+faststart", "-f", "mp4"),
    "pieces.mp4": (*_AVC, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov", "-f", "mp4"),
    "mov": ("-c:v", "mjpeg", "-c:a", "pcm_s16le", "-f", "mov"),
    "mkv": (*_AVC, "-c:a", "aac", "-f", "matroska"),
    "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-f", "webm"),
    "ts": (*_MPEG2, "-c:a", "mp2", "-f", "mpegts"),
    "avi": ("-c:v", "mpeg4", "-c:a", "mp2", "-f", "avi"),
    "mxf": (*_MPEG2, "-c:a", "pcm_s16le", "-f", "mxf"),
    "flv": ("-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100", "-f", "flv"),
    "png.avi": ("-c:v", "png", "-pix_fmt", "rgb24", "-frames:v", "2", "-an", "-f", "avi"),
    "wav": ("-vn", "-f", "wav"),
    "locked.mp4": (
        *_AVC, "-an", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "00112233445566778899aabbccddeeff",
        "-encryption_kid", "00112233445566778899aabbccddeeff", "-f", "mp4",
    ),
    "wraps.ts": (*_MPEG2, "-c:a", "mp2", "-output_ts_offset", "95442", "-f", "mpegts"),
}  # fmt: skip


class Bases:
    """The clips, by what they are, made in `folder` when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, kind: str) -> bytes:
        path = self._folder / kind
        if not path.exists():
            run([ffmpeg_path(), "-v", "error", *_PICTURE, *_TONE, *_OPTIONS[kind], str(path)], where=kind)
        return path.read_bytes()

    def made(self, name: str, *argv: str) -> bytes:
        """Another clip: `argv` are ffmpeg's options up to the output file."""
        path = self._folder / name
        if not path.exists():
            run([ffmpeg_path(), "-v", "error", *argv, str(path)], where=name)
        return path.read_bytes()

    def path(self, kind: str) -> str:
        """The path of a clip that exists."""
        self(kind)
        return str(self._folder / kind)
