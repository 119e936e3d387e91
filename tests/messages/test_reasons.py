"""Are reasons and warnings said in sentences?"""

from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from insights import messages
from insights.features.catalog import FIELDS, field
from insights.features.habits import part_of_month
from insights.ledger.ledger import FURTHER, day
from insights.messages import reasons
from insights.model.model_metrics import ModelWarning
from tests.support.explained import OWN
from tests.support.ledgers import small_model


@pytest.mark.parametrize("name", [*FIELDS, *OWN])
def test_no_sentence_holds_a_raw_name(name: str) -> None:
    """Of any value: nothing with an underscore, no prefix, no code of a field, theme or bucket."""
    numbers = ("", "1", "3", "5") if name.startswith("due_") else ("", "-7", "-0.2", "0", "0.4", "1", "12", "40")
    values = ("", "north", "Net 30") if name in OWN else numbers
    for value, effect, of in product(values, (-18.4, -0.04, 0.0, 0.3, 55.0), ("on_time", "very_late")):
        text = messages.reason({"theme": field(name).theme, "field": name, "value": value, "effect": effect, "of": of})
        assert "_" not in text
        assert FURTHER not in text
        assert "nan" not in text.split()
        assert text[0] != " "
        assert text.endswith(("points", "points to very late"))


@pytest.mark.parametrize(
    ("name", "value", "due", "sentence"),
    [
        ("late_share_same_weekday", "0.64", date(2026, 11, 29), "pays about 64% of what is due on a Sunday late"),
        ("late_share_same_weekend", "0.64", date(2026, 11, 29), "pays about 64% of what is due on a weekend late"),
        ("late_share_same_weekend", "0.1", date(2026, 11, 27), "pays about 10% of what is due from Monday to Friday late"),
        (
            "late_share_same_part_of_month",
            "0.5",
            date(2026, 11, 5),
            "pays about 50% of what is due on days 1 to 5 of the month late",
        ),
        (
            "late_share_same_part_of_month",
            "0.5",
            date(2026, 11, 6),
            "pays about 50% of what is due on days 6 to 10 of the month late",
        ),
        ("late_share_same_part_of_month", "0.5", date(2026, 11, 26), "pays about 50% of what is due after the 25th late"),
        (
            "run_due_weekday_share",
            "0.03",
            date(2026, 11, 28),
            "about 3% of its payments fall on a Saturday, as the due date does",
        ),
        ("run_days_before_due", "5.1", date(2026, 11, 30), "its last day of payment before a Monday lies about 5 days back"),
        ("run_days_after_due", "1.2", date(2026, 11, 30), "its next day of payment after a Monday comes about 1 day later"),
        ("usual_weekday_before_due", "3", date(2026, 11, 29), "usually pays on a Thursday, 3 days before this due date"),
        ("usual_weekday_before_due", "6", date(2026, 11, 28), "usually pays on a Sunday, 6 days before this due date"),
        ("usual_weekday_before_due", "0", date(2026, 11, 26), "usually pays on a Thursday, on which this is due"),
        ("late_share", "0.5", date(2026, 11, 26), "about 50% of this customer's invoices were late"),
    ],
)
def test_of_an_invoice_with_a_due_date_weekdays_and_days_are_called_by_name(
    name: str, value: str, due: date, sentence: str
) -> None:
    because = {"theme": field(name).theme, "field": name, "value": value, "effect": -7.0, "of": "on_time"}
    assert messages.reason(because, due) == f"{sentence}: −7 points"


def test_parts_of_a_month_are_said_as_the_fields_of_habit_part_them() -> None:
    year = [date(2024, 1, 1) + timedelta(days=days) for days in range(366)]
    parts = part_of_month(np.array([day(on) for on in year], np.int32)).tolist()
    assert len(set(zip(parts, map(reasons.part_of_month, year), strict=True))) == len(set(parts)) == 6


@pytest.mark.parametrize(
    ("name", "value", "effect", "sentence"),
    [
        ("late_last_5", "0.6", -18.2, "paid 3 of the last 5 invoices late: −18 points"),
        ("late_last_5", "0.333333", -18.2, "paid 1 of the last 3 invoices late: −18 points"),
        ("late_last_5", "0.5", -18.2, "paid half of the last invoices late: −18 points"),
        ("late_last_5", "1", -18.2, "paid all of the last invoices late: −18 points"),
        ("amount", "-6", 2, "less than a tenth of the ledger's median amount: +2 points"),
        ("days_late_mean", "4.4", -7, "pays 4 days late on average: −7 points"),
        ("days_late_mean", "-1", 7, "pays 1 day early on average: +7 points"),
        ("days_late_mean", "", -2, "no paid invoice yet: −2 points"),
        ("amount_to_usual", "2", -0.42, "4.0 times this customer's usual amount: −0.4 points"),
        ("due_weekday", "5", 3, "due on a Saturday: +3 points"),
        ("days_to_due", "1", 3, "due in 1 day: +3 points"),
        ("run_days_left", "0.2", -31, "hardly a day on which it pays until the due date: −31 points"),
        ("run_days_left", "2.1", 4, "about 2 days on which it pays until the due date: +4 points"),
        ("days_late_p75", "3.2", -4, "pays one invoice in four later than 3 days after the due date: −4 points"),
        ("usual_weekday_before_due", "0", 5, "due on the weekday on which it usually pays: +5 points"),
        ("overdue_count", "2", -9, "2 other invoices overdue now: −9 points"),
    ],
)
def test_reasons_read_as_sentences(name: str, value: str, effect: float, sentence: str) -> None:
    found = {"theme": FIELDS[name].theme, "field": name, "value": value, "effect": effect, "of": "on_time"}
    assert messages.reason(found) == sentence


def test_reasons_of_a_late_invoice_say_that_they_speak_of_very_late() -> None:
    found = {"theme": "everyone", "field": "ledger_late_30", "value": "0.5", "effect": 4, "of": "very_late"}
    assert messages.reason(found).endswith(": +4 points to very late")


def test_every_warning_of_a_model_is_a_sentence() -> None:
    given = [
        ModelWarning("few_invoices", {"resolved": 304}),
        ModelWarning("short_history", {"days": 90}),
        ModelWarning("very_late_by_rate", {"very_late": 7, "not_on_time": 90}),
    ]
    for found in [*given, *small_model().metrics.warnings]:
        text = messages.warning(found.code, found.values)
        assert text.endswith(".")
        assert found.code not in text
