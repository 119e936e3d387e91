"""The command that says how old is what is owed: ageing."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Group, InOneCurrency, Json, LedgerId, Owner
from insights.ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights.portfolio import AgeRanges
    from insights.services.ageing import AgedLedger


def add_to(app: typer.Typer) -> None:
    app.command()(ageing)


def ageing(
    *,
    by: Annotated[str, typer.Option(metavar="due|issue", help="Age counts from the due date, or from the issue date.")] = "due",
    ranges: Annotated[str, typer.Option(metavar="30,60,90", help="The last day of each range but the last.")] = "30,60,90",
    company: Annotated[str | None, typer.Option(help="Only of this company [default: all].")] = None,
    owner: Owner = "",
    group: Group = "",
    reporting: InOneCurrency = "",
    as_of: AsOf = None,
    ledger: LedgerId = "",
    model: Annotated[
        str, typer.Option(metavar="ID", help="Whose due rules and predictions count; default: those in force.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=arguments.out_file, metavar="FILE", help="Customers and totals: .csv, .parquet or .xlsx."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is owed as of any date by age, per currency, and write it per customer.

    A past date shows what the books said then where payments are dated; elsewhere open invoices count as invoiced. Ranges and
    what is not yet due sum to the receivables; credit notes and payments on account stand apart. Without --json it also says what
    will probably still be unpaid 30 days later, where a model speaks.
    """
    from insights.services import ageing as use_case
    from insights.services import customer_groups, exports, rates
    from insights.store import ledgers
    from insights.store.store import Store

    wanted = ranges_of(ranges, by)
    store = Store.open()
    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    book = ledgers.load(store, record.id)
    aged = use_case.aged(book, day, wanted, use_case.due_rules_in_force(store, record.id, day, model_id))
    if out or not as_json:
        later = use_case.unpaid_later(store, record.id, day, model_id=model_id, actor=arguments.person())
        aged = use_case.with_unpaid(aged, later) if later else aged
    customers = customer_groups.named(store, book, day, owner=owner, group=group, company=company)
    aged = use_case.of_some(aged, customers, company)
    if reporting:
        rates_used = rates.conversion(store, [total.currency for total in aged.totals], reporting.upper(), day)
        aged = use_case.converted(aged, rates_used)
        for sentence in rates.sentences(rates_used):
            console.note(sentence)
    if out:
        table, person = use_case.age_table(aged, day), arguments.person()
        exports.write(store, "ageing", table, out, subject=record.id, actor=person, sheet="Ageing")
    console.show(report(aged, day), lines(aged, day, out), as_json=as_json)


def ranges_of(text: str, by: str) -> "AgeRanges":
    """The ranges that two options name; what names none is wrong usage."""
    from insights.portfolio import AgeRanges

    try:
        return AgeRanges.of(text, by)
    except Refused as refused:
        raise typer.BadParameter(str(refused)) from None


def report(aged: "AgedLedger", as_of: date) -> dict[str, Any]:
    """The ageing for a machine: money as decimal text, every sum of a currency by itself."""
    from insights.ledger.money import decimal_text

    def money(minor: int, currency: str) -> str:
        return decimal_text(minor, currency)

    return {
        "as_of": as_of,
        "currencies": {
            total.currency: {
                "receivables": money(total.receivables, total.currency),
                "not_due": money(total.parts[0], total.currency),
                "ranges": [
                    {"from": first, "to": last, "amount": money(amount, total.currency)}
                    for (first, last), amount in zip(aged.ranges.spans, total.parts[1:], strict=True)
                ],
                "credits": money(total.credits, total.currency),
                "on_account": money(total.on_account, total.currency),
                "net_balance": money(total.net_balance, total.currency),
                "exact": aged.exact[total.currency],
            }
            for total in aged.totals
        },
    }


def lines(aged: "AgedLedger", as_of: date, out: Path | None) -> "Iterator[str]":
    """The ageing for people: a line per currency."""
    from insights.ledger.money import decimal_text
    from insights.services.ageing import UNPAID_DAYS

    counted = "since the issue date" if aged.ranges.by == "issue" else "past due"
    yield f"What is owed as of {as_of}, in days {counted}"
    rows = [
        [
            total.currency,
            total.invoices,
            *(
                decimal_text(amount, total.currency)
                for amount in (*total.parts, total.receivables, total.credits, total.on_account, total.net_balance)
            ),
        ]
        for total in aged.totals
    ]
    header = ["currency", "invoices", *aged.ranges.names, "receivables", "credits", "on account", "net balance"]
    yield from console.table(header, rows)
    for total in aged.totals:
        if total.unpaid is not None:
            unpaid = decimal_text(total.unpaid, total.currency)
            yield f"{total.currency}: {unpaid} of it will probably still be unpaid in {UNPAID_DAYS} days"
    if as_invoiced := [total.currency for total in aged.totals if not aged.exact[total.currency]]:
        yield f"{', '.join(as_invoiced)}: as invoiced; payments in part are not dated in this ledger"
    if out:
        yield f"Per customer, with totals: {out}"
