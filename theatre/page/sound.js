// The language that is heard. Where the browser can change it on the way (audioTracks), it is asked to. Others, such as
// Chromium, play the track that the multivariant playlist marks as default: they are given the same playlist with another
// one marked, and the film goes on from where it was.

import { recall, remember } from "/assets/memory.js";
import { trackText } from "/assets/words.js";

// The choices among a title's audio renditions. One track in several codecs or channel counts is one choice.
export function soundsOf(renditions) {
  const found = new Map();
  for (const r of renditions.filter((r) => r.kind === "audio")) {
    const key = [r.language, r.role, r.name].join("|");
    const sound = found.get(key) ?? { key, text: trackText(r), language: r.language, ids: [], preferred: false };
    sound.ids.push(r.id);
    sound.preferred ||= r.default;
    found.set(key, sound);
  }
  return [...found.values()];
}

// The playlist with absolute addresses, and with the renditions `ids` as the default of each audio group.
export function withDefault(playlist, base, ids) {
  const lines = playlist.split(/\r?\n/).map((line) => {
    if (line && !line.startsWith("#")) return new URL(line, base).href;
    const absolute = line.replace(/URI="([^"]+)"/, (_, uri) => `URI="${new URL(uri, base).href}"`);
    if (!/^#EXT-X-MEDIA:.*TYPE=AUDIO/.test(line)) return absolute;
    const wanted = ids.includes(renditionOf(line));
    const plain = absolute.replace(/,(DEFAULT|AUTOSELECT)=(YES|NO)/g, "");
    return plain + (wanted ? ",DEFAULT=YES,AUTOSELECT=YES" : ",DEFAULT=NO,AUTOSELECT=YES");
  });
  return lines.join("\n");
}

// The rendition that a line of a multivariant playlist names: its playlists are called ID-DIGEST.m3u8.
function renditionOf(line) {
  return /URI="(?:[^"]*\/)?([^"/]+?)(?:-[0-9a-f]{16})?\.m3u8"/.exec(line)?.[1];
}

export class Sound {
  constructor(video, select, { onReload, onHeard }) {
    this.video = video;
    this.select = select;
    this.sounds = [];
    this.now = null;
    this.made = "";
    select.addEventListener("change", () => {
      this.now = this.sounds[select.selectedIndex];
      remember("sound", this.now.key);
      if (!this.apply()) onReload();
      onHeard(this.now.language);
    });
    video.audioTracks?.addEventListener("addtrack", () => this.apply());
  }

  // Offer the title's tracks: the one chosen before, else the one that the title prefers.
  offer(renditions) {
    this.sounds = soundsOf(renditions);
    const known = recall("sound");
    this.now = this.sounds.find((s) => s.key === known) ?? this.preferred;
    this.select.replaceChildren(...this.sounds.map((s) => new Option(s.text, s.key, false, s === this.now)));
    this.select.closest("label").hidden = this.sounds.length < 2;
  }

  get preferred() {
    return this.sounds.find((s) => s.preferred) ?? this.sounds[0] ?? null;
  }

  // Have the browser itself change the track; false where it can't.
  apply() {
    const tracks = this.video.audioTracks;
    if (!tracks || !this.now) return false;
    const all = [...tracks];
    const same = all.filter((t) => t.language && new Intl.Locale(t.language).language === new Intl.Locale(this.now.language).language);
    const place = this.sounds.filter((s) => s.language === this.now.language).indexOf(this.now);
    const track = same[place] ?? same[0];
    if (!track) return false;
    for (const t of all) t.enabled = t === track;
    return true;
  }

  // The address to play instead of the multivariant playlist at `url`.
  async entry(url) {
    URL.revokeObjectURL(this.made);
    if (this.video.audioTracks || this.now === this.preferred) return url;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(8000) });
      if (!response.ok) return url;
      const playlist = withDefault(await response.text(), response.url, this.now.ids);
      this.made = URL.createObjectURL(new Blob([playlist], { type: "application/vnd.apple.mpegurl" }));
      return this.made;
    } catch {
      return url; // The film's own start then says what is wrong.
    }
  }
}
