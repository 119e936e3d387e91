"""With which code and libraries was something made? Equal answers, equal bytes."""

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("xgboost", "xgboost-cpu", "numpy", "pyarrow", "holidays")
MODELLING = ("outcomes", "features", "fields", "sampling", "training", "evaluation", "metrics", "model", "filters", "ledger")


@cache
def code_digest() -> str:
    """sha256 of the modules that decide what a model is."""
    total = sha256()
    for name in MODELLING:
        for path in sorted(Path(__file__).parents[1].glob(f"{name}.py")):
            total.update(path.read_bytes())
    return total.hexdigest()


def made_with() -> dict[str, str]:
    """Versions of Python, libraries and our own code."""
    versions = {"python": platform.python_version(), "machine": platform.machine(), "code": code_digest()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            continue
    return versions
