"""Which of several recipes is better, by how much, and is that certain? Replayed on the same months and invoices."""

from collections.abc import Mapping

import streamlit as st

from insights import charts, messages
from insights.evaluation import LossDifference
from insights.evaluation.differences import certain
from insights.services import background
from insights.services.comparison import Comparison
from insights.store.records import Job, Publication
from pages.ui.models import flag_changes, made_otherwise
from pages.ui.shared import cache, job_progress, session, sheets, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

JOB, ASKED, DONE = "comparison_job", "comparison_asked", "compared"  # what the tab remembers
FEWEST, MOST = 2, 4
BASELINES = {"base_rates": "Base rates", "customer_past": "The customer's past"}
INFLUENTIAL = 8
METRICS = {
    "log_loss": "Log loss",
    "brier": "Brier",
    "auc": "AUC",
    "ece": "Calibration error",
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "money_error": "Money misplaced",
}


def show(view: View, names: Mapping[str, str], in_force: Publication | None) -> None:
    """Asks which models, replays their recipes in the background, and shows them side by side."""
    if len(names) < FEWEST:
        st.text("Train a second model: then the two can be compared here.")
        return
    first = [model for model in (in_force.model_id if in_force else "", session.recall(session.MADE), *names) if model in names]
    chosen = st.multiselect(
        "Models to compare, the first being what the others are held against",
        list(names),
        list(dict.fromkeys(str(model) for model in first))[:FEWEST],
        format_func=lambda model: names[model],
        max_selections=MOST,
        key="compared_models",
    )
    if len(chosen) >= FEWEST:
        made_otherwise.show([session.contents().model(model) for model in chosen])
    button = st.container()
    running = job_progress.goes_on(JOB, _finished)
    wait = running or len(chosen) < FEWEST
    if button.button("Compare on past months", type="primary", icon=":material/compare_arrows:", disabled=wait):
        session.remember(JOB, background.compare(session.workspace(), chosen, actor=session.person()))
        session.remember(ASKED, tuple(chosen))
        st.rerun()
    if session.recall(DONE) == tuple(chosen):
        _draw(cache.comparison(tuple(chosen)), view, names)
    elif not running:
        st.caption(
            "Each recipe is trained again on the first days of the last months, on what was known then, and judged on the same "
            "invoices. That takes a while the first time; every screen stays usable."
        )


def _finished(_: Job) -> None:
    session.remember(DONE, session.recall(ASKED))


def _draw(comparison: Comparison, view: View, names: Mapping[str, str]) -> None:
    first, *others = [record.id for record in comparison.models]
    for other in others:
        st.markdown(_verdict(comparison.difference(other), _letter(comparison, other)))
    _figures(comparison, names)
    judged = fmt.count(len(comparison.rows), "case")
    st.caption(f"{judged} on {len(comparison.dates)} days, {fmt.day(comparison.dates[0])} to {fmt.day(comparison.dates[-1])}.")
    _differences(comparison)
    _side_by_side(comparison)
    for other in others:
        record = next(model for model in comparison.models if model.id == other)
        flag_changes.between(view, first, record, _letter(comparison, other))


def _letter(comparison: Comparison, model_id: str) -> str:
    """A, B, C, D: short names for columns."""
    return "ABCD"[[record.id for record in comparison.models].index(model_id)]


def _verdict(lead: LossDifference, letter: str) -> str:
    """One sentence: better, worse, or not certain."""
    span = f"{lead.mean:+.4f} ({lead.low:+.4f} to {lead.high:+.4f})"
    if lead.better:
        return f":green[:material/trending_down:] **{letter} is better than A**: its log loss differs by {span}."
    if lead.worse:
        return f":orange[:material/trending_up:] **{letter} is worse than A**: its log loss differs by {span}."
    return f":gray[:material/trending_flat:] **No certain difference between {letter} and A**: its log loss differs by {span}."


def _figures(comparison: Comparison, names: Mapping[str, str]) -> None:
    """Every figure of every model, and of the baselines on the same invoices."""
    first = comparison.models[0].id
    called = {record.id: record.name or names.get(record.id, record.id) for record in comparison.models}
    lines = []
    for series in (*(record.id for record in comparison.models), *BASELINES):
        quality = comparison.figures(series)
        lead = comparison.difference(series) if series != first else None
        lines.append(
            {
                "Recipe": BASELINES.get(series) or f"{_letter(comparison, series)} · {called[series]}",
                "Log loss": f"{quality.log_loss:.4f}",
                "less A's": f"{lead.mean:+.4f}" if lead else "",
                "95% interval": f"{lead.low:+.4f} to {lead.high:+.4f}" if lead else "",
                "Brier": f"{quality.brier:.4f}",
                "AUC": _decimal(quality.auc),
                "Calibration error": _decimal(quality.ece),
                "Accuracy": fmt.percent(quality.accuracy),
                "Macro F1": fmt.percent(quality.macro_f1),
                "Money misplaced": fmt.percent(quality.money_error),
            }
        )
    sheets.figures(lines, "Figures of the models compared", key="compared")


def _differences(comparison: Comparison) -> None:
    """Every metric of every other model less the first one's, with its interval and a word."""
    lines = []
    for letter, gaps in (
        (_letter(comparison, model.id), cache.differences(comparison, model.id)) for model in comparison.models[1:]
    ):
        sure = dict(certain(gaps))
        for name, gap in gaps.items():
            lines.append(
                {
                    "Metric": METRICS[name],
                    "Of": f"{letter} less A",
                    "Difference": f"{gap.mean:+.4f}",
                    "95% interval": f"{gap.low:+.4f} to {gap.high:+.4f}",
                    "Certain": {True: "better", False: "worse", None: "no"}[sure.get(name)],
                }
            )
    with st.expander("Every metric with its difference and interval", icon=":material/difference:", expanded=True):
        sheets.figures(lines, "Differences in each metric", key="differences", texts=2)
        st.caption("Shares are fractions of one. Drawn a thousand times over customers, whose invoices go together.")


def _side_by_side(comparison: Comparison) -> None:
    """Calibration and influence of each model, in columns."""
    for record, column in zip(comparison.models, st.columns(len(comparison.models), gap="medium"), strict=True):
        letter = _letter(comparison, record.id)
        with column.container(border=True):
            st.markdown(f"**{letter}** · does it mean what it says?")
            points = [(point.p, point.share, point.n) for point in comparison.reliability(record.id)]
            st.plotly_chart(charts.reliability(points), key=f"means-{letter}", config=widgets.STILL, alt="Said against happened")
            st.markdown(f"**{letter}** · the most influential fields")
            shown = comparison.influence(record.id)[:INFLUENTIAL]
            figure = charts.importance([messages.field(share.field) for share in shown], [share.share for share in shown])
            st.plotly_chart(figure, key=f"moves-{letter}", config=widgets.STILL, alt="Share of the influence of each field")


def _decimal(value: float | None) -> str:
    return fmt.NOTHING if value is None else f"{value:.3f}"
