"""Is this file a newer export of a ledger that is here, what changed, and what becomes of the older one's rows?"""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import streamlit as st

from insights import ingest
from insights.ingest import LedgerDiff
from insights.ledger.ledger import Ledger
from pages.ui.ledgers.upload import Upload
from pages.ui.shared import format as fmt
from pages.ui.shared import labels, session
from pages.ui.shared.tiles import Tile, row

KEPT, PROPOSED = "difference", "proposed_older"
LOOKED_AT = 3  # newest ledgers
MOSTLY = 0.5  # of the invoices of a file: so many that are here already make it a newer export
MOST = 100


@dataclass(frozen=True)
class Update:
    """The earlier ledger, what the newer export says otherwise, and whether rows that only the earlier one has are kept."""

    older: Ledger
    found: LedgerDiff
    keep: bool


def ask(work: Upload, ledger: Ledger) -> Update | None:
    """Asks for the earlier ledger, and shows the difference; None where the file stands for itself."""
    names = labels.ledgers(session.contents().ledgers)
    if not names:
        return None
    ids = ["", *names]
    proposed, shared = _proposed(work, ledger, list(names)[:LOOKED_AT])
    if proposed:
        st.text(
            f"{fmt.count(shared)} of {fmt.count(len(ledger.invoices), 'row')} of this file are in “{names[proposed]}” "
            "already, so it is proposed as a newer export of that ledger."
        )
    chosen = st.selectbox(
        "Newer export of",
        ids,
        ids.index(proposed),
        format_func=lambda each: names[each] if each else "(a ledger of its own)",
        key=f"older-{work.key}",
    )
    if not chosen:
        return None
    older = session.open_ledger(chosen)
    found = _difference(work, older, ledger)
    row(
        Tile("New", fmt.count(len(found.new))),
        Tile("Settled", fmt.count(len(found.settled)), "open before"),
        Tile("Changed", fmt.count(len(found.changed))),
        Tile("Unchanged", fmt.count(found.unchanged)),
        Tile("Disappeared", fmt.count(len(found.disappeared)), "only in the earlier one"),
    )
    for heading, table in (
        ("New", found.new),
        ("Settled", found.settled),
        ("Changed", found.changed),
        ("Disappeared", found.disappeared),
    ):
        if len(table):
            with st.expander(f"{heading}: {fmt.count(len(table), 'row')}"):
                right = {name: st.column_config.TextColumn(alignment="right") for name in ("Amount", "Outstanding")}
                st.dataframe(_frame(table), hide_index=True, column_config=right, alt=heading)
    if found.unstable:
        unstable = ", ".join(found.unstable)
        st.text(f"Changed for some invoice between the two exports, and so not known at issue: {unstable}.")
    keep = bool(len(found.disappeared)) and st.toggle(
        "Keep the rows that only the earlier ledger has, as they were last seen", key=f"keep-{work.key}-{chosen}",
        help="Right for an export that holds only what changed or is open; wrong where a row was deleted on purpose.",
    )  # fmt: skip
    return Update(older, found, keep)


def _proposed(work: Upload, ledger: Ledger, ids: list[str]) -> tuple[str, int]:
    """The newest ledger that holds most of this file's invoices, and how many; "" where none does. Looked up once per reading."""
    kept = session.recall(PROPOSED)
    if isinstance(kept, tuple) and kept[0] == work.key:
        found: tuple[str, int] = kept[1]
        return found
    shared = {each: ingest.known(session.open_ledger(each), ledger) for each in ids}
    fitting = [each for each in ids if shared[each] >= MOSTLY * len(ledger.invoices)]
    found = (fitting[0], shared[fitting[0]]) if fitting else ("", 0)
    session.remember(PROPOSED, (work.key, found))
    return found


def _difference(work: Upload, older: Ledger, ledger: Ledger) -> LedgerDiff:
    """Computed once per reading and earlier ledger."""
    key, kept = (work.key, older.id), session.recall(KEPT)
    if isinstance(kept, tuple) and kept[0] == key:
        found: LedgerDiff = kept[1]
        return found
    with st.spinner("Comparing the two …"):
        found = ingest.difference(older, ledger)
    session.remember(KEPT, (key, found))
    return found


def _frame(table: pa.Table) -> pd.DataFrame:
    """The first rows, in the words of the screen."""
    lines = []
    for each in table.slice(0, MOST).to_pylist():
        line = {
            "Invoice": each["invoice_id"],
            "Customer": each["customer_name"],
            "Amount": fmt.money(each["amount"], each["currency"]),
            "Outstanding": fmt.money(each["outstanding"], each["currency"]),
            "Due": fmt.day(each["due_date"]),
            "Paid": fmt.day(each["paid_date"]),
        }
        lines.append(line | ({"What changed": ", ".join(each["was"])} if "was" in each else {}))
    return pd.DataFrame(lines, dtype="str")
