// What is really heard of a <video>, by Web Audio: `tone` in Hz, 0 for silence, and with `measure` also `loud`. A
// classic script without imports, so that a test can run it on pages that are not its own.
window.Ear = class {
  constructor(video) {
    video.muted = false; // an element that is muted hands on silence
    this.context = new AudioContext({ sampleRate: 48000 });
    this.source = this.context.createMediaElementSource(video);
    this.analyser = new AnalyserNode(this.context, { fftSize: 2048, smoothingTimeConstant: 0 });
    this.source.connect(this.analyser).connect(this.context.destination);
    this.bins = new Float32Array(this.analyser.frequencyBinCount);
  }

  // The loudest frequency, to 25 Hz.
  get tone() {
    this.analyser.getFloatFrequencyData(this.bins);
    const level = Math.max(...this.bins);
    return level > -60 ? (this.bins.indexOf(level) * this.context.sampleRate) / this.analyser.fftSize : 0;
  }

  // From now on `loud` has the places, in seconds of sound since it began, at which it gets loud.
  async measure() {
    this.loud = [];
    await this.context.audioWorklet.addModule("loudness.js");
    const node = new AudioWorkletNode(this.context, "loudness");
    node.port.onmessage = ({ data }) => this.loud.push(data / this.context.sampleRate);
    this.source.connect(node).connect(this.context.destination);
  }
};
