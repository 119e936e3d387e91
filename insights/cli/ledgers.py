"""The commands of ledgers: ledgers, delete."""

from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json
from insights.cli.imported import import_report


def add_to(app: typer.Typer) -> None:
    app.command()(ledgers)
    app.command()(delete)


def ledgers(*, as_json: Json = False) -> None:
    """List the ledgers, newest first."""
    from insights.store import ledgers
    from insights.store.store import Store

    found = ledgers.listed(Store.open())
    if as_json:
        console.emit([import_report(record) | {"created_at": record.created_at.isoformat()} for record in found])
        return
    rows = [(record.id, record.name, record.rows, record.complete_through, f"{record.created_at:%F %R}") for record in found]
    console.say(*console.table(("ledger", "name", "rows", "complete through", "imported (UTC)"), rows))


def delete(
    ledger: Annotated[str, typer.Argument(help="The ledger's id.")],
    *,
    with_agreements: Annotated[
        bool, typer.Option("--with-agreements", help="Remove what was agreed with its customers, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a ledger with everything derived from it: its models, predictions and publications. It is recorded who did.

    What was agreed with its customers belongs to them, not to a ledger: it stays, unless --with-agreements removes it.
    """
    from insights.messages.problems import counted
    from insights.services import ledgers as use_cases
    from insights.store import agreements, ledgers
    from insights.store import models as model_store
    from insights.store.store import Store

    store = Store.open()
    record = arguments.pick("ledger", ledgers.listed(store), ledger)
    models = sum(model.ledger_id == record.id for model in model_store.listed(store))
    if not yes:
        rows, trained = counted(record.rows, "row"), counted(models, "model")
        typer.confirm(f"Delete {record.name} ({rows}) and {trained} trained on it?", abort=True, err=True)
    left = agreements.count_of(store, ledgers.customers(store, record.id))
    use_cases.delete(store, record.id, with_agreements=with_agreements, actor=arguments.actor())
    fate = "removed" if with_agreements else "kept"
    said = f" What was agreed with its customers is {fate}: {counted(left, 'event')}." if left else ""
    report = {"deleted": record.id, "agreements": {fate: left}}
    console.show(report, [f"Deleted {record.name} ({record.id}).{said}"], as_json=as_json)
