// The list of titles. It looks again while the page is in sight, so that a new title appears by itself.

import { fetchTitles, listEdges } from "/assets/edges.js";
import { largest, lengthText } from "/assets/words.js";

const AGAIN_MS = 3000;
const list = document.getElementById("titles");
const notice = document.getElementById("notice");
let shown = "";

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function card(title, edge) {
  const item = element("li", "card");
  const link = element("a", "");
  link.href = `/watch/${encodeURIComponent(title.id)}`;
  const poster = element("span", "poster");
  poster.dataset.initial = [...title.name][0] ?? "";
  if (title.poster) {
    const image = element("img", "");
    image.src = new URL(title.poster, edge.url);
    image.alt = "";
    image.loading = "lazy";
    image.decoding = "async";
    image.addEventListener("error", () => image.remove());
    poster.append(image);
  }
  poster.append(element("span", "length", lengthText(title.duration)));
  const best = largest(title);
  const rungs = title.renditions.filter((r) => r.kind === "video").length;
  const about = best ? `Up to ${best.height}p, ${rungs} ${rungs === 1 ? "rendition" : "renditions"}` : "";
  link.append(poster, element("span", "name", title.name), element("span", "about", about));
  item.append(link);
  return item;
}

function show(titles, edge) {
  const state = JSON.stringify([titles, edge.url]);
  if (state === shown) return;
  shown = state;
  const focused = document.activeElement?.closest?.(".card a")?.href;
  const newest = [...titles].sort((a, b) => b.created.localeCompare(a.created) || a.name.localeCompare(b.name));
  list.replaceChildren(...newest.map((title) => card(title, edge)));
  list.hidden = titles.length === 0;
  list.setAttribute("aria-busy", "false");
  document.getElementById("empty").hidden = titles.length > 0;
  document.getElementById("count").textContent = titles.length ? `${titles.length} ${titles.length === 1 ? "title" : "titles"}` : "";
  if (focused) [...list.querySelectorAll("a")].find((link) => link.href === focused)?.focus();
}

async function refresh() {
  try {
    const { titles, edge } = await fetchTitles(await listEdges());
    show(titles, edge);
    notice.hidden = true;
  } catch {
    notice.textContent = "No edge answers at the moment. This page keeps trying.";
    notice.hidden = false;
    list.setAttribute("aria-busy", "true");
  }
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, AGAIN_MS);
}

keepFresh();
document.addEventListener("visibilitychange", () => document.hidden || refresh());
