"""How are money, shares, days and dates written on a screen? The one place; everything here returns plain text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from math import isnan

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, get_decimal_symbol, get_group_symbol, get_minus_sign_symbol

from insights.ledger import money as minor_units
from insights.ledger.outcomes import DueRules
from insights.messages.kpis import PERCENT, SHARE
from insights.messages.plurals import noun

LOCALE = "en"
HALF_A_PERCENT = 0.005
NOTHING = "—"  # what is undefined: never 0, nan or inf


def amount(minor: int | None, currency: str) -> str:
    """The figure alone: `amount(123456, "EUR") == "1,234.56"`; an em dash for None."""
    if minor is None:
        return NOTHING
    places = minor_units.exponent(currency)
    return _grouped(Decimal(int(minor)).scaleb(-places), places)


def _grouped(number: Decimal | float, places: int = 0) -> str:
    """A figure with its thousands set apart. Babel's own way reads the pattern anew for each: most of the time of a long list."""
    return f"{number:,.{places}f}".translate(_symbols())


@cache
def _symbols() -> dict[int, str]:
    """How the signs in a figure are written where we are."""
    written = {",": get_group_symbol(LOCALE), ".": get_decimal_symbol(LOCALE), "-": get_minus_sign_symbol(LOCALE)}
    return str.maketrans(written)


def money(minor: int | None, currency: str) -> str:
    """`money(123456, "EUR") == "EUR 1,234.56"`; without a code where the ledger names no currency."""
    figure = amount(minor, currency)
    return figure if minor is None or currency == minor_units.NO_CURRENCY else f"{currency} {figure}"


def round_money(minor: int | None, currency: str) -> str:
    """As `money`, without the minor units, for tiles and headings: `"EUR 1,235"`."""
    if minor is None:
        return NOTHING
    whole = Decimal(int(minor)).scaleb(-minor_units.exponent(currency))
    figure = _grouped(whole)
    return figure if currency == minor_units.NO_CURRENCY else f"{currency} {figure}"


def round_range(low: int, high: int, currency: str) -> str:
    """As `round_money`, from one amount to another: `"EUR 1,235 to 2,000"`, the currency once."""
    high_end = _grouped(Decimal(int(high)).scaleb(-minor_units.exponent(currency)))
    return f"{round_money(low, currency)} to {high_end}"


def moneys(sums: Mapping[str, int]) -> str:
    """Sums per currency, never added: `"EUR 1,234.56 · USD 99.00"`; an em dash where there are none."""
    return " · ".join(money(minor, currency) for currency, minor in sorted(sums.items())) or NOTHING


def round_moneys(sums: Mapping[str, int]) -> str:
    """As `moneys`, without the minor units."""
    return " · ".join(round_money(minor, currency) for currency, minor in sorted(sums.items())) or NOTHING


def short_moneys(sums: Mapping[str, int]) -> str:
    """Sums per currency in a few characters: `"EUR 1.2M · GBP 35K"`."""
    return " · ".join(_short(minor, currency) for currency, minor in sorted(sums.items())) or NOTHING


def _short(minor: int, currency: str) -> str:
    figure = format_compact_decimal(
        float(Decimal(int(minor)).scaleb(-minor_units.exponent(currency))), locale="en", fraction_digits=1
    )
    return figure if currency == minor_units.NO_CURRENCY else f"{currency} {figure}"


def percent(share: float | None, threshold: float | None = None) -> str:
    """A probability in per cent, with as many decimals as it takes not to contradict `share < threshold`.

    `percent(0.4996, 0.5) == "49.96%"`, `percent(0.5, 0.5) == "50%"`; only 0 is "0%" and only 1 is "100%".
    """
    if share is None or isnan(share):
        return NOTHING
    if 0 < share < HALF_A_PERCENT:
        return "<1%"
    if 1 - HALF_A_PERCENT <= share < 1:
        return ">99%"
    if threshold is None:
        return f"{share * 100:.0f}%"
    places = next((n for n in range(16) if (round(share * 100, n) < threshold * 100) == (share < threshold)), 16)
    return f"{share * 100:.{places}f}%"


