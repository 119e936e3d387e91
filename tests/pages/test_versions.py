"""Does a screen that shows an older version say so, and lead to the newer one? Does it say when what it shows is old?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.store import Store
from tests.support.screens import click, said, screen, standing
from tests.support.workspaces import ME, nameless_ledger, rates_model, small_ledger

pytestmark = pytest.mark.slow  # screens

PAGES = ("open_invoices", "invoice", "customers", "customer", "models", "trust")
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture
def versions(workspace: Store) -> tuple[str, str]:
    """Two versions of one ledger, complete through 31 March and through yesterday."""
    first = commit(workspace, small_ledger(), actor=ME)
    return first.id, commit(workspace, replace(small_ledger(), complete_through=YESTERDAY), after=first.id, actor=ME).id


@pytest.mark.parametrize("page", PAGES)
def test_every_screen_of_an_older_version_leads_to_the_newer_one(versions: tuple[str, str], page: str) -> None:
    older, newer = versions
    app = screen(page, ledger=older, company="north", customer="acme", invoice="2")
    assert "A newer version of this ledger is here: this is version 1, complete through 31 Mar 2024." in said(app)
    standing(app.button(key="show_newer").click().run())
    assert app.query_params["ledger"] == newer
    assert "A newer version" not in said(app)


@pytest.mark.usefixtures("versions")
def test_the_newest_version_is_shown_by_default_and_is_not_old() -> None:
    app = screen("open_invoices")
    assert "A newer version" not in said(app)
    assert "days old" not in said(app)


def test_a_list_that_is_old_says_so(small_workspace: Store) -> None:
    age = (datetime.now(UTC).date() - date(2024, 3, 31)).days
    assert f"What is shown is {age:,} days old" in said(screen("open_invoices"))
    assert "days old" not in said(screen("open_invoices", as_of="2024-03-05")), "whoever looks back knows"
    assert "days old" not in said(screen("start"))
    assert len(ledgers.listed(small_workspace)) == 1


def test_earlier_versions_stand_folded_away_below_the_newest(versions: tuple[str, str]) -> None:
    app = screen("ledgers")
    assert "Example, version 2" in said(app)
    assert [each.label for each in app.expander if "version" in each.label] == ["1 earlier version"]
    assert [each.key for each in app.button if each.label == "Open"] == [f"open_{each}" for each in reversed(versions)]
    assert [each.key for each in screen("start").button if each.label == "Open invoices"] == [f"open_{versions[1]}"]


def test_a_model_published_for_a_ledger_without_companies_speaks_for_its_next_version_alone(workspace: Store) -> None:
    first = commit(workspace, nameless_ledger(), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), first.id, actor=ME), replaces=None, actor=ME)
    newer, other = (commit(workspace, nameless_ledger(), after=each, actor=ME) for each in (first.id, ""))
    assert "on Nameless, published" in said(screen("open_invoices", ledger=newer.id))
    assert "No model for this day" in said(screen("open_invoices", ledger=other.id))


def test_ledgers_that_were_kept_apart_are_joined_on_the_screen_and_separated_again(workspace: Store) -> None:
    first, own = (commit(workspace, replace(small_ledger(), name=name), actor=ME) for name in ("First", "Own"))
    app = standing(screen("ledgers").button(key=f"versions_{own.id}").click().run())
    assert next(each for each in app.selectbox if each.label == "Another version of").value == first.id
    assert "4 invoices of it are in that one too" in said(app)
    standing(click(app, "Make it a version of that"))
    assert [each.version for each in ledgers.listed(workspace)] == [2, 1]
    app = standing(screen("ledgers").button(key=f"versions_{own.id}").click().run())
    standing(click(app, "Make it a ledger by itself"))
    assert len({each.lineage_id for each in ledgers.listed(workspace)}) == 2


def test_a_model_is_published_for_the_versions_of_the_ledger_in_view_where_one_says_so(workspace: Store) -> None:
    """Two firms without a column of companies; the model of the first is to speak for the second, too."""
    first, other = (commit(workspace, replace(nameless_ledger(), name=name), actor=ME) for name in ("First", "Other"))
    model_id = models.save(workspace, rates_model(), first.id, actor=ME)
    app = screen("models", ledger=other.id)
    next(each for each in app.selectbox if each.label == "Publish for").select("Versions of Other").run()
    standing(click(app, "Publish this model"))
    assert f"{model_id}" in screen("open_invoices", ledger=other.id).query_params["model"]
