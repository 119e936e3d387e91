"""Who remembers the columns of a kind of file, and who forgets them, is on record."""

from pathlib import Path

import pytest

from insights.access import laptop
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
    services.save(workspace, "Branch", read(tmp_path / "open.csv", options), options, actor=laptop("ann"))
    assert mappings.names(workspace.home) == ["Branch"]
    services.forget(workspace, "Branch", actor=laptop("bob"))
    assert mappings.names(workspace.home) == []
    told = [(entry.actor, entry.action) for entry in audit.listed(workspace, "Branch")]
    assert told == [("bob", "mapping.forget"), ("ann", "mapping.save")]


def test_what_was_never_saved_cannot_be_forgotten(workspace: Store) -> None:
    with pytest.raises(Refused, match="no saved mapping “Branch”"):
        services.forget(workspace, "Branch", actor=laptop("ann"))
    assert audit.listed(workspace, "Branch") == []


@pytest.mark.slow
def test_a_mapping_that_is_remembered_by_itself_takes_no_other_ones_name(workspace: Store, tmp_path: Path) -> None:
    """Two firms call their files the same; the headers tell them apart. What was added later is added to what is remembered."""
    own, other = tmp_path / "own.csv", tmp_path / "other.csv"
    own.write_text(FILE, encoding="utf-8")
    other.write_text(FILE.replace("Brutto", "Betrag"), encoding="utf-8")
    options, changed = Options(maps=MAPS, currency="CHF"), Options(maps=MAPS | {"amount": "Betrag"})
    first, second = read(own, options), read(other, changed)
    assert services.name_for(workspace, "export", first) == "export"
    services.save(workspace, "export", first, options, actor=laptop("ann"))
    assert services.name_for(workspace, "export", first) == "export"
    assert services.name_for(workspace, "export", second) == "export (2)"
    assert services.name_for(workspace, "---", second) == "Columns"
    again = read(own, home=workspace.home)
    assert services.name_for(workspace, "another", again) == "export"
    services.save(workspace, "export", again, Options(decimal=","), actor=laptop("ann"))
    assert {"currency": "CHF", "decimal": ","}.items() <= mappings.saved(workspace.home)[0].answers.items()
