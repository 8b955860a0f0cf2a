// The video element under test: its event log, what it really showed, and the calls the Python harness makes.
// `window.record` is bound by the harness before the page loads.
import { drivers } from "./drivers.js";

const video = document.querySelector("video");
const times = []; // of all frames that reached the compositor, in media seconds
const shown = []; // runs of frames that reached the compositor: {height, frames, from, to} in media seconds
let mostRanges = 0;
let driver = null;
let kind = "";

const log = (type, detail = {}) => window.record({ type, at: video.currentTime, ...detail });

for (const type of ["loadedmetadata", "playing", "waiting", "stalled", "seeking", "seeked", "ended", "emptied"]) {
  video.addEventListener(type, () => log(type));
}
video.addEventListener("resize", () => log("resize", { height: video.videoHeight }));
video.addEventListener("error", () => log("error", { source: "video", fatal: !restarts(), text: describe(video.error) }));
for (const type of ["progress", "timeupdate"]) {
  video.addEventListener(type, () => (mostRanges = Math.max(mostRanges, video.buffered.length)));
}
window.addEventListener("error", (e) => log("error", { source: "page", fatal: true, text: e.message }));
window.addEventListener("unhandledrejection", (e) =>
  log("error", { source: "page", fatal: true, text: `unhandled: ${e.reason?.message ?? e.reason}` }),
);
video.requestVideoFrameCallback(function note(_, frame) {
  times.push(frame.mediaTime);
  const run = shown.at(-1);
  const goesOn = run && run.height === frame.height && frame.mediaTime >= run.to && frame.mediaTime < run.to + 1;
  if (goesOn) Object.assign(run, { to: frame.mediaTime, frames: run.frames + 1 });
  else shown.push({ height: frame.height, frames: 1, from: frame.mediaTime, to: frame.mediaTime });
  video.requestVideoFrameCallback(note);
});

// The level of red in the middle of a picture, or of a place {x, y, width, height} in it.
function level(picture, x = 0, y = 0, width = picture.videoWidth, height = picture.videoHeight) {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  canvas.drawImage(picture, x + width / 2, y + height / 2, 1, 1, 0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data[0];
}

const restarts = () => kind === "native"; // its driver starts again after an error
const describe = (error) => (error ? `MediaError ${error.code}: ${error.message}` : "");

window.stage = {
  video,
  canPlayNatively: () => video.canPlayType("application/vnd.apple.mpegurl") !== "",
  async open(which, url) {
    kind = which;
    driver = await drivers[kind](video, url, log);
    if (video.readyState < HTMLMediaElement.HAVE_METADATA) {
      await new Promise((resolve, reject) => {
        video.addEventListener("loadedmetadata", resolve, { once: true });
        video.addEventListener("error", () => reject(new Error(describe(video.error))), { once: true });
      });
    }
  },
  failed: () => (restarts() ? "" : describe(video.error)),
  frameNear: (time) => Math.abs((shown.at(-1)?.to ?? -1) - time) < 0.5,
  heights: () => driver.heights(),
  select: (height) => driver.select(height),
  hear: (lang, channels) => driver.hear(lang, channels),
  read: (lang) => driver.read(lang),
  wind: (rate) => driver.wind(rate),
  times: () => times,
  level: () => level(video),
  stillLevel: async (time) => level(await driver.still(time)),
  async tileLevel(time) {
    const [url, ...place] = await driver.tile(time);
    return level(await createImageBitmap(await (await fetch(url)).blob()), ...place);
  },
  fetched: (part) => performance.getEntriesByType("resource").some((entry) => entry.name.includes(part)),
  async listen() {
    this.ear = new Ear(video);
    await this.ear.measure();
  },
  words: () => [...video.textTracks].filter((t) => t.mode === "showing").flatMap((t) => [...t.activeCues].map((c) => c.text)),
  cues: () => [...video.textTracks].filter((t) => t.mode === "showing").flatMap((t) => [...t.cues].map((c) => [c.startTime, c.endTime, c.text])),
  state() {
    const quality = video.getVideoPlaybackQuality();
    const buffered = [...Array(video.buffered.length).keys()].map((i) => [video.buffered.start(i), video.buffered.end(i)]);
    return {
      time_s: video.currentTime,
      duration_s: video.duration,
      ended: video.ended,
      paused: video.paused,
      height: video.videoHeight,
      ready: video.readyState,
      buffered,
      most_ranges: mostRanges,
      frames_total: quality.totalVideoFrames,
      frames_dropped: quality.droppedVideoFrames,
      frames_corrupted: quality.corruptedVideoFrames ?? 0,
      shown,
      media_error: describe(video.error),
    };
  },
};
