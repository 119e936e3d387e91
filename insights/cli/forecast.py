"""The command that says how much cash comes in which week: forecast."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Group, InOneCurrency, Json, LedgerId, ModelId, Owner, Watched

if TYPE_CHECKING:
    import pyarrow as pa

    from insights.portfolio.cash import CurrencyForecast, ForecastWeek
    from insights.services.cash import Forecast

Plan = Annotated[
    Path | None,
    typer.Option(
        "--billing-plan",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="What will be invoiced (period or date, amount, currency, company, customer, terms), for this forecast alone.",
    ),
]


def add_to(app: typer.Typer) -> None:
    app.command()(forecast)


def forecast(
    *,
    ledger: LedgerId = "",
    model: ModelId = "",
    as_of: AsOf = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=arguments.out_file, metavar="FILE", help="One row per week: .csv, .parquet or .xlsx."),
    ] = None,
    plan: Plan = None,
    company: Annotated[str | None, typer.Option(help="Only of this company [default: all].")] = None,
    customer: Annotated[str, typer.Option(metavar="ACCOUNT", help="Only of this customer.")] = "",
    owner: Owner = "",
    group: Group = "",
    reporting: InOneCurrency = "",
    replay: Annotated[
        bool, typer.Option("--replay/--no-replay", help="Replay the past Mondays that are not kept yet: the ranges rest on them.")
    ] = True,
    as_json: Json = False,
    watched: Watched = False,  # noqa: ARG001 - parsing it is what counts
) -> None:
    """How much cash comes in each of the 13 weeks ahead: from the open invoices, and from what is not invoiced yet.

    The open invoices of all weeks and what comes later are the receivables, to the cent. The 80 % ranges come from what was
    said on past Mondays and came then; the first time that takes minutes, then it is kept. What is not invoiced yet is what past
    weeks received from later invoices, or comes by a billing plan: FILE, else the one that is kept on the screen Cash.
    """
    from insights.messages.cash import no_range
    from insights.services import billing_plan, cash, customer_groups, exports
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    actor = arguments.person()
    wanted = billing_plan.read(store, record.id, plan) if plan else None
    if replay:
        cash.replay(store, record.id, day, model_id=model_id, actor=actor, progress=console.progress(as_json=as_json))
    chosen = customer_groups.named(
        store, ledgers.load(store, record.id), day, owner=owner, group=group, customer=customer, company=company
    )
    cash_forecast = cash.forecast(
        store,
        record.id,
        day,
        model_id=model_id,
        actor=actor,
        plan=wanted.rows if wanted else None,
        into=reporting.upper(),
        customers=chosen,
        company=company,
    )
    if out:
        exports.write(store, "forecast", rows(cash_forecast), out, subject=record.id, actor=arguments.person())
    for forecast in cash_forecast.currencies:
        if forecast.judged < forecast.fewest:
            console.note(no_range(forecast.currency, forecast.judged, forecast.fewest))
    for sentence in [*(wanted.set_aside if wanted else ()), *planned_sentences(cash_forecast), *cash_forecast.remarks]:
        console.note(sentence)
    console.show(report(cash_forecast), lines(cash_forecast), as_json=as_json)


def planned_sentences(cash_forecast: "Forecast") -> list[str]:
    """What the billing plan says of each currency that it names; nothing where there is none."""
    from insights.ledger.money import decimal_text
    from insights.messages.cash import planned

    plan = cash_forecast.planned
    if plan is None:
        return []
    return [
        planned(
            currency,
            (decimal_text(amount, currency), decimal_text(plan.invoiced[currency], currency)),
            plan.over,
            plan.until.isoformat(),
            cash_forecast.as_of.isoformat(),
        )
        for currency, amount in plan.planned.items()
    ]


def report(cash_forecast: "Forecast") -> dict[str, Any]:
    """A forecast as JSON has it: amounts as decimal text, null where no range can be stood for."""
    return {
        "as_of": cash_forecast.as_of,
        "currencies": {forecast.currency: of_currency(forecast) for forecast in cash_forecast.currencies},
    }


def of_currency(cash_forecast: "CurrencyForecast") -> dict[str, Any]:
    from insights.ledger.money import decimal_text

    def text(minor: int) -> str:
        return decimal_text(minor, cash_forecast.currency)

    return {
        "outstanding": text(cash_forecast.outstanding),
        "weeks": [week_texts(week, cash_forecast.currency) for week in cash_forecast.weeks],
        "later": text(cash_forecast.later + cash_forecast.never),
    }


def week_texts(week: "ForecastWeek", currency: str) -> dict[str, Any]:
    """One week's amounts as decimal text."""
    from insights.ledger.money import decimal_text

    (open_low, open_high), (low, high) = week.open_range or (None, None), week.range or (None, None)
    amounts = {
        "open_book": week.open_book,
        "open_book_low": open_low,
        "open_book_high": open_high,
        "not_invoiced": week.not_invoiced,
        "low": low,
        "high": high,
        "due": week.due,
    }
    return {"start": week.start} | {
        name: None if amount is None else decimal_text(amount, currency) for name, amount in amounts.items()
    }


def rows(cash_forecast: "Forecast") -> "pa.Table":
    """One row per currency and week, amounts as decimal text."""
    import pyarrow as pa

    texts = [
        {"currency": forecast.currency} | week_texts(week, forecast.currency)
        for forecast in cash_forecast.currencies
        for week in forecast.weeks
    ]
    names = ("open_book", "open_book_low", "open_book_high", "not_invoiced", "low", "high", "due")
    fields = [pa.field("currency", pa.string()), pa.field("start", pa.date32()), *(pa.field(name, pa.string()) for name in names)]
    return pa.Table.from_pylist(texts, schema=pa.schema(fields))


def lines(cash_forecast: "Forecast") -> list[str]:
    """A table per currency, and what its ranges rest on."""
    out = []
    for forecast in cash_forecast.currencies:
        header = ("week from", "open invoices", "not yet invoiced", "together", "80 % range", "falls due")
        out += [
            f"{forecast.currency}, as of {cash_forecast.as_of}",
            *console.table(header, [cells(week, forecast.currency) for week in forecast.weeks]),
        ]
        out += ["Receivables: " + ", ".join(parts(forecast)), ""]
    return out[:-1]


def cells(week: "ForecastWeek", currency: str) -> tuple[object, ...]:
    from insights.ledger.money import decimal_text

    amounts = [decimal_text(amount, currency) for amount in (week.open_book, week.not_invoiced, week.total)]
    between = " to ".join(decimal_text(end, currency) for end in week.range) if week.range else "—"
    return (week.start, *amounts, between, decimal_text(week.due, currency))


def parts(cash_forecast: "CurrencyForecast") -> list[str]:
    from insights.ledger.money import decimal_text

    named = (
        cash_forecast.outstanding,
        cash_forecast.outstanding - cash_forecast.later - cash_forecast.never,
        cash_forecast.later,
        cash_forecast.never,
    )
    whole, weeks, later, never = (decimal_text(amount, cash_forecast.currency) for amount in named)
    return [whole, f"{weeks} in these weeks", f"{later} later", f"{never} probably never"]
