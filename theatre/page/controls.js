// The buttons under the film: play, sound volume, full screen; the keys that do the same; and hiding in full screen.

const IDLE_MS = 2500;
const SKIP_S = 10;

export class Controls {
  constructor(video, { screen, bar, play, mute, volume, full }, { onSubtitles }) {
    Object.assign(this, { video, screen, bar, play, mute, volume, full, onSubtitles });
    this.timer = 0;
    play.addEventListener("click", () => this.toggle());
    mute.addEventListener("click", () => (video.muted = !video.muted));
    full.addEventListener("click", () => this.fill());
    volume.addEventListener("input", () => {
      video.volume = +volume.value;
      video.muted = video.volume === 0;
    });
    video.addEventListener("click", (event) => this.tap(event));
    video.addEventListener("dblclick", () => this.fill());
    screen.addEventListener("keydown", (event) => this.key(event));
    for (const event of ["play", "pause", "ended", "volumechange"]) video.addEventListener(event, () => this.draw());
    for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) screen.addEventListener(event, () => this.wake());
    document.addEventListener("fullscreenchange", () => this.draw());
    video.controls = false;
    bar.hidden = false;
    full.hidden = !(document.fullscreenEnabled || video.webkitEnterFullscreen);
    this.draw();
  }

  draw() {
    const { video } = this;
    const name = (button, text, state) => {
      button.ariaLabel = button.title = text;
      button.dataset.state = state;
    };
    const rests = video.paused || video.ended;
    name(this.play, rests ? "Play" : "Pause", rests ? "rest" : "run");
    const silent = video.muted || video.volume === 0;
    name(this.mute, silent ? "Sound on" : "Mute", silent ? "off" : "on");
    const filled = Boolean(document.fullscreenElement);
    name(this.full, filled ? "Leave full screen" : "Full screen", filled ? "full" : "page");
    this.volume.value = silent ? 0 : video.volume;
    this.volume.style.setProperty("--played", `${100 * this.volume.value}%`);
    this.wake();
  }

  toggle() {
    const { video } = this;
    if (video.paused || video.ended) video.play().catch(() => {});
    else video.pause();
  }

  // A finger that taps a film in full screen looks for the buttons first.
  tap(event) {
    if (event.pointerType === "touch" && this.wasIdle) return;
    this.toggle();
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.screen.requestFullscreen) this.screen.requestFullscreen().catch(() => {});
    else this.video.webkitEnterFullscreen?.();
  }

  wake() {
    this.wasIdle = this.screen.classList.contains("idle");
    this.screen.classList.remove("idle");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const busy = this.video.paused || this.bar.querySelector(":focus-visible");
      this.screen.classList.toggle("idle", !busy);
    }, IDLE_MS);
  }

  key(event) {
    const { video } = this;
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select")) return;
    const acts = {
      k: () => this.toggle(),
      m: () => (video.muted = !video.muted),
      f: () => this.fill(),
      c: () => this.onSubtitles(),
      j: () => (video.currentTime -= SKIP_S),
      l: () => (video.currentTime += SKIP_S),
    };
    if (event.target === video) {
      acts[" "] = acts.k;
      acts.arrowleft = acts.j;
      acts.arrowright = acts.l;
    }
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
