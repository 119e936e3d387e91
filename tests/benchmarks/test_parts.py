"""Does the benchmark of parts hold its processes to their memory, and are its invented ledgers ledgers?"""

from pathlib import Path

import pyarrow.compute as pc
import pytest

from benchmarks import large_ledgers
from benchmarks.parts import cost
from insights.ledger.ledger import open_invoices
from insights.store import files, ledgers


@pytest.mark.slow
def test_a_process_that_asks_for_more_memory_than_it_may_fails() -> None:
    within = cost([["-c", "bytearray(b'x') * 300_000_000"]] * 2, 1.0)
    assert within.memory > 0.25
    with pytest.raises(SystemExit, match=r"1\.0 GB"):
        cost([["-c", "bytearray(1_500_000_000)"]], 1.0)


def test_a_ledger_that_is_written_block_by_block_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three blocks of 1 000: ids differ, issue dates ascend, some invoices are open, and the digests hold."""
    monkeypatch.setattr(large_ledgers, "BLOCK", 1_000)
    large_ledgers.write(tmp_path / "ledger", 2_500)
    ledger = ledgers.read(tmp_path / "ledger")
    invoices = ledger.invoices
    assert (len(invoices), len(pc.unique(invoices["invoice_id"]))) == (2_500, 2_500)
    assert invoices["issue_date"].to_pylist() == sorted(invoices["issue_date"].to_pylist())
    assert 0 < len(open_invoices(ledger, ledger.default_as_of)) < 500
    assert pc.all(pc.greater_equal(pc.fill_null(invoices["paid_date"], large_ledgers.AS_OF), invoices["issue_date"])).as_py()
    meta = files.read_json(tmp_path / "ledger" / ledgers.META)
    assert meta["sha256"]["invoices"] == files.digest(tmp_path / "ledger" / "invoices.parquet")
