"""How does memory that nobody needs any more get back to the system? Allocators keep it, in case it is wanted again."""

import ctypes
import sys
from functools import cache

import pyarrow as pa


def give_back() -> None:
    """Let the allocators of Arrow and, where there is glibc, of everything else return what they hold and nobody uses."""
    pa.default_memory_pool().release_unused()
    if trim := _trim():
        trim(0)


@cache
def _trim() -> "ctypes._NamedFuncPointer | None":
    """glibc's `malloc_trim`; None on other systems."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
