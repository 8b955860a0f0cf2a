// Numbers and faults in words that a visitor reads.

export function lengthText(seconds) {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function rateText(bps) {
  if (bps >= 1e6) return `${(bps / 1e6).toFixed(bps >= 1e7 ? 0 : 1)} Mb/s`;
  return `${Math.round(bps / 1e3)} kb/s`;
}

export function frameRateText(fraction) {
  const [n, d = 1] = fraction.split("/").map(Number);
  return `${Number((n / d).toFixed(3))} fps`;
}

export function pictureText(rendition) {
  if (rendition.kind === "video") {
    const range = { PQ: "HDR (PQ)", HLG: "HDR (HLG)" }[rendition.video_range];
    return [`${rendition.width} × ${rendition.height}`, range].filter(Boolean).join(", ");
  }
  const channels = { 1: "mono", 2: "stereo", 6: "5.1", 8: "7.1" }[rendition.channels] ?? `${rendition.channels} channels`;
  const heard = rendition.language === "und" ? rendition.name : trackText(rendition);
  return [heard, channels, `${rendition.sample_rate_hz / 1000} kHz`].filter(Boolean).join(", ");
}

// A language in its own words: "Deutsch" for de.
export function languageText(code) {
  if (!code || code === "und") return "Unknown language";
  try {
    const [tag] = Intl.getCanonicalLocales(code);
    const name = new Intl.DisplayNames([tag, "en"], { type: "language" }).of(tag);
    return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
  } catch {
    return code;
  }
}

const ROLES = { commentary: "commentary", description: "described video", captions: "captions" };

// A track of sound or text as a visitor chooses it: its language, and its name or role where that says more.
export function trackText({ language, name, role }) {
  const spoken = languageText(language);
  const more = name && name.toLowerCase() !== spoken.toLowerCase() ? name : ROLES[role];
  return more ? `${spoken} (${more})` : spoken;
}

export function largest(title) {
  return title.renditions.filter((r) => r.kind === "video").sort((a, b) => b.height - a.height)[0];
}

// What a MediaError means for someone who only wants to see the film.
export function faultText(error) {
  switch (error?.code) {
    case MediaError.MEDIA_ERR_NETWORK:
      return "The connection to the edge was lost.";
    case MediaError.MEDIA_ERR_DECODE:
      return "A part of the film could not be decoded.";
    case MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED:
      return "The film could not be opened from this edge.";
    default:
      return "The film stopped.";
  }
}
