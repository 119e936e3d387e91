"""Which table of rates counts, and who kept it?"""

from datetime import date
from pathlib import Path

import pytest

from insights.access import laptop
from insights.ingest import rate_table
from insights.ledger.errors import Refused
from insights.store import audit, rate_tables
from insights.store.store import Store
from tests.support.rates import TABLE, table


@pytest.mark.slow
def test_the_newest_table_counts_and_who_kept_it_is_on_record(small_workspace: Store, tmp_path: Path) -> None:
    assert rate_tables.newest(small_workspace) is None
    first = rate_tables.keep(small_workspace, rate_table.read(table(tmp_path)), "first.csv", actor=laptop("ada"))
    second = rate_tables.keep(
        small_workspace,
        rate_table.read(table(tmp_path, TABLE.replace("1.10", "1.1234567890"))),
        "second.csv",
        actor=laptop("ada"),
    )
    assert rate_tables.newest(small_workspace) == second
    assert (second.actor, second.rows, second.first_day, second.last_day) == ("ada", 2, date(2024, 3, 31), date(2024, 4, 1))
    assert str(rate_tables.load(small_workspace, second.id).rate("EUR", "USD", date(2024, 3, 31)).rate) == "1.1234567890"
    assert rate_tables.load(small_workspace, first.id) == rate_table.read(table(tmp_path))
    (entry,) = audit.listed(small_workspace, second.id)
    assert (entry.actor, entry.action, entry.details) == ("ada", "rates.keep", {"name": "second.csv", "rows": 2})
    with pytest.raises(Refused, match="no rate table nowhere"):
        rate_tables.load(small_workspace, "nowhere")
