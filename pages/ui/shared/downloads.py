"""How does a table leave the product? As CSV or Excel, with every formula disarmed, made only when it is asked for."""

from collections.abc import Callable

import pyarrow as pa
import streamlit as st

from insights.ledger import table_files
from insights.sandbox import folders

MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LABELS = {"csv": "CSV", "xlsx": "Excel"}


def buttons(name: str, made: Callable[[], pa.Table], *, key: str = "download") -> None:
    """A download button per format; `name`: of the file, without its ending."""
    for suffix, label in LABELS.items():
        st.download_button(
            label,
            data=_file(made, suffix),
            file_name=f"{name}.{suffix}",
            mime=MIME[suffix],
            key=f"{key}_{suffix}",
            icon=":material/download:",
            on_click="ignore",
            width=90,
        )


def _file(made: Callable[[], pa.Table], suffix: str) -> Callable[[], bytes]:
    """What the button calls when it is clicked; nothing is written before."""

    def written() -> bytes:
        with folders.temporary() as folder:
            path = folder / f"selection.{suffix}"
            table_files.write(made(), path)
            return path.read_bytes()

    return written
