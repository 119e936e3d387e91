"""Of which day does a report say that it is?"""

from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest import Options
from insights.ingest.report_date import named

LAST, TODAY = date(2026, 7, 20), date(2026, 8, 1)


@pytest.mark.parametrize(
    ("titles", "day"),
    [
        (["A/R Aging Detail", "As of July 25, 2026"], date(2026, 7, 25)),
        (["Stand 25.07.2026"], date(2026, 7, 25)),
        (["Offene Posten per 25.07.26"], date(2026, 7, 25)),
        (["From 2026-01-01 to 2026-07-25"], date(2026, 7, 25)),
        (["7/25/2026"], date(2026, 7, 25)),
        (["Au 25 juillet 2026"], date(2026, 7, 25)),
        (["As of 25 Jul 2026", "Printed 26 Jul 2026 10:15"], date(2026, 7, 25)),
        (["Printed 25 Jul 2026", "Exported 26 Jul 2026"], None),
        (["As of 25 Jul 2025"], None),
        (["As of 25 Aug 2026"], None),
        (["Invoice 4711-07-2026", "Version 1.2.3"], None),
        ([], None),
    ],
)
def test_the_day_of_a_report_is_that_of_its_title_where_it_can_be(titles: list[str], day: date | None) -> None:
    """The last entry is of 20 July, today is 1 August: a report is of a day between them, and of one alone."""
    found = named([[title] for title in titles], LAST, TODAY)
    assert (found.day if found else None) == day


@pytest.mark.slow
def test_a_title_proposes_and_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "aging.csv"
    path.write_text(
        'Open invoices\n"As of March 31, 2024"\nCustomer,Invoice No,Issue Date,Due Date,Amount\nA,1,2024-03-05,2024-04-04,10.00\n'
    )
    draft = ingest.read(path)
    assert draft.report_date is not None
    assert (draft.report_date.day, draft.report_date.title) == (date(2024, 3, 31), "As of March 31, 2024")
    assert draft.require().complete_through == date(2024, 3, 5)
    assert ingest.read(path, Options(complete_through=date(2024, 3, 31))).report_date is None
