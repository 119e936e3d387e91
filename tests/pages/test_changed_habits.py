"""Do the screens say who now pays otherwise than it used to, and does every list mark it?"""

from typing import Any

import pytest

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.habits import LATER, changed_habit
from tests.support.screens import lists, rows, said, screen
from tests.support.workspaces import ME, rates_model

MARK = "pays 7 days later"


@pytest.fixture
def _published(workspace: Store) -> None:
    ledger = commit(workspace, changed_habit(), actor=ME)
    model = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    publishing.publish(workspace, model, replaces=None, actor=ME)


def marks(found: dict[str, Any]) -> dict[str, str]:
    """Customer -> the mark beside its name, in the first column that has customers."""
    cells = [row["cells"]["customer"] for group in found["groups"] for row in group["rows"]]
    return {cell["text"]: cell.get("mark", "") for cell in cells}


@pytest.mark.slow
@pytest.mark.usefixtures("_published")
def test_customers_lists_who_pays_otherwise_with_the_evidence_and_a_link() -> None:
    """Of two customers that are looked at, acme."""
    app = screen("customers.py")
    everybody, changed = lists(app)
    assert marks(everybody) == {"acme": MARK, "birch": ""}
    (row,) = changed["groups"][0]["rows"]
    assert rows(app, 1).to_dict("records") == [
        {
            "customer": "acme",
            "change": "7 days later",
            "now": "11.9 days late",
            "before": "5.0 days late",
            "later": "100 of 100 pairs",
            "owed": "EUR 10.00",
        }
    ]
    assert row["cells"]["customer"]["to"] == "customer?company=north&customer=acme"
    assert (row["cells"]["now"]["below"], row["cells"]["before"]["below"]) == ("10 invoices", "40 invoices")
    assert "1 of 2 customers" in said(app)
    assert len(lists(screen("customers.py", companies="south"))) == 1, "birch of south pays as ever"


@pytest.mark.slow
@pytest.mark.usefixtures("_published")
def test_every_list_marks_who_pays_otherwise_and_the_worklist_says_it_as_on_the_telephone() -> None:
    assert marks(lists(screen("open_invoices.py", tab="all"))[0]) == {"acme": MARK, "birch": ""}
    grouped = lists(screen("open_invoices.py", tab="all", by_customer="True"))[0]["groups"]
    assert {group["head"]["text"]: group["head"].get("mark", "") for group in grouped} == {"acme": MARK, "birch": ""}
    app = screen("worklist.py")
    assert marks(lists(app)[0])["acme"] == MARK
    assert LATER in {row["customer"]: row["why"] for row in rows(app).to_dict("records")}["acme"]
    assert "Pays worse than its own habit" in said(screen("customer.py", company="north", customer="acme"))
    assert "No change that the evidence carries" in said(screen("customer.py", company="south", customer="birch"))
