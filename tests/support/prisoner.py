"""A child that has given all up, and then tries what it must not.

As `python -m tests.support.prisoner FOLDER MEGABYTES CPU_SECONDS OUTSIDE PORT`. Leaves `answer.json` in its folder: the walls
that stand, the environment that it was given, and what succeeded.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from insights.sandbox import walls
from insights.sandbox.limits import Limits

LIBC = ctypes.CDLL(None, use_errno=True)
READ, WRITE = os.O_RDONLY, os.O_WRONLY | os.O_CREAT
IO_URING_SETUP, MEMFD_CREATE, CLONE3 = 425, 319, 435
FORKED = 57  # the call as machine code makes it, past every library


def called(name: str, *arguments: object) -> int:
    """A function of the C library, which Python's audit hook does not hear of."""
    answer = int(getattr(LIBC, name)(*arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), name)
    return answer


def forked(fork: Callable[[], int]) -> None:
    if (child := fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


def connected(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)):
        pass


def linked(outside: Path) -> None:
    Path("link").symlink_to(outside)
    called("open", b"link", READ)


def attempts(outside: Path, port: int) -> dict[str, Callable[[], object]]:
    name = str(outside).encode()
    parent = os.getppid()
    return {
        "open": outside.read_text,
        "open, past Python": lambda: called("open", name, READ),
        "open through a link": lambda: linked(outside),
        "list": lambda: os.listdir(outside.parent),  # noqa: PTH208 - the call itself
        "list, past Python": lambda: called("open", str(outside.parent).encode(), READ | os.O_DIRECTORY),
        "write": lambda: outside.write_text("x"),
        "write, past Python": lambda: called("open", name + b".new", WRITE, 0o600),
        "truncate, past Python": lambda: called("truncate", name, 0),
        "remove": outside.unlink,
        "remove, past Python": lambda: called("unlink", name),
        "rename, past Python": lambda: called("rename", name, name + b".moved"),
        "change rights, past Python": lambda: called("chmod", name, 0o777),
        "the parent's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "the parent's environment, past Python": lambda: called("open", f"/proc/{parent}/environ".encode(), READ),
        "passwords": lambda: called("open", b"/etc/passwd", READ),
        "socket": lambda: socket.socket().close(),
        "socket, past Python": lambda: called("socket", socket.AF_INET, socket.SOCK_STREAM, 0),
        "datagrams, past Python": lambda: called("socket", socket.AF_INET, socket.SOCK_DGRAM, 0),
        "unix socket, past Python": lambda: called("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0),
        "pair of sockets, past Python": lambda: called("socketpair", socket.AF_UNIX, socket.SOCK_STREAM, 0, (ctypes.c_int * 2)()),
        "connect": lambda: connected(port),
        "look up": lambda: socket.getaddrinfo("localhost", port),
        "fork": lambda: forked(os.fork),
        "fork, past Python": lambda: forked(lambda: called("fork")),
        "vfork as a call": lambda: forked(lambda: called("syscall", FORKED)),
        "clone3": lambda: forked(lambda: called("syscall", CLONE3, (ctypes.c_uint64 * 11)(0, 0, 0, 0, signal.SIGCHLD), 88)),
        "command": lambda: subprocess.run(["/bin/true"], check=True),
        "spawn": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
        "shell": lambda: (_ for _ in ()).throw(OSError) if LIBC.system(b"true") != 0 else None,
        "exec, past Python": lambda: called("execl", b"/bin/true", b"true", None),
        "kill the parent": lambda: os.kill(parent, 0),
        "kill the parent, past Python": lambda: called("kill", parent, 0),
        "trace the parent": lambda: called("ptrace", 16, parent, None, None),
        "io_uring": lambda: called("syscall", IO_URING_SETUP, 1, (ctypes.c_char * 120)()),
        "a file without a name": lambda: called("syscall", MEMFD_CREATE, b"x", 0),
        "higher limits": lambda: resource.setrlimit(resource.RLIMIT_CPU, (9999, 9999)),
        "other user": lambda: called("unshare", 0x10000000),
    }


def main() -> None:
    folder, memory, seconds, outside, port = Path(sys.argv[1]), *map(int, sys.argv[2:4]), Path(sys.argv[4]), int(sys.argv[5])
    tried, succeeded = attempts(outside, port), []
    stand = walls.confine(Limits(memory, seconds), [], folder)
    for name, attempt in tried.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        succeeded.append(name)
    thread = threading.Thread(target=(folder / "by a thread").write_text, args=("x",))
    thread.start()
    thread.join()
    answer = {"walls": sorted(stand), "tried": len(tried), "succeeded": succeeded, "environment": dict(os.environ)}
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
