"""The commands of the manager's figures: figures, goal."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Group, InOneCurrency, Json, LedgerId, Owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from insights.portfolio import CashKpis
    from insights.services.figures import FiguresOverTime

TOLD = ("dso", "best_possible_dso", "add", "count_back_dso", "cei", "days_beyond_terms", "over_90")  # and at_risk


def add_to(app: typer.Typer) -> None:
    app.command()(figures)
    app.command()(goal)


def figures(
    *,
    as_of: AsOf = None,
    ledger: LedgerId = "",
    model: Annotated[
        str, typer.Option(metavar="ID", help="Whose due rules and predictions count; default: those in force.")
    ] = "",
    owner: Owner = "",
    group: Group = "",
    reporting: InOneCurrency = "",
    company: Annotated[str | None, typer.Option(help="Only of this company [default: all].")] = None,
    customer: Annotated[str, typer.Option(metavar="ACCOUNT", help="Only of this customer.")] = "",
    months: Annotated[int, typer.Option(min=0, max=120, help="How many months before are written to FILE.")] = 24,
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=arguments.out_file, metavar="FILE", help="Month by month: .csv, .parquet or .xlsx."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how fast sales turn into cash, per currency: DSO, ADD, CEI and the like, and the amount at risk.

    Over the 90 days before the day. What is undefined is null; shares are 0 to 1, CEI 0 to 100.
    """
    from insights.portfolio import LedgerPart
    from insights.portfolio.converted import converted_ledger
    from insights.services import ageing, customer_groups, exports, rates
    from insights.services import figures as use_case
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    book = ledgers.load(store, record.id)
    part = use_case.customer_named(book, customer, company) if customer else LedgerPart(company)
    part = replace(part, customers=customer_groups.named(store, book, day, owner=owner, group=group))
    rules = ageing.due_rules_in_force(store, record.id, day, model_id)
    over_time = use_case.over_time(book, day, rules, months=months, part=part)
    risk = use_case.at_risk(store, record.id, day, actor=arguments.person(), model_id=model_id, part=part)
    if reporting:
        by = rates.conversion(store, list(over_time.months), reporting.upper(), day)
        over_time = use_case.over_time(converted_ledger(book, by), day, rules, months=months, part=part, by=by)
        risk = rates.sums(risk, by)
        for sentence in rates.sentences(by):
            console.note(sentence)
    if out:
        table, person = use_case.figures_table(over_time), arguments.person()
        exports.write(store, "figures", table, out, subject=record.id, actor=person, sheet="Figures")
    console.show(report(over_time, risk), lines(over_time, risk, use_case.goals(store), out), as_json=as_json)


def report(over_time: "FiguresOverTime", risk: "Mapping[str, int]") -> dict[str, Any]:
    """The figures for a machine; null where undefined."""
    return {"as_of": over_time.as_of, "currencies": {name: of_currency(over_time.now(name), risk) for name in over_time.months}}


def of_currency(figure: "CashKpis", risk: "Mapping[str, int]") -> dict[str, Any]:
    from insights.ledger.money import decimal_text

    amount = decimal_text(risk[figure.currency], figure.currency) if figure.currency in risk else None
    return {name: getattr(figure, name) for name in TOLD} | {"at_risk": amount}


def lines(
    over_time: "FiguresOverTime", risk: "Mapping[str, int]", goals: "Mapping[str, float]", out: Path | None
) -> "Iterator[str]":
    """The figures for people: a table per currency, with the month before and the goal."""
    from insights.messages.kpis import KPIS, SHARE

    for currency, months in over_time.months.items():
        yield f"{currency} as of {over_time.as_of}, over the {months[-1].days} days before"
        rows = []
        for name, words in KPIS.items():
            if name == "at_risk":
                now, before = of_currency(months[-1], risk)["at_risk"] or "—", ""
                aim = f"{written(goals[name], SHARE)} of the receivables" if name in goals else ""
            else:
                now = written(getattr(months[-1], name), words.unit)
                before = written(getattr(months[-2], name), words.unit) if len(months) > 1 else "—"
                aim = written(goals[name], words.unit) if name in goals else ""
            rows.append([words.label, now, before, aim])
        yield from console.table(["", "now", "a month before", "goal"], rows)
    if out:
        yield f"Month by month: {out}"


def written(value: float | None, unit: str) -> str:
    """A figure as text; an em dash where it is undefined."""
    if value is None:
        return "—"
    return f"{value * 100:.1f} %" if unit == "share" else f"{value:.1f} %" if unit == "percent" else f"{value:.1f}"


def goal(
    figure: Annotated[str, typer.Argument(help="dso, add, cei, over_90 ...")],
    value: Annotated[
        float | None, typer.Argument(help="Days, or per cent of a share (at_risk: of the receivables); none removes the goal.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Set what a figure should reach: the line in its chart. Recorded."""
    from insights.services import figures as use_case
    from insights.store.store import Store

    use_case.set_goal(Store.open(), figure, value, actor=arguments.person())
    sentence = f"{figure} has no goal any more." if value is None else f"The goal of {figure} is {value:g}."
    console.show({"figure": figure, "goal": value}, [sentence], as_json=as_json)
