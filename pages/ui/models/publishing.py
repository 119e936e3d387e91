"""Which model speaks, and who decided so? Publish, change the threshold, roll back, and the list of what was published."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights import messages
from insights.ledger.errors import Refused
from insights.services import background, publishing, quality_gate
from insights.services.quality_gate import objections
from insights.store.publications import DEFAULT_THRESHOLD
from insights.store.records import ALL_COMPANIES, Job, ModelRecord, Publication, Scope, Verdict
from pages.ui.models import consequences, flag_changes
from pages.ui.shared import cache, job_progress, labels, session, sheets, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

JOB, ASKED, CHECKED = "check_job", "check_asked", "checked_model"  # what the tab remembers
SERIES = {"model": "this model", "published": "the published one", "base_rates": "base rates", "customer_past": "customer's past"}
KINDS = {"publish": "Published", "roll_back": "Rolled back", "withdraw": "Withdrawn"}


def publish(record: ModelRecord, view: View) -> None:
    """For whom and below what to flag, what that would change, the check, then the reason and the button.

    What somebody else published meanwhile is not overwritten.
    """
    published = session.contents().published
    asked, limit, _ = st.columns([3, 2, 4])
    scope = session.contents().own_scope(record.id, _scope(record, view, asked))
    in_force = published.of(scope)
    standing = in_force or published.of_all(scope.lineage)  # what it is held against, as in the gate
    # Another publication is another form: a click on an old one does nothing.
    key = f"{record.id}-{scope}-{in_force.id if in_force else ''}"
    threshold = _threshold(limit, standing, key)
    is_in_force = in_force is not None and in_force.model_id == record.id
    changes = in_force is None or (record.id, threshold) != (in_force.model_id, in_force.threshold)
    with widgets.refusals():
        consequences.show(view, record, scope, threshold)
        if changes:
            flag_changes.of_publishing(view, record, scope, threshold)
    verdict = None if is_in_force else _checked(record, standing, scope)
    reason = _reason(key, is_in_force=is_in_force, changes=changes)
    if reason is None:
        return
    with widgets.refusals():
        publishing.publish(
            session.workspace(),
            record.id,
            replaces=in_force.id if in_force else None,
            scope=scope,
            threshold=threshold,
            reason=reason,
            verdict=verdict,
            actor=session.person(),
        )
        done = "The threshold is changed" if is_in_force else "It is published"
        _published(view, record.id, f"{done} for {scope}: flagged below {fmt.percent(threshold)}.")


def _reason(key: str, *, is_in_force: bool, changes: bool) -> str | None:
    """The reason, once the button beside it was pressed, which cannot be where nothing changes; None before."""
    label, kind = ("Change the threshold", "secondary") if is_in_force else ("Publish this model", "primary")
    with st.form(f"publish-{key}"):
        place, button = st.columns([5, 2], vertical_alignment="bottom")
        reason = place.text_input("Reason", placeholder="Why, for the record")
        pressed = button.form_submit_button(
            label, type=kind, icon=":material/publish:", width="stretch", disabled=not changes,  # type: ignore[arg-type]
            help=None if changes else "This is the threshold in force: enter another one above first.",
        )  # fmt: skip
    return reason if pressed else None


def _scope(record: ModelRecord, view: View, place: DeltaGenerator) -> Scope:
    """For whom to publish: all companies, or one of the ledger's; not asked where the ledger has but one.

    Of a ledger without names of companies: for the versions of the one that the model learned from, or of the one in view.
    """
    held, companies = session.contents(), view.companies
    if len(companies) < 2:
        own, here = held.own_scope(record.id, ALL_COMPANIES), ALL_COMPANIES.kept_to(held.ledger(view.ledger.id))
        if not here.lineage or own == here:
            return own
        learned_from = {ledger.lineage_id: ledger.name for ledger in held.ledgers}.get(own.lineage, "")
        names = labels.distinct(
            {
                own: (f"Versions of {learned_from}" if own.lineage else "All companies",),
                here: (f"Versions of {view.ledger.name}",),
            }
        )
    else:
        names = labels.scopes(companies)
    chosen: Scope = place.selectbox(
        "Publish for", list(names), format_func=lambda scope: names[scope], key=f"scope-{view.ledger.id}"
    )
    return chosen


def _threshold(place: DeltaGenerator, standing: Publication | None, key: str) -> float:
    """Below which probability of on time to flag; at first as in force."""
    stands = standing.threshold if standing else DEFAULT_THRESHOLD
    per_cent = place.number_input(
        "Flag below, per cent", 1.0, 99.0, stands * 100, 1.0, format="%g", key=f"threshold-{key}",
        help="An invoice is flagged where its probability of being paid on time is below this. Changing it trains nothing.",
    )  # fmt: skip
    return stands if per_cent == stands * 100 else per_cent / 100


def _to_check(record: ModelRecord, in_force: Publication | None) -> bool:
    """Whether another recipe that draws the same lines is published, so that the two can be held against each other.

    A model from elsewhere is always judged by what it predicts here.
    """
    if record.imported:
        return in_force is None or in_force.model_id != record.id
    if in_force is None or not in_force.model_id or in_force.model_id == record.id:
        return False
    return quality_gate.to_be_compared(record.recipe, session.contents().model(in_force.model_id).recipe)


def _checked(record: ModelRecord, in_force: Publication | None, scope: Scope) -> Verdict | None:
    """Offers the check on past months, and shows what came of it; None before."""
    if not _to_check(record, in_force):
        return None
    asked = (record.id, in_force.id if in_force else "", scope)
    if job_progress.goes_on(JOB, _finished):
        return None
    if session.recall(CHECKED) == asked:
        return _shown(cache.verdict(*asked))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        judged = "judged here" if record.imported else "held against the published model"
        st.text(f"Not yet {judged} on past months.")
        if st.button("Check on past months", icon=":material/rule:", key=f"check-{record.id}"):
            session.remember(JOB, background.check(session.workspace(), record.id, scope, actor=session.person()))
            session.remember(ASKED, asked)
            st.rerun()
    return None


def _finished(_: Job) -> None:
    session.remember(CHECKED, session.recall(ASKED))


def _shown(verdict: Verdict) -> Verdict:
    """The verdict with its figures."""
    losses = {name: figures["log_loss"] for name, figures in verdict.figures.get("figures", {}).items()}
    listed = " · ".join(f"{messages.plain(SERIES.get(name, name))} {loss:.4f}" for name, loss in losses.items())
    if not listed:
        st.error(f"{messages.plain(' '.join(objections(verdict)))} Publishing it needs a reason.")
    elif verdict.passed:
        st.success(f"Good enough: not certainly worse than the published model, nor than the baselines. Log loss: {listed}.")
    else:
        st.error(f"{messages.plain(' '.join(objections(verdict)))} Publishing it needs a reason. Log loss: {listed}.")
    return verdict


def status(view: View, in_force: Publication, names: Mapping[str, str]) -> None:
    """What is in force for one scope, and the way back."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap="xxsmall", width="stretch"):
            st.text(_capital(in_force.scope))
            st.text(f"{names.get(in_force.model_id, in_force.model_id)}, flagged below {fmt.percent(in_force.threshold)}")
        _roll_back(view, in_force, names)


def _roll_back(view: View, in_force: Publication, names: Mapping[str, str]) -> None:
    """Two clicks back to what was published before; nothing where there is nothing before."""
    try:
        earlier = session.contents().published.before(in_force.id, names)
    except Refused:
        return
    with st.popover("Roll back", icon=":material/undo:"):
        name = names.get(earlier.model_id, earlier.model_id) + (" of all companies" if earlier.scope != in_force.scope else "")
        st.text(f"Back to {name},\nflagged below {fmt.percent(earlier.threshold)}.")
        if st.button("Roll back now", key=f"roll-back-{in_force.id}", type="primary"):
            publishing.roll_back(
                session.workspace(),
                replaces=in_force.id,
                reason="Rolled back on the screen",
                actor=session.person(),
            )
            _published(view, earlier.model_id, f"Rolled back to {name}, flagged below {fmt.percent(earlier.threshold)}.")


def _capital(scope: Scope) -> str:
    """A scope as a text of its own."""
    return str(scope) if scope.company else str(scope).capitalize()


def _published(view: View, model_id: str, sentence: str) -> None:
    """From now on this tab speaks with what is in force, shows it, and says so."""
    session.choose(view.ledger.id, view.as_of)
    session.remember(session.MADE, model_id)
    session.tell(sentence)
    st.rerun()


def history(publications: Sequence[Publication], names: Mapping[str, str]) -> None:
    """What was published, when, by whom and why; the first line is in force."""
    rows = [
        {
            "When": fmt.moment(publication.created_at),
            "Who": publication.actor,
            "What": KINDS[publication.kind],
            "For": _capital(publication.scope),
            "Model": names.get(publication.model_id, "deleted" if publication.model_id else fmt.NOTHING),
            "Flag below": fmt.percent(publication.threshold) if publication.model_id else fmt.NOTHING,
            "Reason": publication.reason,
        }
        for publication in publications
    ]
    sheets.figures(rows, "Publications, the newest first", key="publications", texts=7, wide=["Reason"], cards=True)
