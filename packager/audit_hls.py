"""Auditing HLS media playlists against what was read from the media (RFC 8216bis). Pure.

The playlists are parsed with the m3u8 package; nothing is taken from the code that wrote them. What the multivariant
playlist says is audited in `audit_hls_master`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import m3u8

from packager.audit_facts import Fault, RenditionFacts
from packager.audit_hls_images import image_list
from packager.audit_hls_master import audit_master
from packager.audit_playlist import MICROSECOND, decimal, difference, parse_playlist, resolve
from packager.audit_text import TextFacts
from values.title import Title


def audit_hls(
    title: Title, found: Sequence[RenditionFacts], texts: Mapping[str, bytes], tracks: Sequence[TextFacts] = ()
) -> list[Fault]:
    """The multivariant playlist and all media playlists; `texts` are the stored playlists by key."""
    auditor = _Auditor(title, found)
    for facts in found:
        key = facts.rendition.playlist.key
        if key in texts:
            auditor.media(key, texts[key], facts)
        iframes = facts.rendition.iframes
        if iframes and iframes.key in texts:
            auditor.key_frames(iframes.key, texts[iframes.key], facts)
    auditor.targets_agree()
    for track in tracks:
        key = track.text.playlist.key
        if key in texts:
            auditor.text(key, texts[key], track)
    images = title.thumbnails
    if images and images.playlist and images.playlist.key in texts:
        auditor.faults += image_list(images, title.duration, images.playlist.key, texts[images.playlist.key])
    if title.hls.key in texts:
        target_s = max(auditor.targets.values(), default=1)
        auditor.faults += audit_master(title, found, tracks, texts[title.hls.key], target_s)
    return auditor.faults


@dataclass(slots=True)
class _Auditor:
    title: Title
    found: Sequence[RenditionFacts]
    targets: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def say(self, key: str, what: str) -> None:
        self.faults.append(Fault(key, what))

    def parse(self, key: str, data: bytes) -> m3u8.M3U8 | None:
        """A media playlist, and what all of them must say."""
        playlist = parse_playlist(key, data, self.faults)
        if playlist is None:
            return None
        if str(playlist.playlist_type).upper() != "VOD":
            self.say(key, "lacks EXT-X-PLAYLIST-TYPE:VOD")
        if not playlist.is_endlist:
            self.say(key, "lacks EXT-X-ENDLIST: players would wait for more")
        if playlist.media_sequence:
            self.say(key, f"starts at EXT-X-MEDIA-SEQUENCE {playlist.media_sequence}")
        return playlist

    def media(self, key: str, data: bytes, facts: RenditionFacts) -> None:
        playlist = self.parse(key, data)
        if playlist is None:
            return
        if (playlist.version or 1) < 6:
            self.say(key, f"says EXT-X-VERSION {playlist.version or 1} and EXT-X-MAP needs 6")
        if not playlist.is_independent_segments:
            self.say(key, "lacks EXT-X-INDEPENDENT-SEGMENTS")
        if playlist.is_i_frames_only:
            self.say(key, "says EXT-X-I-FRAMES-ONLY of all frames")
        if any(s.byterange for s in playlist.segments):
            self.say(key, "lists parts of segments")
        self._listed(key, playlist, facts)
        self._durations(key, playlist, facts)
        self.targets[key] = int(playlist.target_duration or 0)

    def key_frames(self, key: str, data: bytes, facts: RenditionFacts) -> None:
        """Each range must be a segment's head up to the end of its first sample, shown when the segment begins, and
        last until the next (section 4.4.3.6)."""
        playlist = self.parse(key, data)
        if playlist is None:
            return
        if not playlist.is_i_frames_only:
            self.say(key, "lacks EXT-X-I-FRAMES-ONLY")
        if (playlist.version or 1) < 5:
            self.say(key, f"says EXT-X-VERSION {playlist.version or 1}, and EXT-X-MAP with I-FRAMES-ONLY needs 5")
        self._listed(key, playlist, facts)
        self._durations(key, playlist, facts)
        known = {s.key: s for s in facts.segments if s}
        for entry in playlist.segments:
            segment = known.get(resolve(key, entry.uri))
            if segment is None:
                continue
            if entry.byterange != f"{segment.key_bytes}@0":
                self.say(
                    key, f"lists bytes {entry.byterange} of {entry.uri}; its key frame is in {segment.key_bytes}@0"
                )
            if segment.key_at != segment.start:
                self.say(key, f"lists {entry.uri} from {segment.start}, and shows its key frame at {segment.key_at}")

    def text(self, key: str, data: bytes, facts: TextFacts) -> None:
        playlist = self.parse(key, data)
        if playlist is None:
            return
        if any(s.init_section for s in playlist.segments):
            self.say(key, "has an EXT-X-MAP, which WebVTT segments have not")
        listed = [resolve(key, s.uri) for s in playlist.segments]
        stored = [s.file.key for s in facts.text.segments]
        if listed != stored:
            self.say(key, difference(listed, stored))
        spans = {s.file.key: Fraction(s.duration, 1000) for s in facts.text.segments}
        self._against(key, playlist, spans)

    def _listed(self, key: str, playlist: m3u8.M3U8, facts: RenditionFacts) -> None:
        listed = [resolve(key, s.uri) for s in playlist.segments]
        stored = [s.file.key for s in facts.rendition.segments]
        if listed != stored:
            self.say(key, difference(listed, stored))
        inits = {resolve(key, s.init_section.uri) if s.init_section else None for s in playlist.segments}
        if inits != {facts.rendition.init.key}:
            self.say(key, f"names the init {', '.join(map(str, inits))} instead of {facts.rendition.init.key}")

    def _durations(self, key: str, playlist: m3u8.M3U8, facts: RenditionFacts) -> None:
        """EXTINF counts a segment's samples: those of the first include the sound's priming."""
        timescale = facts.track.timescale if facts.track else 1
        known = {s.key: Fraction(s.stop - s.start, timescale) for s in facts.segments if s}
        if facts.track and facts.rendition.kind == "audio" and facts.segments[0]:
            known[facts.segments[0].key] += Fraction(facts.track.media_time, timescale)
        self._against(key, playlist, known)

    def _against(self, key: str, playlist: m3u8.M3U8, known: Mapping[str, Fraction]) -> None:
        """EXTINF, their sum and EXT-X-TARGETDURATION against the durations of the segments by key, in seconds."""
        claimed = real = Fraction(0)
        for entry in playlist.segments:
            extinf = decimal(entry.duration)
            duration = known.get(resolve(key, entry.uri), extinf)
            claimed, real = claimed + extinf, real + duration
            if abs(extinf - duration) > MICROSECOND:
                self.say(key, f"has EXTINF {float(extinf):.6f} for {entry.uri}, which lasts {float(duration):.6f} s")
        if abs(claimed - real) > MICROSECOND * 2:
            self.say(key, f"lasts {float(claimed):.6f} s by its EXTINF and {float(real):.6f} s by its media")
        target = playlist.target_duration
        longest = max((decimal(s.duration) for s in playlist.segments), default=Fraction(0))
        if target is None:
            self.say(key, "lacks EXT-X-TARGETDURATION")
        elif math.floor(longest + Fraction(1, 2)) > target:
            self.say(key, f"has EXT-X-TARGETDURATION {target} and a segment of {float(longest):.6f} s")

    def targets_agree(self) -> None:
        """All must be the same (section 6.2.4, which lets text and key frames be), and no more than the longest segment
        asks for."""
        targets = {key: target for key, target in self.targets.items() if target}
        if len(set(targets.values())) > 1:
            for key, target in targets.items():
                self.say(key, f"has EXT-X-TARGETDURATION {target}, others have {sorted(set(targets.values()))}")
        longest = max((d for f in self.found for _, d in f.seconds()), default=None)
        if longest is not None and all(f.readable for f in self.found):
            need = max(1, math.floor(longest + Fraction(1, 2)))
            for key, target in targets.items():
                if target > need:
                    self.say(key, f"has EXT-X-TARGETDURATION {target} and no segment is longer than {need}")
