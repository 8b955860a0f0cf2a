// One small driver a player: opens a manifest with short buffers, names the heights it sees, forces one of them, and
// reports every error, fatal or not, and every jump over a gap to `log`. The libraries come from node_modules.
// `hear` takes the sound in a language and with so many channels, `read` the text in a language. Where the player can:
// `still` shows the key frame at a time in a video of its own, `wind` goes through key frames alone, and `tile` gives the
// thumbnail of a time: its sheet's URL, and x, y, width, height there.
const BUFFER_S = 4; // one segment ahead: faults and switches then show within a 15 s clip
const RESTART_MS = 500;

function script(path) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: `/node_modules/${path}` });
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${path} did not load`));
    document.head.append(element);
  });
}

// Chromium's own player ends at the first failed request; a page around it starts it again where it was.
async function playNative(video, url, log) {
  let reached = 0;
  video.addEventListener("timeupdate", () => (reached = video.currentTime || reached));
  video.addEventListener("error", async () => {
    const { playbackRate } = video;
    log("restart", { from: reached });
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    video.src = url;
    video.currentTime = reached;
    video.playbackRate = playbackRate;
    video.play().catch(() => undefined); // an error of its own comes round again
  });
  video.src = url;
  return { heights: () => [], select: () => undefined };
}

async function playHlsJs(video, url, log) {
  const { default: Hls } = await import("/node_modules/hls.js/dist/hls.mjs");
  const hls = new Hls({ maxBufferLength: BUFFER_S, maxMaxBufferLength: BUFFER_S });
  // No faults, unless it gives up for them: waiting for data, a request it took back itself, and (after a change of mind
  // about a track) a segment it appends although it is buffered.
  const { BUFFER_STALLED_ERROR, INTERNAL_ABORTED, BUFFER_APPEND_NO_PROGRESS } = Hls.ErrorDetails;
  const harmless = { [BUFFER_STALLED_ERROR]: "stall", [INTERNAL_ABORTED]: "aborted", [BUFFER_APPEND_NO_PROGRESS]: "again" };
  hls.on(Hls.Events.ERROR, (_, e) =>
    log((!e.fatal && harmless[e.details]) || "error", { source: "hls.js", fatal: e.fatal, text: `${e.type}/${e.details} ${e.error?.message ?? ""}` }),
  );
  const parsed = new Promise((resolve) => hls.once(Hls.Events.MANIFEST_PARSED, resolve));
  hls.loadSource(url);
  hls.attachMedia(video);
  await parsed;
  return {
    heights: () => hls.levels.map((level) => level.height),
    select: (height) => (hls.currentLevel = hls.levels.findIndex((level) => level.height === height)),
    hear: (lang, channels) => hls.setAudioOption({ lang, channels: String(channels) }),
    read: (lang) => (hls.subtitleTrack = hls.subtitleTracks.findIndex((track) => track.lang === lang)),
    async still(time) {
      const shown = Object.assign(document.createElement("video"), { muted: true });
      const frames = hls.createIFramePlayer();
      frames.on(Hls.Events.ERROR, (_, e) => log("error", { source: "hls.js", fatal: e.fatal, text: `key frames: ${e.details}` }));
      document.body.append(shown);
      const attached = new Promise((resolve) => frames.once(Hls.Events.MEDIA_ATTACHED, resolve));
      frames.attachMedia(shown);
      await attached;
      frames.loadMediaAt(time);
      while (shown.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || shown.seeking) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return shown;
    },
  };
}

async function playDashJs(video, url, log) {
  await script("dashjs/dist/modern/umd/dash.all.min.js");
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({
    streaming: {
      gaps: { jumpGaps: false }, // it reports no jump, so a gap shall stall it
      buffer: { bufferTimeDefault: BUFFER_S, bufferTimeAtTopQuality: BUFFER_S, bufferTimeAtTopQualityLongForm: BUFFER_S },
    },
  });
  const { events } = dashjs.MediaPlayer;
  const fail = (e) =>
    log("error", { source: "dash.js", fatal: true, text: `${e.error?.code ?? ""} ${e.error?.message ?? e.error}` });
  player.on(events.ERROR, fail);
  player.on(events.PLAYBACK_ERROR, fail);
  player.initialize(video, url, false);
  await new Promise((resolve) => player.on(events.STREAM_INITIALIZED, resolve));
  return {
    heights: () => player.getRepresentationsByType("video").map((r) => r.height),
    select(height) {
      player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
      const wanted = player.getRepresentationsByType("video").find((r) => r.height === height);
      player.setRepresentationForTypeById("video", wanted.id, true);
    },
    hear(lang, channels) {
      const fits = (t) => t.lang === lang && t.audioChannelConfiguration[0].value === String(channels);
      player.setCurrentTrack(player.getTracksFor("audio").find(fits));
    },
    read: (lang) => player.setTextTrack(player.getTracksFor("text").findIndex((track) => track.lang === lang)),
    tile: (time) =>
      new Promise((resolve) => player.provideThumbnail(time, (t) => resolve([t.url, t.x, t.y, t.width, t.height]))),
  };
}

async function playShaka(video, url, log) {
  await script("shaka-player/dist/shaka-player.compiled.js");
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  const fatal = (e) => e.severity === shaka.util.Error.Severity.CRITICAL;
  player.addEventListener("error", ({ detail: e }) =>
    log("error", { source: "Shaka", fatal: fatal(e), text: `${e.category}/${e.code} ${JSON.stringify(e.data).slice(0, 300)}` }),
  );
  player.addEventListener("gapjumped", () => log("gap", { source: "Shaka" }));
  await player.attach(video);
  // It tries twice unless told otherwise, which is too few for servers that may start again.
  const retryParameters = { maxAttempts: 6, baseDelay: 500 };
  player.configure({ streaming: { bufferingGoal: BUFFER_S, rebufferingGoal: 0.5, retryParameters } });
  await player.load(url).catch((e) => Promise.reject(new Error(`Shaka ${e.category}/${e.code} ${e.data}`)));
  const tracks = () => player.getVariantTracks();
  return {
    heights: () => tracks().map((track) => track.height),
    select(height) {
      player.configure({ abr: { enabled: false } });
      player.selectVariantTrack(tracks().find((track) => track.height === height), true, 0.5);
    },
    hear: (lang, channels) =>
      player.selectAudioTrack(player.getAudioTracks().find((t) => t.language === lang && t.channelsCount === channels)),
    read: (lang) => player.selectTextTrack(player.getTextTracks().find((track) => track.language === lang)),
    wind: (rate) => (rate === 1 ? player.cancelTrickPlay() : player.trickPlay(rate, true)),
    async tile(time) {
      const t = await player.getThumbnails(player.getImageTracks()[0].id, time);
      return [t.uris[0], t.positionX, t.positionY, t.width, t.height];
    },
  };
}

export const drivers = {
  native: playNative,
  hlsjs: playHlsJs,
  dashjs: playDashJs,
  "shaka-hls": playShaka,
  "shaka-dash": playShaka,
};
