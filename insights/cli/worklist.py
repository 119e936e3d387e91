"""The commands of the agent's day: worklist, release, weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.agreements import Actor
from insights.cli.arguments import AsOf, Json, LedgerId, ModelId, out_file

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa

    from insights.ledger.ledger import Ledger
    from insights.services.worklist import Worklist
    from insights.store.store import Store

OutIfAny = Annotated[Path | None, typer.Option("--out", parser=out_file, metavar="FILE", help="Write it: .csv, .parquet, .xlsx.")]
MOST = 20  # customers on a terminal


def add_to(app: typer.Typer) -> None:
    for command in (worklist, weights, release):
        app.command()(command)


def worklist(
    *,
    ledger: LedgerId = "",
    model: ModelId = "",
    as_of: AsOf = None,
    actor: Actor = "",
    out: OutIfAny = None,
    most: Annotated[int, typer.Option(min=1, help="Customers to show; --json and --out have all.")] = MOST,
    as_json: Json = False,
) -> None:
    """Whom to call today: customers by the money likely to slip, with the reasons; and who is held back, why and until when.

    The list of a ledger's own day by the models in force is recorded, as the screen's is, for "Did it help?".
    """
    from insights.services import exports, shown_lists
    from insights.services import worklist as use_case
    from insights.store.store import Store

    store = Store.open()
    book, day, source = _view(store, ledger, model, as_of)
    who = arguments.person(actor)
    ranked = use_case.worklist(store, book, day, source, viewer=who.name)
    if not model:
        shown_lists.record(store, book, day, ranked.ranked, actor=who)
    if out:
        exports.write(store, "worklist", listed(ranked), out, subject=book.id, actor=who)
    console.show(report(ranked) if as_json else {}, lines(ranked, most), as_json=as_json)


def weights(
    *,
    prevention: Annotated[
        int | None,
        typer.Option(help="Per cent: how much what is not due yet counts against what is overdue [50: money is money]."),
    ] = None,
    contact_days: Annotated[int | None, typer.Option(help="Days for which a customer is left alone after a contact.")] = None,
    minimum: Annotated[int | None, typer.Option(help="Whole units of money below which nobody is called.")] = None,
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Show by which weights the worklist is ranked, or set some of the three."""
    from dataclasses import asdict, replace

    from insights.services import worklist as use_case
    from insights.store import agreements
    from insights.store.store import Store

    store = Store.open()
    given = {"prevention": prevention, "contact_days": contact_days, "minimum": minimum}
    changed = {name: value for name, value in given.items() if value is not None}
    chosen = replace(agreements.weights(store), **changed)
    if changed:
        use_case.set_weights(store, chosen, actor=arguments.person(actor))
    sentence = (
        f"Prevention against overdue: {chosen.prevention} to {100 - chosen.prevention}. Days between contacts: "
        f"{chosen.contact_days}. Minimum worth: {chosen.minimum:,}."
    )
    console.show(asdict(chosen), [sentence], as_json=as_json)


def release(
    *,
    above: Annotated[
        int | None,
        typer.Option(min=0, max=100, help="Per cent of a customer's receivables at risk, above which [as set, at first 50]."),
    ] = None,
    set_above: Annotated[
        int | None, typer.Option("--set-above", help="Keep this per cent as the setting, for the screen as well.")
    ] = None,
    ledger: LedgerId = "",
    model: ModelId = "",
    as_of: AsOf = None,
    out: OutIfAny = None,
    as_json: Json = False,
) -> None:
    """Whose orders to look at before they go out: customers over their limit, or with too much of what they owe at risk."""
    from insights.ledger.money import decimal_text
    from insights.services import exports
    from insights.services import release as use_case
    from insights.services import worklist as worklists
    from insights.store.store import Store

    store = Store.open()
    if set_above is not None:
        use_case.set_threshold(store, set_above, actor=arguments.person())
    book, day, source = _view(store, ledger, model, as_of)
    chosen = use_case.threshold(store) if above is None else above
    held = use_case.release(book, day, source, above=chosen, worth=worklists.worth(store, source, day))
    if out:
        exports.write(store, "release", use_case.exported(held.table), out, subject=book.id, actor=arguments.person())
    rows = held.table.to_pylist()
    amounts = ("outstanding", "net_balance", "at_risk", "credit_limit", "over_limit")
    spelt = [
        row | {name: None if row[name] is None else decimal_text(row[name], row["currency"]) for name in amounts} for row in rows
    ]
    header = ("customer", "name", "outstanding", "at risk", "limit", "over it by", "why")
    cells = [
        (
            *(row[name] for name in ("customer_id", "customer_name")),
            f"{row['outstanding']} {row['currency']}",
            *(row[name] or "" for name in ("at_risk", "credit_limit", "over_limit", "why")),
        )
        for row in spelt
    ]
    whole = {"as_of": day.isoformat(), "above": chosen, "limits": held.limits, "customers": spelt}
    console.show(whole, [*console.table(header, cells), held.sentence], as_json=as_json)


