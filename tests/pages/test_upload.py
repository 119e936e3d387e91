"""Is an upload checked, asked about, committed or left without a trace?"""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.screens import click, figures, screen, sheet
from tests.support.uploads import GOOD, files_left, wait_for
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.slow  # screens, and files that are read

ASIDE = "Set aside because"
EITHER = """Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency
A,1,05/01/2026,04/02/2026,10/02/2026,100.00,EUR
A,2,06/01/2026,05/02/2026,,250.50,EUR
"""


def uploaded(content: str | bytes, name: str = "receivables.csv") -> AppTest:
    """The screen of ledgers after a file has arrived."""
    app = screen("ledgers.py")
    app.file_uploader[0].set_value((name, content.encode() if isinstance(content, str) else content, "text/csv"))
    return app.run()


@pytest.mark.slow
def test_an_upload_is_checked_committed_and_offered_for_prediction(workspace: Store) -> None:
    """Four rows, of which row 4 is due before it was issued; 251.50 is open."""
    app = uploaded(GOOD)
    assert not app.exception
    shown = figures(app)
    assert [shown[label][0] for label in ("Rows read", "Used", "Set aside", "Ignored")] == ["4", "3", "1", "0"]
    reasons, problems, sums = sheet(app, ASIDE, "Their amounts"), sheet(app, "Row", ASIDE), sheet(app, "Receivables")
    assert (reasons["Rows"].tolist(), reasons[ASIDE].tolist()) == (["1"], ["due before it was issued"])
    assert problems["Row"].tolist() == ["4"]
    assert "before it was issued" in problems[ASIDE].tolist()[0]
    assert sums["Receivables"].tolist() == ["251.50"]
    next(each for each in app.text_input if each.label == "Name of this ledger").set_value("January")
    click(app, "Commit this ledger")
    (record,) = ledgers.listed(workspace)
    assert (record.name, record.rows, record.complete_through) == ("January", 3, date(2026, 2, 10))
    assert files_left(workspace) == []
    assert [button.label for button in app.main.button] == ["Train and predict", "Open", "Set aside"]
    assert app.main.button[0].disabled
    assert "0 invoices to learn from as of 11 Feb 2026: 100 are needed, some of them late and some not." in [
        each.value for each in app.text
    ]
    click(app, "Set aside")
    assert "before it was issued" in sheet(app, "Row", ASIDE)[ASIDE].tolist()[0]
    (reason,) = sheet(app, ASIDE, "Their amounts").to_dict("records")
    assert (reason["Rows"], reason["Their amounts"], reason[ASIDE]) == (
        "1",
        "EUR 10.00",
        "due before it was issued",
    )


def test_a_control_total_that_is_not_met_says_by_how_much(workspace: Store) -> None:
    app = uploaded(GOOD)
    next(each for each in app.text_input if each.label == "Control total, EUR").set_value("250.00").run()
    assert any("EUR 1.50 more than the control total" in each.value for each in app.text)
    next(each for each in app.text_input if each.label == "Control total, EUR").set_value("251.50").run()
    assert any("exactly the control total" in each.value for each in app.text)
    assert files_left(workspace) != []


@pytest.mark.slow
def test_a_newer_export_shows_what_changed_and_may_keep_what_only_the_earlier_one_has(workspace: Store) -> None:
    """Invoice 2 was settled since, invoice 5 is new, 1 and 4 are in the earlier export only."""
    click(uploaded(GOOD), "Commit this ledger")
    lines = GOOD.splitlines()
    newer = [lines[0], lines[2].replace(",,", ",2026-03-01,"), "B,5,2026-02-25,2026-03-27,,7.00,EUR"]
    app = uploaded("\n".join(newer) + "\n", "newer.csv")
    next(each for each in app.selectbox if each.label == "Next version of").select_index(1).run()
    shown = figures(app)
    assert [shown[name][0] for name in ("New", "Paid", "Changed", "Unchanged", "Disappeared")] == ["1", "1", "0", "0", "2"]
    next(each for each in app.toggle if each.label.startswith("Keep the rows")).set_value(True).run()
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["invoice_id"].to_pylist() == ["2", "5", "1", "4"]
    assert [record.name for record in ledgers.listed(workspace)] == ["receivables", "receivables"]


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_a_file_of_mostly_known_invoices_is_proposed_as_a_newer_export() -> None:
    """All three rows that are used are here already; of another file, none is."""
    click(uploaded(GOOD), "Commit this ledger")
    app = uploaded(GOOD, "again.csv")
    assert any(each.value.startswith("3 of 3 rows of this file are in “receivables") for each in app.text)
    chosen = next(each for each in app.selectbox if each.label == "Next version of")
    assert chosen.value
    assert figures(app)["Unchanged"][0] == "3"
    click(app, "Discard this upload")
    other = uploaded(GOOD.replace(",1,2026", ",8,2026").replace(",2,2026", ",9,2026").replace(",3,2026", ",7,2026"), "other.csv")
    assert next(each for each in other.selectbox if each.label == "Next version of").value == ""


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_dates_that_may_be_read_in_two_ways_are_asked_about_with_examples() -> None:
    app = uploaded(EITHER)
    assert not app.metric  # nothing is guessed: no rows before the answer
    assert any("does not prove whether day or month comes first" in each.value for each in app.text)
    app.radio[0].set_value("dmy")
    click(app, "Read again with these decisions")
    assert figures(app)["Used"][0] == "2"
    assert any("Issued 5 Jan 2026 to 6 Jan 2026" in each.value for each in app.caption)


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_a_column_that_was_not_recognised_can_be_chosen() -> None:
    app = uploaded(GOOD.replace("Amount", "Zzz"))
    assert not app.metric
    answer = next(each for each in app.selectbox if each.label.endswith("your answer"))
    answer.set_value("Zzz")
    click(app, "Read again with these decisions")
    assert figures(app)["Used"][0] == "3"


