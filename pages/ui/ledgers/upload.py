"""How does an upload become a draft? The files go to disk at once; what the user decides about them is kept for the tab."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from insights import ingest, jobs
from insights.access import Capability
from insights.ingest import Draft, Options
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.sandbox import folders
from insights.services import uploads, versions
from insights.services.ledgers import commit as commit_ledger
from insights.store import publications
from pages.ui.shared import reading, session, widgets

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = ["csv", "txt", "tsv", "tab", "dat", "prn", "asc", "xlsx", "xlsm", "xls", "ods", "parquet"]
TYPES += ["html", "htm", "mht", "mhtml", "xml", "json", "jsonl", "zip", "gz"]
KEPT, ROUND, COPIES = "upload", "upload_round", "upload_copies"
LONGEST_NAME, LONGEST_ENDING = 200, 20  # bytes of a file's name that every disk takes


@dataclass(frozen=True)
class Upload:
    """A file on disk, what was decided about it (further files too), and what was made of it; `round` counts the readings."""

    path: Path
    options: Options
    draft: Draft
    round: int = 0

    @property
    def names(self) -> list[str]:
        """Of the files of invoices, the first one first."""
        return [path.name for path in (self.path, *self.options.more)]

    @property
    def key(self) -> str:
        """Names this reading in widget keys: what is shown after another reading is another widget."""
        return f"{self.path.parent.name}-{self.round}"


def current() -> Upload | None:
    """The upload that this tab is working on."""
    kept = session.recall(KEPT)
    return kept if isinstance(kept, Upload) else None


def ask_for_file() -> None:
    """Draws the uploader; files that arrive are copied to disk, read, and kept as this tab's upload."""
    turn = _turn()
    files = st.file_uploader(
        "A receivables ledger: one row per invoice. Several files of the same kind become one ledger",
        type=TYPES,
        key=f"file_{turn}",
        accept_multiple_files=True,
        help="CSV, Excel, OpenDocument or Parquet, as your system exports it. Columns are recognised by name and content. "
        "Files of the same kind: open and cleared items (SAP: BSID and BSAD), or one file per year or company.",
    )
    st.caption(
        "Needed: customer, issue date, due date, amount. Useful: paid date (without it there is nothing to learn from), "
        "invoice number, currency, outstanding, company. Files of payments and of customer attributes are added in the next step."
    )
    if files:
        begin(files)


def _turn() -> int:
    """Counts the uploads: under another key the session lets go of the uploaded bytes."""
    return int(str(session.recall(ROUND) or 0))


@contextmanager
def kept(files: Sequence["UploadedFile"], needs: Capability = Capability.IMPORT) -> Iterator[list[Path]]:
    """Copies uploaded files, on record, into folders of their own in the workspace, and shows what is refused of them.

    Whatever fails or is refused: the copies go. So they do where the tab is closed or left meanwhile; only then is the
    upload taken up again, if it is shown again.
    """
    turn, paths, held = _turn(), list[Path](), list[folders.HeldFolder]()
    try:
        uploads.note(session.workspace(), {file.name: file.size for file in files}, actor=session.person(), needs=needs)
        for file in files:
            held.append(folders.hold(session.workspace().home / "uploads"))
            copies()[held[-1].path] = held[-1]
            paths.append(held[-1].path / _name(file))
            with paths[-1].open("wb") as target:
                shutil.copyfileobj(file, target)
        yield paths
    except Exception as error:
        forget(paths)
        session.remember(ROUND, turn + 1)
        if not isinstance(error, Refused):
            raise
        widgets.refusal(error)
    except BaseException:  # the script of a closed tab may not look into its session any more
        for folder in held:
            folder.release()
        raise


def _name(file: "UploadedFile") -> str:
    """What its copy is called: its name, as much of it as every disk takes."""
    name = Path(file.name).name or "ledger.csv"
    stem, ending = Path(name).stem, Path(name).suffix[:LONGEST_ENDING]
    return stem.encode()[:LONGEST_NAME].decode(errors="ignore") + ending


def copies() -> dict[Path, folders.HeldFolder]:
    """The folders of this tab's copies: they go with it, and with a server that was killed when the next one starts."""
    copies = session.recall(COPIES)
    if not isinstance(copies, dict):
        session.remember(COPIES, copies := {})
    return copies


def begin(files: Sequence["UploadedFile"]) -> None:
    """Reads new files with nothing decided yet, as one ledger; shows what is refused, and forgets the files then."""
    with kept(files) as (first, *others):
        _read(first, Options(name=first.stem, more=tuple(others)), 0)
        _done()
    if current() is not None:
        st.rerun()


