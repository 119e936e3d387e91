"""What do several tests of models look at?"""

from hashlib import sha256
from pathlib import Path

from tests.support.ledgers import (
    DAY,
    START,
)

AT = START + 300 * DAY


def files(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
