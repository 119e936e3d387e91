"""Does a ledger come to what is expected, and to how much in one currency?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json

if TYPE_CHECKING:
    from insights.ledger.ledger import Ledger
    from insights.store.records import RateTable
    from insights.store.store import Store


def add_to(app: typer.Typer) -> None:
    app.command()(rates)


def rates(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="A table with the columns date, from, to and rate.")
    ] = None,
    *,
    reporting: Annotated[str, typer.Option(help="The currency that it converts into, where it has no such column.")] = "",
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the table that counts: the one before it counts again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Keep a table of dated rates for totals in one currency, in place of the one before; without a file, say which counts."""
    from insights.services import rates
    from insights.store.store import Store

    store = Store.open()
    if remove:
        gone = in_force(store)
        rates.remove(store, gone.id, actor=arguments.person())
        console.show({"removed": gone.id}, [f"Removed {gone.name}."], as_json=as_json)
        return
    kept = rates.keep(store, file, target=reporting.upper(), actor=arguments.person()) if file else in_force(store)
    report = {
        "rates": kept.id,
        "name": kept.name,
        "rows": kept.rows,
        "from": kept.first_day,
        "to": kept.last_day,
        "currencies": kept.currencies,
        "at": kept.created_at,
        "actor": kept.actor,
    }
    sentence = f"{kept.rows} rates of {kept.first_day} to {kept.last_day} ({kept.name}): {', '.join(kept.currencies)}"
    console.show(report, [sentence], as_json=as_json)


def in_force(store: "Store") -> "RateTable":
    """The table of rates that counts. Raises Refused where there is none."""
    from insights.ledger.errors import Refused
    from insights.store import rate_tables

    if (newest := rate_tables.newest(store)) is None:
        raise Refused("There are no rates in this workspace yet: keep a table of them with the command rates.", "no_rate_table")
    return newest


def check(ledger: "Ledger", control: dict[str, str]) -> None:
    """Raises Refused where the ledger does not come to a control total, of a CURRENCY or of a COMPANY/CURRENCY."""
    from insights import ingest
    from insights.ledger.errors import Refused
    from insights.ledger.money import decimal_text

    wanted = {key(text): amount for text, amount in control.items()}
    for entry in ingest.reconciliation(ledger, wanted).controls:
        if entry.difference:
            balance, apart = (decimal_text(minor, entry.currency) for minor in (entry.balance, abs(entry.difference)))
            side, whose = "more" if entry.difference > 0 else "less", f" of {entry.company}" if entry.company else ""
            raise Refused(
                f"The net balance{whose} of this file is {balance} {entry.currency}, {apart} {side} than the control total. "
                "Nothing was committed.",
                "control_total",
            )


def key(text: str) -> str | tuple[str, str]:
    """EUR, or North/EUR for one company; a company may have strokes in its name."""
    company, stroke, currency = text.rpartition("/")
    return (company, currency.upper()) if stroke else currency.upper()


def in_one_currency(ledger: "Ledger", store: "Store", table: Path | None, currency: str) -> dict[str, Any]:
    """Receivables and net balance in one currency, by the rates of the day through which the ledger is complete.

    The rates are those of the table, else those of the workspace; nothing where neither is asked for. Raises Refused where
    there is no rate of a currency on or before that day.
    """
    from insights import portfolio
    from insights.ingest import rate_table
    from insights.ledger.money import decimal_text
    from insights.store import rate_tables

    if not currency and table is None:
        return {}
    if not currency:
        raise typer.BadParameter("--rates needs the currency to convert into.", param_hint="--reporting")
    known = rate_table.read(table, currency) if table else rate_tables.load(store, in_force(store).id)
    owed = portfolio.net_balances(ledger, ledger.last_as_of, ["currency"])
    receivables, balance = (
        known.total(portfolio.per_currency(owed, of), currency, ledger.complete_through) for of in ("receivables", "net_balance")
    )
    used = [
        {"date": rate.day.isoformat(), "from": rate.source, "rate": f"{float(rate.rate):.6g}", "via": rate.via}
        for rate in receivables.rates
    ]
    sums = {name: decimal_text(total.amount, currency) for name, total in (("outstanding", receivables), ("balance", balance))}
    return {"reporting": {"currency": currency, **sums, "rates": used}}


def lines(whole: dict[str, Any]) -> list[str]:
    """The same for people; nothing where nothing was asked."""
    if not whole:
        return []
    sums = whole["reporting"]
    used = ", ".join(
        f"{rate['from']} at {rate['rate']} of {rate['date']}" + (f" via {rate['via']}" if rate["via"] else "")
        for rate in sums["rates"]
    )
    apart = f", net balance {sums['balance']}" if sums["balance"] != sums["outstanding"] else ""
    return [f"Receivables in {sums['currency']}: {sums['outstanding']}{apart}" + (f" ({used})" if used else "")]
