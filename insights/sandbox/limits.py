"""What may a child use, and when is it its turn?"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MEGABYTE = 1 << 20
LOOKED = 0.25  # seconds between two looks at what goes on

Heard = Callable[[int], None]  # told at every look how many children go before; 0 while it runs. What it raises ends the child


def unheard(_ahead: int) -> None:
    """Nobody waits."""


@dataclass(frozen=True)
class Limits:
    """What the child may use: megabytes of memory, seconds of computing, seconds by the clock."""

    memory: int = 2048
    cpu_seconds: int = 150
    wall_seconds: int = 240


@dataclass(frozen=True)
class Machine:
    """What all children of this process share."""

    cores: int
    memory: int  # megabytes

    @classmethod
    def ours(cls) -> "Machine":
        """The cores that this process may use, and half of the memory that it could have."""
        import psutil

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return cls(cores, min(psutil.virtual_memory().total, _of_the_container()) // MEGABYTE // 2)


def _of_the_container() -> int:
    """Bytes that the control group of this process may use; very many where there is no limit."""
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as limit:  # noqa: PTH123 - a file of the kernel
            return int(limit.read())
    except (OSError, ValueError):  # another system, an older kernel, or "max"
        return 1 << 62


class Turns:
    """At most one child per core, all of them together within the memory; the others wait in the order in which they came."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._line: list[Limits] = []  # those who run, then those who wait; each entry an object of its own
        self._moved = threading.Condition()

    @contextmanager
    def turn(self, limits: Limits, heard: Heard = unheard) -> Iterator[None]:
        """Waits until it is our turn, which lasts as long as the context."""
        place = Limits(limits.memory, limits.cpu_seconds, limits.wall_seconds)
        with self._moved:
            self._line.append(place)
        try:
            while ahead := self._ahead(place):
                heard(ahead)
                with self._moved:
                    self._moved.wait(LOOKED)
            yield
        finally:
            with self._moved:
                self._line = [other for other in self._line if other is not place]
                self._moved.notify_all()

    def _ahead(self, place: Limits) -> int:
        """How many have to end before it is the turn of `place`; 0 where it is."""
        with self._moved:
            before = self._line[: next(at for at, other in enumerate(self._line) if other is place)]
        for ended in range(len(before) + 1):
            beside = before[ended:]
            memory = place.memory + sum(other.memory for other in beside)
            if not beside or (len(beside) < self.machine.cores and memory <= self.machine.memory):
                return ended
        raise AssertionError("alone, everybody may run")
