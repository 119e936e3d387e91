"""Is this a password, and is it the right one? By argon2id, as its authors' library sets it."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from insights.ledger.errors import Refused

SHORTEST, LONGEST = 12, 1024  # characters
AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MB for a moment
HASHER = PasswordHasher()
NOBODYS = HASHER.hash("nobody's")  # so that a wrong name takes as long as a wrong password


def hashed(password: str, name: str) -> str:
    """What is kept of a new password; Refused where it is too short, too long, or the user's name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"A password has at least {SHORTEST} characters, and at most {LONGEST}.", "weak_password")
    if password.casefold() == name.casefold() or len(set(password)) < SHORTEST // 3:
        raise Refused("This password is too easy to guess: take a longer sentence that only you know.", "weak_password")
    with AT_ONCE:
        return HASHER.hash(password)


def right(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept; always takes its time, also where none is kept."""
    with AT_ONCE:
        try:
            HASHER.verify(kept or NOBODYS, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than those of now."""
    return HASHER.check_needs_rehash(kept)
