"""Is one customer here under several ids, and which of them is it? What is merged is remembered for the versions to come."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from insights import ingest
from insights.ingest import Spelling
from insights.ledger.ledger import Ledger
from pages.ui.ledgers import upload
from pages.ui.ledgers.upload import Upload
from pages.ui.shared import format as fmt
from pages.ui.shared import labels

MOST = 20  # groups asked about at once
APART = "(different customers)"


def ask(work: Upload, ledger: Ledger) -> None:
    """Draws customers that may be one, with the merges that were decided; a button applies what is chosen."""
    groups = ingest.alike(ledger.invoices)
    merges = {name: customer for name, customer in work.options.merges.items() if name != customer}
    if not groups and not merges:
        return
    named = fmt.count(len(groups), "customer seems", "customers seem")
    label = f"{named} to stand under several ids" if groups else f"{fmt.count(len(merges), 'spelling')} merged"
    with st.expander(label, icon=":material/group:"):
        for spelling, customer in merges.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{spelling} is {customer}")
                if st.button("Undo", key=f"unmerge-{work.key}-{spelling}", icon=":material/undo:", type="tertiary"):
                    upload.again(work, {"merges": {**work.options.merges, spelling: spelling}})  # itself: what is kept says so
        if groups:
            _groups(work, groups)


def _groups(work: Upload, groups: Sequence[Sequence[Spelling]]) -> None:
    """One question per group: which id stays."""
    chosen: dict[str, str] = {}
    with st.form(f"spellings-{work.key}", border=False):
        for number, group in enumerate(groups[:MOST]):
            names = labels.distinct({spelling.customer_id: (_label(spelling), spelling.customer_id) for spelling in group})
            st.text(", ".join(f"“{_label(spelling)}”" for spelling in group))
            kept = st.selectbox(
                f"Customer {number + 1}: which one it is",
                ["", *names],
                format_func=partial(_choice, names),
                key=f"spelling-{work.key}-{number}",
                label_visibility="collapsed",
            )
            chosen |= {spelling.customer_id: kept for spelling in group if kept and spelling.customer_id != kept}
        if len(groups) > MOST:
            st.caption(f"Shown are the first {MOST} of {fmt.count(len(groups))}.")
        if st.form_submit_button("Merge these", icon=":material/merge:") and chosen:
            upload.again(work, {"merges": {**work.options.merges, **chosen}})


def _choice(names: Mapping[str, str], customer_id: str) -> str:
    return f"One customer: {names[customer_id]}" if customer_id else APART


def _label(spelling: Spelling) -> str:
    return spelling.customer_name if spelling.customer_name == spelling.customer_id else " · ".join(reversed(spelling))
