"""Runs a module as `python -m` does, and writes down every other machine that the process asks or looks up.

python tests/support/watched.py LOG MODULE [ARGUMENT...]
"""

import runpy
import sys
from pathlib import Path

LOOKED_UP, REACHED = "socket.getaddrinfo", {"socket.connect", "socket.sendto", "socket.sendmsg"}
HERE = {"127.0.0.1", "::1", "localhost", None}


def watch(log: Path) -> None:
    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == LOOKED_UP:
            host = arguments[0]
        elif event in REACHED and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        if host not in HERE:
            with log.open("a") as file:
                file.write(f"{event} {host}\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    sys.path[0] = ""
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
