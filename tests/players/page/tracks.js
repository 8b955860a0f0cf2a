// What players make of a title with several sounds, text, key frames and thumbnails: one function a player, each opens
// the title, plays a moment, and tells its tracks in plain values.
function script(path) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: `/node_modules/${path}` });
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${path} did not load`));
    document.head.append(element);
  });
}

async function until(condition) {
  for (const deadline = Date.now() + 30_000; !condition(); ) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const cuesOf = (video) => [...video.textTracks].find((t) => t.mode === "showing" && t.cues?.length)?.cues.length ?? 0;

async function withShaka(video, url) {
  await script("shaka-player/dist/shaka-player.compiled.js");
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  const errors = [];
  player.addEventListener("error", ({ detail: e }) => errors.push(`${e.category}/${e.code}`));
  player.configure({ streaming: { bufferingGoal: 1, rebufferingGoal: 0.1 }, abr: { enabled: false } });
  await player.attach(video);
  await player.load(url).catch((e) => Promise.reject(new Error(`Shaka ${e.category}/${e.code} ${e.data}`)));
  player.selectTextTrack(player.getTextTracks()[0]);
  await video.play();
  player.trickPlay(2, true); // key frames alone from the next segment on
  await until(() => video.currentTime > 3);
  const thumbnail = await player.getThumbnails(player.getImageTracks()[0].id, 7.2);
  const chapters = await player.getChaptersAsync("und");
  return {
    errors,
    sound: player.getAudioTracks().map((t) => [t.label, t.language, t.channelsCount, t.codecs]),
    playing: player.getAudioTracks().filter((t) => t.active).map((t) => [t.label, t.channelsCount, t.codecs]),
    text: player.getTextTracks().map((t) => [t.label, t.language, t.forced]),
    thumbnail: [thumbnail.uris[0].split("/").pop(), thumbnail.positionX, thumbnail.positionY, thumbnail.width, thumbnail.height],
    chapters: chapters.map((c) => [c.title, c.startTime, c.endTime]),
  };
}

async function withDashJs(video, url) {
  await script("dashjs/dist/modern/umd/dash.all.min.js");
  const player = dashjs.MediaPlayer().create();
  const errors = [];
  player.on(dashjs.MediaPlayer.events.ERROR, (e) => errors.push(e.error?.message));
  player.initialize(video, url, false);
  await new Promise((resolve) => player.on(dashjs.MediaPlayer.events.STREAM_INITIALIZED, resolve));
  await video.play();
  await until(() => video.currentTime > 0.5 && cuesOf(video));
  const thumbnail = await new Promise((resolve) => player.provideThumbnail(7.2, resolve));
  const told = (t) => [t.labels[0].text, t.lang, ...t.roles.map((r) => r.value)];
  return {
    errors,
    video: player.getTracksFor("video").length,
    sound: player.getTracksFor("audio").map(told),
    playing: [told(player.getCurrentTrackFor("audio")), player.getCurrentTrackFor("audio").codec],
    text: player.getTracksFor("text").map(told),
    cues: cuesOf(video),
    thumbnail: [thumbnail.url.split("/").pop(), thumbnail.x, thumbnail.y, thumbnail.width, thumbnail.height],
  };
}

async function withHlsJs(video, url) {
  const { default: Hls } = await import("/node_modules/hls.js/dist/hls.mjs");
  const hls = new Hls();
  const errors = [];
  const watch = (player) => player.on(Hls.Events.ERROR, (_, e) => errors.push(`${e.details} ${e.error?.message ?? ""}`));
  watch(hls);
  const parsed = new Promise((resolve) => hls.once(Hls.Events.MANIFEST_PARSED, resolve));
  hls.loadSource(url);
  hls.attachMedia(video);
  await parsed;
  hls.subtitleTrack = 0;
  await video.play();
  await until(() => video.currentTime > 0.5 && cuesOf(video) === 3);
  const still = Object.assign(document.createElement("video"), { muted: true });
  document.body.append(still);
  const frames = hls.createIFramePlayer();
  watch(frames);
  const attached = new Promise((resolve) => frames.once(Hls.Events.MEDIA_ATTACHED, resolve));
  frames.attachMedia(still);
  await attached;
  frames.loadMediaAt(4.5);
  await until(() => still.readyState >= 2 && !still.seeking);
  return {
    errors,
    groups: [...new Set(hls.allAudioTracks.map((t) => t.groupId))],
    sound: hls.audioTracks.map((t) => [t.name, t.lang]),
    text: hls.subtitleTracks.map((t) => [t.name, t.lang, t.forced, t.default]),
    cues: cuesOf(video),
    frames: hls.iframeVariants.map((v) => [v.width, v.height]),
    still: [still.videoWidth, still.videoHeight, still.currentTime],
  };
}

window.tracks = { shaka: withShaka, dashjs: withDashJs, hlsjs: withHlsJs };
