"""Day or month first, point or comma? Proof decides, else the user is asked; proof of both stops the import."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from insights.ingest import source_rows
from insights.ingest.draft import Question
from insights.ingest.recognise import dates, numbers
from insights.ingest.source_rows import Origin
from insights.ledger.errors import Refused
from insights.ledger.ledger import Problem, as_date, day

ORDER_NAMES = {"dmy": "day first", "mdy": "month first", "ymd": "year first", "julian": "century, year and day of the year"}
AS_TYPED = "typed"  # the answer that a spreadsheet's own days are right
HAPPENED = ("issue_date", "paid_date")  # days that have come
DECADES = 20 * 365  # days ahead
FIRST_DAY = day(date(1980, 1, 1))
MARK_NAMES = {".": "point", ",": "comma"}


@dataclass
class Decisions:
    """What was decided (column -> order or mark), asked and noted, and of which files the rows are."""

    decided: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    origins: tuple[Origin, ...] = ()  # where several files or sheets were united

    def note(self, code: str, column: str = "", value: str = "", number: int | None = None) -> None:
        """Something to say about the file as a whole, and of how many rows."""
        self.notes.append(Problem(0, column, value, code, set_aside=False, number=number))

    def place(self, row: int) -> str:
        """A row in words: "row 12 of bsad.txt"."""
        return source_rows.in_words(self.origins, row)


def orders(
    columns: Mapping[str, tuple[str, dates.DateTexts]], lines: np.ndarray, wanted: str, decisions: Decisions
) -> dict[str, str]:
    """Field -> date order ("" = does not matter, or is asked). `columns`: field -> (header, cells).

    Raises Refused on contradiction.
    """
    wanted = "" if wanted == AS_TYPED else wanted
    ends = dates.with_year_at_one_end({name: cells for name, (_, cells) in columns.items()})
    columns = {name: (header, ends[name]) for name, (header, _) in columns.items()}
    proven = {name: _proven_order(header, cells, lines, wanted, decisions) for name, (header, cells) in columns.items()}
    elsewhere = {order for order in proven.values() if order}
    result = {}
    for name, (header, cells) in columns.items():
        order = proven[name]
        if not order and _order_matters(cells):
            order = _borrowed(elsewhere, header, "order_from_other_column", ORDER_NAMES, decisions)
            if not order:
                decisions.questions.append(_ask_order(name, header, cells))
        if order and cells.is_open.any():
            decisions.decided[header] = order
        result[name] = order or ("dmy" if not _order_matters(cells) else "")
    return result


def of_calendar(columns: Mapping[str, tuple[str, dates.DateTexts]], decisions: Decisions) -> None:
    """Says in which columns years were Buddhist ones, by an example."""
    for header, cells in columns.values():
        if cells.buddhist:
            decisions.note("buddhist_years", header, cells.buddhist)


def refuse_decades_off(columns: Mapping[str, tuple[str, dates.DateTexts]], order: Mapping[str, str], today: date) -> None:
    """Raises Refused where years of two figures are those of no invoice: 69 may be of another calendar, or the day."""
    for name in (name for name in HAPPENED if name in columns):
        header, cells = columns[name]
        days = cells.days(order[name])
        known = days[days > dates.UNREADABLE]
        if not len(known) or not ((known > day(today) + DECADES) | (known < FIRST_DAY)).all():
            continue
        at = int(np.flatnonzero(days > dates.UNREADABLE)[0])
        text = cells.texts[cells.codes[at]]
        if re.search(r"(?<!\d)\d{4}(?!\d)", text) is None:
            raise Refused(
                f"Column “{header}” lies decades away: {text} would be {_said(int(days[at]))}. Write its years with four "
                "figures, of the Gregorian or of the Buddhist calendar (2569 is 2026).",
                "days_decades_off",
                column=header,
            )


def unswapped(
    columns: Mapping[str, tuple[str, dates.DateTexts]], wanted: str, decisions: Decisions
) -> dict[str, tuple[str, dates.DateTexts]]:
    """The columns with the days put right that a spreadsheet of another habit has turned; asks before it does."""
    put_right = {}
    for name, (header, cells) in columns.items():
        order = cells.swapped()
        if order and not wanted:
            decisions.questions.append(_ask_swapped(name, header, cells, order))
        put_right[name] = (header, cells.swapped_back() if order and wanted == order else cells)
    return put_right


def _ask_swapped(name: str, header: str, cells: dates.DateTexts, order: str) -> Question:
    at = int(np.flatnonzero(cells.typed & (cells.fixed > dates.UNREADABLE))[0])
    text = next(text for text, open_ in zip(cells.texts, cells.is_open, strict=True) if open_)
    typed, back = int(cells.fixed[at]), int(cells.swapped_back().fixed[at])
    return Question(
        "date_order",
        name,
        header,
        f"In column “{header}” all days that the spreadsheet knows as days are up to the twelfth, and all that it kept as text "
        f"are above ({text}): day and month seem to be exchanged, so that {_said(typed)} would be {_said(back)}.",
        (
            (order, f"exchanged: {_said(typed)} is {_said(back)}"),
            (AS_TYPED, f"right as they stand: {_said(typed)}"),
        ),
        f"--date-order {order}|{AS_TYPED}",
    )


def _proven_order(header: str, cells: dates.DateTexts, lines: np.ndarray, wanted: str, decisions: Decisions) -> str:
    if wanted:
        return wanted
    proofs = cells.proofs()
    if len(proofs) > 1:
        two = list(proofs.items())[:2]
        first, second = ((order, cells.texts[at], decisions.place(int(lines[cells.first_row(at)]))) for order, at in two)
        raise Refused(
            f"Column “{header}” contradicts itself: “{first[1]}” ({first[2]}) is {ORDER_NAMES[first[0]]}, "
            f"“{second[1]}” ({second[2]}) is {ORDER_NAMES[second[0]]}. Correct the file. On the command line, "
            "--date-order says which is meant, and the other rows are set aside.",
            "contradictory_dates",
            column=header,
        )
    return next(iter(proofs), "")


def _order_matters(cells: dates.DateTexts) -> bool:
    """Whether two orders give different days; 3/3/2024 does not ask."""
    at = cells.is_open
    seen = [reading[at] for reading in cells.readings.values() if (reading[at] != dates.UNREADABLE).any()]
    return any(not np.array_equal(seen[0], other) for other in seen[1:])


def _borrowed(elsewhere: set[str], header: str, code: str, names: Mapping[str, str], decisions: Decisions) -> str:
    """What the other columns of the same file prove, where they agree."""
    if len(elsewhere) != 1:
        return ""
    value = next(iter(elsewhere))
    decisions.notes.append(Problem(0, header, names[value], code, set_aside=False))
    return value


def _ask_order(name: str, header: str, cells: dates.DateTexts) -> Question:
    at = int(np.flatnonzero(cells.is_open)[0])
    text = cells.texts[at]
    readings = {order: int(reading[at]) for order, reading in cells.readings.items() if reading[at] != dates.UNREADABLE}
    choices = tuple((order, f"{ORDER_NAMES[order]}: {text} is {_said(day)}") for order, day in readings.items())
    return Question(
        "date_order",
        name,
        header,
        f"Column “{header}” does not prove whether day or month comes first: {text} may be "
        + " or ".join(f"{_said(day)}" for day in readings.values())
        + ".",
        choices,
        "--date-order " + "|".join(readings),
    )


def _said(days: int) -> str:
    day = as_date(days)
    return f"{day.day} {day:%B %Y}"


def marks(
    columns: Mapping[str, tuple[str, numbers.NumberTexts]],
    lines: np.ndarray,
    wanted: str,
    decisions: Decisions,
    *,
    whole: np.ndarray | None = None,
) -> dict[str, str]:
    """Field -> decimal mark ("" = does not matter, or is asked), as `orders`.

    `whole` (bool per row): the currency has no decimals, so that a mark before three figures can only part groups.
    """
    proven = {
        name: _proven_mark(header, cells, lines, wanted, decisions) or ("" if whole is None else cells.grouping(whole))
        for name, (header, cells) in columns.items()
    }
    elsewhere = {mark for mark in proven.values() if mark}
    result = {}
    for name, (header, cells) in columns.items():
        mark, unsure = proven[name], cells.open_rows()
        if not mark and len(unsure):
            mark = _borrowed(elsewhere, header, "mark_from_other_column", MARK_NAMES, decisions)
            if not mark:
                decisions.questions.append(_ask_mark(name, header, cells.bare[int(unsure[0])].as_py()))
        if mark:
            decisions.decided[header] = mark
        result[name] = mark
    return result


def _proven_mark(header: str, cells: numbers.NumberTexts, lines: np.ndarray, wanted: str, decisions: Decisions) -> str:
    if wanted:
        return wanted
    proofs = cells.proofs()
    if len(proofs) > 1:
        point, comma = ((cells.bare[proofs[mark]].as_py(), decisions.place(int(lines[proofs[mark]]))) for mark in ".,")
        raise Refused(
            f"Column “{header}” contradicts itself: “{point[0]}” ({point[1]}) has a decimal point, “{comma[0]}” "
            f"({comma[1]}) a decimal comma. Correct the file. On the command line, --decimal says which is meant, "
            "and the other rows are set aside.",
            "contradictory_numbers",
            column=header,
        )
    return next(iter(proofs), "")


def _ask_mark(name: str, header: str, text: str) -> Question:
    whole, exact = text.replace(".", "").replace(",", ""), text.replace(",", ".")
    inside = "." if "." in text else ","
    readings = {inside: exact, ("," if inside == "." else "."): whole}
    return Question(
        "decimal",
        name,
        header,
        f"Column “{header}” does not prove what its {MARK_NAMES[inside]} means: {text} may be {whole} or {exact}.",
        tuple((mark, f"decimal {MARK_NAMES[mark]}: {text} is {readings[mark]}") for mark in ".,"),
        '--decimal "." or --decimal ","',
    )
