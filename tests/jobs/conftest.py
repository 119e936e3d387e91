"""What do several tests here build?"""

from pathlib import Path

import pytest

from insights.store.store import Store
from tests.support.jobs import LEASE
from tests.support.workspaces import opened


@pytest.fixture
def workspace(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A workspace with nothing in it, on SQLite and on PostgreSQL."""
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", str(LEASE))
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return opened(tmp_path / "home")
