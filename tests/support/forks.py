"""How is something run in a fork of a server that has its modules loaded, whatever this process has run before?"""

import sys
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from types import ModuleType

from insights.sandbox import start


def run(context: ForkServerContext, target: Callable[..., None], arguments: tuple[object, ...], seconds: float) -> int:
    """The exit code of `target` in a fork; OUT_OF_TIME where it took longer.

    A screen under AppTest leaves itself as `__main__`, which every child would run first: it is given an empty one.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        process = context.Process(target=target, args=arguments)
        process.start()
    finally:
        sys.modules["__main__"] = main
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return start.OUT_OF_TIME
    return process.exitcode or 0
