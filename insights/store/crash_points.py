"""What if the process dies exactly here? Tests set INSIGHTS_FAULT to the name of a point to find out."""

import os
import signal

POINT = os.environ.get("INSIGHTS_FAULT", "")


def point(name: str) -> None:
    """Kill this process, as a power cut would, if it is the point asked for."""
    if name == POINT:
        os.kill(os.getpid(), signal.SIGKILL)
