"""What do several tests here build?"""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store import models as model_store
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.workspaces import ME, rates_model, small_ledger, year_of_invoices


@pytest.fixture
def published(workspace: Store) -> Store:
    """The small ledger, whose two open invoices are both overdue, with the plainest model: late and very late, half each."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(
        workspace, model_store.save(workspace, rates_model(), ledger.id, name="Plain", actor=ME), replaces=None, actor=ME
    )
    return workspace


@pytest.fixture
def two_models(published: Store) -> tuple[str, str]:
    """Plain for all companies (75 per cent on time, flagged below 50) and Northern for north (60, below 70): their ids."""
    ledger, plain = ledgers.listed(published)[0], model_store.listed(published)[0]
    northern = model_store.save(published, rates_model(late=0.4), ledger.id, name="Northern", actor=ME)
    publishing.publish(published, northern, replaces=None, scope=Scope("north"), threshold=0.7, actor=ME)
    return plain.id, northern


@pytest.fixture
def with_history(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A year of invoices with a plain published model; `case` numbers every invoice, which is said to be known at issue."""
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "1")  # a worker ends soon after its job
    plain = year_of_invoices(invoices=300)
    numbers = pa.array([f"case-{at}" for at in range(300)])
    ledger = commit(
        workspace, replace(plain, invoices=plain.invoices.append_column("x:case", numbers), known_at_issue=("case",)), actor=ME
    )
    publishing.publish(
        workspace,
        model_store.save(workspace, rates_model(date(2025, 1, 1)), ledger.id, name="Plain", actor=ME),
        replaces=None,
        actor=ME,
    )
    return workspace
