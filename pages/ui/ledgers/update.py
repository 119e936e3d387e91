"""Of which ledger is this file the next version, what changed, and what becomes of the older one's rows?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

from insights.ingest import CustomerChange, LedgerDiff
from insights.ledger.ledger import Ledger
from insights.services import versions
from insights.services.versions import Proposal, Update
from insights.store import lineages
from pages.ui.ledgers import upload
from pages.ui.ledgers.upload import Upload
from pages.ui.shared import format as fmt
from pages.ui.shared import labels, session, sheets
from pages.ui.shared.tiles import Tile, row

KEPT, PROPOSED = "difference", "proposed_older"
OWN = "(a ledger of its own)"
MOST, FEW = 100, 5
ALIGN = {"What changed": "wide", "Amount": "right", "Outstanding": "right"}
FIELDS = {"customer_id": "customer", "settled_by": "settled by", "issue_date": "issued", "due_date": "due", "paid_date": "paid"}
MONEY, DAYS = {"amount", "outstanding"}, {"issue_date", "due_date", "paid_date"}


@dataclass(frozen=True)
class Follows:
    """The version before, what the newer export says otherwise, and whether rows that only the version before has are kept."""

    update: Update
    append: bool


def ask(work: Upload, ledger: Ledger) -> Follows | None:
    """Asks for the ledger whose next version this is, and shows what changed; None where the file stands for itself."""
    newest = versions.newest_versions(session.contents().ledgers)
    if not newest:
        return None
    names = labels.ledgers(newest)
    proposal = _proposed(work, ledger)
    proposed = proposal.ledger.id if proposal else ""
    with st.container(border=True):
        chosen = st.selectbox(
            "Next version of",
            ["", *names],
            ["", *names].index(proposed) if proposed in names else 0,
            format_func=lambda ledger_id: names[ledger_id] if ledger_id else OWN,
            key=f"older-{work.key}",
        )
        if proposal and proposed in names:
            share = f"{fmt.count(proposal.shared)} of {fmt.count(len(ledger.invoices), 'row')} of this file"
            st.text(f"{share} are in “{names[proposed]}” already, so it is proposed as the next version of that ledger.")
        if not chosen:
            return None
        _apply_merges(work, session.contents().ledger(chosen).lineage_id)
        return _compared(work, chosen, ledger)


def _compared(work: Upload, chosen: str, ledger: Ledger) -> Follows:
    """What changed since the version before, and what becomes of the rows that only that has."""
    update = _update(work, session.open_ledger(chosen), ledger)
    difference = update.difference
    if ledger.complete_through < update.older.complete_through:
        st.text(
            f"This file knows everything through {fmt.day(ledger.complete_through)}, the version before through "
            f"{fmt.day(update.older.complete_through)}: is it the older one of the two?"
        )
    row(
        Tile("New", fmt.count(len(difference.new)), _sums(difference.new, "amount")),
        Tile("Paid", fmt.count(len(difference.settled)), _sums(difference.settled, "amount")),
        Tile("Changed", fmt.count(len(difference.changed)), _kinds(difference)),
        Tile("Disappeared", fmt.count(len(difference.disappeared)), _sums(difference.disappeared, "outstanding", "open")),
        Tile("Unchanged", fmt.count(difference.unchanged)),
        border=False,
    )
    if difference.customers:
        st.text(_moved(difference.customers))
    if difference.unstable:
        unstable = ", ".join(difference.unstable)
        st.text(f"Changed for some invoice since, and so not known at issue: {unstable}.")
    _tables(difference)
    keep = bool(len(difference.disappeared)) and st.toggle(
        "Keep the rows that only the version before has, as they were last seen", key=f"keep-{work.key}-{chosen}",
        help="Right for an export that holds only what changed or is open; wrong where a row was deleted on purpose.",
    )  # fmt: skip
    return Follows(update, keep)


def _moved(customers: Sequence[CustomerChange]) -> str:
    """Who stands under another id now: the first few, and how many more."""
    moved = fmt.count(sum(customer.invoices for customer in customers), "invoice stands", "invoices stand")
    first = ", ".join(f"{customer.was} → {customer.now} ({fmt.count(customer.invoices)})" for customer in customers[:FEW])
    more = f" and {fmt.count(len(customers) - FEW)} more" if len(customers) > FEW else ""
    return f"{moved} under another customer id now, and none of them is new: {first}{more}."


def _tables(difference: LedgerDiff) -> None:
    kinds = (
        ("New", difference.new),
        ("Paid", difference.settled),
        ("Changed", difference.changed),
        ("Disappeared", difference.disappeared),
    )
    there = {heading: table for heading, table in kinds if len(table)}
    if not there:
        return
    with st.expander("What changed, invoice by invoice", icon=":material/difference:"):
        for (heading, table), tab in zip(
            there.items(), st.tabs([f"{heading}: {fmt.count(len(table))}" for heading, table in there.items()]), strict=True
        ):
            with tab:
                lines = _lines(table, difference.before if heading == "Changed" else None)
                align = [ALIGN.get(name, "text") for name in lines[0]]
                cells = [list(line.values()) for line in lines]
                sheets.sheet(list(lines[0]), cells, heading, key=f"changes-{heading.lower()}", align=align, cards=True)
                if len(table) > MOST:
                    st.caption(f"Shown are the first {MOST}.")


def _apply_merges(work: Upload, lineage_id: str) -> None:
    """Reads the file again with the spellings that were merged in the versions before, where it was read without them."""
    known = lineages.merges(session.workspace(), lineage_id)
    if missing := {spelling: customer for spelling, customer in known.items() if spelling not in work.options.merges}:
        upload.again(work, {"merges": {**missing, **work.options.merges}})


def _kinds(difference: LedgerDiff) -> str:
    """Of what kind the changes are: "3 re-dated, 1 amount"."""
    counts = [(difference.redated, "re-dated", "re-dated"), (difference.amounts_changed, "amount", "amounts")]
    return ", ".join(fmt.count(number, singular, many) for number, singular, many in counts if number)


def _sums(table: pa.Table, name: str, word: str = "") -> str:
    """What the rows come to, per currency; a line too long for a tile is left to the tables below."""
    groups = table.group_by("currency").aggregate([(name, "sum")]).sort_by("currency").to_pylist()
    sums = ", ".join(fmt.money(group[f"{name}_sum"], group["currency"]) for group in groups if group[f"{name}_sum"])
    return f"{sums} {word}".rstrip() if sums and len(groups) <= 2 else ""


def _proposed(work: Upload, ledger: Ledger) -> Proposal | None:
    """The ledger whose next version this seems to be. Looked up once per reading."""
    kept = session.recall(PROPOSED)
    if isinstance(kept, tuple) and kept[0] == work.key:
        proposal: Proposal | None = kept[1]
        return proposal
    proposal = versions.proposed(session.workspace(), ledger)
    session.remember(PROPOSED, (work.key, proposal))
    return proposal


def _update(work: Upload, older: Ledger, ledger: Ledger) -> Update:
    """Computed once per reading and earlier version."""
    key, kept = (work.key, older.id), session.recall(KEPT)
    if isinstance(kept, tuple) and kept[0] == key:
        made: Update = kept[1]
        return made
    with st.spinner("Comparing the two …"):
        made = versions.update(older, ledger)
    session.remember(KEPT, (key, made))
    return made


def _lines(table: pa.Table, before: pa.Table | None) -> list[dict[str, str]]:
    """The first rows, in the words of the screen; of the changed ones, `before` has the same rows as they were."""
    lines = []
    earlier = before.slice(0, MOST).to_pylist() if before is not None else []
    for number, invoice in enumerate(table.slice(0, MOST).to_pylist()):
        line = {
            "Invoice": invoice["invoice_id"],
            "Customer": invoice["customer_name"],
            "Amount": fmt.money(invoice["amount"], invoice["currency"]),
            "Outstanding": fmt.money(invoice["outstanding"], invoice["currency"]),
            "Due": fmt.day(invoice["due_date"]),
            "Paid": fmt.day(invoice["paid_date"]),
        }
        changes = (
            {"What changed": ", ".join(_change(name, earlier[number], invoice) for name in invoice["was"])} if earlier else {}
        )
        lines.append(changes | line)
    return lines


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """What one field was and is: "due 1 Mar 2024 → 15 Mar 2024"."""
    column = name if name in after else f"x:{name}"
    return f"{FIELDS.get(name, name)} {_shown(column, before)} → {_shown(column, after)}"


def _shown(column: str, line: dict[str, Any]) -> str:
    value = line.get(column)
    if column in MONEY:
        return fmt.money(value, line["currency"])
    if column in DAYS:
        return fmt.day(value)
    return fmt.NOTHING if value is None else str(value)
