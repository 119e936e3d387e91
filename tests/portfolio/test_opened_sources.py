"""Is a source read once, and again when it is another?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insights.portfolio import opened_sources
from insights.portfolio.opened_sources import MOST_KEPT, opened


def rows(*outstanding: int) -> pa.Table:
    many = len(outstanding)
    return pa.table({"currency": ["EUR"] * many, "outstanding": list(outstanding), "amount": list(outstanding)})


def total(source: Path | pa.Table, rates: dict[str, float] | None = None) -> float:
    with opened(source, rates) as database:
        return float(database.execute("SELECT sum(major * rate) FROM source").fetchall()[0][0])


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "source.parquet"
    pq.write_table(rows(100, 200), path)
    assert [total(path), total(path)] == [3.0, 3.0]
    pq.write_table(rows(100, 200, 400), path)
    assert total(path) == 7.0


def test_other_rates_are_another_answer_and_none_are_none(tmp_path: Path) -> None:
    path = tmp_path / "source.parquet"
    pq.write_table(rows(100), path)
    assert [total(path), total(path, {"EUR": 2.0}), total(path, {"USD": 9.0}), total(path)] == [1.0, 2.0, 1.0, 1.0]


def test_a_table_is_known_by_itself_and_not_by_what_stands_in_its_place() -> None:
    assert [total(rows(100 * number)) for number in range(1, 20)] == [float(number) for number in range(1, 20)]
    assert len(opened_sources._kept) <= MOST_KEPT


def test_many_who_ask_at_once_hear_the_same_while_others_push_it_out(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.parquet" for number in range(MOST_KEPT + 2)]
    for number, path in enumerate(paths):
        pq.write_table(rows(100 * number), path)
    with ThreadPoolExecutor(8) as people:
        asked = [number % len(paths) for number in range(60)]
        assert list(people.map(lambda number: total(paths[number]), asked)) == [float(number) for number in asked]