def _view(store: "Store", ledger: str, model: str, as_of: "date | None") -> "tuple[Ledger, date, Path | pa.Table]":
    """The ledger, the day, and the predictions."""
    from insights.services import worklist as use_case
    from insights.store import ledgers

    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    book = ledgers.load(store, record.id)
    return book, day, use_case.source_of(store, book, day, actor=arguments.person(), model_id=model_id)


def report(work: "Worklist") -> dict[str, Any]:
    """The worklist for a machine."""
    from insights.ledger.money import decimal_text

    customers = []
    for row in work.ranked.customers.to_pylist():
        invoices = work.ranked.of(row["number"]).select(["invoice_id", "line", "outstanding"]).to_pylist()
        customers.append(
            {
                **{name: row[name] for name in ("company", "customer_id", "customer_name", "currency")},
                "likely_to_slip": decimal_text(row["likely"], row["currency"]),
                "reasons": work.reasons(row["number"]),
                "invoices": [
                    invoice | {"outstanding": decimal_text(invoice["outstanding"], row["currency"])} for invoice in invoices
                ],
                "owner": row["owner"] or None,
            }
        )
    held = [
        {
            **{name: row[name] for name in ("company", "customer_id", "currency", "gate")},
            "sentence": work.sentence(row),
            "returns": row["returns"].isoformat() if row["returns"] else None,
        }
        for row in work.ranked.held_back.to_pylist()
    ]
    return {"as_of": work.ranked.as_of.isoformat(), "customers": customers, "held_back": held}


def listed(work: "Worklist") -> "pa.Table":
    """The ranked customers as a file for people: decimal amounts, the reasons in one cell."""
    import pyarrow as pa

    from insights.ledger.table_files import decimals

    table = work.ranked.customers
    why = [" · ".join(work.reasons(number)) for number in table["number"].to_pylist()]
    return pa.table(
        {
            **{name: table[name] for name in ("number", "company", "customer_id", "customer_name", "currency")},
            **{name: decimals(table[name], table["currency"]) for name in ("likely", "outstanding")},
            "invoices": table["invoices"],
            "reasons": pa.array(why, pa.string()),
            "owner": table["owner"],
            "taken_by": table["taken_by"],
        }
    )


def lines(work: "Worklist", most: int) -> list[str]:
    """The first of the worklist for a person, and how many are held back by which gate."""
    from collections import Counter

    from insights.ledger.money import decimal_text
    from insights.messages.problems import counted

    rows = work.ranked.customers.slice(0, most).to_pylist()
    cells = [
        (
            row["number"],
            row["customer_id"],
            row["customer_name"],
            f"{decimal_text(row['likely'], row['currency'])} {row['currency']}",
            "; ".join(work.reasons(row["number"])[1:]),
            row["taken_by"] or row["owner"],
        )
        for row in rows
    ]
    gates = Counter(work.ranked.held_back["gate"].to_pylist())
    held = ", ".join(f"{count} {gate}" for gate, count in gates.items())
    figure = "likely to slip" if work.is_predicted else "outstanding"
    many = counted(len(work.ranked.customers), "customer")
    last = f"{many} as of {work.ranked.as_of}" + (f"; held back: {held}" if held else "")
    return [*console.table(("", "customer", "name", figure, "why", "whose"), cells), last]
