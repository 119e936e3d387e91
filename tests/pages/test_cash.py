"""How much comes in which week, and can one see what stands behind it?"""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insights.messages import plain
from insights.model.recipe import Recipe
from insights.services import billing_plan, cash, rates, training
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from pages.ui.cash import behind
from tests.support.ledgers import invented
from tests.support.screens import click, figures, lists, rows, said, screen
from tests.support.workspaces import ME

pytestmark = pytest.mark.slow


def column(app: AppTest, number: int, name: str) -> list[str]:
    values: list[str] = rows(app, number)[name].tolist()
    return values


def summed(amounts: list[str]) -> Decimal:
    return sum((Decimal(each.replace(",", "")) for each in amounts), Decimal(0))


@pytest.mark.usefixtures("sample_workspace")
def test_the_weeks_ahead_are_both_layers_and_the_receivables() -> None:
    """The sample ledger in EUR: 13 weeks of open invoices, later and never are what is owed, to the cent."""
    app = screen("cash.py")
    assert app.title[0].value == "Cash"
    shown, text = figures(app), said(app)
    assert shown["Receivables"][0] == "EUR 1,331,684"
    assert shown["Next 4 weeks"][1] == "no range"
    assert "0 such weeks could be judged, and 20 are needed" in text
    parts = [column(app, 0, name) for name in ("Likely", "At risk", "Not yet invoiced")]
    assert [summed(list(each)) for each in zip(*parts, strict=True)] == [summed([each]) for each in column(app, 0, "Together")]
    opened = summed(parts[0]) + summed(parts[1])
    assert f"Open invoices of these 13 weeks EUR {opened:,}" in text
    assert "together the receivables of EUR 1,331,683.80" in text


def test_days_months_and_companies_are_the_same_money(sample_workspace: Store) -> None:
    """By month it is the sum of the weeks; of both companies it is the sum of each."""
    company = ledgers.get(sample_workspace).companies
    whole = {period: summed(column(screen("cash.py", period=period), 0, "Together")) for period in ("weeks", "days", "months")}
    assert len(set(whole.values())) == 1
    each = [summed(column(screen("cash.py", company_shown=f"={name}"), 0, "Together")) for name in company]
    assert sum(each) == whole["weeks"]


@pytest.mark.usefixtures("sample_workspace")
def test_a_week_opens_its_invoices_and_names_who_falls_short() -> None:
    week = rows(screen("cash.py")).iloc[1]
    app = screen("cash.py", week="2", show="invoices")
    expected = column(app, 0, "expected")
    whole = summed([week["Likely"], week["At risk"]])
    assert f"EUR {whole:,} from" in said(app)
    assert 0 < whole - summed(expected) < whole / 100, "the 200 largest are shown"
    app = screen("cash.py", show="short")
    short = column(app, 0, "short")
    assert short == sorted(short, key=lambda each: -summed([each]))
    assert f"and EUR {summed(short):,} will not." in said(app)
    assert "largest of" not in said(app), "all of them are shown"


@pytest.mark.usefixtures("sample_workspace")
def test_where_not_all_who_fall_short_are_shown_the_screen_says_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    many = len(column(screen("cash.py", show="short"), 0, "short"))
    monkeypatch.setattr(behind, "MOST", 2)
    app = screen("cash.py", show="short")
    assert len(column(app, 0, "short")) == 2
    assert f"will not. The 2 largest of {many} customers are shown." in said(app)


@pytest.mark.usefixtures("sample_workspace")
@pytest.mark.parametrize("scenario", ["largest", "later", "fails", "terms"])
def test_what_is_supposed_stands_beside_what_is(scenario: str) -> None:
    app = screen("cash.py", show="what_if", suppose=scenario)
    base, other = column(app, 0, "As it stands"), column(app, 0, "Supposed")
    assert base == column(screen("cash.py"), 0, "Together")
    assert other != base
    gap = [summed([two]) - summed([one]) for one, two in zip(base, other, strict=True)]
    assert gap == [summed([each]) for each in column(app, 0, "Difference")]


