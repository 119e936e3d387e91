"""How is the product started from a shell? `python -m insights COMMAND`."""

import os
import sys

TRAINS = {"train", "predict", "backtest", "compare", "score", "publish", "check", "rescore", "forecast"}


def restart_where_threads_would_spin(arguments: list[str]) -> None:
    """Start the same command again with OMP_WAIT_POLICY=passive, which has to be set before Python starts.

    Without it training is up to 20 times slower on a machine that other processes use too.
    """
    if TRAINS.intersection(arguments[:1]) and "OMP_WAIT_POLICY" not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | {"OMP_WAIT_POLICY": "passive"})  # noqa: S606


if __name__ == "__main__":
    restart_where_threads_would_spin(sys.argv[1:])
    from insights.cli import run

    sys.exit(run(sys.argv[1:]))
