"""Auditing HLS playlists against what was read from the media (RFC 8216bis). Pure.

The playlists are parsed with the m3u8 package; nothing is taken from the code that wrote them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from posixpath import dirname, normpath

import m3u8

from packager.audit_facts import Fault, RenditionFacts, average_rate, is_better, measured_alike, peak_rate
from values.title import Title

_MICROSECOND = Fraction(1, 1_000_000)
_DECIMAL = re.compile(r"\d+(\.\d+)?")


def audit_hls(title: Title, found: Sequence[RenditionFacts], texts: Mapping[str, bytes]) -> list[Fault]:
    """The multivariant playlist and all media playlists; `texts` are the stored playlists by key."""
    auditor = _Auditor(title, {f.rendition.playlist.key: f for f in found}, found)
    for facts in found:
        key = facts.rendition.playlist.key
        if key in texts:
            auditor.media(key, texts[key], facts)
    auditor.targets_agree()
    if title.hls.key in texts:
        auditor.master(title.hls.key, texts[title.hls.key])
    return auditor.faults


@dataclass(slots=True)
class _Auditor:
    title: Title
    by_playlist: Mapping[str, RenditionFacts]
    found: Sequence[RenditionFacts]
    targets: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def say(self, key: str, what: str) -> None:
        self.faults.append(Fault(key, what))

    def parse(self, key: str, data: bytes) -> m3u8.M3U8 | None:
        try:
            playlist = m3u8.M3U8(data.decode("utf-8"), strict=True)
        except Exception as error:  # noqa: BLE001  m3u8 raises whatever its regular expressions and floats raise
            self.say(key, f"is not a playlist ({type(error).__name__}: {error})")
            return None
        if (playlist.version or 1) < 6:
            self.say(key, f"says EXT-X-VERSION {playlist.version or 1} and EXT-X-MAP needs 6")
        if not playlist.is_independent_segments:
            self.say(key, "lacks EXT-X-INDEPENDENT-SEGMENTS")
        return playlist

    def media(self, key: str, data: bytes, facts: RenditionFacts) -> None:
        playlist = self.parse(key, data)
        if playlist is None:
            return
        if str(playlist.playlist_type).upper() != "VOD":
            self.say(key, "lacks EXT-X-PLAYLIST-TYPE:VOD")
        if not playlist.is_endlist:
            self.say(key, "lacks EXT-X-ENDLIST: players would wait for more")
        listed = [resolve(key, s.uri) for s in playlist.segments]
        stored = [s.file.key for s in facts.rendition.segments]
        if listed != stored:
            self.say(key, _difference(listed, stored))
        inits = {resolve(key, s.init_section.uri) if s.init_section else None for s in playlist.segments}
        if inits != {facts.rendition.init.key}:
            self.say(key, f"names the init {', '.join(map(str, inits))} instead of {facts.rendition.init.key}")
        self._durations(key, playlist, facts)

    def _durations(self, key: str, playlist: m3u8.M3U8, facts: RenditionFacts) -> None:
        known = {s.key: s for s in facts.segments if s}
        timescale = facts.track.timescale if facts.track else 1
        claimed = real = Fraction(0)
        for entry in playlist.segments:
            extinf = _decimal(entry.duration)
            segment = known.get(resolve(key, entry.uri))
            duration = Fraction(segment.stop - segment.start, timescale) if segment else extinf
            claimed, real = claimed + extinf, real + duration
            if abs(extinf - duration) > _MICROSECOND:
                self.say(key, f"has EXTINF {float(extinf):.6f} for {entry.uri}, which lasts {float(duration):.6f} s")
        if abs(claimed - real) > _MICROSECOND * 2:
            self.say(key, f"lasts {float(claimed):.6f} s by its EXTINF and {float(real):.6f} s by its media")
        target = playlist.target_duration
        longest = max((_decimal(s.duration) for s in playlist.segments), default=Fraction(0))
        if target is None:
            self.say(key, "lacks EXT-X-TARGETDURATION")
            return
        if math.floor(longest + Fraction(1, 2)) > target:
            self.say(key, f"has EXT-X-TARGETDURATION {target} and a segment of {float(longest):.6f} s")
        self.targets[key] = int(target)

    def targets_agree(self) -> None:
        """All must be the same (section 6.2.4), and no more than the longest segment asks for."""
        if len(set(self.targets.values())) > 1:
            for key, target in self.targets.items():
                self.say(key, f"has EXT-X-TARGETDURATION {target}, others have {sorted(set(self.targets.values()))}")
        longest = max((d for f in self.found for _, d in f.seconds()), default=None)
        if longest is not None and all(f.readable for f in self.found):
            need = max(1, math.floor(longest + Fraction(1, 2)))
            for key, target in self.targets.items():
                if target > need:
                    self.say(key, f"has EXT-X-TARGETDURATION {target} and no segment is longer than {need}")

    def master(self, key: str, data: bytes) -> None:
        playlist = self.parse(key, data)
        if playlist is None:
            return
        if not playlist.is_variant:
            self.say(key, "is not a multivariant playlist")
        media = {m.group_id: [n for n in playlist.media if n.group_id == m.group_id] for m in playlist.media}
        named = [resolve(key, v.uri) for v in playlist.playlists] + [resolve(key, m.uri) for m in playlist.media]
        for uri in sorted({n for n in named if named.count(n) > 1}):
            self.say(key, f"lists {uri} twice")
        for uri in sorted(set(named) - set(self.by_playlist)):
            self.say(key, f"lists {uri}, which is no playlist of this title")
        for uri in sorted(set(self.by_playlist) - set(named)):
            self.say(key, f"does not list {uri}")
        for entry in playlist.media:
            self._audio(key, entry)
        for variant in playlist.playlists:
            facts = self.by_playlist.get(resolve(key, variant.uri))
            if facts and facts.readable:
                self._variant(key, variant, facts, media)
        self._scores(key, playlist)

    def _scores(self, key: str, playlist: m3u8.M3U8) -> None:
        """SCORE on all variants or none, positive, and none lower than that of a worse variant (section 4.4.6.2)."""
        said = [(v["uri"], v["stream_info"].get("score")) for v in playlist.data["playlists"]]
        lacking = [uri for uri, text in said if text is None]
        if lacking:
            if len(lacking) < len(said):
                self.say(key, f"lacks SCORE for {', '.join(lacking)} and has it for others")
            return
        known: list[tuple[Fraction, str, RenditionFacts]] = []
        for uri, text in said:
            facts = self.by_playlist.get(resolve(key, uri))
            if not _DECIMAL.fullmatch(text) or not Fraction(text):
                self.say(key, f"says SCORE {text} for {uri}, which is no positive number")
            elif facts and facts.readable:
                known.append((Fraction(text), uri, facts))
        by_vmaf = measured_alike(self.found)
        for score, uri, facts in known:
            for higher, other, worse in known:
                if higher > score and is_better(facts, worse, by_vmaf=by_vmaf):
                    self.say(
                        key, f"says SCORE {float(score)} for {uri} and {float(higher)} for {other}, which is worse"
                    )

    def _audio(self, key: str, entry: m3u8.Media) -> None:
        facts = self.by_playlist.get(resolve(key, entry.uri))
        if facts and facts.track and entry.channels != str(facts.track.channels):
            self.say(key, f"says CHANNELS {entry.channels} for {entry.uri}, which has {facts.track.channels}")

    def _variant(
        self, key: str, variant: m3u8.Playlist, facts: RenditionFacts, media: Mapping[str, list[m3u8.Media]]
    ) -> None:
        info, track = variant.stream_info, facts.track
        if track is None:
            return
        if info.audio and info.audio not in media:
            self.say(key, f"refers {variant.uri} to the audio group {info.audio!r}, which does not exist")
        named = [self.by_playlist.get(resolve(key, m.uri)) for m in media.get(info.audio, [])]
        audio = [f for f in named if f and f.track and f.readable]
        if not info.audio and any(f.rendition.kind == "audio" for f in self.found):
            self.say(key, f"offers {variant.uri} without the title's audio")
        target_s = max(self.targets.values(), default=1)
        peak = _combined([peak_rate(facts.seconds(), target_s)], [peak_rate(a.seconds(), target_s) for a in audio])
        average = _combined([average_rate(facts.seconds())], [average_rate(a.seconds()) for a in audio])
        if (info.bandwidth or 0) < peak:
            self.say(key, f"says BANDWIDTH {info.bandwidth} for {variant.uri}, whose peak is {peak}")
        if (info.average_bandwidth or 0) < average:
            self.say(key, f"says AVERAGE-BANDWIDTH {info.average_bandwidth} for {variant.uri}, which has {average}")
        codecs = {track.codec, *(a.track.codec for a in audio if a.track)}
        if set((info.codecs or "").split(",")) != codecs:
            self.say(key, f"says CODECS {info.codecs} for {variant.uri}, which holds {','.join(sorted(codecs))}")
        if info.resolution != (track.width, track.height):
            said = "x".join(map(str, info.resolution or ("nothing",)))
            self.say(key, f"says RESOLUTION {said} for {variant.uri}, which is {track.width}x{track.height}")
        if info.frame_rate is None or abs(_decimal(info.frame_rate) - self.title.rate) > Fraction(1, 1000):
            self.say(key, f"says FRAME-RATE {info.frame_rate} for {variant.uri}, which has {self.title.rate}")


def resolve(key: str, uri: str | None) -> str:
    """The store key that a relative reference in the object at `key` means; foreign addresses stay as they are."""
    if not uri or "://" in uri or uri.startswith("/"):
        return uri or ""
    return normpath(f"{dirname(key)}/{uri}")


def _decimal(value: object) -> Fraction:
    """A number that m3u8 gave as a float, as the decimal that was written (at most 9 places)."""
    return Fraction(f"{float(str(value or 0)):.9f}")


def _combined(video: list[int], audio: list[int]) -> int:
    return max(video) + max(audio, default=0)


def _difference(listed: list[str], stored: list[str]) -> str:
    for number, (a, b) in enumerate(zip(listed, stored, strict=False), 1):
        if a != b:
            return f"lists {a} as segment {number} and the record says {b}"
    return f"lists {len(listed)} segments and the record {len(stored)}"