def test_with_past_mondays_there_are_ranges_and_how_good_they_were(workspace: Store) -> None:
    ledger = commit(workspace, replace(invented(700), name="Invented"), actor=ME)
    training.train(workspace, ledger.id, ledger.default_as_of, Recipe(very_late_days=15), actor=ME)
    assert cash.replay(workspace, ledger.id, ledger.default_as_of, actor=ME) >= 20
    app = screen("cash.py", currency="EUR")
    assert column(app, 0, "to")[0] != "—"
    assert column(app, 0, "to")[-1] == "—", "of week 13 fewer than twenty are judged"
    assert "no range." not in said(app)
    app = screen("cash.py", currency="EUR", show="proof")
    proof = rows(app)
    assert proof["Weeks ahead"].tolist()[-2:] == ["1 to 4 together", "1 to 13 together"]
    assert "Off by: Mean of 13 weeks before" in proof.columns
    assert "made on what was known then, against what came" in said(app)
    assert "of past Mondays as a model taught on what was known then" in said(screen("figures.py", figure="at_risk"))


@pytest.mark.usefixtures("sample_workspace")
def test_an_earlier_forecast_is_compared_only_where_one_was_shown() -> None:
    assert "No forecast of an earlier day is kept" in said(screen("cash.py", show="then"))


@pytest.mark.usefixtures("small_workspace")
def test_without_a_model_training_is_offered() -> None:
    app = screen("cash.py")
    assert not lists(app)
    assert not app.metric


@pytest.mark.usefixtures("sample_workspace")
def test_a_what_if_is_kept_by_name_beside_the_others_and_opened_again() -> None:
    """Everybody ten days later, kept as “Slow winter”; then the largest ones, kept under their own words."""
    app = screen("cash.py", show="what_if", suppose="later")
    total = summed(column(app, 0, "Supposed")[:4])
    app.text_input(key="scenario_name").input("  Slow   winter <b> ")
    app = click(app, "Keep")
    app = click(screen("cash.py", show="what_if", suppose="largest"), "Keep")
    kept = rows(app, 1)
    assert kept["Called"].tolist() == ["As it stands", "Slow winter <b>", "The ten largest invoices are paid when due"]
    assert kept["Suppose"].tolist()[1] == "Everybody pays 10 days later"
    assert summed([kept["In 4 weeks"].tolist()[1]]) == total
    assert summed([kept["In 4 weeks"].tolist()[0]]) + summed([kept["Difference"].tolist()[1]]) == total
    app = click(app, "Open")
    assert app.query_params["suppose"] == "later"
    app = click(app, "Remove")
    assert len(rows(app, 1)) == 2


def test_a_billing_plan_takes_the_place_of_what_past_weeks_received(sample_workspace: Store, tmp_path: Path) -> None:
    ledger = ledgers.get(sample_workspace)
    path = tmp_path / "plan.csv"
    path.write_text(f"date,amount,currency,terms\n{ledger.default_as_of},120000.00,EUR,0\n2026-99,1.00,EUR,\n", "utf-8")
    before = screen("cash.py", currency="EUR")
    billing_plan.keep(sample_workspace, ledger.id, path, actor=ME)
    app = screen("cash.py", currency="EUR")
    assert "EUR: what is not invoiced yet is EUR 120,000.00 by the billing plan, less EUR 0.00 invoiced of it by now" in said(app)
    assert "1 row could not be used" in said(app)
    assert "Row 3: “2026-99” is no day" in said(app)
    assert summed(column(app, 0, "Not yet invoiced")) <= 120_000
    assert column(app, 0, "Not yet invoiced") != column(before, 0, "Not yet invoiced")
    assert column(app, 0, "Likely") == column(before, 0, "Likely")
    app = click(click(app, "Remove this plan"), "Remove")
    assert column(app, 0, "Not yet invoiced") == column(before, 0, "Not yet invoiced")


