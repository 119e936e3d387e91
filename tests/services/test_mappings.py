"""Who remembers the columns of a kind of file, and who forgets them, is on record."""

from pathlib import Path

import pytest

from insights.ingest import Options, mappings, read
from insights.ledger.errors import Refused
from insights.services import mappings as services
from insights.store import audit
from insights.store.store import Store

FILE = """Kunde;Beleg;Datum;Zahlbar bis;Brutto
Acme;1;2025-01-02;2025-02-01;100,00
Bolt;2;2025-01-03;2025-02-02;200,50
"""
MAPS = {"customer_id": "Kunde", "invoice_id": "Beleg", "issue_date": "Datum", "due_date": "Zahlbar bis", "amount": "Brutto"}


@pytest.mark.slow
def test_a_mapping_is_saved_and_forgotten_by_somebody(workspace: Store, tmp_path: Path) -> None:
    """
    Kunde;Beleg;Datum;Zahlbar bis;Brutto
    Acme;1;2025-01-02;2025-02-01;100,00
    """
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    options = Options(maps=MAPS)
    services.save(workspace, "Branch", read(tmp_path / "open.csv", options), options, actor="ann")
    assert mappings.names(workspace.home) == ["Branch"]
    services.forget(workspace, "Branch", actor="bob")
    assert mappings.names(workspace.home) == []
    told = [(entry.actor, entry.action) for entry in audit.listed(workspace, "Branch")]
    assert told == [("bob", "mapping.forget"), ("ann", "mapping.save")]


def test_what_was_never_saved_cannot_be_forgotten(workspace: Store) -> None:
    with pytest.raises(Refused, match="no saved mapping “Branch”"):
        services.forget(workspace, "Branch", actor="ann")
    assert audit.listed(workspace, "Branch") == []
