"""When a process is given up: it ran past its time, or it stands still. Pure but for `cpu_seconds`."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

IDLE_S = 600.0
"""Without any CPU time for this long, a process waits for what will not come: a dead connection, its own threads."""

STUCK_S = 3600.0
"""Work without one more frame of output for this long is a loop: the slowest encoders of 8K need a minute a frame."""

_LONGEST_STEP_S = 60.0
"""Between two looks no more counts: a machine that slept, or a frozen container, has stood still as a whole."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Watch:
    """What is known of a process that began at `begun`. All times are seconds of one monotonic clock.

    `timeout_s` is all the time that it has, None for any. `progress` is whatever it has reported last, None if it
    reports nothing: then it may work as long as it uses the CPU.
    """

    begun: float
    timeout_s: float | None = None
    cpu_s: float = -1.0
    progress: object = None
    looked_at: float = 0.0
    idle_s: float = 0.0
    stuck_s: float = 0.0

    def look(self, now: float, cpu_s: float, progress: object = None) -> str | None:
        """Why to stop the process now, as the end of a sentence; None to let it run."""
        step = min(now - (self.looked_at or self.begun), _LONGEST_STEP_S)
        self.idle_s = self.idle_s + step if cpu_s == self.cpu_s else 0.0
        self.stuck_s = self.stuck_s + step if progress is not None and progress == self.progress else 0.0
        self.cpu_s, self.progress, self.looked_at = cpu_s, progress, now
        if self.timeout_s is not None and now - self.begun >= self.timeout_s:
            return f"did not finish within {self.timeout_s:.0f} s and was stopped"
        if self.idle_s >= IDLE_S:
            return f"did nothing at all for {IDLE_S / 60:.0f} minutes and was stopped"
        if self.stuck_s >= STUCK_S:
            return f"came no further for {STUCK_S / 60:.0f} minutes and was stopped"
        return None

    def left_s(self, now: float) -> float:
        """Seconds until its time is over; infinite without a limit."""
        return float("inf") if self.timeout_s is None else max(0.0, self.begun + self.timeout_s - now)


def cpu_seconds(pid: int) -> float:
    """The CPU time of a running process with all its threads (proc_pid_stat(5)); 0 if it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0
