"""Does a ledger come to what is expected, and to how much in one currency?"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from insights.ledger import Ledger


def check(ledger: "Ledger", control: dict[str, str]) -> None:
    """Raises Refused where the ledger does not come to a control total."""
    from insights import ingest
    from insights.errors import Refused
    from insights.money import decimal_text

    for entry in ingest.reconciliation(ledger, control).controls:
        if entry.difference:
            found, apart = (decimal_text(minor, entry.currency) for minor in (entry.found, abs(entry.difference)))
            side = "more" if entry.difference > 0 else "less"
            raise Refused(
                f"{found} {entry.currency} is outstanding in this file, {apart} {side} than the control total. "
                "Nothing was committed.",
                "control_total",
            )


def in_one_currency(ledger: "Ledger", table: Path, currency: str) -> dict[str, Any]:
    """What is outstanding in one currency, by the rates of the day through which the ledger is complete.

    Raises Refused where the table has no rate of a currency on or before that day.
    """
    from insights import ingest, rates
    from insights.money import decimal_text

    if not currency:
        raise typer.BadParameter("--rates needs the currency to convert into.", param_hint="--reporting")
    amounts = ingest.reconciliation(ledger).outstanding
    total = rates.read(table, currency).total(amounts, currency, ledger.complete_through)
    used = [{"date": rate.day.isoformat(), "from": rate.source, "rate": f"{float(rate.rate):.6g}"} for rate in total.rates]
    return {"reporting": {"currency": currency, "outstanding": decimal_text(total.amount, currency), "rates": used}}


def lines(whole: dict[str, Any]) -> list[str]:
    """The same for people; nothing where nothing was asked."""
    if not whole:
        return []
    found = whole["reporting"]
    used = ", ".join(f"{rate['from']} at {rate['rate']} of {rate['date']}" for rate in found["rates"])
    return [f"Outstanding in {found['currency']}: {found['outstanding']}" + (f" ({used})" if used else "")]
