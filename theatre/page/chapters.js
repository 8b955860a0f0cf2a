// The film's chapters, from a WebVTT track that the browser reads: a list to go by, and the one that plays now.

import { lengthText } from "/assets/words.js";

export class Chapters {
  constructor(video, panel, list, onRead) {
    this.video = video;
    this.panel = panel;
    this.list = list;
    this.onRead = onRead;
    video.addEventListener("timeupdate", () => this.mark());
  }

  read(url) {
    const element = document.createElement("track");
    element.kind = "chapters";
    element.src = url;
    element.addEventListener("load", () => this.draw([...element.track.cues].map(chapterOf)));
    this.video.append(element);
    element.track.mode = "hidden"; // a disabled track is never fetched
  }

  draw(chapters) {
    this.chapters = chapters;
    this.list.replaceChildren(
      ...chapters.map(({ start, name }) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        const at = document.createElement("span");
        at.className = "at";
        at.textContent = lengthText(Math.floor(start));
        button.append(at, name);
        button.addEventListener("click", () => (this.video.currentTime = start));
        item.append(button);
        return item;
      }),
    );
    this.panel.hidden = chapters.length === 0;
    this.mark();
    this.onRead(chapters);
  }

  mark() {
    const now = this.video.currentTime;
    [...this.list.querySelectorAll("button")].forEach((button, n) => {
      const { start, stop } = this.chapters[n];
      button.ariaCurrent = start <= now && now < stop ? "true" : null;
    });
  }
}

// A cue's name as a reader sees it: its text holds WebVTT's escapes.
function chapterOf(cue) {
  return { start: cue.startTime, stop: cue.endTime, name: cue.getCueAsHTML().textContent };
}
