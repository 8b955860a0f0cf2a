"""How fields become pictures: decided from what the stream says and what its pixels show. Pure.

Flags lie both ways: progressive pictures are sent in interlaced streams (PsF), and woven fields in streams that call
themselves progressive. So the pixels decide wherever they move enough to tell, and the flags where they don't.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from chunker.grid import CYCLE, MAX_RATE, Timing
from media.probe import VideoStream
from treatment.decision import Decision
from treatment.facts import Facts, Sample
from treatment.picture import Parity, Scan
from treatment.wishes import Wishes
from values.errors import UsageError

MOST_LINES = 1152
"""No interlaced format has more lines: SMPTE 240M has 1035, ITU-R BT.709 has 1080, its older 50 Hz system 1152."""

_PULLED_DOWN = (Fraction(30000, 1001), Fraction(30))
_ENOUGH = 8  # frames that move enough to be judged
_FLAGGED_SHARE = Fraction(15, 100)  # of those: interlaced ones that bear out a stream flagged as interlaced ...
_UNFLAGGED_SHARE = Fraction(1, 2)  # ... and that outweigh flags that say progressive
_ONE_PARITY = Fraction(8, 10)  # of interlaced ones: real fields come in one order, noise and fine detail in both
_CLEARLY = 0.05  # of the step within a frame, by which one field order must be better than the other
_EVEN_STEPS, _EVEN_STEPS_FLAGGED = 1.3, 1.5  # fields' steps between frames, at most, in terms of those within
_FILM_HITS = 4  # repeated fields that lie where 3:2 pulldown puts them, to call a sample film
_FILM_SHARE = Fraction(8, 10)  # of all repeated fields
_LONGEST_IN_FILM = 4  # frames in a row that look interlaced; the fifth of a cycle is whole
_FILM_TO_VIDEO = 3  # samples of film for each of video, to treat it all as film


@dataclass(frozen=True, slots=True)
class ScanDecision:
    scan: Scan
    parity: Parity
    decision: Decision


def decide_scan(video: VideoStream, facts: Facts, film: Timing, wishes: Wishes) -> ScanDecision:
    """What becomes of fields. `film` is the timing of the source's frames. Raises UsageError for wishes it can't meet.

    True interlacing becomes a picture a field; 3:2 pulldown (24p in 29.97i) is taken back; progressive pictures,
    however they are flagged, stay as they are. Fields faster than 60 a second become a picture a frame.
    """
    parity = _parity(facts)
    found = _found(video, facts, film)
    detected = _detected(found, video, facts, parity)
    scan, why = _wished(wishes, film) if wishes.deinterlace != "auto" else _suited(found, film, wishes)
    decided = _DECIDED[scan]
    noted = scan != "progressive" or found in ("pulldown", "mixed") or "though" in detected
    return ScanDecision(scan, parity, Decision("scan", detected, decided, why, noted))


_DECIDED: dict[Scan, str] = {
    "progressive": "pictures are taken as they are",
    "field": "each field becomes a picture, by bwdif",
    "frame": "deinterlaced at frame rate, by bwdif",
    "telecine": "24p restored, by fieldmatch and decimate",
}


def _found(video: VideoStream, facts: Facts, film: Timing) -> str:
    """What the pictures are: progressive, interlaced, pulldown, mixed (film and video),
    still, or still and flagged as interlaced."""
    if video.height > MOST_LINES:
        return "progressive"
    seen = facts.among()
    fields, moving = seen["t"] + seen["b"], seen["t"] + seen["b"] + seen["p"]
    flagged = _flagged(video, facts)
    if moving < min(_ENOUGH, max(1, facts.frames)):
        return "still, flagged" if flagged else "still"
    one_order = max(seen["t"], seen["b"]) >= _ONE_PARITY * fields
    if flagged:
        woven = fields >= _FLAGGED_SHARE * moving and (one_order or fields >= _UNFLAGGED_SHARE * moving)
    else:
        woven = fields >= _UNFLAGGED_SHARE * moving and one_order
    if facts.steps:  # what moves up by a line a frame looks woven, but not in its steps
        step = min(facts.steps.top_first, facts.steps.bottom_first) / facts.steps.within
        woven = woven and step <= (_EVEN_STEPS_FLAGGED if flagged else _EVEN_STEPS)
    if not woven:
        return "progressive"
    kinds = [cadence(s) for s in facts.samples]
    films, videos = kinds.count("film"), kinds.count("video")
    if not films or film.rate not in _PULLED_DOWN or not film.constant:
        return "interlaced"
    return "pulldown" if films >= _FILM_TO_VIDEO * videos else "mixed"


def cadence(sample: Sample) -> str:
    """Whether a sample is film in 3:2 pulldown, video, or '' where it does not show.

    Pulldown repeats a top field every five frames and a bottom field two or three frames later, and of each five
    frames one is whole. In video more than four frames in a row are woven.
    """
    places = [(i % CYCLE, letter) for i, letter in enumerate(sample.repeats) if letter != "n"]
    hits = max(
        sum((place, letter) in ((top, "t"), ((top + gap) % CYCLE, "b")) for place, letter in places)
        for top in range(CYCLE)
        for gap in (2, 3)
    )
    if hits >= _FILM_HITS and hits >= _FILM_SHARE * len(places):
        return "film"
    runs = [len(list(group)) for letter, group in groupby(sample.alone) if letter in "tb"]
    woven = sum(run for run in runs if run > _LONGEST_IN_FILM)
    return "video" if 2 * woven >= len(sample.alone) > 0 else ""


def _suited(found: str, film: Timing, wishes: Wishes) -> tuple[Scan, str]:
    """What is done where the user leaves it open, and why."""
    if found == "progressive":
        return "progressive", "no fields move apart in the pixels"
    if found == "still":
        return "progressive", "nothing moves in the samples, and the flags say so"
    if found == "still, flagged":
        return _fields(film, "nothing moves in the samples, but the flags say interlaced")
    if found == "pulldown" and wishes.rate in (None, film.rate * 4 / 5):
        return "telecine", "the repeated fields of 3:2 pulldown recur every five frames"
    if found == "pulldown":
        return _fields(film, "restored 24p would not have the rate that was asked for")
    if found == "mixed":
        return _fields(film, "parts are film in 3:2 pulldown, but others are video")
    return _fields(film, "fields move apart in the pixels")


def _fields(film: Timing, why: str) -> tuple[Scan, str]:
    if film.rate * 2 > MAX_RATE:
        return "frame", f"{why}; a picture a field would be more than {MAX_RATE} a second"
    if film.frames < 2:
        return "frame", f"{why}; a single frame has one picture"
    return "field", why


def _wished(wishes: Wishes, film: Timing) -> tuple[Scan, str]:
    asked = f"asked for: --deinterlace {wishes.deinterlace}"
    if wishes.deinterlace == "telecine":
        if not film.constant or wishes.rate not in (None, film.rate * 4 / 5):
            raise UsageError(
                "3:2 pulldown can't be taken back at another rate than 4/5 of a constant one",
                where="--deinterlace telecine",
                hint="Leave out --rate." if film.constant else "Its frame rate is variable: leave out --deinterlace.",
            )
        return "telecine", asked
    if wishes.deinterlace == "field":
        return _fields(film, asked)
    return ("frame", asked) if wishes.deinterlace == "frame" else ("progressive", asked)


def _flagged(video: VideoStream, facts: Facts) -> bool:
    """Whether the stream says that most of its frames are interlaced."""
    return 2 * facts.flagged > facts.frames if facts.frames else video.interlaced


def _parity(facts: Facts) -> Parity:
    """The field order of the pixels: that in which fields take the shorter steps, in all samples that move. Where
    samples differ, or nothing moves, each frame's flag counts."""
    orders = {
        "tff" if s.steps.top_first < s.steps.bottom_first else "bff"
        for s in facts.samples
        if s.steps and abs(s.steps.top_first - s.steps.bottom_first) >= _CLEARLY * s.steps.within
    }
    if len(orders) == 1:
        return "tff" if "tff" in orders else "bff"
    return "auto"


def _detected(found: str, video: VideoStream, facts: Facts, parity: Parity) -> str:
    flagged = _flagged(video, facts)
    order = {"tff": ", top field first", "bff": ", bottom field first", "auto": ""}[parity]
    told = {"tff": "top", "bff": "bottom"}.get(video.field_order, "")
    if found == "progressive":
        return "progressive, though flagged as interlaced" if flagged else "progressive"
    if found.startswith("still"):
        return "interlaced by its flags" if flagged else "progressive by its flags"
    what = {"pulldown": "24p in 3:2 pulldown", "mixed": "film and video mixed, interlaced"}.get(found, "interlaced")
    if not flagged:
        return f"{what}{order}, though flagged as progressive"
    if parity != "auto" and told and parity != video.field_order:
        return f"{what}{order}, though flagged as {told} field first"
    return what + order
