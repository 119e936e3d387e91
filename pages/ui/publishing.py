"""Which model speaks, and who decided so? Publish, change the threshold, roll back, and the list of what was published."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from insights import jobs
from insights.errors import Refused
from insights.jobs import Job
from insights.workspace import DEFAULT_THRESHOLD, ModelRecord, Publication, Verdict
from insights.workspace.publications import objections
from pages.ui import background, computed, parts, session
from pages.ui import format as written

JOB, ASKED, CHECKED = "check_job", "check_asked", "checked_model"  # what the tab remembers
LINES = ("very_late_days", "grace_days", "calendar")
SERIES = {"model": "this model", "published": "the published one", "base_rates": "base rates", "customer_past": "customer's past"}
UNCHECKED = "This model was not yet held against the published one: check it on past months first, or give a reason."
KINDS = {"publish": "Published", "roll_back": "Rolled back", "withdraw": "Withdrawn"}


def publish(record: ModelRecord, view: session.View, in_force: Publication | None) -> None:
    """The check, then threshold, reason and the button; what somebody else published meanwhile is not overwritten."""
    is_in_force = in_force is not None and in_force.model_id == record.id
    seen = in_force.id if in_force else ""
    verdict = None if is_in_force else _checked(record, in_force)
    with st.form(f"publish-{record.id}-{seen}"):  # another publication is another form: a click on an old one does nothing
        threshold, reason, button = st.columns([2, 5, 2], vertical_alignment="bottom")
        per_cent = threshold.number_input(
            "Flag below, per cent", 1.0, 99.0, (in_force.threshold if in_force else DEFAULT_THRESHOLD) * 100, 1.0, format="%g",
            help="An invoice is flagged where its probability of being paid on time is below this. Changing it trains nothing.",
        )  # fmt: skip
        why = reason.text_input("Reason", placeholder="Why, for the record")
        label, kind = ("Change the threshold", "secondary") if is_in_force else ("Publish this model", "primary")
        clicked = button.form_submit_button(label, type=kind, icon=":material/publish:", width="stretch")  # type: ignore[arg-type]
    if clicked:
        with parts.refusals():
            if _to_check(record, in_force) and verdict is None and not why.strip():
                raise Refused(UNCHECKED, "unchecked")
            session.workspace().publish(record.id, replaces=seen or None, threshold=per_cent / 100, reason=why, verdict=verdict)
            _published(view, record.id)


def _to_check(record: ModelRecord, in_force: Publication | None) -> bool:
    """Whether another recipe that draws the same lines is published, so that the two can be held against each other."""
    if in_force is None or not in_force.model_id or in_force.model_id == record.id:
        return False
    standing = session.workspace().model_record(in_force.model_id).recipe
    alike = all(standing.get(name) == record.recipe.get(name) for name in LINES)
    return alike and dict(standing) != dict(record.recipe)


def _checked(record: ModelRecord, in_force: Publication | None) -> Verdict | None:
    """Offers the check on past months, and shows what came of it; None before."""
    if in_force is None or not _to_check(record, in_force):
        return None
    pair = (record.id, in_force.id)
    if background.goes_on(JOB, _finished):
        return None
    if session.recall(CHECKED) == pair:
        return _shown(computed.verdict(*pair))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text("Not yet held against the published model on past months.")
        if st.button("Check on past months", icon=":material/rule:", key=f"check-{record.id}"):
            session.remember(JOB, jobs.start_check(session.workspace(), record.id))
            session.remember(ASKED, pair)
            st.rerun()
    return None


def _finished(_: Job) -> None:
    session.remember(CHECKED, session.recall(ASKED))


def _shown(verdict: Verdict) -> Verdict:
    """The verdict with its figures."""
    losses = {name: found["log_loss"] for name, found in verdict.figures.get("figures", {}).items()}
    told = " · ".join(f"{SERIES.get(name, name)} {loss:.4f}" for name, loss in losses.items())
    if verdict.passed:
        st.success(f"Good enough: not certainly worse than the published model, nor than the baselines. Log loss: {told}.")
    else:
        st.error(f"{' '.join(objections(verdict))} Publishing it needs a reason. Log loss: {told}.")
    return verdict


def roll_back(view: session.View, in_force: Publication, names: Mapping[str, str]) -> None:
    """Two clicks back to what was published before; nothing where there is nothing before."""
    try:
        earlier = session.workspace().before(in_force.id)
    except Refused:
        return
    with st.popover("Roll back", icon=":material/undo:"):
        st.text(f"Back to {names.get(earlier.model_id, earlier.model_id)},\nflagged below {written.percent(earlier.threshold)}.")
        if st.button("Roll back now", key=f"roll-back-{in_force.id}", type="primary"):
            session.workspace().roll_back(replaces=in_force.id, reason="Rolled back on the screen")
            _published(view, earlier.model_id)


def _published(view: session.View, model_id: str) -> None:
    """From now on this tab speaks with what is in force, and shows it."""
    session.choose(view.ledger.id, view.as_of)
    session.remember(session.MADE, model_id)
    st.rerun()


def history(publications: Sequence[Publication], names: Mapping[str, str]) -> None:
    """What was published, when, by whom and why; the first line is in force."""
    rows = [
        {
            "When": written.moment(each.created_at),
            "Who": each.actor,
            "What": KINDS[each.kind],
            "Model": names.get(each.model_id, "deleted"),
            "Flag below": written.percent(each.threshold),
            "Reason": each.reason,
        }
        for each in publications
    ]
    st.dataframe(pd.DataFrame(rows, dtype="str"), key=f"publications-{len(rows)}", hide_index=True, alt="Publications")
