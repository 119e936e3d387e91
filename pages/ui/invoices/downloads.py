"""How does a selection of open invoices leave the product? As the scored file, in the order of the list."""

import pyarrow as pa

from insights.portfolio import worklist
from insights.portfolio.snapshot import UNSCORED
from insights.portfolio.worklist import WorklistFilter
from insights.prediction import export
from pages.ui.invoices.invoice_table import Sort
from pages.ui.shared import agreed_dates, cache, downloads
from pages.ui.shared.view import View


def buttons(view: View, wanted: WorklistFilter, sort: Sort) -> None:
    """A download button per format, for the whole selection (not only the page)."""
    named = f"open-invoices-{view.as_of}-{wanted.tab}"
    downloads.buttons(named, lambda: _selection(view, wanted, sort), kind="open_invoices", of=view.ledger.id)


def _selection(view: View, wanted: WorklistFilter, sort: Sort) -> pa.Table:
    """The rows of the list, in its order; where something was agreed, its date stands beside the model's own."""
    ranking = cache.ranking(view)
    rates = ranking.rates if ranking else None
    table = worklist.selected(agreed_dates.source(view), wanted, sort=sort.by, ascending=sort.ascending, rates=rates)
    if not view.model_id:
        return table.select(UNSCORED)
    table = agreed_dates.beside_the_models(view, table)
    return export.scored_file(table, view.thresholds(table), table["model"], view.as_of)
