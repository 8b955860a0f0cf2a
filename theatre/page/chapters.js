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
    element.addEventListener("load", () => this.draw([...element.track.cues]));
    this.video.append(element);
    element.track.mode = "hidden"; // a disabled track is never fetched
  }

  draw(cues) {
    this.cues = cues;
    this.list.replaceChildren(
      ...cues.map((cue) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        const at = document.createElement("span");
        at.className = "at";
        at.textContent = lengthText(Math.floor(cue.startTime));
        button.append(at, cue.text);
        button.addEventListener("click", () => (this.video.currentTime = cue.startTime));
        item.append(button);
        return item;
      }),
    );
    this.panel.hidden = cues.length === 0;
    this.mark();
    this.onRead(cues);
  }

  mark() {
    const now = this.video.currentTime;
    [...this.list.querySelectorAll("button")].forEach((button, n) => {
      const { startTime, endTime } = this.cues[n];
      button.ariaCurrent = startTime <= now && now < endTime ? "true" : null;
    });
  }
}
