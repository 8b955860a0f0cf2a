"""How this process asks the system for memory. Sets the C library's options; does nothing without glibc."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def settle_allocator() -> None:
    """Keep resident memory near what is in use.

    Bodies from 512 KiB up get pages of their own that go back when freed (glibc would raise that bound as it goes and
    keep them in a heap full of holes); socket buffers stay below it, so that they are reused and not mapped anew for
    each read. One arena: the disk threads would otherwise each keep a heap.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, 512 << 10)
    mallopt(_M_TRIM_THRESHOLD, 4 << 20)
    mallopt(_M_ARENA_MAX, 1)
