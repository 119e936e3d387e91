"""What does an address show? Its ledger, day and model, else the tab's last, else the newest; what it may not, is refused."""

from datetime import date

import pytest

from insights.ledger.errors import Refused
from insights.services import contents, publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.records import Scope
from insights.store.store import Store
from pages.ui.shared import view
from pages.ui.shared.view import ActiveModels
from tests.support.workspaces import ME, rates_model, small_ledger

AT = date(2024, 4, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "kept", "shown"), [("", None, 0), ("", 1, 1), (1, 0, 1), ("", "gone", 0), ("nowhere", 1, None)]
)
def test_which_ledger(empty_workspace: Store, named: str | int, kept: object, shown: int | None) -> None:
    """Two ledgers, 0 the newest: what the link names, else what the tab showed last, else the newest."""
    for _ in range(2):
        commit(empty_workspace, small_ledger(), actor=ME)
    held = contents.read(empty_workspace)
    ids = [record.id for record in held.ledgers]
    asked = [ids[each] if isinstance(each, int) else each for each in (named, kept)]
    if shown is None:
        with pytest.raises(Refused, match="names a ledger that is not here"):
            view.wanted_ledger(held, str(asked[0]), asked[1])
    else:
        assert view.wanted_ledger(held, str(asked[0]), asked[1]) == ids[shown]


def test_which_model(empty_workspace: Store) -> None:
    """Published are a model for all and one for north. A link that names none shows both, one that names one shows it alone."""
    ledger = commit(empty_workspace, small_ledger(), actor=ME)
    everybody, north, later = (
        models.save(empty_workspace, rates_model(day, late=late), ledger.id, actor=ME)
        for day, late in ((date(2024, 3, 1), 0.1), (date(2024, 3, 1), 0.2), (AT, 0.3))
    )
    publishing.publish(empty_workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    record = ledgers.get(empty_workspace, ledger.id)
    assert view.usual(contents.read(empty_workspace), record, AT) == ActiveModels(everybody, 0.3)
    publishing.publish(empty_workspace, north, replaces=None, scope=Scope("north"), threshold=0.6, actor=ME)
    held = contents.read(empty_workspace)
    assert view.wanted_model(held, record, AT, "") == ActiveModels(everybody, 0.3, {"north": (north, 0.6)})
    assert view.wanted_model(held, record, AT, north).by_company == {}
    with pytest.raises(Refused, match="has seen what happened"):
        view.wanted_model(held, record, date(2024, 3, 15), later)


@pytest.mark.slow
def test_one_model_for_every_company_speaks_at_the_threshold_that_it_has_there(empty_workspace: Store) -> None:
    """Published for north and for south alone, both below 60 per cent: that is one view of one model, named or not."""
    ledger = commit(empty_workspace, small_ledger(), actor=ME)
    model_id = models.save(empty_workspace, rates_model(), ledger.id, actor=ME)
    for company in ("north", "south"):
        publishing.publish(empty_workspace, model_id, replaces=None, scope=Scope(company), threshold=0.6, actor=ME)
    held, record = contents.read(empty_workspace), ledgers.get(empty_workspace, ledger.id)
    for named in ("", model_id):
        assert view.wanted_model(held, record, AT, named) == ActiveModels(model_id, 0.6)
