"""The command that hands back what was understood of a ledger: invoices."""

from typing import TYPE_CHECKING

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json, LedgerId, Out

if TYPE_CHECKING:
    import pyarrow as pa

    from insights.ledger.ledger import Ints, Ledger

COLUMNS = (
    *("company", "customer_id", "customer_name", "invoice_id", "line", "kind", "issue_date", "due_date", "paid_date"),
    *("settled_by", "amount", "outstanding", "currency"),
)


def add_to(app: typer.Typer) -> None:
    app.command()(invoices)


def invoices(*, out: Out, ledger: LedgerId = "", as_json: Json = False) -> None:
    """Write every row of a ledger as it was understood: invoices, credit notes, payments on account, open or settled.

    Amounts are decimal text in the row's currency; what is outstanding is that of the day after complete-through, and of what
    is issued later only, what it will ask for.
    """
    from insights.messages.problems import counted
    from insights.services import exports
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record = arguments.ledger_of(store, ledger)
    table = understood(ledgers.load(store, record.id))
    exports.write(store, "invoices", table, out, subject=record.id, actor=arguments.person())
    report = {"ledger": record.id, "rows": table.num_rows, "out": str(out)}
    console.show(report, [f"{counted(table.num_rows, 'row')} of {record.name}: {out}"], as_json=as_json)


def _outstanding(ledger: "Ledger") -> "Ints":
    """What is outstanding of each row on the day after complete-through; of a row that is issued later, all of it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from insights import portfolio
    from insights.ledger import ledger as ledgers

    outstanding = portfolio.open_amounts(ledger, ledger.last_as_of)
    later = pc.greater_equal(ledger.invoices["issue_date"], pa.scalar(ledger.last_as_of, pa.date32()))
    positions = np.flatnonzero(later.to_numpy())
    outstanding[positions] = ledgers.outstanding_at(ledger, ledger.last_as_of, positions)
    return outstanding


def understood(ledger: "Ledger") -> "pa.Table":
    """COLUMNS of every row of a ledger, in its order: dates as date32, all else as text; null where there is nothing.

    `settled_by` is null of what is open, and `unknown` where the file does not say how a settled row was settled.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from insights.ledger.money import decimal_text

    table = ledger.invoices
    currencies = table["currency"].to_pylist()
    minor = {"amount": table["amount"].to_pylist(), "outstanding": _outstanding(ledger).tolist()}
    texts = {name: pa.array(map(decimal_text, values, currencies), pa.string()) for name, values in minor.items()}
    settled_by = pc.if_else(table["paid_date"].is_valid(), table["settled_by"], None)
    replaced = {**texts, "settled_by": settled_by}
    return pa.table({name: replaced.get(name, table[name]) for name in COLUMNS})
