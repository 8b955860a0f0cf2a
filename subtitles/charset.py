"""From a subtitle file's bytes to its text, whatever character set it was written in. Pure.

A byte order mark decides; without one UTF-8 is tried; the rest is judged by charset-normalizer, helped by what is usual
in the language.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import charset_normalizer

from subtitles.cue import BadSubtitles

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_JUDGED_BYTES = 64 << 10
_USUAL = {
    "ar": ("cp1256",), "be": ("cp1251",), "bg": ("cp1251",), "cs": ("cp1250",), "el": ("cp1253",), "et": ("cp1257",),
    "fa": ("cp1256",), "he": ("cp1255",), "hr": ("cp1250",), "hu": ("cp1250",), "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",), "lt": ("cp1257",), "lv": ("cp1257",), "mk": ("cp1251",), "pl": ("cp1250",), "ro": ("cp1250",),
    "ru": ("cp1251", "koi8_r", "cp866"), "sk": ("cp1250",), "sl": ("cp1250",), "sr": ("cp1250", "cp1251"),
    "th": ("cp874",), "tr": ("cp1254",), "uk": ("cp1251", "koi8_u"), "vi": ("cp1258",), "zh": ("gb18030", "big5hkscs"),
}  # fmt: skip
_WESTERN = ("cp1252",)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, and the character set it was in (Python's name)."""

    text: str
    charset: str


def decode(data: bytes, *, language: str = "", where: str) -> Decoded:
    """The text of `data`; `language` (BCP 47) decides between character sets that fit equally well.

    Raises BadSubtitles where no character set gives text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(_strict(data[len(mark) :], name, where), name)
    wide = _wide(data)
    if wide:
        return Decoded(_strict(data, wide, where), wide)
    try:
        return Decoded(data.decode(), "utf-8")
    except UnicodeDecodeError:
        judged = _judge(data, language)
    if judged is None:
        raise BadSubtitles(
            "its character set can't be told",
            where=where,
            hint="Save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW.",
        )
    return Decoded(data.decode(judged, errors="replace"), judged)


def _strict(data: bytes, name: str, where: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(name, errors="replace").count("\n") + 1
        raise BadSubtitles(
            f"it is marked as {name.upper()} and isn't ({error.reason})",
            where=f"{where}, line {line}",
            hint="Save it as UTF-8.",
        ) from error


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    head = data[:4096]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) * 4 < len(head) or len(data) % 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _judge(data: bytes, language: str) -> str | None:
    """The most likely 8-bit or multi-byte character set; times and numbers would only dilute the evidence."""
    lines = [line for line in data.split(b"\n") if any(b >= 0x80 for b in line)]
    sample = b"\n".join(lines)[:_JUDGED_BYTES]
    sample = sample[: sample.rfind(b"\n")] if len(sample) == _JUDGED_BYTES and b"\n" in sample else sample
    usual = _USUAL.get(language.split("-")[0].lower(), _WESTERN)
    found = list(charset_normalizer.from_bytes(sample, threshold=0.3))
    for match in found:  # the likeliest first
        for name in usual:
            if name in (match.encoding, *match.could_be_from_charset) and _fits(data, name):
                return name
    fitting = [m.encoding for m in found if _fits(data, m.encoding)]
    return fitting[0] if fitting else next((n for n in usual if _fits(data, n)), None)


def _fits(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
