"""Which fields may the next model use? One switch each, in groups, with what it holds and how much it matters today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights import messages
from insights.evaluation.field_profile import Described
from insights.evaluation.leakage import Leak, sentence
from insights.features import catalog
from insights.ledger.ledger import FURTHER
from insights.services.ledgers import commit
from insights.store.records import ModelRecord
from pages.ui.shared import cache, session
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

GROUPS = ("invoice", "past", "habit", "present", "ledger", "calendar", "own")
USUAL, ALL, PUBLISHED, HISTORY = "usual", "all", "published", "history"
STARTS = {USUAL: "The usual", ALL: "All fields", PUBLISHED: "As published", HISTORY: "Nothing but history"}


@dataclass(frozen=True)
class Chosen:
    """The fields that are on (None: the usual ones), and why columns may be used that look like the outcome."""

    fields: tuple[str, ...] | None
    allowed: Mapping[str, str]  # column -> reason


def show(view: View, published: ModelRecord | None) -> Chosen:
    """The switches, group by group."""
    possible = cache.described(view)
    starts = [name for name in STARTS if name != PUBLISHED or published]
    first = PUBLISHED if published else USUAL
    chosen = st.segmented_control(
        "Fields", starts, default=first, required=True, format_func=lambda code: STARTS[code], key="fields_from"
    )
    against = cache.leaks(view.ledger.id)
    barred = {FURTHER + column if column != "disputed" else column for column, leak in against.items() if leak.blocked}
    preset = _preset(view, chosen or first, published) - barred
    switched: list[str] = []
    for group in GROUPS:
        mine = [described for described in possible if catalog.field(described.name).group == group]
        if mine:
            switched += _group(f"use-{view.ledger.id}-{chosen}", messages.group(group), mine, preset=preset, published=published)
    allowed = _doubtful(against, switched)
    _blocked(view)
    st.caption(f"{fmt.count(len(switched))} of {fmt.count(len(possible), 'field')} on")
    usual = set(switched) == set(catalog.usual(view.ledger, view.as_of))
    return Chosen(None if usual else tuple(switched), allowed)


def _doubtful(against: Mapping[str, Leak], switched: Sequence[str]) -> dict[str, str]:
    """What speaks against columns, and the reasons why those that are on may be used nevertheless."""
    on = {name.removeprefix(FURTHER) for name in switched}
    allowed = {}
    for column, leak in against.items():
        with st.container(border=True):
            st.text(sentence(leak))
            if leak.blocked and column in on:
                allowed[column] = st.text_input("Why it may be used nevertheless; it is recorded", key=f"allow-{column}")
    return {column: reason for column, reason in allowed.items() if reason.strip()}


def _preset(view: View, chosen: str, published: ModelRecord | None) -> set[str]:
    """The fields that stand on at first."""
    if chosen == PUBLISHED and published:
        return set(published.fields)
    if chosen == USUAL:
        return set(catalog.usual(view.ledger, view.as_of))
    possible = catalog.candidates(view.ledger, view.as_of)
    return {name for name in possible if chosen == ALL or catalog.field(name).group in {"past", "habit"}}


def _group(key: str, heading: str, mine: Sequence[Described], *, preset: set[str], published: ModelRecord | None) -> list[str]:
    """The switches of one group; the names of those that are on."""
    shares = {share.field: share.share for share in published.metrics.importance} if published else {}
    label = f"{heading} · {fmt.count(len(mine), 'field')}"
    if shares:
        label += f" · {fmt.percent(sum(shares.get(described.name, 0) for described in mine))} of the published model's influence"
    on = []
    with st.expander(label, key=f"group-{heading}"):
        for at, (described, column) in enumerate(zip(mine, _columns(len(mine)), strict=True)):
            with column.container(gap=None, key=f"{key}-{heading}-{at}"):
                if st.toggle(messages.plain(described.label), described.name in preset, key=f"{key}-{described.name}"):
                    on.append(described.name)
                st.caption(messages.plain(" ".join(_facts(described, shares))))
    return on


def _columns(count: int) -> list[DeltaGenerator]:
    """Where each of so many switches stands: two to a row."""
    return [column for _ in range((count + 1) // 2) for column in st.columns(2, gap="large")][:count]


def _facts(described: Described, shares: dict[str, float]) -> list[str]:
    """What the field holds, how often it is missing, and its influence."""
    facts = [described.help, f"{fmt.count(described.distinct, 'value')}."]
    if described.missing:
        facts.append(f"Missing in {fmt.percent(described.missing)}.")
    if described.name in shares:
        facts.append(f"{shares[described.name]:.1%} of the influence.")
    return facts


def _blocked(view: View) -> None:
    """The ledger's columns that no model may use, why, and how to say that one was known at issue."""
    disputes = ["disputed"] if view.ledger.invoices["disputed"].null_count < len(view.ledger.invoices) else []
    barred = [name for name in (*view.ledger.further, *disputes) if name not in view.ledger.known_at_issue]
    if not barred:
        return
    with st.expander(f"Not to be used · {fmt.count(len(barred), 'column')}", icon=":material/block:", key="barred"):
        st.caption(
            "These columns carry no date, so they may say how things stood when the file was written, which tells the future. "
            "Where one was known when each invoice was issued, say so: that makes a new version of this ledger."
        )
        known = st.multiselect("Known at issue", barred, key=f"known-{view.ledger.id}", placeholder="None of them")
        if st.button("Make the new version", disabled=not known, icon=":material/library_add:"):
            marked = replace(view.ledger, known_at_issue=(*view.ledger.known_at_issue, *known), id="")
            session.choose(commit(session.workspace(), marked, actor=session.person()).id, view.as_of)
            st.rerun()
