// One title: the film and its controls, what is known while it plays, the choice of edge, and addresses for other
// players.

import { Chapters } from "/assets/chapters.js";
import { Controls } from "/assets/controls.js";
import { chosen, choose, fetchTitles, listEdges } from "/assets/edges.js";
import { Player } from "/assets/player.js";
import { SeekBar } from "/assets/seekbar.js";
import { Sound } from "/assets/sound.js";
import { Subtitles } from "/assets/subtitles.js";
import { Thumbnails } from "/assets/thumbnails.js";
import { faultText, frameRateText, largest, lengthText, pictureText, rateText } from "/assets/words.js";

const FACTS_MS = 500;
const EDGES_MS = 3000;
const $ = (id) => document.getElementById(id);
const video = $("video");
let title = null;
let edges = [];

const player = new Player(video, {
  onFault: (error, next) => {
    const going = next ? ` Going on from ${next.name}…` : " Reload the page to try again, or choose another edge.";
    say(faultText(error) + going);
  },
  onMove: (edge) => show(edge),
  onWell: () => say(""),
  entry: (url) => sound.entry(url),
});
const sound = new Sound(video, $("sound"), {
  onReload: () => player.load(title.hls, player.edge),
  onHeard: (language) => subtitles.heard(language),
});
const subtitles = new Subtitles(video, $("subtitles"));
const thumbnails = new Thumbnails($("tile"));
const parts = (...names) => Object.fromEntries(names.map((name) => [name, $(name)]));
const seekBar = new SeekBar(
  video,
  { slider: $("seek"), ...parts("preview", "label", "marks", "now", "length") },
  thumbnails,
);
const chapters = new Chapters(video, $("chapters"), $("chapter-list"), (found) => seekBar.setChapters(found));

function say(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function show(edge) {
  $("hls").value = new URL(title.hls, edge.url);
  $("dash").value = new URL(title.dash, edge.url);
  subtitles.from(edge);
  for (const input of document.querySelectorAll("input[name=edge]")) input.checked = input.value === edge.name;
}

function drawEdges() {
  const field = $("edges");
  const focused = document.activeElement?.name === "edge";
  for (const old of field.querySelectorAll(".choice")) old.remove();
  for (const edge of edges) {
    const label = document.createElement("label");
    label.className = edge.up ? "choice" : "choice down";
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "edge", value: edge.name, checked: edge.name === player.edge?.name });
    input.addEventListener("change", () => move(edge));
    const address = document.createElement("span");
    address.className = "address";
    address.textContent = edge.up ? new URL(edge.url).host : "starting again";
    label.append(input, edge.name, address);
    field.append(label);
    if (focused && input.checked) input.focus();
  }
}

function move(edge) {
  choose(edge);
  say("");
  player.faults = 0;
  player.load(title.hls, edge);
  show(edge);
}

function drawTitle() {
  document.title = `${title.name} · Matinee`;
  $("name").textContent = title.name;
  const best = largest(title);
  $("meta").textContent = [
    lengthText(title.duration),
    best && `up to ${best.height}p`,
    frameRateText(title.frame_rate),
  ].filter(Boolean).join("  ·  ");
  $("ladder").replaceChildren(...title.renditions.map(ladderRow));
  $("ladder-panel").hidden = false;
}

function ladderRow(rendition) {
  const row = document.createElement("tr");
  row.dataset.id = rendition.id;
  const cells = [rendition.id, pictureText(rendition), rateText(rendition.average_bps), rateText(rendition.peak_bps), rendition.codec];
  cells.forEach((text, index) => {
    const cell = document.createElement(index ? "td" : "th");
    if (!index) cell.scope = "row";
    cell.textContent = text;
    row.append(cell);
  });
  return row;
}

function drawFacts() {
  const { videoWidth: width, videoHeight: height } = video;
  const now = title?.renditions.find((r) => r.kind === "video" && r.width === width && r.height === height);
  $("picture").textContent = width ? `${width} × ${height}` : "–";
  $("rendition").textContent = now ? `${now.id}, ${rateText(now.average_bps)}` : "–";
  for (const row of $("ladder").rows) row.className = row.dataset.id === now?.id ? "now" : "";
  const ahead = player.bufferAhead();
  $("buffer").textContent = `${ahead.toFixed(1)} s`;
  $("buffer-bar").value = ahead;
  const quality = video.getVideoPlaybackQuality?.();
  if (quality) $("dropped").textContent = `${quality.droppedVideoFrames} of ${quality.totalVideoFrames}`;
}

async function copy(button) {
  const field = $(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select(); // No clipboard without https: the address is selected instead.
  }
  button.textContent = field.selectionEnd && document.activeElement === field ? "Selected" : "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

async function keepEdges() {
  try {
    const fresh = await listEdges();
    const changed = JSON.stringify(fresh) !== JSON.stringify(edges);
    edges = player.edges = fresh;
    if (changed) drawEdges();
  } catch {
    // The page's own server is silent: what is known of the edges stays.
  }
  setTimeout(keepEdges, EDGES_MS);
}

function openFilm(edge) {
  sound.offer(title.renditions);
  subtitles.offer(title.texts);
  subtitles.heard(sound.now?.language);
  seekBar.setLength(title.duration);
  new Controls(video, parts("screen", "bar", "play", "mute", "volume", "full"), {
    onSubtitles: () => subtitles.toggle(),
  });
  player.load(title.hls, edge);
  if (title.thumbnails) thumbnails.read(new URL(title.thumbnails, edge.url));
  if (title.chapters) chapters.read(new URL(title.chapters, edge.url));
}

async function open() {
  const id = decodeURIComponent(location.pathname.split("/").pop());
  edges = player.edges = await listEdges();
  const { titles, edge } = await fetchTitles(edges);
  title = titles.find((t) => t.id === id);
  if (!title) {
    document.title = "Not on the programme · Matinee";
    $("missing-id").textContent = id;
    $("missing").hidden = false;
    $("film").hidden = true;
    return;
  }
  drawTitle();
  if (title.poster) video.poster = new URL(title.poster, edge.url);
  const preferred = chosen(edges);
  const from = preferred.up ? preferred : edge;
  if (Player.canPlay(video)) openFilm(from);
  else {
    player.edge = from;
    say("This browser can't play HLS by itself. Copy the address below into VLC, mpv or Safari.");
  }
  drawEdges();
  show(from);
  setInterval(drawFacts, FACTS_MS);
  setTimeout(keepEdges, EDGES_MS);
}

for (const button of document.querySelectorAll("button[data-copies]")) button.addEventListener("click", () => copy(button));
open().catch(() => say("No edge answers at the moment. Reload the page to try again."));
