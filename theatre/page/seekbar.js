// The seek bar: a native slider, so that keys, touch and screen readers work, with a preview of where it would lead.

import { lengthText } from "/assets/words.js";

const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };
const LINGER_MS = 1500;

export class SeekBar {
  constructor(video, { slider, preview, label, marks, now, length }, thumbnails) {
    Object.assign(this, { video, slider, preview, label, marks, now, length, thumbnails });
    this.duration = 0;
    this.chapters = [];
    this.dragging = false;
    this.timer = 0;
    slider.addEventListener("pointermove", (event) => this.hover(event));
    slider.addEventListener("pointerdown", () => (this.dragging = true));
    slider.addEventListener("pointerleave", () => this.dragging || this.hide());
    slider.addEventListener("input", () => this.drag());
    slider.addEventListener("change", () => this.release());
    slider.addEventListener("pointerup", () => this.release());
    slider.addEventListener("pointercancel", () => this.release());
    slider.addEventListener("keydown", (event) => this.key(event));
    slider.addEventListener("blur", () => this.hide());
    for (const event of ["timeupdate", "seeking", "progress", "durationchange", "ended"]) {
      video.addEventListener(event, () => this.draw());
    }
  }

  // The film's length in seconds, as the title has it; the browser's own word may come late.
  setLength(duration) {
    this.duration = duration;
    this.slider.max = duration;
    this.length.textContent = lengthText(Math.floor(duration));
    this.draw();
  }

  // Each with its start and stop in seconds, and its name.
  setChapters(chapters) {
    this.chapters = chapters;
    const inner = chapters.filter((c) => c.start > 0 && c.start < this.duration);
    this.marks.replaceChildren(
      ...inner.map(({ start }) => {
        const mark = document.createElement("span");
        mark.style.left = `${(100 * start) / this.duration}%`;
        return mark;
      }),
    );
    this.draw();
  }

  chapterAt(time) {
    return this.chapters.find((c) => c.start <= time && time < c.stop)?.name ?? "";
  }

  draw() {
    const { video, slider, duration } = this;
    if (this.dragging || !duration) return;
    slider.value = video.currentTime;
    this.paint(video.currentTime);
  }

  paint(time) {
    const { slider, video, duration } = this;
    this.now.textContent = lengthText(Math.floor(time));
    const chapter = this.chapterAt(time);
    slider.ariaValueText = `${lengthText(Math.floor(time))} of ${lengthText(Math.floor(duration))}${chapter ? `, ${chapter}` : ""}`;
    let ahead = time;
    for (let i = 0; i < video.buffered.length; i += 1) {
      if (video.buffered.start(i) <= time + 0.1) ahead = Math.max(ahead, video.buffered.end(i));
    }
    slider.style.setProperty("--played", `${(100 * time) / duration}%`);
    slider.style.setProperty("--ahead", `${(100 * Math.min(ahead, duration)) / duration}%`);
  }

  hover(event) {
    if (this.dragging) return;
    const { left, width } = this.slider.getBoundingClientRect();
    this.look(Math.min(1, Math.max(0, (event.clientX - left) / width)) * this.duration);
  }

  drag() {
    this.look(+this.slider.value);
    this.paint(+this.slider.value);
  }

  release() {
    this.dragging = false;
    this.hide();
    const to = +this.slider.value;
    if (Math.abs(to - this.video.currentTime) > 0.05) this.video.currentTime = to;
  }

  key(event) {
    const { duration, video } = this;
    const to = { Home: 0, End: duration }[event.key] ?? (event.key in STEPS ? video.currentTime + STEPS[event.key] : NaN);
    if (Number.isNaN(to) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    video.currentTime = Math.min(Math.max(0, to), duration);
    this.look(video.currentTime);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), LINGER_MS);
  }

  // Show the preview of `time` above its place, within the bar.
  look(time) {
    const { preview, slider } = this;
    clearTimeout(this.timer);
    this.thumbnails.show(time);
    const chapter = this.chapterAt(time);
    this.label.textContent = chapter ? `${lengthText(Math.floor(time))}  ${chapter}` : lengthText(Math.floor(time));
    preview.hidden = false;
    const wide = slider.clientWidth;
    const half = preview.offsetWidth / 2;
    preview.style.left = `${Math.min(Math.max((time / this.duration) * wide, half), Math.max(half, wide - half))}px`;
  }

  hide() {
    clearTimeout(this.timer);
    this.preview.hidden = true;
  }
}
