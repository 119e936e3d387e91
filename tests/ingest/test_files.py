"""Is a file read by its content, whatever its name?"""

from pathlib import Path

import pandas as pd
import pytest

from insights import ingest
from tests.ingest import forked
from tests.ingest.examples import column


@pytest.mark.slow
def test_a_file_of_another_type_under_a_known_name_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    pd.DataFrame({"customer_id": ["C1"], "issue_date": ["2024-01-05"], "due_date": ["2024-02-05"], "amount": [5.5]}).to_parquet(
        path
    )
    assert column(ingest.read(path, run=forked.run).require(), "amount") == [550]
