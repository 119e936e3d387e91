"""How does an upload become a draft? The file goes to disk at once; what the user decides about it is kept for the tab."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from insights import ingest, jobs
from insights.errors import Refused
from insights.ingest import Draft, Options
from insights.ledger import Ledger
from pages.ui import parts, session

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = ["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods", "parquet"]
KEPT, ROUND = "upload", "upload_round"


@dataclass(frozen=True)
class Upload:
    """A file on disk, what was decided about it, and what was made of it; `round` counts the readings."""

    path: Path
    options: Options
    draft: Draft
    round: int = 0

    @property
    def key(self) -> str:
        """Names this reading in widget keys: what is shown after another reading is another widget."""
        return f"{self.path.parent.name}-{self.round}"


def current() -> Upload | None:
    """The upload that this tab is working on."""
    kept = session.recall(KEPT)
    return kept if isinstance(kept, Upload) else None


def ask_for_file() -> None:
    """Draws the uploader; a file that arrives is copied to disk, read, and kept as this tab's upload."""
    turn = int(str(session.recall(ROUND) or 0))
    file = st.file_uploader(
        "A receivables ledger: one row per invoice",
        type=TYPES,
        key=f"file_{turn}",
        help="CSV, Excel, OpenDocument or Parquet, as your system exports it. Columns are recognised by name and content.",
    )
    st.caption(
        "Needed: customer, issue date, due date, amount. Useful: paid date (without it there is nothing to learn from), "
        "invoice number, currency, outstanding, company."
    )
    if file is not None:
        session.remember(ROUND, turn + 1)  # another key: the session lets go of the uploaded bytes
        begin(keep(file))


def keep(file: "UploadedFile") -> Path:
    """Copies an uploaded file into a folder of its own in the workspace."""
    folder = session.workspace().home / "uploads" / uuid4().hex
    folder.mkdir(parents=True)
    path = folder / (Path(file.name).name or "ledger.csv")
    with path.open("wb") as target:
        shutil.copyfileobj(file, target)
    return path


def begin(path: Path) -> None:
    """Reads a new file with nothing decided yet; shows what is refused, and forgets the file then."""
    try:
        _read(path, Options(name=path.stem), 0)
    except Refused as refused:
        shutil.rmtree(path.parent, ignore_errors=True)
        parts.refusal(refused)
    else:
        st.rerun()


def again(upload: Upload, decided: Mapping[str, Any]) -> None:
    """Reads the file again with further decisions (fields of Options). Raises Refused, and then all stays as it was."""
    _read(upload.path, replace(upload.options, **decided), upload.round + 1)
    st.rerun()


def ask_for_more(work: Upload) -> None:
    """Draws the uploaders of the second files: dated payments, and attributes of customers."""
    wanted = {
        "payments": ("Payments: one row per payment, with its date and amount", work.options.payments),
        "attributes": ("Customer attributes: one row per customer, joined by customer id", work.options.attributes),
    }
    for (name, (label, known)), column in zip(wanted.items(), st.columns(2), strict=True):
        file = column.file_uploader(label, type=TYPES, key=f"{name}-{work.key}")
        if known is not None:
            column.text(f"Used: {known.name}")
        if file is not None:
            again(work, {name: keep(file)})


def _read(path: Path, options: Options, turn: int) -> None:
    with st.spinner(f"Reading {path.name} …"):
        draft = ingest.read(path, options, home=session.workspace().home)
    session.remember(KEPT, Upload(path, options, draft, turn))


def discard() -> None:
    """Forgets the upload and its copies (a callback)."""
    upload = current()
    if upload is not None:
        for path in (upload.path, upload.options.payments, upload.options.attributes):
            if path is not None:
                shutil.rmtree(path.parent, ignore_errors=True)
    session.remember(KEPT, None)


def commit(upload: Upload, name: str, decided: Mapping[str, Any], older: Ledger | None = None) -> str:
    """Commits the draft under a name and the last decisions (fields of Options), forgets the upload, gives the ledger's id.

    With `older`, the rows that only that ledger has are kept. Where a model may speak of the new ledger, it is scored
    in the background.
    """
    options, store, draft = replace(upload.options, **decided), session.workspace(), upload.draft
    with st.spinner("Committing …"):
        if options != upload.options:
            draft = ingest.read(upload.path, options, home=store.home)
        ledger = replace(draft.require(), name=name)
        ledger = store.commit(ledger if older is None else ingest.updated(older, ledger))
    discard()
    session.choose(ledger.id)
    if store.model_for(ledger, ledger.default_as_of):
        jobs.start_rescoring(store, ledger.id)
    return ledger.id
