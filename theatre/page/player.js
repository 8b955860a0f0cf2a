// A <video> that plays HLS by itself, and goes on elsewhere when its edge falls silent.

const GIVE_UP_AFTER = 6;

export class Player {
  // `entry` gives the address to play for a playlist's: another one where the visitor chose another language.
  constructor(video, { onFault, onMove, onWell, entry = async (url) => url }) {
    this.video = video;
    this.entry = entry;
    this.onFault = onFault;
    this.onMove = onMove;
    this.onWell = onWell;
    this.faults = 0;
    this.edges = [];
    this.edge = null;
    this.path = "";
    this.timer = 0;
    this.turn = 0;
    video.addEventListener("error", () => this.recover());
    video.addEventListener("timeupdate", () => this.played());
  }

  static canPlay(video) {
    return video.canPlayType("application/vnd.apple.mpegurl") !== "";
  }

  // Play `path` from `edge`, from where the film is now.
  load(path, edge) {
    clearTimeout(this.timer);
    const { video } = this;
    const resume = this.path === path ? (this.place ?? video.currentTime) : 0;
    const playing = this.path === path && (this.wanted ?? !video.paused) && !video.ended;
    this.path = path;
    this.edge = edge;
    this.place = resume;
    this.wanted = playing;
    video.addEventListener(
      "loadedmetadata",
      () => {
        if (resume > 0) video.currentTime = resume;
        this.place = this.wanted = undefined;
        if (playing) video.play().catch(() => {});
      },
      { once: true },
    );
    this.turn += 1;
    this.open(new URL(path, edge.url), this.turn);
  }

  async open(url, turn) {
    const address = await this.entry(url);
    if (turn === this.turn) this.video.src = address;
  }

  played() {
    if (this.faults && !this.video.paused && this.bufferAhead() > 0.5) {
      this.faults = 0;
      this.onWell();
    }
  }

  // Another edge first, then round again; each time a little later.
  recover() {
    const { video } = this;
    this.faults += 1;
    const others = this.edges.filter((e) => e.up);
    const next = others.length ? others[(others.findIndex((e) => e.name === this.edge.name) + 1) % others.length] : this.edge;
    this.place = video.currentTime || this.place || 0;
    this.wanted ??= !video.paused;
    const last = this.faults >= GIVE_UP_AFTER || video.error?.code === MediaError.MEDIA_ERR_DECODE;
    this.onFault(video.error, last ? null : next);
    if (last) return;
    this.timer = setTimeout(() => {
      this.load(this.path, next);
      this.onMove(next);
    }, 400 * this.faults);
  }

  bufferAhead() {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
    }
    return 0;
  }
}