def percents(p: Sequence[float], threshold: float) -> tuple[str, ...]:
    """The three probabilities of an invoice, the first as `percent` shows it, the others so that they sum to 100.

    `percents([0.1349, 0.6749, 0.1902], 0.5) == ("13%", "68%", "19%")`
    """
    first = percent(p[0], threshold)
    if any(0 < share < HALF_A_PERCENT for share in p) or first.startswith(("<", ">")):
        return (first, *(percent(share) for share in p[1:]))
    places = len(first.rstrip("%").partition(".")[2])
    left, least = round(100 - float(first.rstrip("%")), places), 10.0**-places
    second = min(round(p[1] * 100, places), left)
    if p[2] > 0 and left - second < least <= second - least:  # what is not impossible is not shown as none
        second -= least
    if p[1] > 0 and second < least <= left - least:
        second = least
    return (first, f"{second:.{places}f}%", f"{left - second:.{places}f}%")


def count(number: int | None, singular: str = "", many: str = "") -> str:
    """`count(1234) == "1,234"`, `count(1, "invoice") == "1 invoice"`, `count(0, "invoice") == "0 invoices"`."""
    if number is None:
        return NOTHING
    figure = _grouped(Decimal(int(number)))
    return f"{figure} {noun(number, singular, many)}" if singular else figure


def largest_shown(many: int, most: int) -> str:
    """What follows a count of rows of which only the `most` largest are drawn; "" where all are."""
    return f", the {most} largest shown" if many > most else ""


def days(number: float | None, places: int = 0) -> str:
    """`days(3) == "3 days"`, `days(1) == "1 day"`; an em dash for None and nan."""
    if number is None or isnan(number):
        return NOTHING
    figure = _grouped(round(number, places), places)
    if places:
        figure = figure.rstrip("0").rstrip(get_decimal_symbol(LOCALE))
    return f"{figure} {'day' if figure == '1' else 'days'}"


def figure(value: float | None, unit: str) -> str:
    """A manager's figure, of a unit of `messages.kpis`: 0.797 as SHARE and 79.7 as PERCENT are both "79.7%"."""
    if value is None:
        return NOTHING
    return f"{value * 100:.1f}%" if unit == SHARE else f"{value:.1f}%" if unit == PERCENT else days(value, 1)


def past_due(number: int) -> str:
    """Days past due in words: "12 days past due", "due today", "due in 5 days"."""
    if number == 0:
        return "due today"
    return f"{days(number)} past due" if number > 0 else f"due in {days(-number)}"


def overdue(lines: Iterable[DueRules]) -> str:
    """What overdue means where something else than the due date decides; "" where the due date does.

    `overdue([DueRules(grace_days=5)]) == "Overdue: not paid 5 days after the due date, until when it still counts as on time."`
    """
    moved = {(rules.grace_days, rules.calendar) for rules in lines}
    if moved <= {(0, "")}:
        return ""
    if len(moved) > 1:
        return "Overdue: can no longer be on time, by the grace days and business days of each company's model."
    ((grace_days, calendar),) = moved
    grace = f"{days(grace_days)} after the due date" if grace_days else "on the due date"
    roll = f", or the next business day of {calendar}" if calendar else ""
    return f"Overdue: not paid {grace}{roll}, until when it still counts as on time."


@lru_cache(maxsize=4096)  # the same few days stand in every list
def day(value: date | None) -> str:
    """`day(date(2026, 3, 14)) == "14 Mar 2026"`; an em dash for None."""
    return NOTHING if value is None else format_date(value, "d MMM y", locale=LOCALE)


def day_of(text: str) -> date | None:
    """The day that `day` has written so, None of any other text."""
    try:
        return datetime.strptime(text, "%d %b %Y").date()  # noqa: DTZ007 - a day
    except ValueError:
        return None


def moment(value: datetime | None) -> str:
    """A UTC moment to the minute: "14 Mar 2026, 09:30 UTC"."""
    return NOTHING if value is None else f"{format_datetime(value, 'd MMM y, HH:mm', locale=LOCALE)} UTC"


def expected(earliest: date | None, middle: date | None, latest: date | None) -> str:
    """An expected payment date with its range of four in five: "4 Dec 2026 (20 Nov 2026 to 3 Feb 2027)"."""
    if middle is None or earliest is None:
        return NOTHING
    return f"{day(middle)} ({day(earliest)} to {day(latest) if latest else 'no end in sight'})"


def confidence(grade: str | None, *, no_history: bool) -> str:
    """How sure a prediction is: "High", "Low, no history"; an em dash where nothing is predicted."""
    return f"{grade or NOTHING}{', no history' if no_history else ''}"
