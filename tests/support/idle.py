"""A child that takes megabytes and does nothing: `python -m tests.support.idle FOLDER MEGABYTES SECONDS [TAKEN [confined]]`."""

import sys
import time
from pathlib import Path

from insights.sandbox import walls
from insights.sandbox.limits import Limits

if __name__ == "__main__":
    if "confined" in sys.argv:
        walls.confine(Limits(int(sys.argv[2]), int(sys.argv[3])), [], Path(sys.argv[1]))
        Path("confined").write_text("")
    taken = bytearray(int(sys.argv[4]) << 20 if len(sys.argv) > 4 else 0)
    for at in range(0, len(taken), 4096):
        taken[at] = 1
    time.sleep(600)
