"""Do files of a view name its models and thresholds?"""

from datetime import date

import pyarrow.parquet as pq

from insights.prediction import export
from insights.services import contents, predictions
from insights.store import ledgers
from insights.store.store import Store
from pages.ui.shared.view import View
from tests.support.uploads import NOT_YET_DUE
from tests.support.workspaces import ME


def test_the_scored_file_of_a_view_of_two_models_names_each_and_flags_by_its_threshold(
    published: Store, two_models: tuple[str, str]
) -> None:
    plain, northern = two_models
    ledger, day = ledgers.load(published), date.fromisoformat(NOT_YET_DUE)
    view = View(contents.read(published), ledger, day, plain, 0.5, published=True, by_company={"north": (northern, 0.7)})
    rows = pq.read_table(predictions.active(published, ledger.id, day, actor=ME))
    written = export.scored_file(rows, view.thresholds(rows), rows["model"], day)
    told = {row["company"]: (row["model"], row["flagged"]) for row in written.to_pylist()}
    assert told == {"north": (northern, True), "south": (plain, False)}
