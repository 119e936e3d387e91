"""Where may somebody be led after signing in? To a path of this host, and nowhere else."""

import re
from urllib.parse import unquote, urlsplit

START = "/"
LONGEST = 2000  # characters
OWN = ("/sign-in", "/sign-out", "/invitation", "/_stcore", "/media", "/auth", "/oauth2callback")
# A path as browsers keep it: it begins with one stroke, and has nothing that they would drop, turn round or take for a host.
PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\U0010ffff]*")

TURNS = re.compile(r"//|[\\\x00-\x1f\x7f]")  # of a path with nothing left that is written as %XX


def local(target: str) -> str:
    """The target where it is a path of this host that shows something, with its query; the start page else."""
    if len(target) > LONGEST or not PATH.fullmatch(target):
        return START
    try:
        parts = urlsplit(target)
    except ValueError:
        return START
    path = plain(parts.path)
    odd = parts.scheme or parts.netloc or TURNS.search(path) or ".." in path.split("/")
    if odd or any(path == own or path.startswith(f"{own}/") for own in OWN):
        return START
    return target


def plain(path: str) -> str:
    """A path with nothing left that is written as %XX, however often it was."""
    for _ in range(4):
        if (decoded := unquote(path)) == path:
            return path
        path = decoded
    return "\\"
