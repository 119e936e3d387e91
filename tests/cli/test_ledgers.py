"""Do the commands know which ledger is the next version of which, and say so?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from insights.store import ledgers
from insights.store.store import Store
from tests.support.commands import Run, document

HEAD = "Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency\n"
JANUARY = HEAD + (
    "A,1,2024-01-02,2024-02-01,2024-01-20,100.00,EUR\nA,2,2024-01-05,2024-02-04,,250.50,EUR\nB,3,2024-01-20,2024-02-19,,40.00,EUR\n"
)
FEBRUARY = HEAD + (
    "A,1,2024-01-02,2024-02-01,2024-01-20,100.00,EUR\nA,2,2024-01-05,2024-02-04,2024-02-10,250.50,EUR\n"
    "C,3,2024-01-20,2024-02-19,,40.00,EUR\nB,4,2024-02-20,2024-03-19,,7.00,EUR\n"
)


def file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content)
    return path


@pytest.mark.slow
def test_a_newer_export_becomes_the_next_version_and_says_what_changed_first(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Invoice 2 was paid, 4 is new, and 3 stands under customer C now: neither new nor gone."""
    call, february = at(tmp_path), file(tmp_path, "february.csv", FEBRUARY)
    first = document(call("import", file(tmp_path, "january.csv", JANUARY), "--name", "Ours", "--json")[1])
    assert (first["version"], first["next_version_of"]) == (1, None)
    code, out, _ = call("import", february, "--json")
    report = document(out)
    assert code == 0
    assert (report["name"], report["version"], report["lineage"]) == ("Ours", 2, first["lineage"])
    assert report["next_version_of"] == {"ledger": first["ledger"], "name": "Ours", "version": 1, "shared": 2}
    said = report["difference"]
    assert [said[name] for name in ("new", "settled", "changed", "disappeared", "unchanged")] == [1, 1, 1, 0, 1]
    assert said["customers_changed"] == [{"company": "", "was": "B", "now": "C", "invoices": 1}]
    lines = call("import", february)[1].splitlines()
    assert lines[1].startswith("Version 3 of this ledger: it shares 4 invoices with version 2, Ours (")
    assert lines[2].endswith("0 new, 0 settled, 0 changed, 0 disappeared, 4 unchanged")


