// Reads playlists with hls-parser in strict mode. Arguments: files; output: one JSON object a file, in order, as an
// array of {file, kind, fault}: kind is "master" or "media", fault null or what the parser threw.
import { readFileSync } from "node:fs";
import HLS from "hls-parser";

HLS.setOptions({ strictMode: true });

function judge(file) {
  try {
    const playlist = HLS.parse(readFileSync(file, "utf8"));
    return { file, kind: playlist.isMasterPlaylist ? "master" : "media", fault: null };
  } catch (error) {
    return { file, kind: null, fault: error.message };
  }
}

console.log(JSON.stringify(process.argv.slice(2).map(judge)));
