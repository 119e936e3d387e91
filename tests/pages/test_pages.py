"""Do the screens say what the sample ledger holds, at any address, and never show a traceback?"""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.screens import said, screen

ROOT = Path(__file__).parents[2]


VIEWS = (
    "start",
    "worklist",
    "open_invoices",
    "invoice",
    "customers",
    "customer",
    "release_list",
    "ageing",
    "figures",
    "did_it_help",
)
PAGES = (*VIEWS, "ledgers", "models", "trust")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("empty_workspace")
def test_every_page_stands_without_a_ledger(page: str) -> None:
    app = screen(page)
    assert not app.exception
    assert said(app)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("sample_workspace")
def test_every_page_stands_with_a_ledger(page: str) -> None:
    app = screen(page)
    assert not app.exception
    assert said(app)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["0.0.0.0", "::", ""])  # noqa: S104 - what has to be refused
def test_a_server_that_others_could_reach_does_not_start(address: str, tmp_path: Path) -> None:
    with socket.socket() as free:  # another server may stand at the usual port
        free.bind(("", 0))
        port = free.getsockname()[1]
    start = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command = [*start, f"--server.port={port}", f"--server.address={address}"]
    environment = os.environ | {"INSIGHTS_HOME": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode != 0
    assert "sign-in is not switched on" in answer.stdout + answer.stderr
