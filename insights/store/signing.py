"""By what does a workspace know again what it wrote itself? A signature with a key that never leaves its home.

The key is made when it is first used, for the home's user alone, and is in no backup: what was signed before is from elsewhere
for whoever restores one.
"""

import hmac
import secrets
from hashlib import sha256
from pathlib import Path

from insights.store import files
from insights.store.store import Store

KEY = "signing.key"
SIZE = 32  # bytes of a key


def signature(store: Store, content: bytes) -> str:
    """HMAC-SHA256 of some bytes, in hexadecimal; the key is made if need be."""
    return _signed(key(store), content)


def is_ours(store: Store, content: bytes, signed: str) -> bool:
    """Whether a signature of these bytes is of this workspace; where there is no key, nothing was ever signed."""
    if not signed or not (store.home / KEY).exists():
        return False
    return hmac.compare_digest(_signed(key(store), content).encode(), signed.encode())


def key(store: Store) -> bytes:
    path = store.home / KEY
    with store.lock("signing"):
        if not path.exists():
            files.place(path, _make)
            path.chmod(files.OWN_FILE)
    return path.read_bytes()


def _signed(secret: bytes, content: bytes) -> str:
    return hmac.digest(secret, content, sha256).hex()


def _make(begun: Path) -> None:
    begun.write_bytes(secrets.token_bytes(SIZE))
