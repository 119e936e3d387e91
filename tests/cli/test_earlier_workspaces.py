"""Does a workspace of each earlier state of the database open, and does its published model say what it said then?

The workspaces stand in `tests/support/earlier/`, by the database's version, each made by the last code of that version.
"""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from tests.support.commands import Run

EARLIER = Path(__file__).parents[1] / "support" / "earlier"
INVOICE = ["company", "customer_id", "invoice_id", "line"]
REASONS = [f"reason_{number}" for number in range(1, 6)]  # shares of a logarithm until 0008, points of probability since
BEFORE_EARLY_PAYERS = ("0002", "0003", "0004", "0005", "0006")  # a customer who pays early moves the early end of a range


def opened(version: str, home: Path) -> pd.DataFrame:
    """What the model said then; the workspace as it was left, but for the predictions, so that they are made anew."""
    with ZipFile(EARLIER / f"{version}.zip") as archive:
        for name in archive.namelist():
            if not name.startswith("home/predictions/"):
                archive.extract(name, home.parent)
    return pd.read_csv(home.parent / "scored.csv", dtype=str, keep_default_na=False)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012"])
def test_a_published_model_of_an_earlier_workspace_says_what_it_said(
    version: str, tmp_path: Path, at: Callable[[Path], Run]
) -> None:
    then = opened(version, tmp_path / "home")
    code, _, err = at(tmp_path / "home")("score", "--out", tmp_path / "now.csv")
    assert (code, err) == (0, "")
    now = pd.read_csv(tmp_path / "now.csv", dtype=str, keep_default_na=False)
    both = then.merge(now, on=INVOICE, suffixes=("", "_now"), how="outer")
    moved = [column for column in then if column not in INVOICE and not both[column].equals(both[f"{column}_now"])]
    assert set(moved) - set(REASONS) == ({"date_low"} if version in BEFORE_EARLY_PAYERS else set())
    assert (both.date_low != both.date_low_now).sum() <= 1
    assert len(both) == len(then) == len(now) > 50


def test_a_model_from_before_models_had_a_version_is_named_and_its_ledger_stays(
    tmp_path: Path, at: Callable[[Path], Run]
) -> None:
    opened("0001", tmp_path / "home")
    call = at(tmp_path / "home")
    code, _, err = call("score", "--out", tmp_path / "now.csv")
    assert code == 1
    assert "made by another version of Payment Insights" in err
    code, out, _ = call("ledgers")
    assert code == 0
    assert "ledger" in out
