"""Is a table of rates kept whole, with who kept it, or refused with its row?"""

from pathlib import Path

import pytest

from insights.access import laptop
from insights.ledger.errors import Refused
from insights.services import rates
from insights.store import audit, rate_tables
from insights.store.store import Store


def written(folder: Path, text: str) -> Path:
    path = folder / "rates.csv"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.slow
def test_a_table_takes_the_place_of_the_one_before_and_removing_it_brings_that_back(workspace: Store, tmp_path: Path) -> None:
    first = rates.keep(workspace, written(tmp_path, "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n"), actor=laptop("ada"))
    second = rates.keep(workspace, written(tmp_path, "date,from,rate\n2024-02-01,EUR,1.20\n"), target="USD", actor=laptop("bo"))
    assert rate_tables.newest(workspace) == second
    rates.remove(workspace, second.id, actor=laptop("cleo"))
    assert rate_tables.newest(workspace) == first
    assert [(each.action, each.actor) for each in audit.listed(workspace, second.id)] == [
        ("rates.remove", "cleo"),
        ("rates.keep", "bo"),
    ]


@pytest.mark.slow
def test_a_faulty_row_is_named_and_nothing_is_kept(workspace: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Row 3 of the rate table"):
        rates.keep(
            workspace,
            written(tmp_path, "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n2024-01-02,EUR,USD,-1\n"),
            actor=laptop("ada"),
        )
    assert rate_tables.newest(workspace) is None
    assert audit.listed(workspace) == []
