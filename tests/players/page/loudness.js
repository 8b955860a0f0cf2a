// Tells where a tone that never pauses gets loud, in samples since it began. Blocks of silence are what a player inserts
// when it has nothing to play, and don't count: a slow machine moves nothing.
const LEARN = 4800; // samples at the start that are known to be quiet
const APART = 9600; // samples between two that are loud

class Loudness extends AudioWorkletProcessor {
  constructor() {
    super();
    this.played = 0;
    this.quiet = 0;
    this.since = APART; // samples since it was loud
  }

  process([channels]) {
    if (!channels.some((samples) => samples.some((sample) => sample))) return true;
    for (let i = 0; i < channels[0].length; i += 1) {
      const level = Math.max(...channels.map((samples) => Math.abs(samples[i])));
      if (this.played < LEARN) this.quiet = Math.max(this.quiet, level);
      else if (level > 2 * this.quiet) {
        if (this.since >= APART) this.port.postMessage(this.played);
        this.since = 0;
      }
      this.since += 1;
      this.played += 1;
    }
    return true;
  }
}
registerProcessor("loudness", Loudness);
