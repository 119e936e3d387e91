"""How does a Linux process give up the file system but for a few places? By Landlock, of the kernel since 5.13, without root.

Bound by ctypes: what is on PyPI for it is an alpha that knows neither the network nor signals.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the numbers of the calls, on every architecture
ASK_VERSION = 1
BENEATH = 1  # a rule about a path and what is below it
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
OF_FILES = (1 << 0) | (1 << 1) | READ_FILE  # execute, write, read
TRUNCATE, REFER, IOCTL = 1 << 14, 1 << 13, 1 << 15
FIRST = (1 << 13) - 1  # the thirteen rights of the first version: execute, write, read, list, remove, make
SINCE = {2: REFER, 3: TRUNCATE, 5: IOCTL}  # version -> the right that it brought
NO_TCP = 0b11  # bind and connect, since version 4
NO_OTHERS = 0b11  # abstract sockets and signals of others, since version 6


class Ruleset(ctypes.Structure):
    """landlock_ruleset_attr: what is forbidden unless a rule allows it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    """landlock_path_beneath_attr: a right, and the place for which it holds."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("place", ctypes.c_int32))


def version() -> int:
    """Of Landlock in this kernel; 0 where there is none."""
    try:
        return max(0, _call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION)))
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on only what lies at or below these paths can be opened, nothing executed, no TCP; whether it could be done.

    For good, and for all that this process starts. PR_SET_NO_NEW_PRIVS must be set.
    """
    if not (known := version()):
        return False
    rights = FIRST | sum(right for since, right in SINCE.items() if since <= known)
    asked = Ruleset(rights, NO_TCP if known >= 4 else 0, NO_OTHERS if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = _call(CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(rules, path, READ_FILE | READ_FOLDER)
        for path in writable:
            _allow(rules, path, rights & ~1)  # all but to execute
        _call(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)
    return True


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        allowed = rights if path.is_dir() else rights & (OF_FILES | TRUNCATE | IOCTL)
        rule = Beneath(allowed & (FIRST | TRUNCATE | REFER | IOCTL), place)
        _call(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    system = ctypes.CDLL(None, use_errno=True)
    answer = int(system.syscall(ctypes.c_long(number), *arguments))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer
