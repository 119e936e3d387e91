"""Are the figures of a file held against each other: what agrees is said, and what contradicts is never taken in silence?"""

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.ingest.draft import Options
from tests.ingest.examples import column, draft, ledger, notes

ACCEPTED = Options(accept_contradiction="yes")


def test_a_total_that_agrees_is_said(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,outstanding
    1,Alpha,2025-01-05,2025-02-04,100.00,40.00
    2,Alpha,2025-01-15,2025-02-14,200.00,200.00
    Total Alpha,,,,300.00,240.00
    3,Beta,2025-01-25,2025-02-24,400.00,400.00
    Total Beta,,,,400.00,400.00
    Total,,,,700.00,640.00
    """
    found = ledger(tmp_path, test_a_total_that_agrees_is_said.__doc__ or "")
    assert [(entry.reason, entry.column, entry.value, entry.number) for entry in found.problems if "total" in entry.reason] == [
        ("total_agrees", "amount", "700.00", None),
        ("subtotals_agree", "amount", "", 2),
        ("total_agrees", "outstanding", "640.00", None),
        ("subtotals_agree", "outstanding", "", 2),
    ]


def test_a_total_that_its_rows_do_not_come_to_is_asked_about(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,Alpha,2025-01-05,2025-02-04,100.00
    2,Alpha,2025-01-15,2025-02-14,200.00
    Total Alpha,,,,310.00
    Total,,,,310.00
    """
    text = test_a_total_that_its_rows_do_not_come_to_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.option, question.field, question.argument) == ("accept_contradiction", "amount", "--accept-contradiction")
    assert "Row 4 (“Total Alpha”) says 310.00 for “amount”, but its rows come to 300.00." in question.sentence
    assert column(ledger(tmp_path, text, ACCEPTED), "amount") == [10000, 20000]
    assert "says 310.00" in notes(ledger(tmp_path, text, ACCEPTED))["contradiction_accepted"]


