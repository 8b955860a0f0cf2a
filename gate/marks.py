"""Which single frames are black, still, or outside legal levels: marks that runs are made of (`gate.runs`). Pure."""

from __future__ import annotations

from gate.limits import Limits
from gate.measures import PictureMeasures
from gate.runs import IN, OUT, STAY

_STAY_PERCENT = 3  # black by this much less keeps a run together
_STAY_SPOT = 20


def black_marks(picture: PictureMeasures, limits: Limits) -> list[int]:
    """Black: nearly all is dark and nothing is bright. A little less of both keeps a run together."""
    out = []
    for seen, black, high in zip(picture.seen, picture.black, picture.high, strict=True):
        if not seen:
            out.append(STAY)
        elif black >= limits.black_percent and high < limits.black_spot:
            out.append(IN)
        elif black >= limits.black_percent - _STAY_PERCENT and high < limits.black_spot + _STAY_SPOT:
            out.append(STAY)
        else:
            out.append(OUT)
    return out


def still_marks(picture: PictureMeasures, black: list[int], limits: Limits) -> list[int]:
    """Still: the same as the frame before, and not black. What a key frame changes in a still picture keeps a run
    together."""
    mean, once = round(limits.still_mean * 100), round(limits.still_mean_once * 100)
    out = []
    for at, (seen, change, spot) in enumerate(zip(picture.seen, picture.change, picture.spot, strict=True)):
        if at + picture.start == 0 or not seen or black[at] == IN:
            out.append(OUT)
        elif change <= mean and spot <= limits.still_spot:
            out.append(IN)
        else:
            out.append(STAY if change <= once else OUT)
    return out


def level_marks(picture: PictureMeasures, limits: Limits) -> list[int]:
    """Outside: more of the picture than allowed is outside legal range, and some of it by far."""
    share = round(limits.outside_percent * 100)
    out = []
    for seen, outside, low, high in zip(picture.seen, picture.outside, picture.low, picture.high, strict=True):
        far = low < limits.level_low or high > limits.level_high
        out.append(IN if seen and outside > share and far else STAY if seen and outside * 2 > share else OUT)
    return out


def missing_marks(picture: PictureMeasures) -> list[int]:
    """The frames of which no picture came."""
    return [OUT if seen else IN for seen in picture.seen]
