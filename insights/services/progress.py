"""How does long work say how far it is?"""

from collections.abc import Callable

Progress = Callable[[str, float], None]  # stage, and share (0 to 1) of the whole


def quiet(stage: str, share: float) -> None:
    """Progress that nobody watches."""


def within(progress: Progress, number: int, many: int) -> Progress:
    """Progress of one of many equal parts."""
    return lambda stage, share: progress(f"{stage} ({number + 1} of {many})", (number + share) / many)
