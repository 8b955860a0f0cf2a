"""Character sets other than UTF-8."""

from __future__ import annotations

import pytest

from subtitles.charset import Decoded, decode
from subtitles.cue import BadSubtitles

GERMAN = "Ich weiß nicht, was du möchtest. Das wäre schön, größer als früher.\n"
RUSSIAN = "Привет, как дела? Я не знаю, что тебе сказать.\n"


def srt(text: str, times: int) -> str:
    return "".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\n{text}\n" for n in range(times))


@pytest.mark.parametrize("times", [1, 30])
@pytest.mark.parametrize(
    ("language", "text", "charset"),
    [
        ("de", GERMAN, "cp1252"),
        ("und", GERMAN, "cp1252"),
        ("fr", "Où est-il allé ? C’est déjà l’été, ça n’a pas d’œuvre à côté.\n", "cp1252"),
        ("pl", "Zażółć gęślą jaźń. Nie wiem, dlaczego tak się dzieje, może później.\n", "cp1250"),
        ("tr", "Şimdi gidiyoruz, çünkü geç oldu. Görüşürüz, iyi günler ağabey.\n", "cp1254"),
        ("ru", RUSSIAN, "cp1251"),
        ("ru", RUSSIAN, "koi8_r"),
        ("und", RUSSIAN, "cp1251"),
        ("el", "Δεν ξέρω τι να σου πω, αλλά είναι ωραίο.\n", "cp1253"),
        ("he", "שלום, מה שלומך היום? אני לא יודע.\n", "cp1255"),
        ("ja", "こんにちは、元気ですか。今日はいい天気ですね。\n", "cp932"),
        ("zh-Hans", "你好，今天天气怎么样？我不知道该说什么。\n", "gb18030"),
        ("ko", "안녕하세요, 오늘 날씨가 좋네요. 무슨 말을 해야 할지 모르겠어요.\n", "cp949"),
    ],
)
def test_a_character_set_is_told_with_the_help_of_the_language(
    times: int, language: str, text: str, charset: str
) -> None:
    file = srt(text, times)
    assert decode(file.encode(charset), language=language, where="x") == Decoded(file, charset)


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(charset: str) -> None:
    found = decode(srt(GERMAN, 3).encode(charset), language="de", where="x")
    assert found.text == srt(GERMAN, 3)
    assert found.charset.startswith(charset[:6].removesuffix("-"))


def test_a_false_mark_is_said_with_its_line() -> None:
    with pytest.raises(BadSubtitles, match="marked as UTF-8") as caught:
        decode(b"\xef\xbb\xbf1\n00:00\nsch\xf6n", where="x.srt")
    assert caught.value.where == "x.srt, line 3"


def test_noise_is_refused_or_text_but_never_an_error_of_another_kind() -> None:
    noise = bytes((n * 7919 + n // 256) % 256 for n in range(5000))
    try:
        assert decode(noise, where="x").text
    except BadSubtitles as error:
        assert "UTF-8" in error.hint