def _done() -> None:
    """The uploaded bytes are not needed any more."""
    session.remember(ROUND, _turn() + 1)


def again(upload: Upload, decided: Mapping[str, Any], without: Iterable[Path] = ()) -> None:
    """Reads the file again with further decisions (fields of Options), and forgets the files that it is read `without`.

    Raises Refused, and then all stays as it was.
    """
    _read_again(upload, decided)
    forget(without)
    st.rerun()


def _read_again(upload: Upload, decided: Mapping[str, Any]) -> None:
    _read(upload.path, replace(upload.options, **decided), upload.round + 1)


def ask_for_more(work: Upload) -> None:
    """Draws the uploaders of the other files: further invoices, dated payments, attributes of customers; and what is used."""
    invoices, payments, attributes = st.columns(3)
    with invoices:
        more = work.options.more
        _ask(
            work,
            "more",
            "Further invoices: files of the same kind, read below the first",
            lambda new: (*more, *new),
            several=True,
        )
        for path in more:
            _used(work, path, {"more": tuple(other for other in more if other != path)})
    wanted = {
        "payments": (payments, "Payments: one row each, with date and amount, joined by document or customer"),
        "attributes": (attributes, "Customer attributes: one row per customer, joined by customer id"),
    }
    for name, (column, label) in wanted.items():
        with column:
            _ask(work, name, label, lambda new: new[0])
            if (known := getattr(work.options, name)) is not None:
                _used(work, known, {name: None})


def _ask(work: Upload, name: str, label: str, decided: Callable[[list[Path]], object], *, several: bool = False) -> None:
    """One uploader; what arrives is a decision like any other, and what is refused leaves all as it was."""
    replaced = getattr(work.options, name)
    turn = _turn()
    given = st.file_uploader(label, type=TYPES, key=f"{name}-{work.key}-{turn}", accept_multiple_files=several)
    files = given if isinstance(given, list) else [given] if given is not None else []
    if not files:
        return
    with kept(files) as paths:
        _read_again(work, {name: decided(paths)})
        _done()
        forget(() if several or replaced is None else (replaced,))
    if current() is not work:
        st.rerun()


def _used(work: Upload, path: Path, without: Mapping[str, Any]) -> None:
    """A further file that is used, and the button that leaves it out."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"Used: {path.name}")
        if st.button("Leave out", key=f"without-{work.key}-{path.parent.name}", icon=":material/close:", type="tertiary"):
            again(work, without, [path])


def forget(paths: Iterable[Path]) -> None:
    for path in paths:
        if held := copies().pop(path.parent, None):
            held.release()


def _read(path: Path, options: Options, turn: int) -> None:
    before = current()
    other = before is not None and before.options != options  # the same options again: what is remembered has changed
    if (
        before is not None
        and other
        and before.path == path
        and before.draft.ledger
        and ingest.only_settings(before.options, options)
    ):
        draft = ingest.with_settings(before.draft, options)
    else:
        with reading.reads([file.name for file in (path, *options.more)]) as heard:
            draft = ingest.read(path, options, home=session.workspace().home, heard=heard)
    session.remember(KEPT, Upload(path, options, draft, turn))


def discard() -> None:
    """Forgets the upload and its copies (a callback)."""
    upload = current()
    if upload is not None:
        options = upload.options
        forget(path for path in (upload.path, *options.more, options.payments, options.attributes) if path is not None)
    session.remember(KEPT, None)


def commit(upload: Upload, name: str, decided: Mapping[str, Any], older: Ledger | None = None, *, append: bool = False) -> str:
    """Commits the draft under a name and the last decisions (fields of Options), forgets the upload, gives the ledger's id.

    With `older`, as the next version of that ledger; with `append`, the rows that only that has are kept.
    """
    options, store, draft = replace(upload.options, **decided), session.workspace(), upload.draft
    if ingest.only_settings(upload.options, options):
        draft = ingest.with_settings(draft, options)
    else:
        with reading.reads(upload.names) as heard:
            draft = ingest.read(upload.path, options, home=store.home, heard=heard)
    with st.spinner("Committing …"):
        ledger = replace(draft.require(), name=name)
        if older is not None:
            ledger = versions.whole(versions.update(older, ledger), append=append)
        after = older.id if older else ""
        ledger = commit_ledger(store, ledger, after=after, merges=options.merges, actor=session.person())
    discard()
    session.choose(ledger.id)
    if publications.active_publications(store):  # then the commit has queued the ledger's scoring
        jobs.ensure_worker(store)
    return ledger.id
