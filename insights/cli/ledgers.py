"""The commands of ledgers: ledgers, set-aside, join, separate, delete."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json, LedgerId
from insights.cli.imported import import_report, reasons_lines, reasons_report

if TYPE_CHECKING:
    from insights.store.store import Store


def add_to(app: typer.Typer) -> None:
    app.command()(ledgers)
    app.command()(set_aside)
    app.command()(join)
    app.command()(separate)
    app.command()(delete)


def ledgers(*, as_json: Json = False) -> None:
    """List the ledgers, newest first: each with its version, and with the lineage whose versions belong together."""
    from insights.services import versions
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    records = ledgers.listed(store)
    newest = {record.id for record in versions.newest_versions(records)}
    if as_json:
        console.emit(
            [
                import_report(store, record)
                | {"newest_version": record.id in newest, "created_at": record.created_at.isoformat()}
                for record in records
            ]
        )
        return
    rows = [
        (
            *(record.id, record.name, f"{record.version}{' (newest)' if record.id in newest else ''}", record.lineage_id[:8]),
            *(record.rows, record.complete_through, f"{record.created_at:%F %R}"),
        )
        for record in records
    ]
    console.say(*console.table(("ledger", "name", "version", "lineage", "rows", "complete through", "imported (UTC)"), rows))


def set_aside(
    *,
    ledger: LedgerId = "",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=arguments.out_file, metavar="FILE", help="Write every row set aside, with its line, value and reason."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which rows of a ledger's file were set aside: by reason, how many, and what their readable amounts come to.

    Amounts are exact and per currency. A ledger that an earlier version kept has counts only: "amounts" is null.
    """
    import pyarrow as pa

    from insights import ingest
    from insights.messages.problems import counted
    from insights.services import exports
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record = arguments.ledger_of(store, ledger)
    kept = ledgers.load(store, record.id)
    if out:
        table = pa.concat_tables(ingest.every_problem(kept))
        exports.write(store, "set_aside", table, out, subject=record.id, actor=arguments.person())
    reasons = reasons_report(kept)
    report = {"ledger": record.id, "rows_set_aside": record.rows_set_aside, "reasons": reasons}
    lines = [f"{counted(record.rows_set_aside, 'row')} of {record.name} ({record.id}) set aside"]
    console.show(report | ({"out": str(out)} if out else {}), [*lines, *reasons_lines(reasons)], as_json=as_json)


def join(
    ledger: Annotated[str, typer.Argument(help="The ledger's id.")],
    to: Annotated[str, typer.Argument(help="The id of a version of the ledger that it is another version of.")],
    *,
    as_json: Json = False,
) -> None:
    """Make a ledger a version of another; the versions are numbered in the order of their imports."""
    from insights.services import ledgers as use_cases
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record, other = (arguments.pick("ledger", ledgers.listed(store), text) for text in (ledger, to))
    use_cases.join(store, record.id, other.id, actor=arguments.person())
    _show_version(store, record.id, as_json=as_json)


def separate(ledger: Annotated[str, typer.Argument(help="The ledger's id.")], *, as_json: Json = False) -> None:
    """Make a version of a ledger a ledger by itself."""
    from insights.services import ledgers as use_cases
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record = arguments.pick("ledger", ledgers.listed(store), ledger)
    use_cases.separate(store, record.id, actor=arguments.person())
    _show_version(store, record.id, as_json=as_json)


def _show_version(store: "Store", ledger_id: str, *, as_json: bool) -> None:
    from insights.store import ledgers

    record = ledgers.get(store, ledger_id)
    report = {"ledger": record.id, "lineage": record.lineage_id, "version": record.version}
    console.show(report, [f"{record.name} ({record.id}) is version {record.version} of its ledger."], as_json=as_json)


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
    left = agreements.count_of(store, ledgers.customers(store, record.id), record.lineage_id)
    use_cases.delete(store, record.id, with_agreements=with_agreements, actor=arguments.person())
    fate = "removed" if with_agreements else "kept"
    sentence = f" What was agreed with its customers is {fate}: {counted(left, 'event')}." if left else ""
    report = {"deleted": record.id, "agreements": {fate: left}}
    console.show(report, [f"Deleted {record.name} ({record.id}).{sentence}"], as_json=as_json)
