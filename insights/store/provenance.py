"""With which code and libraries was something made? Equal answers, equal bytes."""

import json
import platform
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("xgboost", "xgboost-cpu", "scikit-learn", "scipy", "numpy", "pyarrow", "holidays")  # that decide what a model says
PACKAGES = ("ledger", "features", "model", "portfolio/cash", "evaluation")  # for what a model is and a replay says
SCORING = ("ledger", "features", "model", "portfolio", "prediction")  # for what a model says of open invoices, and why
REPLAYING = (*SCORING, "evaluation")  # for what a replay in parts says


@cache
def code_digest(root: Path = Path(__file__).parents[1], packages: tuple[str, ...] = PACKAGES) -> str:
    """sha256 of packages of ours: those that decide what a model is and what a replay says; `root` is the folder `insights`.

    A name that no folder has is that of a single module.
    """
    total = sha256()
    for package in packages:
        folder = root / package
        for path in sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]:
            total.update(f"{path.relative_to(root).as_posix()}\n".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def libraries() -> dict[str, str]:
    """The installed version of each of LIBRARIES that there is."""
    versions = {}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            continue
    return versions


def replay_digest(versions: Mapping[str, str]) -> str:
    """sha256 of our code and the libraries' versions: a replay made with others is not read again."""
    return sha256(json.dumps([code_digest(), dict(versions)], sort_keys=True).encode()).hexdigest()


def made_with() -> dict[str, str]:
    """Versions of Python, libraries and our own code."""
    return {"python": platform.python_version(), "machine": platform.machine(), "code": code_digest(), **libraries()}


def scored_with(packages: tuple[str, ...] = SCORING) -> dict[str, str]:
    """The same, of our code what decides what a model says: equal here and there, equal predictions."""
    return made_with() | {"code": code_digest(packages=packages)}
