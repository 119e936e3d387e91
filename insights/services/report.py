"""The monthly report of a manager as PDF: cash to expect, ageing, figures, and what moved most; made to be forwarded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from insights import portfolio
from insights.access import Capability, Person, require
from insights.charts.paper import BLUE, GREY, ORANGE, SKY, Paper, PaperBars, PaperLine, PaperTable, PaperTile
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.ledger.money import NO_CURRENCY, decimal_text
from insights.ledger.outcomes import DueRules
from insights.messages.kpis import KPIS, PERCENT, SHARE
from insights.portfolio import AgeRanges, CashKpis, Movement
from insights.portfolio.converted import converted_ledger
from insights.services import ageing, cash, figures, rates, reach
from insights.services.ageing import SILENT, UNPAID_DAYS, AgedLedger
from insights.services.figures import FiguresOverTime
from insights.store import ledgers
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.portfolio.cash import CurrencyForecast

NOTHING = "—"
MOST_CUSTOMERS = 15
MOST_MOVEMENTS = 6
LINES = ("dso", "cei", "over_90", "paid_on_time", "days_beyond_terms", "add")  # figures drawn over the months
RANGES = AgeRanges()


@dataclass(frozen=True)
class ManagerReport:
    """What a report holds, of a ledger as of a day; forecasts and at risk are empty where no model speaks."""

    name: str
    ledger: Ledger
    as_of: date
    made_on: date
    aged: AgedLedger
    figures: FiguresOverTime
    movements: Mapping[str, Sequence[Movement]]  # by currency
    forecasts: Mapping[str, "CurrencyForecast"]
    at_risk: Mapping[str, int]
    goals: Mapping[str, float]
    models: Sequence[str]
    remarks: Sequence[str] = ()  # by which rates, where it is in one currency


def gathered(  # noqa: PLR0913 - of what, when, by whom, by which model, made when, in which currency
    store: Store, ledger_id: str, as_of: date, *, actor: Person, model_id: str = "", made_on: date, into: str = ""
) -> ManagerReport:
    """Everything that a report says of what the actor may see, in one currency if wished.

    Refused for a day on which the ledger cannot be seen, on which nothing is open, or for a currency that no rate leads to.
    """
    require(actor, Capability.OVERSEE)
    record = ledgers.get(store, ledger_id)
    within = reach.ledger_within(store, ledgers.load(store, ledger_id), actor.reach)
    ledger = within.ledger
    rules = ageing.due_rules_in_force(store, ledger_id, as_of, model_id)
    aged = ageing.aged(ledger, as_of, RANGES, rules)
    if not aged.totals:
        raise Refused(f"No invoice was open as of {as_of}, so there is nothing to report.", "nothing_open")
    later = ageing.unpaid_later(store, ledger_id, as_of, actor=actor, model_id=model_id)
    aged = ageing.with_unpaid(aged, later) if later else aged
    by = rates.conversion(store, [total.currency for total in aged.totals], into, as_of) if into else None
    if by:
        aged, ledger = ageing.converted(aged, by), converted_ledger(ledger, by)
    over_time = figures.over_time(ledger, as_of, rules, by=by)
    forecast = _forecast(store, ledger_id, as_of, actor, model_id, into)
    risk = figures.at_risk(store, ledger_id, as_of, actor=actor, model_id=model_id)
    return ManagerReport(
        name=record.name or record.id,
        ledger=ledger,
        as_of=as_of,
        made_on=made_on,
        aged=aged,
        figures=over_time,
        movements=_movements(ledger, over_time, rules),
        forecasts={forecast_.currency: forecast_ for forecast_ in forecast.currencies} if forecast else {},
        at_risk=rates.sums(risk, by) if by else risk,
        remarks=rates.sentences(by) if by else (),
        goals=figures.goals(store),
        models=forecast.models if forecast else (),
    )


def _forecast(store: Store, ledger_id: str, as_of: date, actor: Person, model_id: str, into: str) -> cash.Forecast | None:
    try:
        return cash.forecast(store, ledger_id, as_of, actor=actor, model_id=model_id, into=into)
    except Refused as refused:
        if refused.code in SILENT:
            return None
        raise


def _movements(ledger: Ledger, over_time: FiguresOverTime, rules: Mapping[str, DueRules]) -> dict[str, tuple[Movement, ...]]:
    return {currency: figures.moved(ledger, over_time, currency, rules) for currency in over_time.months}


def pdf(report: ManagerReport) -> bytes:
    """The report as an A4 PDF: for each currency a page at a glance, then figures and customers."""
    title = f"Receivables of {report.name}"
    paper = Paper(title, f"{title}, as of {_day(report.as_of)}")
    for total in sorted(report.aged.totals, key=lambda total: -total.invoices):
        paper.page()
        _glance(paper, report, total, title)
        _customers(paper, report, total.currency)
        if total.currency in report.figures.months:
            _figures(paper, report, total.currency)
    return paper.output()


def _glance(paper: Paper, report: ManagerReport, total: portfolio.AgedTotal, title: str) -> None:
    currency, forecast = total.currency, report.forecasts.get(total.currency)
    named = "" if currency == NO_CURRENCY else f" in {currency}"
    spoken = f"{len(report.models)} model{'s' * (len(report.models) != 1)}" if report.models else "no model"
    known = f"As of {_day(report.as_of)}{named}: what was known before that day, predicted by {spoken}."
    as_invoiced = [] if report.aged.exact[currency] else ["As invoiced: payments in part are not dated in this ledger."]
    paper.headline(title, [f"{known} Made on {_day(report.made_on)}.", *as_invoiced, *report.remarks])
    paper.tiles(_tiles(report, total, forecast))
    if forecast:
        _cash(paper, forecast)
    paper.section("How old it is", "Receivables by days past due; credit notes and payments on account stand apart.", room=62)
    parts = [SKY, *[GREY] * len(RANGES.ends), GREY]
    amounts = [_major(amount, currency) for amount in total.parts]
    names = ("not due", *(f"{name} days" for name in RANGES.names[1:]))
    shown = [
        (name, colour, [amounts[at] if (at == 0) == (name == "Not due") else 0.0 for at in range(len(amounts))])
        for name, colour in (("Not due", parts[0]), ("Past due", parts[1]))
    ]
    paper.bars(PaperBars(names, shown, unit=_unit(currency)), height=44)


def _tiles(report: ManagerReport, total: portfolio.AgedTotal, forecast: "CurrencyForecast | None") -> list[PaperTile]:
    currency, owed = total.currency, total.receivables
    past = owed - total.parts[0]
    apart = total.credits + total.on_account
    tiles = [
        PaperTile("Receivables", _round(owed, currency), f"{total.invoices:,} open, {_round(apart, currency)} not applied"),
        PaperTile("Past due", _round(past, currency), f"{_percent(past, owed)} of the receivables"),
    ]
    if total.unpaid is not None:
        tiles.append(
            PaperTile(
                f"Likely unpaid in {UNPAID_DAYS} days", _round(total.unpaid, currency), f"{_percent(total.unpaid, owed)} of it"
            )
        )
    if forecast:
        sure = f"{_round(forecast.range_4[0], currency)} to {_round(forecast.range_4[1], currency)}" if forecast.range_4 else ""
        tiles.append(PaperTile("Cash of the next 4 weeks", _round(forecast.total(4), currency), sure))
    elif currency in report.figures.months:
        tiles.append(PaperTile("DSO", _written(report.figures.now(currency).dso, "days")))
    return tiles


def _cash(paper: Paper, forecast: "CurrencyForecast") -> None:
    currency, weeks = forecast.currency, forecast.weeks
    note = "By week from this day on: what is open, by each invoice's own probabilities, and what will be invoiced until then."
    paper.section("Cash to expect", note, room=70)
    spans = [(_major(week.range[0], currency), _major(week.range[1], currency)) if week.range else None for week in weeks]
    parts = [
        ("Open invoices", BLUE, [_major(week.open_book, currency) for week in weeks]),
        ("Not invoiced yet", ORANGE, [_major(week.not_invoiced, currency) for week in weeks]),
    ]
    labels = [f"{week.start.day} {week.start:%b}" for week in weeks]
    paper.bars(PaperBars(labels, parts, spans, _unit(currency)), height=48)
    later = _round(forecast.later + forecast.never, currency)
    within = _round(sum(week.open_book for week in weeks), currency)
    never = _round(forecast.never, currency)
    owed = _round(forecast.outstanding, currency)
    lines = [f"Of {owed} open now, {within} are expected within these 13 weeks, {later} later or never (never: {never})."]
    if not any(spans):
        lines.append("No range is drawn: too few past weeks have been replayed to stand for one.")
    paper.sentences(lines)


def _customers(paper: Paper, report: ManagerReport, currency: str) -> None:
    """The largest customers by age, what all others owe, and the totals."""
    rows = [row for row in report.aged.matrix.to_pylist() if row["currency"] == currency]
    rows.sort(key=lambda row: (-row["receivables"], row["customer_name"], row["customer_id"]))
    columns = [*RANGES.columns, "receivables", "net_balance", *(["unpaid"] if "unpaid" in report.aged.items.column_names else [])]
    headings = ["Customer", "Not due", *(name.capitalize() for name in RANGES.names[1:]), "Receivables", "Net balance"]
    headings += ["Unpaid later"] if "unpaid" in columns else []
    listed = [[_cut(row["customer_name"]), *(_whole(row[name], currency) for name in columns)] for row in rows[:MOST_CUSTOMERS]]
    if others := rows[MOST_CUSTOMERS:]:
        listed.append([f"{len(others):,} others", *(_whole(_sum(others, name), currency) for name in columns)])
    listed.append(["All", *(_whole(_sum(rows, name), currency) for name in columns)])
    first = 186 - 17.5 * len(columns)
    note = f"By days past due{_in(currency)}, whole units; the largest first."
    note += f" Unpaid later: what will probably still be unpaid in {UNPAID_DAYS} days." if "unpaid" in columns else ""
    paper.section("Who owes it", note, room=90)
    paper.table(PaperTable(headings, listed, [first, *[17.5] * len(columns)], totals=1))


def _figures(paper: Paper, report: ManagerReport, currency: str) -> None:
    months = report.figures.months[currency]
    now, before = months[-1], months[-2] if len(months) > 1 else None
    rows = [
        [words.label, *_row(name, words.unit, (now, before), report.goals.get(name))]
        for name, words in KPIS.items()
        if name != "at_risk"
    ]
    if currency in report.at_risk:
        share = _percent(report.at_risk[currency], now.receivables)
        aim = report.goals.get("at_risk")
        amount = f"{_round(report.at_risk[currency], currency)} ({share})"
        rows.append([KPIS["at_risk"].label, amount, "", "", "" if aim is None else _written(aim, SHARE)])
    then = f"As of {_day(before.as_of)}" if before else "Before"
    paper.section("Are we getting better?", f"Over the {now.days} days before each day{_in(currency)}.", room=95)
    paper.table(PaperTable(["Figure", "Now", then, "Change", "Goal"], rows, [62, 40, 30, 30, 24]))
    if len(months) > 2:
        for names in (LINES[:3], LINES[3:]):
            if paper.pdf.will_page_break(48):
                paper.page()
            paper.lines([_line(name, months, report.goals.get(name)) for name in names])
    if moved := report.movements.get(currency, ())[:MOST_MOVEMENTS]:
        paper.section("What moved most", f"Since {_day(months[-2].as_of)}, beside how far it usually moves in a month.", room=50)
        paper.table(
            PaperTable(
                ["Figure", "Then", "Now", "", "Times usual", "With the customers"],
                [_moved(movement, currency) for movement in moved],
                [36, 17, 17, 14, 20, 82],
                left=(0, 3, 5),
            )
        )


def _row(name: str, unit: str, span: tuple[CashKpis, CashKpis | None], goal: float | None) -> list[str]:
    """Now, the month before, the change, and the goal."""
    now, before = span
    value, earlier = getattr(now, name), getattr(before, name) if before else None
    change = "" if value is None or earlier is None else _change(value - earlier, unit)
    better = value is not None and earlier is not None and (value > earlier) == (name in portfolio.BETTER_HIGH)
    word = "" if not change or change.lstrip("+-") == "0.0" else (", better" if better else ", worse")
    return [_written(value, unit), _written(earlier, unit), f"{change}{word}", "" if goal is None else _written(goal, unit)]


def _line(name: str, months: Sequence[CashKpis], goal: float | None) -> PaperLine:
    words = KPIS[name]
    scale = 100 if words.unit == PERCENT else 1
    values = [None if (value := getattr(month, name)) is None else value / scale for month in months]
    aim = None if goal is None else goal / scale
    unit = "" if words.unit in (SHARE, PERCENT) else ", days"
    return PaperLine(
        f"{words.label}{unit}", [month.as_of for month in months], values, aim, percent=words.unit in (SHARE, PERCENT)
    )


def _moved(movement: Movement, currency: str) -> list[str]:
    words, times = KPIS[movement.name], movement.times_usual
    customers = [
        f"{_cut(mover.customer_name)} {'+' if mover.change > 0 else '−'}{_whole(abs(mover.change), currency)}"
        for mover in movement.movers
    ]
    return [
        words.label,
        _written(movement.then, words.unit),
        _written(movement.now, words.unit),
        "worse" if movement.worse else "better",
        "new" if times == float("inf") else f"{times:.1f}",
        ", ".join(customers),
    ]


def _change(change: float, unit: str) -> str:
    return f"{change * 100:+.1f}" if unit == SHARE else f"{change:+.1f}"


def _written(value: float | None, unit: str) -> str:
    if value is None:
        return NOTHING
    return f"{value * 100:.1f}%" if unit == SHARE else f"{value:.1f}%" if unit == PERCENT else f"{value:.1f}"


def _sum(rows: Sequence[Mapping[str, int | None]], name: str) -> int | None:
    values = [row[name] for row in rows]
    return None if any(value is None for value in values) else sum(value for value in values if value is not None)


def _major(minor: int, currency: str) -> float:
    return float(decimal_text(minor, currency))


def _whole(minor: int | None, currency: str) -> str:
    return NOTHING if minor is None else f"{round(Decimal(decimal_text(minor, currency))):,}"


def _round(minor: int, currency: str) -> str:
    return _whole(minor, currency) if currency == NO_CURRENCY else f"{currency} {_whole(minor, currency)}"


def _unit(currency: str) -> str:
    return "" if currency == NO_CURRENCY else currency


def _in(currency: str) -> str:
    return "" if currency == NO_CURRENCY else f", in {currency}"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else NOTHING


def _cut(name: str, longest: int = 34) -> str:
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"
