"""Does the command line show what would be kept and what changed, and remember the columns, as the screen does?"""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from insights.cli import app, console
from insights.ledger.errors import Refused
from insights.store import audit, ledgers
from insights.store.store import Store
from tests.ingest.examples import file
from tests.support.workspaces import write_csv

pytestmark = pytest.mark.slow

JANUARY = """
invoice_id,customer_id,issue_date,due_date,paid_date,amount,currency,Stage
1,A,2024-01-05,2024-02-04,2024-02-10,100.00,EUR,done
2,A,2024-01-20,2024-02-19,,250.50,EUR,early
3,B,2024-01-22,2024-02-21,,40.00,EUR,early
"""
MARCH = """
Receivables of March
invoice_id,customer_id,issue_date,due_date,paid_date,amount,currency,Stage
2,A,2024-01-20,2024-02-19,2024-03-01,250.50,EUR,done
3,B,2024-01-22,2024-02-28,,40.00,EUR,early
4,B,2024-02-25,2024-03-27,,7.00,EUR,early
5,B,2024-02-25,2024-01-27,,7.00,EUR,early
"""


def imported(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


def report(*arguments: object) -> dict[str, Any]:
    done = imported(*arguments, "--json")
    assert done.exit_code == 0, done.exception
    return dict(json.loads(done.stdout))


def test_a_preview_keeps_nothing_and_shows_the_difference_to_the_newest_ledger(workspace: Store, tmp_path: Path) -> None:
    """Since January, 2 was settled, 3 is due later, 4 is new and 1 is gone; 5 is set aside, the title is ignored."""
    january = report(file(tmp_path, JANUARY), "--name", "January")
    seen = report(file(tmp_path, MARCH, "march.csv"), "--preview")
    assert {name: seen["difference"][name] for name in ("against", "new", "settled", "changed", "disappeared", "unchanged")} == {
        "against": january["ledger"],
        "new": 1,
        "settled": 1,
        "changed": 1,
        "disappeared": 1,
        "unchanged": 0,
    }
    assert (seen["ledger"], seen["rows_read"], seen["ignored"], seen["problems"]) == (
        "",
        5,
        {"title": 1},
        {"due_before_issue": 1},
    )
    assert [record.name for record in ledgers.listed(workspace)] == ["January"]


def test_a_preview_for_people_names_the_invoices_and_what_changed(workspace: Store, tmp_path: Path) -> None:
    report(file(tmp_path, JANUARY), "--name", "January")
    lines = imported(file(tmp_path, MARCH, "march.csv"), "--preview").stdout.splitlines()
    assert lines[0] == "Preview of January: nothing is kept"
    assert lines[1].startswith("The next version of a ledger here: it shares 2 invoices with version 1, January (")
    assert "5 rows read: 3 used, 1 set aside, 1 ignored (1 title line)" in lines
    assert "  set aside: 1 x due before it was issued" in lines
    assert "  settled: 2 of A, 250.50 EUR, due 2024-02-19, paid 2024-03-01" in lines
    assert "  changed: 3 of B, 40.00 EUR, due 2024-02-28 (due_date)" in lines
    assert "  disappeared: 1 of A, 100.00 EUR, due 2024-02-04, paid 2024-02-10" in lines
    assert "  changed for some invoice, and so not known at issue: Stage" in lines
    assert len(ledgers.listed(workspace)) == 1


@pytest.mark.usefixtures("workspace")
def test_a_preview_of_the_first_file_has_nothing_to_differ_from(tmp_path: Path) -> None:
    assert "difference" not in report(file(tmp_path, JANUARY), "--preview")


def test_a_newer_export_takes_the_name_of_the_named_ledger_and_may_keep_its_rows(workspace: Store, tmp_path: Path) -> None:
    january = report(file(tmp_path, JANUARY), "--name", "Receivables")["ledger"]
    report(file(tmp_path, JANUARY), "--name", "Another")
    march = file(tmp_path, MARCH, "march.csv")
    report(march, "--against", january[:8])
    assert ledgers.load(workspace).invoices["invoice_id"].to_pylist() == ["2", "3", "4"]
    report(march, "--against", january, "--append")
    assert ledgers.load(workspace).invoices["invoice_id"].to_pylist() == ["2", "3", "4", "1"]
    assert [record.name for record in ledgers.listed(workspace)] == ["Receivables", "Receivables", "Another", "Receivables"]
    assert ledgers.load(workspace, january).invoices["invoice_id"].to_pylist() == ["1", "2", "3"]  # versions do not change


def test_a_column_that_changed_is_not_kept_as_known_at_issue(workspace: Store, tmp_path: Path) -> None:
    report(file(tmp_path, JANUARY))
    done = imported(file(tmp_path, MARCH, "march.csv"), "--known-at-issue", "Stage", "--against", "newest")
    assert "changed for some invoice, and so not known at issue: Stage" in done.output
    assert ledgers.load(workspace).known_at_issue == ()


def test_every_invoice_that_differs_is_written_on_record(workspace: Store, tmp_path: Path) -> None:
    """Among them are rows of the version before, which leave the workspace."""
    january = report(file(tmp_path, JANUARY))
    changes = tmp_path / "changes.csv"
    imported(file(tmp_path, MARCH, "march.csv"), "--preview", "--changes", changes)
    rows = [line.replace('"', "").split(",") for line in changes.read_text("utf-8").splitlines()]
    assert [(row[0], row[4], row[-1]) for row in rows[1:]] == [
        ("new", "4", ""),
        ("settled", "2", ""),
        ("changed", "3", "due_date"),
        ("disappeared", "1", ""),
    ]
    (out,) = audit.listed(workspace, action="changes.export")
    assert (out.subject, out.details) == (january["ledger"], {"rows": 4, "file": "changes.csv"})


def test_appending_needs_the_ledger_whose_rows_are_kept(workspace: Store, tmp_path: Path) -> None:
    assert imported(file(tmp_path, JANUARY), "--append").exit_code == 2
    assert isinstance(imported(file(tmp_path, JANUARY), "--against", "nowhere").exception, Refused)
    assert ledgers.listed(workspace) == []


def test_a_mapping_saved_by_command_is_recognised_at_the_next_file(workspace: Store, tmp_path: Path) -> None:
    odd = JANUARY.replace("amount", "Zzz")
    assert isinstance(imported(file(tmp_path, odd)).exception, Refused)
    saved = report(file(tmp_path, odd), "--map", "amount=Zzz", "--save-mapping", "Our list", "--preview")
    assert (saved["mapping"], ledgers.listed(workspace)) == ("", [])
    assert report(file(tmp_path, odd, "next.csv"))["mapping"] == "Our list"
    assert report(file(tmp_path, odd, "next.csv"), "--mapping", "Our list")["rows_used"] == 3


@pytest.mark.usefixtures("workspace")
def test_each_question_about_words_and_signs_names_the_option_that_answers_it(tmp_path: Path) -> None:
    """
    Customer,Type,Invoice No,Date,Due Date,Amount,Status,Currency
    A,Zonk,1,2024-01-05,2024-02-04,-100.00,Parked,$
    A,Zonk,2,2024-01-06,2024-02-05,-50.00,Parked,$
    """
    path = file(tmp_path, test_each_question_about_words_and_signs_names_the_option_that_answers_it.__doc__ or "")
    refusal = imported(path, "--json").exception
    assert isinstance(refusal, Refused)
    asked = {(question["option"], question["field"]) for question in console.questions(refusal)}
    assert asked == {("types", "kind"), ("statuses", "status"), ("currencies", "currency")}
    answers = ["--types", "Zonk=invoice", "--statuses", "*=open", "--currencies", "$=CAD"]
    refusal = imported(path, *answers).exception
    assert isinstance(refusal, Refused)
    assert [question["option"] for question in console.questions(refusal)] == ["sign"]
    told = report(path, *answers, "--sign", "turned", "--save-mapping", "Turned")
    assert told["outstanding"] == {"CAD": "150.00"}
    assert report(file(tmp_path, path.read_text("utf-8"), "next.csv"))["outstanding"] == {"CAD": "150.00"}
    assert imported(path, "--types", "Zonk=nothing").exit_code == 2


@pytest.mark.usefixtures("workspace")
def test_further_files_and_their_lines_are_in_the_file_of_problems(tmp_path: Path) -> None:
    """And payments without an invoice too."""
    more, aside = file(tmp_path, MARCH, "march.csv"), tmp_path / "aside.csv"
    paid = file(tmp_path, "invoice_id,paid_date,amount\n99,2024-03-01,5.00", "paid.csv")
    report(file(tmp_path, JANUARY), "--more", more, "--payments", paid, "--problems", aside)
    assert aside.read_text("utf-8").splitlines()[-1].startswith('"payments file",2,')
    (named,) = [line for line in aside.read_text("utf-8").splitlines() if "due_before_issue" in line]
    assert named.startswith('"march.csv",6,"due_date","2024-01-27"')


@pytest.mark.usefixtures("workspace")
def test_sums_are_told_per_company_and_currency(tmp_path: Path) -> None:
    text = "company,customer_id,invoice_id,issue_date,due_date,amount,currency\nN,A,1,2024-01-05,2024-02-04,10.00,EUR\nN,A,2,2024-01-05,,-3.00,EUR\nS,A,1,2024-01-05,2024-02-04,700,JPY\nS,A,2,2024-01-05,,30,JPY\n"
    lines = imported(file(tmp_path, text)).stdout.splitlines()
    assert lines[-3:] == [
        "Receivables: N: 10.00 EUR, net balance 7.00 (credit notes -3.00)",
        "Receivables: S: 700 JPY",
        "Set aside: S: 30 JPY in 1 row: the due date is empty and cannot be derived",
    ]


def test_saved_mappings_are_listed_and_forgotten(workspace: Store, tmp_path: Path) -> None:
    report(file(tmp_path, JANUARY), "--save-mapping", "Our list", "--preview")
    listed = json.loads(CliRunner().invoke(app, ["mappings", "--json"]).stdout)
    assert [(each["name"], each["maps"]["amount"]) for each in listed] == [("Our list", "amount")]
    assert isinstance(CliRunner().invoke(app, ["mappings", "--forget", "Other"]).exception, Refused)
    assert CliRunner().invoke(app, ["mappings", "--forget", "Our list"]).exit_code == 0
    assert report(file(tmp_path, JANUARY))["mapping"] == ""
    assert len(ledgers.listed(workspace)) == 1


@pytest.mark.usefixtures("workspace")
def test_the_tolerance_of_settled_invoices_is_the_users(tmp_path: Path) -> None:
    """Of 40.00, 0.30 is left."""
    paid = file(tmp_path, "invoice_id,paid_date,amount\n3,2024-03-01,39.70", "paid.csv")
    arguments = (file(tmp_path, JANUARY), "--payments", paid, "--preview")
    assert report(*arguments)["settled"] == 2
    assert report(*arguments, "--tolerance", "0.29")["settled"] == 1
    assert report(*arguments, "--tolerance-percent", "0.5")["settled"] == 1
    for wrong in ("much", "-1", "nan", "1e99"):
        assert "is no tolerance" in str(imported(*arguments, "--tolerance", wrong).exception)


@pytest.mark.slow
def test_a_prediction_from_two_halves_of_a_file_is_that_of_the_whole(tmp_path: Path) -> None:
    whole = write_csv(tmp_path / "whole.csv", invoices=400)
    header, *rows = whole.read_text("utf-8").splitlines()
    halves = [file(tmp_path, "\n".join([header, *part]), f"{at}.csv") for at, part in enumerate((rows[:150], rows[150:]))]
    scored = []
    for arguments in ([whole], [halves[0], "--more", halves[1]]):
        out = tmp_path / f"{len(arguments)}.parquet"
        done = CliRunner().invoke(app, ["predict", *map(str, arguments), "--as-of", "2024-12-01", "--out", str(out)])
        assert done.exit_code == 0, done.exception
        scored.append(pq.read_table(out).drop_columns(["model"]))
    assert len(scored[0])
    assert scored[0].equals(scored[1])


@pytest.mark.usefixtures("workspace")
def test_which_column_became_what_is_told_with_its_proof_and_what_was_not_used(tmp_path: Path) -> None:
    """`due` is what the user says, the rest bears its very name; nobody needs the colour."""
    text = "customer,invoice no,issue date,payable until,amount,colour\nA,1,2024-01-05,2024-02-04,10.00,red\n"
    found = report(file(tmp_path, text), "--map", "due_date=payable until")
    assert found["columns"] == {
        "customer_id": {"column": "customer", "proof": "name"},
        "invoice_id": {"column": "invoice no", "proof": "name"},
        "issue_date": {"column": "issue date", "proof": "name"},
        "due_date": {"column": "payable until", "proof": "chosen"},
        "amount": {"column": "amount", "proof": "name"},
    }
    assert found["unused"] == ["colour"]
    told = imported(file(tmp_path, text), "--map", "due_date=payable until").stdout.splitlines()
    assert "  due date: column “payable until” (you said so)" in told
    assert "  in no field of the ledger: “colour”" in told


def test_an_answer_is_remembered_with_the_ledger_so_that_nobody_is_asked_twice(workspace: Store, tmp_path: Path) -> None:
    """A column of types has a word that nothing explains; it is answered once, by option."""
    text = JANUARY.replace("Stage", "Type").replace("done", "Invoice").replace("early", "Zonk")
    path, answer = file(tmp_path, text), ("--types", "Zonk=invoice")
    assert isinstance(imported(path).exception, Refused)
    assert report(path, *answer, "--preview")["remembered"] == ""
    assert report(path, *answer, "--no-remember", "--own")["remembered"] == ""
    assert isinstance(imported(path).exception, Refused)
    kept = imported(path, *answer, "--own", "--name", "Ours")
    assert "Remembered as “Ours”" in kept.stdout
    again = report(path)
    assert (again["mapping"], again["remembered"], again["rows_used"]) == ("Ours", "", 3)
    assert report(path, *answer)["remembered"] == ""
    assert isinstance(imported(path, "--mapping", "none").exception, Refused)
    assert [each.action for each in audit.listed(workspace, "Ours")] == ["mapping.save"]
