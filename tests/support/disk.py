"""A disk of a few megabytes, in a namespace of its own: `python -m tests.support.disk FOLDER MEGABYTES COMMAND...`.

Inside, the command finds the disk at FOLDER. Nobody else sees it, and it needs no root where namespaces of users are allowed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

BLOCK = 4096


def inside(folder: Path, megabytes: int, command: list[str]) -> list[str]:
    """The command that runs `command` where such a disk is."""
    mounted = f'mount -t tmpfs -o size={megabytes}m tmpfs "$0" && exec "$@"'
    return ["unshare", "-Urm", "sh", "-c", mounted, str(folder), *command]


def possible(folder: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    return not subprocess.run(inside(folder, 1, ["true"]), check=False, capture_output=True).returncode


def fill(disk: Path) -> Path:
    """Until no byte is free; the file that took the rest."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, BLOCK, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def mounted_again(disk: Path, how: str) -> None:
    """`how`: "ro" or "rw"."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


if __name__ == "__main__":
    sys.exit(subprocess.call(inside(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])))
