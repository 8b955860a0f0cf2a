// Small pictures of the film by time, read from a WebVTT index of tiles on sheets.

const CUE = /^(\d+):(\d\d):(\d\d)\.(\d{3}) --> .*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

// The tiles of an index, in order: each with its start in seconds, its sheet's address and its place there in pixels.
export function tilesOf(index, base) {
  return [...index.replaceAll("\r\n", "\n").matchAll(CUE)].map(([, h, m, s, ms, sheet, ...place]) => {
    const [x, y, width, height] = place.map(Number);
    return { start: h * 3600 + m * 60 + +s + ms / 1000, sheet: new URL(sheet, base).href, x, y, width, height };
  });
}

export class Thumbnails {
  constructor(picture) {
    this.picture = picture;
    this.tiles = [];
  }

  async read(url) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(8000) });
      this.tiles = response.ok ? tilesOf(await response.text(), response.url) : [];
    } catch {
      this.tiles = []; // The seek bar shows times alone.
    }
    this.picture.hidden = this.tiles.length === 0;
  }

  // Show the film as it is at `time` seconds.
  show(time) {
    if (!this.tiles.length) return;
    const tile = this.tiles[Math.max(0, this.tiles.findLastIndex((t) => t.start <= time))];
    const { style } = this.picture;
    style.width = `${tile.width}px`;
    style.height = `${tile.height}px`;
    style.backgroundImage = `url("${tile.sheet}")`;
    style.backgroundPosition = `-${tile.x}px -${tile.y}px`;
  }
}
