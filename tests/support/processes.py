"""How do tests run code in a process of its own, which may die at a point?"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from insights.ledger.errors import Refused
from insights.store.store import Store


def refusal(call: object, *arguments: object, **named: object) -> str:
    """The code with which a call is refused."""
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


def died(workspace: Store, where: str, code: str) -> None:
    """Run code in a process that dies at a fault point."""
    process = python(
        workspace,
        "from insights.access import laptop; from insights.store.store import Store; "
        f"from insights.services import ledgers, predictions, publishing; {code}",
        INSIGHTS_FAULT=where,
    )
    assert process.wait(timeout=180) == -9


def python(workspace: Store, code: str, **environment: str) -> "subprocess.Popen[bytes]":
    return start(workspace.home, code, **environment)


def start(home: Path, code: str, **environment: str) -> "subprocess.Popen[bytes]":
    """A Python process in this project, working on a home."""
    values = os.environ | {"INSIGHTS_HOME": str(home), "OMP_NUM_THREADS": "1"} | environment
    return subprocess.Popen([sys.executable, "-c", code], env=values, cwd=Path(__file__).parents[2])


def aged(path: Path, days: float = 2) -> Path:
    """The same file or folder, as if it had been made so many days ago."""
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))
    return path