@pytest.mark.slow
def test_a_file_with_a_name_that_no_disk_takes_is_read(workspace: Store) -> None:
    """300 letters of two bytes each."""
    app = uploaded(GOOD, "ü" * 300 + ".csv")
    assert figures(app)["Used"][0] == "3"
    assert [path.name for path in files_left(workspace)] == ["ü" * 100 + ".csv"]


def test_a_file_that_is_no_ledger_is_refused_in_a_sentence_and_kept_nowhere(workspace: Store) -> None:
    app = uploaded(b"\x00\x01 nothing", "noise.xlsx")
    assert not app.exception
    assert app.text[0].value.endswith(".")
    assert files_left(workspace) == []
    assert ledgers.listed(workspace) == []


def test_a_discarded_upload_leaves_nothing(workspace: Store) -> None:
    app = click(uploaded(GOOD), "Discard this upload")
    assert not app.exception
    assert files_left(workspace) == []


def test_a_ledger_too_small_to_learn_from_says_so_and_can_be_tried_again(
    workspace: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "1")
    commit(workspace, small_ledger(), actor=ME)
    app = click(screen("ledgers.py"), "Train and predict")
    wait_for(workspace, "train", "failed")
    app.run()
    assert any("invoices have a known answer" in each.value for each in app.text)
    assert "Log" in [each.label for each in app.expander]
    assert not next(each for each in app.button if each.label == "Train and predict").disabled


def test_deleting_a_ledger_asks_first(published: Store) -> None:
    app = click(screen("ledgers.py"), "Delete")
    assert any("1 model trained on it" in each.value for each in app.text)
    assert len(ledgers.listed(published)) == 1
    click(app, "Delete for good")
    assert ledgers.listed(published) == []
    assert model_store.listed(published) == []


def test_the_last_answer_acts_at_once_and_nobody_is_asked_twice(workspace: Store) -> None:
    app = uploaded(EITHER)
    app.radio[0].set_value("dmy").run()
    assert figures(app)["Used"][0] == "2"
    click(app, "Commit this ledger")
    assert ledgers.load(workspace).invoices["issue_date"].to_pylist() == [date(2026, 1, 5), date(2026, 1, 6)]
    again = uploaded(EITHER, "february.csv")
    assert figures(again)["Used"][0] == "2"
    assert not again.radio


def test_of_several_questions_some_can_be_answered_first(workspace: Store) -> None:
    """How days read, and what Parked means."""
    lines = [f"{line},{'Status' if at == 0 else 'Parked'}" for at, line in enumerate(EITHER.splitlines())]
    app = uploaded("\n".join(lines).replace("10/02/2026", "") + "\n")
    assert len(app.radio) == 2
    app.radio[0].set_value("dmy").run()
    assert not app.metric
    click(app, "Read again with 1 of 2 answers")
    assert len(app.radio) == 1
    app.radio[0].set_value("Parked=open").run()
    assert figures(app)["Used"][0] == "2"
    app.checkbox[0].set_value(False)
    click(app, "Commit this ledger")
    assert len(uploaded("\n".join(lines) + "\n", "next.csv").radio) == 2, "it was not to be remembered"
    assert len(ledgers.listed(workspace)) == 1


@pytest.mark.usefixtures("workspace")
def test_the_day_that_a_title_names_is_proposed_as_the_last_one_that_is_known() -> None:
    app = uploaded("Open invoices\nAs of 28 January 2026\n" + GOOD.replace("2026-02-10", ""))
    assert next(each for each in app.date_input if each.label == "Complete through").value == date(2026, 1, 28)
    assert any("everything through 28 Jan 2026" in each.value for each in app.text)
