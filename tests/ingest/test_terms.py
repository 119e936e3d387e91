"""Are terms of payment understood as the accounts department that wrote them means them?"""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from insights.ingest.draft import Options
from insights.ingest.normalise.terms import understood
from insights.ledger.ledger import as_date, day
from tests.ingest.examples import column, draft, ledger

ISSUED = date(2025, 1, 10)
DUE = [
    ("net 30", "2025-02-09"),
    ("NET45", "2025-02-24"),
    ("n/15", "2025-01-25"),
    ("NT30", "2025-02-09"),
    ("20", "2025-01-30"),
    ("within 14 days", "2025-01-24"),
    ("zahlbar innerhalb von 14 Tagen ohne Abzug", "2025-01-24"),
    ("45 jours", "2025-02-24"),
    ("60 días", "2025-03-11"),
    ("2 weeks", "2025-01-24"),
    ("1 month", "2025-02-10"),
    ("due upon receipt", "2025-01-10"),
    ("Vorkasse", "2025-01-10"),
    ("30 Tage netto, 10 Tage 2 % Skonto", "2025-02-09"),  # the net days count, wherever the discount stands
    ("2% Skonto bei Zahlung innerhalb 8 Tagen, 21 Tage netto", "2025-01-31"),
    ("1/10 net 20", "2025-01-30"),
    ("3% 7 days, 60 days net", "2025-03-11"),
    ("EOM", "2025-01-31"),
    ("Net 15 EOM", "2025-02-15"),  # in English the month ends first
    ("EOM + 45", "2025-03-17"),
    ("45 jours fin de mois", "2025-02-28"),  # in French, Italian and German the days run first
    ("60 gg f.m.", "2025-03-31"),
    ("45 jours fin de mois le 10", "2025-03-10"),
    ("end of following month", "2025-02-28"),
    ("15th of the following month", "2025-02-15"),
    ("am 31. des Folgemonats", "2025-02-28"),
]


@pytest.mark.parametrize(("words", "due"), DUE)
def test_an_invoice_of_10_january_2025_is_due(words: str, due: str) -> None:
    terms = understood(words)
    assert terms is not None
    assert as_date(int(terms.due(np.array([day(ISSUED)]))[0])) == date.fromisoformat(due)


@pytest.mark.parametrize(
    "words", ["Z030", "as agreed", "30/60/90", "50% upfront, 50% net 30", "10 working days", "30 days 60 days", ""]
)
def test_what_is_not_understood_is_never_guessed(words: str) -> None:
    assert understood(words) is None


@pytest.mark.parametrize(
    ("words", "share", "days"),
    [
        ("2/10 net 30", 0.02, 10),
        ("14 Tage 3% Skonto, 30 Tage netto", 0.03, 14),
        ("1,5 % 8 Tage, netto 20 Tage", 0.015, 8),
        ("net 30", 0.0, 0),
    ],
)
def test_the_cash_discount_is_told_from_the_net_days(words: str, share: float, days: int) -> None:
    terms = understood(words)
    assert terms is not None
    assert (terms.discount, terms.discount_days) == (share, days)


def test_words_in_place_of_a_due_date_are_terms(tmp_path: Path) -> None:
    text = """
    invoice,customer,invoice date,due date,amount
    1,C1,2025-01-10,2025-02-09,5.00
    2,C1,2025-01-10,on receipt,5.00
    3,C1,2025-01-10,net 30,5.00
    4,C1,2025-01-10,2025-02-10,5.00
    5,C1,2025-01-10,2025-02-11,5.00"""
    assert [str(due) for due in column(ledger(tmp_path, text), "due_date")[1:3]] == ["2025-01-10", "2025-02-09"]


def test_terms_that_are_codes_are_asked_about_where_they_are_most(tmp_path: Path) -> None:
    text = "invoice,customer,invoice date,terms,amount\n1,C1,2025-01-10,Z030,5.00\n2,C1,2025-01-10,Z060,5.00"
    (asked,) = draft(tmp_path, text).questions
    assert (asked.option, asked.field) == ("terms_days", "due_date")
    assert "“Z030”, “Z060”" in asked.sentence
    assert [str(due) for due in column(ledger(tmp_path, text, asked.answered(Options(), "30")), "due_date")] == ["2025-02-09"] * 2


def test_terms_that_are_not_understood_are_asked_about_though_most_are(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Payment Terms,Amount
    C1,1,2026-01-05,30 days,100.00
    C1,2,2026-01-06,30 days,100.00
    C1,3,2026-01-07,30 days,100.00
    C2,4,2026-01-08,Z030,100.00
    C2,5,2026-01-09,Z030,100.00
    """
    text = test_terms_that_are_not_understood_are_asked_about_though_most_are.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.option, "Z030" in question.sentence) == ("terms_days", True)


def test_days_in_a_column_that_is_called_terms_are_due_dates(tmp_path: Path) -> None:
    """
    Kunde,Rechnungsnr,Rechnungsdatum,Zahlungsziel,Betrag
    C1,1,05.01.2026,14.02.2026,100
    C1,2,17.01.2026,16.02.2026,100
    """
    found = ledger(tmp_path, test_days_in_a_column_that_is_called_terms_are_due_dates.__doc__ or "")
    assert column(found, "due_date") == [date(2026, 2, 14), date(2026, 2, 16)]
