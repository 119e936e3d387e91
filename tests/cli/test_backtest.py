"""Does a backtest set the model beside the baselines?"""

from collections.abc import Callable
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from tests.support.commands import Run, document


@pytest.mark.slow
def test_a_backtest_sets_the_model_beside_the_baselines(trained: Path, at: Callable[[Path], Run], tmp_path: Path) -> None:
    code, out, _ = at(trained)("backtest", "--very-late-days", "10", "--out", tmp_path / "replayed.csv", "--json")
    assert code == 0
    report = document(out)
    assert set(report["pooled"]) == {"model", "base_rates", "customer_past"}
    assert sum(line["series"]["model"]["rows"] for line in report["dates"]) == report["rows"]
    assert report["pooled"]["model"]["log_loss"] < report["pooled"]["base_rates"]["log_loss"]
    assert pa_csv.read_csv(tmp_path / "replayed.csv").num_rows == report["rows"]
    assert at(tmp_path)("backtest")[0] == 1  # no ledger here
