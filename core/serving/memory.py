"""How the C library keeps memory that was freed."""

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # of glibc's malloc.h
ARENAS = 2  # areas of freed memory; a thread cannot use what another area has
_libc = ctypes.CDLL(None)


def share_arenas() -> None:
    """Let all threads of this process use the same few areas of memory; call it before there are threads.

    glibc gives each thread an area of its own, up to eight for each core. Pages are served by a dozen threads in turn,
    each of which then keeps what its largest task took: 30 MB more for one visitor, in steps as chance has it. Other C
    libraries have no such areas, and nothing to set.
    """
    with suppress(AttributeError):
        _libc.mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give the system back the memory that was freed here, which takes some 20 ms; glibc keeps what lies below anything
    that is still in use."""
    with suppress(AttributeError):
        _libc.malloc_trim(0)
