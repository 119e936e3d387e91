"""How do tests run a command line?"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


AS_OF = "2024-12-01"


Run = Callable[..., tuple[int, str, str]]


def command_line(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python -m insights ...` as a shell runs it."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    return subprocess.run(
        [sys.executable, "-m", "insights", *arguments],
        cwd=ROOT,
        env=environment | {"INSIGHTS_HOME": str(home), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def document(text: str) -> dict[str, Any]:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
