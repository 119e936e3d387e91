"""The command that makes the monthly report: report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, InOneCurrency, Json, LedgerId


def add_to(app: typer.Typer) -> None:
    app.command()(report)


def pdf_file(text: str) -> Path:
    """A PDF that can be written."""
    path = Path(text)
    if path.suffix.lower() != ".pdf":
        raise typer.BadParameter(f"{text} has to end in .pdf.")
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder of {text} does not exist.")
    return path


def report(
    *,
    out: Annotated[Path, typer.Option("--out", parser=pdf_file, metavar="FILE.pdf", help="Where to write.")],
    as_of: AsOf = None,
    ledger: LedgerId = "",
    model: Annotated[str, typer.Option(metavar="ID", help="Whose predictions count; default: those in force.")] = "",
    reporting: InOneCurrency = "",
    as_json: Json = False,
) -> None:
    """Write the monthly report of a manager as PDF: cash to expect, ageing, customers, figures, and what moved most."""
    from insights.services import exports
    from insights.services import report as use_case
    from insights.store.store import Store

    store = Store.open()
    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    today = datetime.now(UTC).date()
    gathered = use_case.gathered(
        store, record.id, day, actor=arguments.person(), model_id=model_id, made_on=today, into=reporting.upper()
    )
    written = use_case.pdf(gathered)
    exports.note(store, "report", None, subject=record.id, file=out.name, actor=arguments.person())
    out.write_bytes(written)
    answer = {
        "out": str(out),
        "ledger": record.id,
        "as_of": day,
        "currencies": [total.currency for total in gathered.aged.totals],
    }
    console.show(answer, [f"Report of {record.name} as of {day}: {out}"], as_json=as_json)