@pytest.mark.slow
def test_whether_it_is_the_next_version_can_be_decided(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call, february = at(tmp_path), file(tmp_path, "february.csv", FEBRUARY)
    first = document(call("import", file(tmp_path, "january.csv", JANUARY), "--json")[1])
    own = document(call("import", february, "--own", "--json")[1])
    assert (own["name"], own["version"], "difference" in own) == ("february", 1, False)
    assert own["lineage"] != first["lineage"]
    assert call("import", february, "--own", "--against", first["ledger"])[0] == 2
    unlike = file(tmp_path, "other.csv", HEAD + "Z,9,2024-03-01,2024-04-01,,1.00,EUR\n")
    following = document(call("import", unlike, "--against", first["ledger"], "--json")[1])
    assert (following["version"], following["next_version_of"]) == (2, None)
    assert (following["difference"]["new"], following["difference"]["disappeared"]) == (1, 3)


@pytest.mark.slow
def test_ledgers_are_listed_with_their_versions_and_balances(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """40.00 and 7.00 are open after February, and a credit note of 5.00."""
    call = at(tmp_path)
    call("import", file(tmp_path, "january.csv", JANUARY), "--name", "Ours")
    call("import", file(tmp_path, "february.csv", FEBRUARY + "B,5,2024-02-21,2024-02-21,,-5.00,EUR\n"))
    code, out, _ = call("ledgers", "--json")
    import json

    newest, oldest = json.loads(out)
    assert code == 0
    assert (newest["version"], newest["newest_version"], oldest["version"], oldest["newest_version"]) == (2, True, 1, False)
    assert newest["lineage"] == oldest["lineage"]
    assert (newest["outstanding"], newest["balance"]) == ({"EUR": "47.00"}, {"EUR": "42.00"})
    assert "2 (newest)" in call("ledgers")[1]


@pytest.mark.slow
def test_ledgers_are_joined_and_separated_by_command(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call, february = at(tmp_path), file(tmp_path, "february.csv", FEBRUARY)
    first = document(call("import", file(tmp_path, "january.csv", JANUARY), "--json")[1])["ledger"]
    own = document(call("import", february, "--own", "--json")[1])["ledger"]
    assert document(call("join", own[:8], first, "--json")[1])["version"] == 2
    assert ledgers.get(Store.open(tmp_path), own).lineage_id == ledgers.get(Store.open(tmp_path), first).lineage_id
    code, _, err = call("join", own, first)
    assert (code, "is a version of this ledger already" in err) == (1, True)
    assert call("separate", own)[1].strip().endswith("is version 1 of its ledger.")


@pytest.mark.slow
def test_commands_take_the_newest_version_of_the_newest_ledger(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call = at(tmp_path)
    call("import", file(tmp_path, "january.csv", JANUARY))
    newest = document(call("import", file(tmp_path, "february.csv", FEBRUARY), "--json")[1])["ledger"]
    assert document(call("invoices", "--out", tmp_path / "all.csv", "--json")[1]) == {
        "ledger": newest,
        "rows": 4,
        "out": str(tmp_path / "all.csv"),
    }


@pytest.mark.slow
def test_a_merge_is_remembered_with_the_ledger_for_its_next_versions(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """11 is 10 by the command once; the next export is merged by itself, until one says that 11 is 11."""
    call = at(tmp_path)
    names = JANUARY.replace("A,1", "10,1").replace("A,2", "11,2").replace("Customer ID", "Customer,Customer Name")
    rows = names.replace("10,1", "10,Alpha Ltd,1").replace("11,2", "11,ALPHA LIMITED,2").replace("B,3", "12,Beta,3")
    january = file(tmp_path, "january.csv", rows)
    first = document(call("import", january, "--json")[1])
    assert [[each["customer_id"] for each in same] for same in first["spellings"]] == [["10", "11"]]
    assert "perhaps one customer, merged by --merge '11=10'" in call("import", january)[1]
    merged = document(call("import", january, "--merge", "11=10", "--json")[1])
    assert (merged["merges"], merged["spellings"]) == ({"11": "10"}, [])
    later = call("import", january)[1]
    assert "Merged, and remembered with the ledger: 11 is 10" in later
    assert ledgers.load(Store.open(tmp_path)).invoices["customer_id"].to_pylist() == ["10", "10", "12"]
    assert document(call("import", january, "--merge", "11=11", "--json")[1])["merges"] == {}
    assert document(call("import", january, "--own", "--json")[1])["merges"] == {}


@pytest.mark.slow
def test_rows_of_the_version_before_are_kept_where_one_asks_for_it(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Of January only 3 is left in the newer file; an older file is said to end before."""
    call, january = at(tmp_path), file(tmp_path, "january.csv", JANUARY)
    open_only = file(tmp_path, "open.csv", "\n".join([*JANUARY.splitlines()[:1], *JANUARY.splitlines()[2:]]) + "\n")
    call("import", january)
    report = document(call("import", open_only, "--append", "--json")[1])
    assert (report["rows_used"], report["difference"]["disappeared"], report["version"]) == (3, 1, 2)
    february = document(call("import", file(tmp_path, "february.csv", FEBRUARY), "--json")[1])["ledger"]
    assert "it ends before that one, complete through 2024-02-20" in call("import", january, "--against", february)[1]


ASIDE = HEAD + (
    "A,1,2024-01-02,2024-02-01,2024-01-20,100.00,EUR\nA,2,2024-01-05,2024-01-04,,250.55,EUR\nB,3,2024-01-20,2024-01-19,,0.45,EUR\n"
    "B,4,2024-01-20,2024-01-19,,7.10,USD\nB,5,2024-01-20,,,3.00,EUR\n"
)


@pytest.mark.slow
def test_what_was_set_aside_is_told_by_reason_with_exact_sums_per_currency(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Rows 3 to 5 are due before they were issued, row 6 has no due date."""
    call, aside = at(tmp_path), tmp_path / "aside.csv"
    kept = document(call("import", file(tmp_path, "january.csv", ASIDE), "--json")[1])
    code, out, _ = call("set-aside", "--out", str(aside), "--json")
    assert (code, document(out)["ledger"], document(out)["rows_set_aside"]) == (0, kept["ledger"], 4)
    told = [(each["reason"], each["rows"], each["amounts"]) for each in document(out)["reasons"]]
    assert told == [("due_before_issue", 3, {"EUR": "251.00", "USD": "7.10"}), ("due_missing", 1, {"EUR": "3.00"})]
    assert len(aside.read_text("utf-8").splitlines()) == 5
    lines = call("set-aside")[1].splitlines()
    assert lines[0].startswith("4 rows of january (")
    assert lines[1] == "  3 rows, 251.00 EUR and 7.10 USD: due before it was issued"
    (listed,) = json.loads(call("ledgers", "--json")[1])
    assert listed["aside"] == kept["aside"]
