"""Is a mapped ledger the same as one that is read, made anew where it is not of today, and gone with its ledger?"""

from pathlib import Path

import pytest

from insights.ledger.ledger import Ledger
from insights.services import ledgers as use_cases
from insights.services.ledgers import commit
from insights.store import files, housekeeping, ledgers, mapped_ledgers
from insights.store.store import Store
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped_ledgers, "LEAST", 1)


def mapped(store: Store, ledger: Ledger) -> list[Path]:
    return sorted(store.path(mapped_ledgers.place(ledger.id)).glob("*/*.arrow"))


def test_a_mapped_ledger_is_the_ledger_that_was_committed(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    back = ledgers.load(workspace, kept.id)
    assert len(mapped(workspace, kept)) == 1
    assert back.invoices.equals(kept.invoices)
    assert back.invoices.schema.equals(kept.invoices.schema, check_metadata=True)
    assert back.fingerprint == kept.fingerprint


def test_rows_can_be_taken_without_a_copy_of_all_of_them(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    assert {column.num_chunks for column in ledgers.load(workspace, kept.id).invoices.columns} == {1}


def test_a_mapped_file_of_another_format_is_made_anew(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    ledgers.load(workspace, kept.id)
    (old,) = mapped(workspace, kept)
    monkeypatch.setattr(mapped_ledgers, "FORMAT", mapped_ledgers.FORMAT + 1)
    assert ledgers.load(workspace, kept.id).fingerprint == kept.fingerprint
    (new,) = mapped(workspace, kept)
    assert new != old


def test_a_changed_byte_in_a_mapped_file_is_never_read(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    ledgers.load(workspace, kept.id)
    (path,) = mapped(workspace, kept)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert ledgers.load(workspace, kept.id).fingerprint == kept.fingerprint
    assert mapped(workspace, kept)[0].read_bytes() != bytes(content)


def test_those_that_were_used_last_are_left(workspace: Store) -> None:
    kept = [commit(workspace, small_ledger(), actor=ME) for _ in range(mapped_ledgers.MOST + 2)]
    for ledger in kept:
        ledgers.load(workspace, ledger.id)
    assert [len(mapped(workspace, ledger)) for ledger in kept] == [0, 0] + [1] * mapped_ledgers.MOST
    assert ledgers.load(workspace, kept[0].id).fingerprint == kept[0].fingerprint


def test_a_ledger_that_is_deleted_leaves_no_mapped_file(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    ledgers.load(workspace, kept.id)
    use_cases.delete(workspace, kept.id, actor=ME)
    assert mapped(workspace, kept) == []


def test_what_is_mapped_of_no_ledger_goes_with_the_next_sweep(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    ledgers.load(workspace, kept.id)
    orphan = workspace.path(mapped_ledgers.place("no-ledger")) / "1-abc"
    orphan.mkdir(parents=True)
    files.write_json(orphan / mapped_ledgers.MADE_FROM, {})
    housekeeping.tidy(workspace)
    assert not orphan.parent.exists()
    assert len(mapped(workspace, kept)) == 1
