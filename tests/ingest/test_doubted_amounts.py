"""Is an outstanding amount that exceeds the invoice doubted, and is what others prove never asked about?"""

from pathlib import Path

from insights.ingest.draft import Options
from tests.ingest.examples import aside, column, draft, ledger


def test_more_than_was_invoiced_may_hold_what_was_owed_before(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Previous balance,Invoice total,Total due
    A,1,2026-01-05,2026-02-04,50.00,100.00,150.00
    B,2,2026-01-06,2026-02-05,0.00,200.00,200.00
    C,3,2026-01-07,2026-02-06,25.00,300.00,325.00
    """
    text = test_more_than_was_invoiced_may_hold_what_was_owed_before.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("outstanding", "Total due")
    assert "exceeds “Invoice total” in 2 of 3 rows" in question.sentence
    assert sum(column(ledger(tmp_path, text, question.answered(Options(), "")), "outstanding")) == 60000
    kept = ledger(tmp_path, text, question.answered(Options(), "Total due"))
    assert [reason for *_, reason in aside(kept)] == ["outstanding_above_amount"] * 2


def test_what_is_left_of_the_amount_and_the_balance_of_a_customer_are_no_questions(tmp_path: Path) -> None:
    """
    Kontrahent,Nr faktury,Data wystawienia,Termin płatności,Kwota,Zapłacono,Do zapłaty,Customer balance
    Alfa,1,2026-01-05,2026-02-04,1230.00,230.00,1000.00,1845.00
    Alfa,2,2026-01-06,2026-02-05,615.00,0.00,615.00,1845.00
    Beta,3,2026-01-06,2026-02-05,100.00,0.00,100.00,100.00
    """
    text = test_what_is_left_of_the_amount_and_the_balance_of_a_customer_are_no_questions.__doc__ or ""
    assert column(ledger(tmp_path, text), "outstanding") == [100000, 61500, 10000]
    (question,) = draft(tmp_path, text.replace("1000.00,1845", "900.00,1845")).questions
    assert question.column == "Do zapłaty"