def test_all_currencies_in_one_are_the_sum_of_each(sample_workspace: Store, tmp_path: Path) -> None:
    """Every currency of the sample ledger at a rate into EUR: the receivables are each currency's, converted once and added."""
    owed = ledgers.get(sample_workspace).outstanding
    table = tmp_path / "rates.csv"
    pairs = [(code, f"0.{number}1") for number, code in enumerate(sorted(set(owed) - {"EUR"}), 7)]
    table.write_text("date,from,to,rate\n" + "".join(f"2020-01-01,{code},EUR,{rate}\n" for code, rate in pairs), "utf-8")
    rates.keep(sample_workspace, table, actor=ME)
    whole = Decimal(owed["EUR"]) + sum((Decimal(owed[code]) * Decimal(rate)).to_integral_value() for code, rate in pairs)
    app = screen("cash.py", into="EUR")
    assert f"together the receivables of EUR {whole / 100:,.2f}." in said(app)
    assert plain(f"{pairs[0][0]} at {pairs[0][1]} of 2020-01-01") in said(app)
    parts = [column(app, 0, name) for name in ("Likely", "At risk", "Not yet invoiced")]
    assert [summed(list(each)) for each in zip(*parts, strict=True)] == [summed([each]) for each in column(app, 0, "Together")]
    for shown in ("invoices", "short", "what_if", "then", "proof"):
        screen("cash.py", into="EUR", show=shown)
    ledger = ledgers.get(sample_workspace)
    rows_of = cash.book(sample_workspace, ledger.id, ledger.default_as_of, actor=ME).rows.select(["company", "customer_id"])
    everybody = {tuple(row.values()) for row in rows_of.to_pylist()}
    (menu,) = [box for box in app.selectbox if box.label == "Customer"]
    assert len(menu.options) == 1 + len(everybody), "those who owe in other currencies, too"


@pytest.mark.usefixtures("sample_workspace")
def test_one_customer_is_chosen_by_the_address_and_has_both_layers_of_its_own() -> None:
    """Whoever owes most in EUR: by the menu, and by a link whatever is drawn."""
    app = screen("cash.py", currency="EUR")
    (menu,) = [box for box in app.selectbox if box.label == "Customer"]
    app = menu.select_index(1).run()
    assert not app.exception
    part = figures(app)
    assert part["Receivables"] != figures(screen("cash.py", currency="EUR"))["Receivables"]
    assert figures(screen("cash.py", currency="EUR", of=app.query_params["of"])) == part
    rest = screen("cash.py", currency="EUR", of=app.query_params["of"], show="short")
    assert len(column(rest, 0, "customer")) == 1
    for shown in ("then", "proof", "invoices", "what_if"):
        screen("cash.py", currency="EUR", of=app.query_params["of"], show=shown)


@pytest.mark.usefixtures("sample_workspace")
def test_the_cash_of_all_groups_is_the_open_book_of_all() -> None:
    """The customer groups of the sample ledger part its receivables, and each has later invoices of its own."""
    app = screen("cash.py", currency="EUR")
    (menu,) = [box for box in app.selectbox if box.label == "Group"]
    named = [str(each).replace("\\", "") for each in menu.options]
    values = [each.removeprefix("customer_group: ") for each in named if each.startswith("customer_group: ")]
    assert len(values) > 1
    whole = Decimal(0)
    for value in values:
        part = screen("cash.py", currency="EUR", group=f"customer_group={value}")
        whole += summed([figures(part)["Receivables"][0].removeprefix("EUR ")])
        assert figures(part)["Of these not invoiced yet"][0] != "EUR 0"
        assert "0 such weeks could be judged, and 20 are needed" in said(part)
    assert abs(whole - summed([figures(app)["Receivables"][0].removeprefix("EUR ")])) <= len(values), "each is rounded"
    for page in ("ageing.py", "figures.py"):
        assert figures(screen(page, group=f"customer_group={values[0]}")) != figures(screen(page))
