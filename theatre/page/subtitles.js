// Subtitles: native tracks made of the title's WebVTT files, and the choice among them.

import { recall, remember } from "/assets/memory.js";
import { trackText } from "/assets/words.js";

const OFF = "off";

export class Subtitles {
  constructor(video, select) {
    this.video = video;
    this.select = select;
    this.texts = [];
    this.spoken = "und";
    this.last = "";
    select.addEventListener("change", () => {
      remember("subtitles", select.value);
      this.show();
    });
    video.textTracks.addEventListener("change", () => this.changed());
  }

  // Browsers turn tracks on by themselves, in their own language: the visitor's choice stands. In the full screen of a
  // telephone, which has a menu of its own, the change is the visitor's.
  changed() {
    const shown = this.elements.find((e) => e.track.mode === "showing" && !e.dataset.forced);
    if (this.video.webkitDisplayingFullscreen) this.select.value = shown?.dataset.key ?? OFF;
    this.show();
  }

  get elements() {
    return [...this.video.querySelectorAll("track[data-key]")];
  }

  // Offer the title's texts: what was chosen before, else what the title shows unasked. Forced ones are no choice.
  offer(texts) {
    this.texts = texts;
    const free = texts.filter((t) => !t.forced);
    const known = recall("subtitles");
    const first = known === OFF ? null : free.find((t) => keyOf(t) === known) ?? free.find((t) => t.default);
    const options = free.map((t) => new Option(trackText(t), keyOf(t), false, t === first));
    this.select.replaceChildren(new Option("Off", OFF, false, !first), ...options);
    this.select.closest("label").hidden = free.length === 0;
  }

  // Fetch the texts from this edge from now on.
  from(edge) {
    for (const old of this.elements) old.remove();
    for (const text of this.texts) {
      const track = document.createElement("track");
      track.kind = text.role === "captions" ? "captions" : "subtitles";
      track.srclang = text.language;
      track.label = trackText(text);
      track.src = new URL(text.url, edge.url);
      track.dataset.key = keyOf(text);
      track.dataset.forced = text.forced ? text.language : "";
      this.video.append(track);
    }
    this.show();
  }

  // The language that is heard: with subtitles off, what must be read is shown in it.
  heard(language) {
    this.spoken = language;
    this.show();
  }

  // Off, and on again as before.
  toggle() {
    const choices = [...this.select.options].map((o) => o.value);
    if (choices.length < 2) return;
    const now = this.select.value;
    this.select.value = now === OFF ? (choices.includes(this.last) ? this.last : choices[1]) : OFF;
    this.last = now === OFF ? this.last : now;
    this.select.dispatchEvent(new Event("change"));
  }

  show() {
    const wanted = this.select.value;
    for (const { track, dataset } of this.elements) {
      const shown = dataset.forced ? wanted === OFF && dataset.forced === this.spoken : dataset.key === wanted;
      const mode = shown ? "showing" : "disabled";
      if (track.mode !== mode) track.mode = mode;
    }
  }
}

function keyOf(text) {
  return [text.language, text.role, text.name, text.forced ? "forced" : ""].join("|");
}
