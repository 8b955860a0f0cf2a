"""Auditing the HLS multivariant playlist against what was read from the media (RFC 8216bis section 4.4.6). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import m3u8

from packager.audit_facts import Fault, RenditionFacts, average_rate, is_better, measured_alike, peak_rate
from packager.audit_hls_groups import audit_groups, playable
from packager.audit_playlist import decimal, parse_playlist, resolve
from packager.audit_text import TextFacts
from values.title import Title

_DECIMAL = re.compile(r"\d+(\.\d+)?")
_RANGES = {16: "PQ", 18: "HLG"}
_CHAPTERS = "com.apple.hls.chapters"


def audit_master(
    title: Title, found: Sequence[RenditionFacts], tracks: Sequence[TextFacts], data: bytes, target_s: int
) -> list[Fault]:
    """The multivariant playlist `data`; `target_s` is the target duration that the media playlists say."""
    auditor = _Auditor(title, found, tracks, target_s)
    auditor.master(data)
    return auditor.faults


@dataclass(slots=True)
class _Auditor:
    title: Title
    found: Sequence[RenditionFacts]
    tracks: Sequence[TextFacts]
    target_s: int
    faults: list[Fault] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.title.hls.key

    def say(self, what: str) -> None:
        self.faults.append(Fault(self.key, what))

    def master(self, data: bytes) -> None:
        playlist = parse_playlist(self.key, data, self.faults)
        if playlist is None:
            return
        if (playlist.version or 1) < 6:
            self.say(f"says EXT-X-VERSION {playlist.version or 1} and its playlists need 6")
        if not playlist.is_independent_segments:
            self.say("lacks EXT-X-INDEPENDENT-SEGMENTS")
        if not playlist.is_variant:
            self.say("is not a multivariant playlist")
        self._completeness(playlist)
        video = {f.rendition.playlist.key: f for f in self.found if f.rendition.kind == "video"}
        sound = {f.rendition.playlist.key: f for f in self.found if f.rendition.kind == "audio"}
        text = {t.text.playlist.key: t for t in self.tracks}
        for what in audit_groups(self.key, playlist, sound, text):
            self.say(what)
        for variant in playlist.playlists:
            facts = video.get(resolve(self.key, variant.uri))
            if facts and facts.readable:
                self._variant(variant, facts, self._group(playlist, "AUDIO", variant.stream_info.audio, sound))
        for what in self._pairs(playlist):
            self.say(what)
        for entry in playlist.iframe_playlists:
            self._iframes(entry)
        self._scores(playlist, video | {f.rendition.iframes.key: f for f in video.values() if f.rendition.iframes})
        self._chapters(playlist)

    def _completeness(self, playlist: m3u8.M3U8) -> None:
        """Every playlist of the title, and nothing else; each variant once with each group."""
        media = [m.uri for m in playlist.media]
        others = [p.uri for p in (*playlist.iframe_playlists, *playlist.image_playlists)]
        listed = {resolve(self.key, uri) for uri in (*media, *others, *(v.uri for v in playlist.playlists))}
        known = {f.rendition.playlist.key for f in self.found} | {t.text.playlist.key for t in self.tracks}
        images = self.title.thumbnails
        known |= {f.rendition.iframes.key for f in self.found if f.rendition.iframes}
        known |= {images.playlist.key} if images and images.playlist else set()
        unplayable = {f.rendition.playlist.key for f in self.found if not playable(f)}
        pairs = [(resolve(self.key, v.uri), v.stream_info.audio) for v in playlist.playlists]
        pairs += [(resolve(self.key, m.uri), m.group_id) for m in playlist.media]
        pairs += [(resolve(self.key, uri), None) for uri in others]
        for uri in sorted({uri for uri, group in pairs if pairs.count((uri, group)) > 1}):
            self.say(f"lists {uri} twice")
        for uri in sorted(listed - known):
            self.say(f"lists {uri}, which is no playlist of this title")
        for uri in sorted(listed & unplayable):
            self.say(f"lists {uri}, whose codec HLS players don't take")
        for uri in sorted(known - listed - unplayable):
            self.say(f"does not list {uri}")

    def _group(
        self, playlist: m3u8.M3U8, kind: str, group: str | None, known: Mapping[str, RenditionFacts]
    ) -> list[RenditionFacts]:
        members = (m for m in playlist.media if m.type == kind and m.group_id == group)
        return [f for m in members if (f := known.get(resolve(self.key, m.uri))) and f.track and f.readable]

    def _pairs(self, playlist: m3u8.M3U8) -> Iterator[str]:
        """Each group must be offered with each video, or a player that needs the group can't switch."""
        groups = {m.group_id for m in playlist.media if m.type == "AUDIO"}
        videos = dict.fromkeys(v.uri for v in playlist.playlists)
        pairs = {(v.uri, v.stream_info.audio) for v in playlist.playlists}
        for variant in playlist.playlists:
            if variant.stream_info.audio and variant.stream_info.audio not in groups:
                yield f"refers {variant.uri} to the audio group {variant.stream_info.audio!r}, which does not exist"
        if any(f.rendition.kind == "audio" and playable(f) for f in self.found):
            for uri in (uri for uri, group in sorted(pairs, key=str) if not group):
                yield f"offers {uri} without the title's audio"
        for uri in videos:
            for group in sorted(groups - {g for u, g in pairs if u == uri}):
                yield f"does not offer {uri} with the audio group {group!r}"
        subtitles = {m.group_id for m in playlist.media if m.type == "SUBTITLES"}
        for variant in playlist.playlists:
            said = variant.stream_info.subtitles
            if said and said not in subtitles:
                yield f"refers {variant.uri} to the subtitles {said!r}, which do not exist"
            elif self.tracks and not said:
                yield f"offers {variant.uri} without the title's subtitles"

    def _variant(self, variant: m3u8.Playlist, facts: RenditionFacts, audio: Sequence[RenditionFacts]) -> None:
        info, track = variant.stream_info, facts.track
        assert track is not None
        where = f"{variant.uri} with {info.audio!r}" if info.audio else variant.uri
        peaks = [peak_rate(a.seconds(), self.target_s) for a in audio]
        texts = [t.segments for t in self.tracks] if info.subtitles else []
        peak = peak_rate(facts.seconds(), self.target_s) + max(peaks, default=0)
        peak += max((peak_rate(t, _target(t)) for t in texts), default=0)
        average = average_rate(facts.seconds()) + max((average_rate(a.seconds()) for a in audio), default=0)
        average += max((average_rate(t) for t in texts), default=0)
        if (info.bandwidth or 0) < peak:
            self.say(f"says BANDWIDTH {info.bandwidth} for {where}, whose peak is {peak}")
        if (info.average_bandwidth or 0) < average:
            self.say(f"says AVERAGE-BANDWIDTH {info.average_bandwidth} for {where}, which has {average}")
        codecs = {track.codec, *(a.track.codec for a in audio if a.track)}
        if set((info.codecs or "").split(",")) != codecs:
            self.say(f"says CODECS {info.codecs} for {where}, which holds {','.join(sorted(codecs))}")
        if info.frame_rate is None or abs(decimal(info.frame_rate) - self.title.rate) > Fraction(1, 1000):
            self.say(f"says FRAME-RATE {info.frame_rate} for {variant.uri}, which has {self.title.rate}")
        self._picture(variant.uri, info, facts)

    def _picture(self, uri: str, info: m3u8.model.StreamInfo, facts: RenditionFacts) -> None:
        track = facts.track
        assert track is not None
        if info.resolution != (track.width, track.height):
            said = "x".join(map(str, info.resolution or ("nothing",)))
            self.say(f"says RESOLUTION {said} for {uri}, which is {track.width}x{track.height}")
        wanted = _RANGES.get(track.colour[1], "SDR")
        if info.video_range != wanted:
            self.say(f"says VIDEO-RANGE {info.video_range} for {uri}, whose init is of {wanted}")

    def _iframes(self, entry: m3u8.IFramePlaylist) -> None:
        key = resolve(self.key, entry.uri)
        facts = next((f for f in self.found if f.rendition.iframes and f.rendition.iframes.key == key), None)
        if facts is None or facts.track is None or not facts.readable:
            return
        info = entry.iframe_stream_info
        timescale = facts.track.timescale
        sizes = [(s.key_bytes, Fraction(s.stop - s.start, timescale)) for s in facts.segments if s]
        peak = peak_rate(sizes, self.target_s)
        if (info.bandwidth or 0) < peak:
            self.say(f"says BANDWIDTH {info.bandwidth} for {entry.uri}, whose peak is {peak}")
        if info.average_bandwidth is not None and info.average_bandwidth < average_rate(sizes):
            self.say(
                f"says AVERAGE-BANDWIDTH {info.average_bandwidth} for {entry.uri}, which has {average_rate(sizes)}"
            )
        if info.codecs != facts.track.codec:
            self.say(f"says CODECS {info.codecs} for {entry.uri}, which holds {facts.track.codec}")
        self._picture(entry.uri, info, facts)

    def _scores(self, playlist: m3u8.M3U8, video: Mapping[str, RenditionFacts]) -> None:
        """SCORE on all variants or none, positive, and none lower than that of a worse variant (section 4.4.6.2)."""
        said = [(v["uri"], v["stream_info"].get("score")) for v in playlist.data["playlists"]]
        said += [(v["uri"], v["iframe_stream_info"].get("score")) for v in playlist.data["iframe_playlists"]]
        lacking = [uri for uri, text in said if text is None]
        if lacking:
            if len(lacking) < len(said):
                self.say(f"lacks SCORE for {', '.join(lacking)} and has it for others")
            return
        known: list[tuple[Fraction, str, RenditionFacts]] = []
        for uri, text in said:
            facts = video.get(resolve(self.key, uri))
            if not _DECIMAL.fullmatch(text) or not Fraction(text):
                self.say(f"says SCORE {text} for {uri}, which is no positive number")
            elif facts and facts.readable:
                known.append((Fraction(text), uri, facts))
        by_vmaf = measured_alike(self.found)
        for score, uri, facts in known:
            for higher, other, worse in known:
                if higher > score and is_better(facts, worse, by_vmaf=by_vmaf):
                    self.say(f"says SCORE {float(score)} for {uri} and {float(higher)} for {other}, which is worse")

    def _chapters(self, playlist: m3u8.M3U8) -> None:
        named = [resolve(self.key, d.uri) for d in playlist.session_data if d.data_id == _CHAPTERS]
        stored = [self.title.hls_chapters.key] if self.title.hls_chapters else []
        if named != stored:
            self.say(f"names the chapters {', '.join(named) or 'nowhere'} and the record {', '.join(stored) or 'none'}")


def _target(sizes: Sequence[tuple[int, Fraction]]) -> int:
    return max([1, *(int(d + Fraction(1, 2)) for _, d in sizes)])
