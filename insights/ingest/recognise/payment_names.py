"""What are the columns of a payments file called?"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from insights.ingest.recognise import match


@cache
def names() -> Mapping[str, tuple[str, ...]]:
    """Field -> what its columns are called."""
    text = Path(__file__).with_name("payments.toml").read_text(encoding="utf-8")
    return {name: tuple(called) for name, called in tomllib.loads(text).items()}


def known_names() -> set[str]:
    """All of them, compact."""
    return {match.compact(name) for called in names().values() for name in called}
