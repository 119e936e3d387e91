"""Do the commands of what is agreed keep, refuse, list and undo events, as scripts rely on it?"""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from insights.cli import run as command
from insights.cli.agreements import months_before
from insights.store import ledgers, shown_lists
from tests.support.commands import Run
from tests.support.workspaces import opened

LEDGER = """\
Company,Customer ID,Customer Name,Invoice No,Issue Date,Due Date,Paid Date,Amount,Outstanding,Currency
North,C3,Alt,Z1,2023-11-01,2023-12-01,2023-12-05,10.00,0.00,EUR
North,C1,Lindner,A1,2024-01-05,2024-02-04,2024-02-10,100.00,0.00,EUR
North,C1,Lindner,A2,2024-01-06,2024-02-05,,1000.00,1000.00,EUR
North,C1,Lindner,A3,2024-01-07,2024-02-06,,500.00,500.00,EUR
North,C2,Oster,B1,2024-01-08,2024-02-07,,700.00,700.00,EUR
"""
AS_OF = "2024-02-11"


COMPLETE = ("--complete-through", "2024-02-10", "--map", "customer_id=Customer ID")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with LEDGER, complete through 10 February 2024; never changed."""
    home = tmp_path_factory.mktemp("agreed")
    (home / "ledger.csv").write_text(LEDGER, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_HOME", str(opened(home).home))
        assert command(["import", str(home / "ledger.csv"), *COMPLETE]) == 0
    return home


@pytest.fixture
def run(at: Callable[[Path], Run], tmp_path: Path, imported: Path) -> Run:
    """Commands on a copy of it."""
    return at(shutil.copytree(imported, tmp_path / "home"))


def told(run: Run, *arguments: object) -> dict[str, Any]:
    code, out, said = run(*arguments, "--json")
    assert code == 0, said
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def refused(run: Run, *arguments: object) -> str:
    """The sentence of a refusal, which is exit code 1, without a trace."""
    code, out, said = run(*arguments, "--json")
    assert code == 1, said
    assert json.loads(out)["sentence"] in said
    return str(json.loads(out)["sentence"])


def held(run: Run, *arguments: object) -> dict[str, tuple[str, str | None]]:
    return {row["customer_id"]: (row["gate"], row["returns"]) for row in told(run, "worklist", *arguments)["held_back"]}


@pytest.mark.slow
def test_the_worklist_is_recorded_as_it_was_shown_and_again_only_where_it_changed(run: Run, tmp_path: Path) -> None:
    def shown() -> list[tuple[int, int]]:
        store = opened(tmp_path / "home")
        lists = shown_lists.listed(store, [each.id for each in ledgers.listed(store)], until=date.max)
        return [(each.customers, each.held_back) for each in lists]

    customers = len(told(run, "worklist")["customers"])
    run("worklist")
    run("worklist", "--as-of", "2024-02-10")
    assert shown() == [(customers, 0)]
    run("snooze", "--company", "North", "--customer", "C2", "--until", "2024-03-01")
    run("worklist")
    assert shown() == [(customers, 0), (customers - 1, 1)]


@pytest.mark.slow
def test_the_worklist_for_a_machine_has_the_keys_that_scripts_rely_on(run: Run) -> None:
    found = told(run, "worklist")
    assert found.keys() == {"as_of", "customers", "held_back"}
    assert found["as_of"] == AS_OF
    first = found["customers"][0]
    assert list(first) == [
        *("company", "customer_id", "customer_name", "currency", "likely_to_slip", "reasons", "invoices", "owner"),
    ]
    assert (first["customer_id"], first["likely_to_slip"], first["owner"]) == ("C1", "1500.00", None)
    assert first["invoices"] == [
        {"invoice_id": "A2", "line": "1", "outstanding": "1000.00"},
        {"invoice_id": "A3", "line": "1", "outstanding": "500.00"},
    ]
    assert first["reasons"][0] == "EUR 1,500.00 outstanding"
    told(run, "snooze", "--customer", "C1", "--until", "2024-02-20")
    (back,) = told(run, "worklist")["held_back"]
    assert back == {
        "company": "North",
        "customer_id": "C1",
        "currency": "EUR",
        "gate": "snoozed",
        "sentence": back["sentence"],
        "returns": "2024-02-20",
    }
    assert back["sentence"].endswith(": back on 20 Feb 2024.")


EVENTS = (
    (("note", "--text", "calls back"), "note", None),
    (("contact", "--channel", "phone", "--outcome", "reached"), "contact", ("contacted", "2024-02-18")),
    (("promise", "--on", "2024-02-15"), "promise", ("promise", "2024-02-15")),
    (("dispute", "--reason", "price"), "dispute", ("dispute", None)),
    (("snooze", "--until", "2024-02-14"), "snooze", ("snoozed", "2024-02-14")),
    (("snooze", "--until", "ledger"), "snooze", ("snoozed", None)),
    (("override", "--on", "2024-02-15", "--reason", "said so"), "override", None),
    (("owner", "Bea"), "owner", None),
    (("in-payment",), "in_payment", ("paid", "2024-02-25")),
)


@pytest.mark.parametrize(("command", "kind", "gate"), EVENTS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.slow
def test_every_event_is_kept_acts_at_once_and_can_be_undone(
    run: Run, command: tuple[str, ...], kind: str, gate: tuple[str, str | None] | None
) -> None:
    kept = told(run, *command, "--customer", "C2", "--company", "North", "--as", "Ada")
    assert (kept["kind"], kept["customer_id"], kept["as_of"], kept["actor"]) == (kind, "C2", AS_OF, "Ada")
    assert held(run) == ({"C2": gate} if gate else {})
    code, out, _ = run("agreed", "--json")
    assert (code, [(event["event"], event["undone"]) for event in json.loads(out)]) == (0, [(kept["event"], False)])
    undone = told(run, "undo", kept["event"], "--as", "Bea")
    assert (undone["kind"], undone["actor"]) == ("undo", "Bea")
    assert held(run) == {}
    assert "undone already" in refused(run, "undo", kept["event"])


@pytest.mark.slow
def test_an_event_of_some_invoices_is_of_those_alone(run: Run) -> None:
    several = ("--invoice", "A2", "--invoice", "A3", "--line", "1", "--line", "1")
    both = told(run, "dispute", "--customer", "C1", *several, "--reason", "price")
    assert [event["invoice_id"] for event in both["events"]] == ["A2", "A3"]
    assert held(run) == {"C1": ("dispute", None)}
    told(run, "dispute", "--customer", "C1", "--invoice", "A2", "--resolve")
    (row,) = [row for row in told(run, "worklist")["customers"] if row["customer_id"] == "C1"]
    assert [each["invoice_id"] for each in row["invoices"]] == ["A2"]


def test_a_promise_of_several_invoices_is_one_event_with_its_amount(run: Run) -> None:
    kept = told(
        run, "promise", "--customer", "C1", "--invoice", "A2", "--invoice", "A3", "--on", "2024-02-20", "--amount", "1200.50"
    )
    assert len(kept["events"]) == 1
    assert (kept["payload"]["amount"], kept["payload"]["currency"]) == ("1200.50", "EUR")
    assert [each["outstanding"] for each in kept["payload"]["covers"]] == ["1000.00", "500.00"]


def test_what_cannot_be_meant_is_refused_with_a_sentence(run: Run) -> None:
    of = ("--customer", "C1")
    assert "is before 2024-02-11" in refused(run, "promise", *of, "--on", "2024-02-10")
    assert "ends after the day of the list" in refused(run, "snooze", *of, "--until", AS_OF)
    assert "no customer C9" in refused(run, "note", "--customer", "C9", "--text", "x")
    assert "no invoice B1" in refused(run, "note", *of, "--invoice", "B1", "--text", "x")
    assert "nothing to promise" in refused(run, "promise", *of, "--invoice", "A1", "--on", "2024-02-20")
    assert "is no amount in EUR" in refused(run, "promise", *of, "--on", "2024-02-20", "--amount", "1.005")
    assert "needs its reason" in refused(run, "dispute", *of)
    assert "latest" in refused(run, "note", *of, "--text", "x", "--as-of", "2024-03-01")
    assert "No promise is open" in refused(run, "snooze", *of, "--until", "promise")
    assert "no event nowhere" in refused(run, "undo", "nowhere")


def test_wrong_usage_has_the_exit_code_2(run: Run) -> None:
    wrong = [
        ("contact", "--customer", "C1", "--channel", "pigeon", "--outcome", "reached"),
        ("promise", "--customer", "C1"),
        ("promise", "--customer", "C1", "--on", "soon"),
        ("snooze", "--customer", "C1", "--until", "soon"),
        ("note", "--customer", "C1", "--text", "x", "--line", "1"),
        ("owner", "--customer", "C1"),
    ]
    assert [run(*each)[0] for each in wrong] == [2] * len(wrong)


def test_what_was_undone_too_late_stays(run: Run) -> None:
    kept = told(run, "note", "--customer", "C1", "--text", "old", "--as-of", "2024-01-11")
    assert "30 days after" in refused(run, "undo", kept["event"], "--as-of", AS_OF)
    assert told(run, "undo", kept["event"][:8], "--as-of", "2024-02-10")["undone_event"] == kept["event"]


def test_a_list_of_a_day_shows_nothing_of_later_days(run: Run) -> None:
    told(run, "snooze", "--customer", "C1", "--until", "2024-02-20")
    assert held(run, "--as-of", "2024-02-10") == {}
    assert json.loads(run("agreed", "--json", "--as-of", "2024-02-10")[1]) == []


@pytest.mark.slow
def test_another_systems_events_are_taken_once_and_bad_rows_are_set_aside(run: Run, tmp_path: Path) -> None:
    """
    kind     customer_id  invoice_id  as_of       on          reason
    promise  C1           A2          2024-02-09  2024-02-14
    dispute  C2           B1          2024-02-10              freight
    promise  C1           A2          2024-02-09  2024-02-01          before its list
    dance    C1                       2024-02-09                      no kind
    """
    file = tmp_path / "events.csv"
    file.write_text(
        "kind,company,customer_id,invoice_id,as_of,on,reason,text\n"
        "promise,North,C1,A2,2024-02-09,2024-02-14,,by phone\n"
        "dispute,North,C2,B1,2024-02-10,,freight,too dear\n"
        "promise,North,C1,A2,2024-02-09,2024-02-01,,no\n"
        "dance,North,C1,,2024-02-09,,,no\n",
        "utf-8",
    )
    first = told(run, "agreed", "--from", file, "--as", "Ada")
    assert (first["taken"], first["known"], [each["row"] for each in first["set_aside"]]) == (2, 0, [4, 5])
    assert "is before 2024-02-09" in first["set_aside"][0]["sentence"]
    assert held(run) == {"C2": ("dispute", None)}
    again = told(run, "agreed", "--from", file, "--as", "Ada")
    assert (again["taken"], again["known"]) == (0, 2)


@pytest.mark.slow
def test_what_is_listed_for_a_machine_can_be_taken_elsewhere(run: Run, at: Callable[[Path], Run], tmp_path: Path) -> None:
    told(run, "promise", "--customer", "C1", "--on", "2024-02-20", "--amount", "700.00")
    told(run, "snooze", "--customer", "C2", "--until", "2024-02-15")
    (tmp_path / "events.json").write_text(run("agreed", "--json")[1], "utf-8")
    other = at(tmp_path / "other")
    other("import", tmp_path / "home" / "ledger.csv", *COMPLETE)
    assert told(other, "agreed", "--from", tmp_path / "events.json")["taken"] == 2
    assert held(other) == {"C1": ("promise", "2024-02-20"), "C2": ("snoozed", "2024-02-15")}


@pytest.mark.slow
def test_agreements_outlive_a_ledger_unless_they_are_to_go(run: Run, tmp_path: Path) -> None:
    told(run, "snooze", "--customer", "C1", "--until", "2024-02-20")
    ledger = json.loads(run("ledgers", "--json")[1])[0]["ledger"]
    code, out, _ = run("delete", ledger, "--yes")
    assert (code, "What was agreed with its customers is kept: 1 event." in out) == (0, True)
    again = told(run, "import", tmp_path / "home" / "ledger.csv", *COMPLETE)
    assert held(run) == {"C1": ("snoozed", "2024-02-20")}
    gone = told(run, "delete", again["ledger"], "--yes", "--with-agreements")
    assert gone["agreements"] == {"removed": 1}
    assert json.loads(run("agreed", "--json")[1]) == []


@pytest.mark.slow
def test_a_broken_promise_of_the_older_ledger_tops_the_list_of_the_newer(run: Run, tmp_path: Path) -> None:
    told(run, "promise", "--customer", "C2", "--on", "2024-02-13", "--as", "Ada")
    (tmp_path / "newer.csv").write_text(LEDGER, "utf-8")
    told(run, "import", tmp_path / "newer.csv", "--complete-through", "2024-02-18", "--map", "customer_id=Customer ID")
    found = told(run, "worklist")["customers"]
    (row,) = [each for each in found if each["customer_id"] == "C2"]
    assert "promise of 13 Feb 2024 broken (EUR 700.00, nothing came)" in row["reasons"]


def test_weights_are_shown_set_and_bounded(run: Run) -> None:
    assert told(run, "weights") == {"prevention": 50, "contact_days": 7, "minimum": 0}
    assert told(run, "weights", "--minimum", 800)["minimum"] == 800
    assert held(run) == {"C2": ("small", None)}
    assert "0 to 100" in refused(run, "weights", "--prevention", 101)


def test_the_release_list_is_told_and_written(run: Run, tmp_path: Path) -> None:
    found = told(run, "release", "--out", tmp_path / "release.csv")
    assert (found["customers"], found["limits"]) == ([], "")
    assert (tmp_path / "release.csv").read_text("utf-8").startswith('"company","customer_id"')
    assert found["above"] == 50
    assert told(run, "release", "--set-above", 65)["above"] == 65
    assert told(run, "release")["above"] == 65
    assert told(run, "release", "--above", 30)["above"] == 30


def test_the_worklist_can_be_written_to_a_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    code, said, _ = run("worklist", "--out", out)
    assert (code, "2 customers as of 2024-02-11" in said) == (0, True)
    assert "C1" in out.read_text("utf-8")


@pytest.mark.slow
def test_retention_says_whom_it_would_concern_and_removes_with_a_record(run: Run) -> None:
    """C1 was noted in February 2024, years ago, and is in no ledger once that is deleted."""
    run("note", "--customer", "C1", "--text", "x")
    assert told(run, "retention", "--months", 1)["customers"] == []
    code, _, said = run("delete", json.loads(run("ledgers", "--json")[1])[0]["ledger"], "--yes")
    assert code == 0, said
    whom = [{"company": "North", "customer_id": "C1"}]
    looked = told(run, "retention", "--months", 1)
    assert (looked["customers"], looked["events"], looked["removed"]) == (whom, 0, False)
    assert told(run, "retention", "--months", 1, "--remove")["events"] == 1
    assert told(run, "retention", "--months", 1, "--remove")["events"] == 0
    assert run("retention", "--months", 0)[0] == 2


def test_months_are_counted_back_to_the_same_day_or_the_last_of_the_month() -> None:
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 13) == date(2024, 12, 15)


@pytest.mark.slow
@pytest.mark.parametrize("half", ["\udcff", "C1\ud800"], ids=["bytes that are no text", "half a character"])
def test_a_name_that_is_no_text_is_refused_in_a_sentence(run: Run, tmp_path: Path, half: str) -> None:
    """As a shell hands over bytes that are no UTF-8, and as JSON may write half a character."""
    for named in (("--customer", half), ("--company", half, "--customer", "C1"), ("--customer", "C1", "--invoice", half)):
        assert "knows no customer" in (sentence := refused(run, "note", *named, "--text", "x")) or "has no invoice" in sentence
    event = {"kind": "note", "company": "North", "customer_id": half, "payload": {"text": "x"}}
    (tmp_path / "agreed.json").write_text(json.dumps([event]))
    assert "knows no customer" in refused(run, "agreed", "--from", tmp_path / "agreed.json")
