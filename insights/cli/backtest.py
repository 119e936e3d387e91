"""The command that proves: backtest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from insights.cli import arguments, console, train
from insights.cli.arguments import Allow, Json, LedgerId, Seed, VeryLateDays, Watched

if TYPE_CHECKING:
    from insights.evaluation.report import Report

MONTHS = {"month": 1, "quarter": 3, "year": 12}
SERIES_LABELS = {"model": "model", "base_rates": "base rates", "customer_past": "the customer's own past"}


def add_to(app: typer.Typer) -> None:
    app.command()(backtest)


def backtest(
    *,
    ledger: LedgerId = "",
    every: Annotated[Literal["month", "quarter", "year"], typer.Option(help="How far the as-of dates are apart.")] = "month",
    last: Annotated[int, typer.Option(min=0, metavar="N", help="Only the last N as-of dates [default: all].")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=arguments.out_file, metavar="FILE", help="One row per date and invoice: .csv, .parquet, .xlsx."
        ),
    ] = None,
    very_late_days: VeryLateDays = None,
    fields: Annotated[str, typer.Option(metavar="A,B", help="Learn from these fields only [default: all].")] = "",
    seed: Seed = None,
    allow: Allow = None,
    recipe: Annotated[str, typer.Option(help="A whole recipe as JSON; the options above change it.")] = "",
    as_json: Json = False,
    watched: Watched = False,  # noqa: ARG001 - parsing it is what counts
) -> None:
    """Replay the past: train as of earlier dates, predict the invoices open then, compare with what happened.

    Every model knows only what was known strictly before its date. Invoices whose answer is not known yet are left out,
    however they ended. The result is kept in the workspace, where the screen Trust shows it.
    """
    from insights.evaluation import exported
    from insights.services import backtests, exports
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record = arguments.ledger_of(store, ledger)
    read = ledgers.load(store, record.id)
    changes = {"very_late_days": very_late_days, "seed": seed, "fields": train.field_names(read, fields) or None}
    wanted = train.changed(train.read_recipe(recipe), changes)
    done = backtests.backtest(
        store,
        record.id,
        wanted,
        months=MONTHS[every],
        last=last,
        allowed=arguments.reasons(allow),
        actor=arguments.person(),
        progress=console.progress(as_json=as_json),
    )
    if out:
        exports.write(store, "backtest", exported(done.replay, read), out, subject=record.id, actor=arguments.person())
    console.show(done.report.to_json(), lines(done.report), as_json=as_json)


def lines(report: "Report") -> list[str]:
    """The figures that matter, by date and pooled."""
    header = ("as of", "invoices", *(f"log loss: {label}" for label in SERIES_LABELS.values()))
    rows = [
        (day.as_of, day.series["model"].rows, *(f"{day.series[name].log_loss:.4f}" for name in SERIES_LABELS))
        for day in report.dates
        if day.series
    ]
    rows.append(("all", report.rows, *(f"{report.pooled[name].log_loss:.4f}" for name in SERIES_LABELS)))
    model = report.pooled["model"]
    return [
        *console.table(header, rows),
        *(
            f"Log loss less that of {SERIES_LABELS[name]}: {gap.mean:+.4f} (95 %: {gap.low:+.4f} to {gap.high:+.4f})"
            for name, gap in report.differences.items()
        ),
        f"Accuracy {model.accuracy:.1%}, macro F1 {model.macro_f1:.3f}",
        f"Always the commonest outcome: {model.commonest_accuracy:.1%}, {model.commonest_macro_f1:.3f}",
        f"Of invoices not yet due: ROC AUC of on time {text(model.auc)}, calibration error {text(model.ece)}",
        f"Brier {model.brier:.4f}, money in the wrong bucket {model.money_error:.1%}",
        *(
            f"Expected dates: {accuracy.coverage:.1%} paid within the range, {accuracy.mean_error:.1f} days off on average"
            for name, accuracy in report.dates_said.items()
            if name == "model"
        ),
    ]


def text(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
