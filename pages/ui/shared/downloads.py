"""How does a table leave the product? As CSV or Excel, with every formula disarmed, made only when it is asked for."""

from collections.abc import Callable
from typing import Literal

import pyarrow as pa
import streamlit as st

from insights.ledger import table_files
from insights.sandbox import folders
from insights.services import exports
from pages.ui.shared import pressed, session

Suffix = Literal["csv", "xlsx", "json"]
MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
LABELS: dict[Suffix, str] = {"csv": "CSV", "xlsx": "Excel"}


def buttons(name: str, made: Callable[[], pa.Table], *, kind: str, of: str, key: str = "download") -> None:
    """A download button per format; `name`: of the file, without its ending; `kind`, `of` which ledger: for the record."""
    for suffix, label in LABELS.items():
        button(label, f"{name}.{suffix}", _file(made, suffix, kind, of), key=f"{key}_{suffix}")


def button(label: str, name: str, made: Callable[[], bytes], *, key: str, explained: str | None = None) -> None:
    """A download button of a file of this name; nothing is made before it is clicked."""
    st.download_button(
        label,
        data=pressed.as_drawn(made),
        file_name=name,
        mime=MIME[name.rpartition(".")[2]],
        key=key,
        icon=":material/download:",
        on_click="ignore",
        width=90,
        help=explained,
    )


def _file(made: Callable[[], pa.Table], suffix: Suffix, kind: str, of: str) -> Callable[[], bytes]:
    """What the button calls when it is clicked."""

    def exported() -> bytes:
        table = made()
        exports.note(session.workspace(), kind, table.num_rows, subject=of, actor=session.person())
        return written(table, suffix)

    return exported


def written(table: pa.Table, suffix: Suffix) -> bytes:
    """A table as the bytes of a file."""
    with folders.temporary() as folder:
        path = folder / f"selection.{suffix}"
        table_files.write(table, path)
        return path.read_bytes()
