"""How does a selection leave the product? As the scored file, CSV or Excel, with every formula disarmed."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import streamlit as st

from insights.ledger import table_files
from insights.portfolio import worklist
from insights.portfolio.snapshot import UNSCORED
from insights.portfolio.worklist import WorklistFilter
from insights.prediction import export
from pages.ui.invoices.invoice_table import Sort
from pages.ui.shared.view import View

MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LABELS = {"csv": "CSV", "xlsx": "Excel"}


def buttons(view: View, source: Path | pa.Table, wanted: WorklistFilter, sort: Sort) -> None:
    """A download button per format, for the whole selection (not only the page), in the order of the list."""
    for suffix, label in LABELS.items():
        st.download_button(
            label,
            data=_file(view, source, wanted, sort, suffix=suffix),
            file_name=f"open-invoices-{view.as_of}-{wanted.tab}.{suffix}",
            mime=MIME[suffix],
            key=f"download_{suffix}",
            icon=":material/download:",
            on_click="ignore",
        )


def _file(view: View, source: Path | pa.Table, wanted: WorklistFilter, sort: Sort, *, suffix: str) -> Callable[[], bytes]:
    """What the button calls when it is clicked; nothing is written before."""

    def written() -> bytes:
        table = worklist.selected(source, wanted, sort=sort.by, ascending=sort.ascending)
        if view.model_id:
            table = export.scored_file(table, view.thresholds(table), table["model"], view.as_of)
        else:
            table = table.select(UNSCORED)
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"selection.{suffix}"
            table_files.write(table, path)
            return path.read_bytes()

    return written
