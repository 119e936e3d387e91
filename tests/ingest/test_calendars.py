"""Are years of other calendars read by proof, and never silently wrong?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ingest.recognise import calendars
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, draft, ledger, notes

HEAD = "invoice,customer,invoice date,due date,paid date,amount"


def days(found: object, name: str) -> list[str]:
    return [str(day) for day in column(found, name)]  # type: ignore[arg-type]


def test_buddhist_years_are_read_and_told(tmp_path: Path) -> None:
    """
    invoice,customer,invoice date,due date,paid date,amount
    1,A,15/01/2569,14/02/2569,20/02/2569,100.00
    2,B,29/02/2567,30/03/2567,,50.00
    """
    found = ledger(tmp_path, test_buddhist_years_are_read_and_told.__doc__ or "")
    assert days(found, "issue_date") == ["2026-01-15", "2024-02-29"]
    assert days(found, "paid_date") == ["2026-02-20", "None"]
    assert notes(found)["buddhist_years"] == "15/01/2569"


def test_the_first_and_the_last_day_of_a_buddhist_year_are_days(tmp_path: Path) -> None:
    """By which Gregorian systems say "never": 31/12/2568 is 31 December 2025, in a paid date too.

    invoice,customer,invoice date,due date,paid date,amount
    1,A,01/12/2568,01/01/2569,31/12/2568,100.00
    2,B,02/12/2568,31/12/2568,,50.00
    """
    found = ledger(
        tmp_path, "\n".join((test_the_first_and_the_last_day_of_a_buddhist_year_are_days.__doc__ or "").splitlines()[2:])
    )
    assert days(found, "due_date") == ["2026-01-01", "2025-12-31"]
    assert days(found, "paid_date") == ["2025-12-31", "None"]


def test_a_last_day_of_a_far_year_is_never_where_no_year_is_buddhist(tmp_path: Path) -> None:
    text = f"{HEAD}\n1,A,2026-01-15,2026-02-14,2550-12-31,100.00\n2,B,2026-01-16,2026-02-15,2026-02-20,50.00"
    assert days(ledger(tmp_path, text), "paid_date") == ["None", "2026-02-20"]


def test_a_year_among_others_that_are_gregorian_is_set_aside(tmp_path: Path) -> None:
    text = f"{HEAD}\n1,A,15/01/2026,14/02/2026,,100.00\n2,B,16/01/2026,15/02/2569,,50.00\n3,C,17/01/2026,16/02/2026,,70.00"
    found = ledger(tmp_path, text)
    assert aside(found) == [(3, "due date", "15/02/2569", "date_unreadable")]


@pytest.mark.parametrize("year", ["1404/10/25", "۱۴۰۴/۱۰/۲۵", "26/07/1447", "115/01/15"])
def test_days_of_another_calendar_are_said_to_be_that(tmp_path: Path, year: str) -> None:
    (question,) = draft(tmp_path, f"invoice,customer,invoice date,due date,amount\n1,A,{year},2026-02-14,100.00").questions
    assert f"“invoice date” is called so, but its cells ({year}) are days of another calendar" in question.sentence


@pytest.mark.parametrize("day", ["15/01/69", "15.01.70", "150169"])
def test_years_of_two_figures_that_lie_decades_away_are_refused(tmp_path: Path, day: str) -> None:
    """2569 is 2026; as years of this or of the last century they are those of no invoice."""
    with pytest.raises(Refused, match="lies decades away"):
        draft(tmp_path, f"invoice,customer,invoice date,due date,amount\n1,A,{day},2026-02-14,100.00", Options(date_order="dmy"))


def test_years_of_two_figures_on_both_sides_of_a_century_are_refused(tmp_path: Path) -> None:
    """2569 and 2570 are 2026 and 2027; as 69 and 70 one seems to be 2069, the other 1970."""
    text = f"{HEAD}\n1,A,20/12/69,2027-01-19,,100.00\n2,B,15/01/70,2027-02-14,,50.00"
    with pytest.raises(Refused, match="lies decades away"):
        draft(tmp_path, text, Options(date_order="dmy"))


def test_texts_without_such_years_are_the_same() -> None:
    texts = ("2026-01-15", "15/01/26", "31/12/2568", "INV 2569")
    assert calendars.gregorian(texts)[0] == texts