def test_an_amount_that_cannot_be_read_is_missed_by_the_total(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,Alpha,2025-01-05,2025-02-04,100.00
    2,Alpha,2025-01-15,2025-02-14,2oo.00
    3,Alpha,2025-01-15,2025-02-14,200.00
    Total,,,,500.00
    """
    assert draft(tmp_path, test_an_amount_that_cannot_be_read_is_missed_by_the_total.__doc__ or "").questions


def test_totals_per_currency_agree_with_the_rows_of_their_currency(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,currency
    1,Alpha,2025-01-05,2025-02-04,100.00,EUR
    2,Alpha,2025-01-15,2025-02-14,200.00,USD
    3,Alpha,2025-01-15,2025-02-14,50.00,EUR
    Total,,,,150.00,EUR
    Total,,,,200.00,USD
    """
    found = ledger(tmp_path, test_totals_per_currency_agree_with_the_rows_of_their_currency.__doc__ or "")
    assert notes(found)["total_agrees"] == "200.00"
    assert notes(found)["subtotals_agree"] == "1"


def test_credit_notes_lower_a_total_whether_they_bear_a_sign_or_not(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,type,issue_date,due_date,amount
    1,Alpha,Invoice,2025-01-05,2025-02-04,100.00
    2,Alpha,Credit Note,2025-01-15,2025-02-14,30.00
    Total,,,,,70.00
    """
    text = test_credit_notes_lower_a_total_whether_they_bear_a_sign_or_not.__doc__ or ""
    assert notes(ledger(tmp_path, text))["total_agrees"] == "70.00"
    assert notes(ledger(tmp_path, text.replace(",30.00", ",-30.00")))["total_agrees"] == "70.00"


HEAD = "invoice_id,customer_id,issue_date,due_date,"
RELATIONS = {  # columns -> (a row that keeps the relation, three times, then one that breaks it)
    "amount,net,vat": ("120.00,100.00,20.00", "120.00,100.00,25.00"),
    "amount,paid amount,outstanding": ("100.00,30.00,70.00", "100.00,30.00,60.00"),
    "outstanding,current,1-30,31-60": ("60.00,10.00,20.00,30.00", "60.00,10.00,20.00,20.00"),
    "amount,exchange rate,amount in local currency": ("100.00,1.2500,125.00", "100.00,1.2500,100.00"),
}


def rows_of(columns: str, *values: str) -> str:
    lines = [f"{k},Alpha,2025-01-{k + 1:02d},2025-02-{k + 1:02d},{value}" for k, value in enumerate(values, start=1)]
    return "\n".join([HEAD + columns, *lines])


@pytest.mark.parametrize("columns", RELATIONS)
def test_columns_that_imply_each_other_are_held_against_each_other(tmp_path: Path, columns: str) -> None:
    """Three rows that keep what their columns imply, and a fourth that does not."""
    good, bad = RELATIONS[columns]
    assert notes(ledger(tmp_path, rows_of(columns, good, good, good)))["columns_agree"] == "3"
    (question,) = draft(tmp_path, rows_of(columns, good, good, good, bad)).questions
    assert question.option == "accept_contradiction"
    assert "5" in question.sentence  # the row
    assert len(ledger(tmp_path, rows_of(columns, good, good, good, bad), ACCEPTED).invoices) == 4


def test_a_column_that_holds_what_is_missing_explains_it(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,paid amount,credit,outstanding
    1,Alpha,2025-01-05,2025-02-04,100.00,0.00,0.00,100.00
    2,Alpha,2025-01-15,2025-02-14,200.00,50.00,0.00,150.00
    3,Alpha,2025-01-15,2025-02-14,200.00,50.00,30.00,120.00
    """
    assert column(ledger(tmp_path, test_a_column_that_holds_what_is_missing_explains_it.__doc__ or ""), "outstanding")[2] == 12000


def test_an_amount_without_tax_is_asked_about(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,vat,payable
    1,Alpha,2025-01-05,2025-02-04,100.00,20.00,120.00
    2,Alpha,2025-01-15,2025-02-14,200.00,40.00,240.00
    """
    text = test_an_amount_without_tax_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.option, question.field, question.argument) == ("maps", "amount", '--map amount="payable"')
    assert [value for value, _ in question.choices] == ["payable", "amount"]
    assert column(ledger(tmp_path, text, Options(maps={"amount": "payable"})), "amount") == [12000, 24000]


def test_a_balance_that_runs_is_not_what_is_open(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,balance
    1,Alpha,2025-01-05,2025-02-04,100.00,100.00
    2,Alpha,2025-01-15,2025-02-14,200.00,300.00
    3,Alpha,2025-01-16,2025-02-15,50.00,350.00
    4,Beta,2025-01-16,2025-02-15,70.00,420.00
    """
    found = ledger(tmp_path, test_a_balance_that_runs_is_not_what_is_open.__doc__ or "")
    assert column(found, "outstanding") == [10000, 20000, 5000, 7000]
    assert {"running_balance", "running_agrees"} <= set(notes(found))


def test_what_is_open_is_no_running_balance_because_it_happens_to_add_up(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,open
    1,Alpha,2025-01-05,2025-02-04,2025-02-01,100.00,0.00
    2,Alpha,2025-01-15,2025-02-14,,200.00,200.00
    3,Beta,2025-01-16,2025-02-15,,300.00,200.00
    """
    text = test_what_is_open_is_no_running_balance_because_it_happens_to_add_up.__doc__ or ""
    assert column(ledger(tmp_path, text), "outstanding") == [0, 20000, 20000]


STATEMENT = """
Customer,Date,Details,Debit,Credit,Balance
Alpha,2025-01-05,Invoice 1001,1000.00,,1000.00
Alpha,2025-01-20,Invoice 1002,500.00,,1500.00
Alpha,2025-02-10,Payment received,,1000.00,500.00
Alpha,2025-02-12,Invoice 1003,300.00,,800.00
Alpha,2025-03-01,Payment received,,200.00,600.00
"""


def test_a_statement_is_read_by_its_two_sides_and_held_against_its_balance(tmp_path: Path) -> None:
    """Payments settle the oldest invoices, since they name none; 600.00 are open, as the last balance says."""
    terms = Options(terms_days=30)
    found = ledger(tmp_path, STATEMENT, terms)
    assert (column(found, "amount"), column(found, "outstanding")) == ([100000, 50000, 30000], [0, 30000, 30000])
    assert {"running_agrees", "matched_oldest_first"} <= set(notes(found))
    (question,) = draft(tmp_path, STATEMENT.replace(",500.00,,", ",550.00,,"), terms).questions
    assert "“Balance” is a balance that adds up row by row, but row 3 does not agree." in question.sentence


def test_what_a_balance_begins_with_must_stand_in_the_file(tmp_path: Path) -> None:
    """
    Customer,Date,Details,Debit,Credit,Balance
    Alpha,2025-01-05,Balance brought forward,,,500.00
    Alpha,2025-01-20,Invoice 1002,200.00,,700.00
    Alpha,2025-02-10,Payment received,,500.00,200.00
    """
    text = test_what_a_balance_begins_with_must_stand_in_the_file.__doc__ or ""
    (question,) = draft(tmp_path, text, Options(terms_days=30)).questions
    assert "“Balance” begins with 500.00 that no row of this file accounts for." in question.sentence
    turned = "\n".join([text.strip().splitlines()[0], *reversed(text.strip().splitlines()[1:])])
    assert draft(tmp_path, turned, Options(terms_days=30)).questions[0].sentence == question.sentence


SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("Invoice No", "invoice_id", "Document Number", "Rechnungsnummer"),
    "customer": ("Customer", "customer_id", "Client", "Kunde"),
    "issued": ("Invoice Date", "issue_date", "Rechnungsdatum"),
    "due": ("Due Date", "due_date", "Fällig am"),
    "amount": ("Amount", "Invoice Amount", "Betrag", "Total Amount"),
}


def spelt(header: str, chance: Random) -> str:
    """A header in another case, with other marks between its words."""
    words = header.replace("_", " ").split()
    cased = [chance.choice([word, word.lower(), word.upper(), word.title()]) for word in words]
    return chance.choice(["", "  "]) + chance.choice([" ", "_", "-", ". "]).join(cased) + chance.choice(["", ":", " "])


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), chance=st.randoms(use_true_random=False), wrong=st.sampled_from(["", "row", "subtotal", "total"]))
def test_no_ledger_that_contradicts_its_totals_is_taken_in_silence(
    tmp_path: Path, data: st.DataObject, chance: Random, wrong: str
) -> None:
    """Whatever the order of columns, customers and rows and the spelling of headers; one figure may be off."""
    names = {key: spelt(data.draw(st.sampled_from(spellings)), chance) for key, spellings in SPELLINGS.items()}
    order = data.draw(st.permutations(list(names)))
    amounts = {
        f"Customer {k}": [chance.randint(1, 99_999) for _ in range(chance.randint(1, 4))] for k in range(chance.randint(1, 4))
    }
    lines, number = [], 0
    for customer, of_customer in amounts.items():
        for minor in of_customer:
            number += 1
            day = f"2025-01-{chance.randint(1, 28):02d}"
            lines.append({"number": f"R{number}", "customer": customer, "issued": day, "due": "2025-03-15", "amount": minor})
        lines.append({"label": f"Total {customer}", "amount": sum(of_customer)})
    lines.append({"label": "Total", "amount": sum(map(sum, amounts.values()))})
    chosen = {
        "row": [e for e in lines if "number" in e],
        "subtotal": [e for e in lines if "label" in e][:-1],
        "total": lines[-1:],
    }
    if wrong:
        chance.choice(chosen[wrong])["amount"] += chance.randint(1, 99)  # type: ignore[operator]
    first = next(key for key in order if key != "amount")
    written = [
        ",".join(
            f"{int(str(line[key])) / 100:.2f}"
            if key == "amount"
            else str(line.get(key, line.get("label", "") if key == first else ""))
            for key in order
        )
        for line in lines
    ]
    text = "\n".join([",".join(names[key] for key in order), *written])
    found = draft(tmp_path, text)
    if wrong:
        assert [question.option for question in found.questions] == ["accept_contradiction"]
    else:
        assert notes(found.require())["total_agrees"]


FIGURES: Mapping[
    str, tuple[tuple[str, ...], ...]
] = {  # columns that imply each other, each in several spellings, the last is their result
    "gross": (("Net amount", "netto"), ("VAT", "tax amount"), ("Amount", "invoice amount")),
    "open": (("Outstanding", "open amount"), ("Paid amount", "amount paid"), ("Amount", "invoice amount")),
}


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    chance=st.randoms(use_true_random=False),
    relation=st.sampled_from(sorted(FIGURES)),
    is_wrong=st.booleans(),
)
def test_no_ledger_whose_columns_contradict_each_other_is_taken_in_silence(
    tmp_path: Path, data: st.DataObject, chance: Random, relation: str, *, is_wrong: bool
) -> None:
    """Net and tax, or open and paid, make up the amount in every row, but for one figure that may be off."""
    places = range(len(FIGURES[relation]))
    headers = {str(k): spelt(data.draw(st.sampled_from(FIGURES[relation][k])), chance) for k in places}
    names = headers | {
        key: spelt(data.draw(st.sampled_from(SPELLINGS[key])), chance) for key in ("number", "customer", "issued", "due")
    }
    order = data.draw(st.permutations(list(names)))
    rows = []
    for number in range(1, chance.randint(4, 9)):
        one, other = chance.randint(100, 99_999), chance.randint(100, 9_999)
        figures = {"0": one, "1": other, "2": one + other}
        day = f"2025-01-{chance.randint(1, 28):02d}"
        rows.append({"number": f"R{number}", "customer": "C1", "issued": day, "due": "2025-03-15", **figures})
    if is_wrong:
        chance.choice(rows)[chance.choice("012")] += 50 + chance.randint(0, 40)  # type: ignore[operator]
    chance.shuffle(rows)
    written = [",".join(f"{int(str(row[key])) / 100:.2f}" if key.isdigit() else str(row[key]) for key in order) for row in rows]
    found = draft(tmp_path, "\n".join([",".join(names[key] for key in order), *written]))
    if is_wrong:
        assert [question.option for question in found.questions] == ["accept_contradiction"]
    else:
        assert notes(found.require())["columns_agree"]
