"""What do several tests here build?"""

from pathlib import Path

import pytest

from insights.store.store import Store
from tests.support.workspaces import opened


@pytest.fixture
def workspace(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A workspace with nothing in it, on SQLite and on PostgreSQL; commands see it, too."""
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return opened(tmp_path / "home")
