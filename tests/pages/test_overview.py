"""Does each role see its tiles first, and does each tile say what the list behind it sums to?"""

import pytest

from insights.services import roles
from insights.services.ledgers import commit
from insights.store import audit
from insights.store.store import Store
from tests.support.screens import figures, said, screen
from tests.support.workspaces import ME, small_ledger


@pytest.mark.usefixtures("published")
@pytest.mark.slow
def test_an_agent_s_tiles_say_what_the_tabs_of_the_list_say() -> None:
    """Both open invoices are overdue."""
    shown = figures(screen("start.py"))
    assert shown["Overdue"] == ("2", "EUR 25.00 · USD 0.99")
    assert shown["Not yet due, flagged"] == ("0", "—")
    assert shown["Customers mostly at risk"] == ("2", "of 2 customers")
    assert shown["To call"][0] == figures(screen("worklist.py"))["To call"][0]
    tabs = [button.label for button in screen("open_invoices.py", tab="overdue").button]
    assert any(label.startswith("**Overdue** · 2 · EUR 25") for label in tabs)


@pytest.mark.slow
def test_a_role_is_remembered_by_name_and_on_record(published: Store) -> None:
    app = screen("start.py")
    app.segmented_control(key="overview_role").set_value(roles.MANAGER).run()
    assert roles.role_of(published, audit.os_user()) == roles.MANAGER
    assert figures(screen("start.py"))["Receivables"] == ("EUR 25.00", "1 open invoice")
    roles.choose(published, roles.POWER_USER, actor=audit.os_user())
    assert figures(screen("start.py"))["Models"] == ("1", "one is published")
    assert [entry.action for entry in audit.listed(published, audit.os_user())] == [roles.CHOOSE] * 2


@pytest.mark.slow
def test_a_manager_s_tiles_are_the_cells_of_the_ageing(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=ME)
    roles.choose(workspace, roles.MANAGER, actor=audit.os_user())
    shown = figures(screen("start.py"))
    assert shown["Past due"] == ("EUR 25.00", "100% of the receivables")
    assert shown["Over 90 days past due"][0] == "EUR 0.00"
    assert "besides, USD 0.99 are owed" in said(screen("start.py"))
    behind = said(screen("ageing.py", cell="receivables", currency="EUR"))
    assert "1 invoice, EUR 25.00" in behind


@pytest.mark.usefixtures("small_workspace")
def test_an_address_that_names_no_ledger_leaves_the_start_page_as_it_is() -> None:
    app = screen("start.py", ledger="gone")
    assert "Payment Insights" in said(app)
    assert not app.segmented_control
