"""What does a replay of the past say? Its grade, month by month, what probabilities and the flag are worth, and drift."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from insights import charts, evaluation, messages
from insights.access import Capability
from insights.ledger.outcomes import BUCKETS
from insights.messages import grades as sentences
from insights.model.metrics import reliability
from insights.model.model_metrics import NOT_JUDGED
from insights.model.recipe import Recipe
from insights.services import background, backtests
from insights.services.backtests import Backtest
from insights.services.monitoring import ShownPredictions
from insights.store.records import NAMELESS, Scope
from pages.ui.shared import cache, job_progress, labels, session, sheets, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

JOB = "backtest_job"  # what the tab remembers
SERIES = {"model": "This model's recipe", "base_rates": "Base rates", "customer_past": "The customer's past"}
METHODS = {"model": "This model's recipe", "due_date": "The due date", "usual_delay": "Due date and usual delay"}
COLOURS = {"A": "green", "B": "green", "C": "orange", "D": "red"}
MOVED = 8  # fields of the drift table
FAR_OFF = "Far off: by the log loss, of which lower is better. How often right: what was most probable happened (accuracy)."
MUCH, SOME = 0.25, 0.1  # PSI


class JudgedCompanies(NamedTuple):
    """Whose predictions to judge: the view with the model that speaks for some companies; none = all."""

    view: View
    companies: tuple[str, ...]


def asked(view: View) -> JudgedCompanies:
    """Where several models are in force, asks which of them to judge, and says on what it is judged."""
    if not view.by_company:
        return JudgedCompanies(view, ())
    others = tuple(company for company in view.companies if company not in view.by_company)
    names = labels.scopes(view.by_company, rest="All other companies")
    options = [scope for scope in names if others or not scope.everybody]
    scope: Scope = st.selectbox(
        "Judge the model in force for", options, format_func=lambda value: names[value], key=f"judge-{view.key}", width=320
    )
    companies = others if scope.company is None else (scope.company,)
    st.caption(
        f"Several models are in force. This one's recipe is replayed on the whole ledger, and judged on the invoices of "
        f"{messages.plain(', '.join(company or NAMELESS for company in companies))} alone, for which it speaks."
    )
    return JudgedCompanies(view.of(companies[0]), companies)


def recipe(view: View) -> Recipe:
    """Of the model that speaks, else the default one."""
    if not view.model_id:
        return Recipe()
    return Recipe.from_json(dict(session.contents().model(view.model_id).recipe))


def kept(view: View, chosen: Recipe, companies: tuple[str, ...]) -> Backtest | None:
    """The kept replay of a recipe on the view's ledger, judged on some companies (none = all that may be seen)."""
    replayed = backtests.load(session.workspace(), view.ledger.id, chosen)
    part = bool(companies) or not view.visible.everything
    return cache.of_companies(replayed, view, companies) if replayed and part else replayed


def offer(view: View, chosen: Recipe, replayed: Backtest | None) -> None:
    """The button that replays, its progress while it runs, and why one would."""
    running = job_progress.goes_on(JOB, lambda _: st.rerun(), adopts=("backtest", view.ledger.id))
    if replayed is None:
        st.markdown("**Nothing has been replayed yet.**")
        st.text(
            "For the first day of each of the last twelve months, the model's recipe is trained again on what was known before "
            "that day, predicts the invoices open then, and is compared with what happened. Every screen stays usable meanwhile."
        )
    if not session.person().may(Capability.TRAIN):
        return
    label = "Replay the last twelve months" if replayed is None else "Replay again"
    if st.button(label, type="secondary" if replayed else "primary", icon=":material/history:", disabled=running, key="replay"):
        session.remember(JOB, background.backtest(session.workspace(), view.ledger.id, chosen, actor=session.person()))
        st.rerun()


def grade(replayed: Backtest) -> None:
    """The letter, what it means, and why."""
    given = evaluation.grade(replayed.report)
    colour = COLOURS[given.letter]
    with st.container(border=True):
        st.header(f":{colour}[Grade {given.letter}] · {sentences.GRADES[given.letter]}", anchor=False)
        for reason in given.reasons:
            icon = ":green[:material/check_circle:]" if reason.good else ":orange[:material/info:]"
            st.markdown(f"{icon} {messages.plain(sentences.reason(reason.code, reason.values))}")


def by_month(replayed: Backtest) -> None:
    """How far off the recipe and the baselines were on each day (log loss), as lines and as a table."""
    judged = [date for date in replayed.report.dates if date.series]
    days = [date.as_of for date in judged]
    lines = {label: [date.series[name].log_loss for date in judged] for name, label in SERIES.items()}
    st.plotly_chart(charts.replayed(days, lines), key="by_month", config=widgets.STILL, alt="How far off, by month")
    table = [
        {
            "As of": fmt.day(day),
            "Invoices": fmt.count(date.series["model"].rows),
            **{f"Far off: {label}": f"{date.series[name].log_loss:.4f}" for name, label in SERIES.items()},
            "How often right": fmt.percent(date.series["model"].accuracy),
            "Commonest": fmt.percent(date.series["model"].commonest_accuracy),
            "Not answered yet": fmt.count(date.not_yet_answered),
            "Settled by credit": fmt.count(date.settled_by_credit),
        }
        for day, date in zip(days, judged, strict=True)
    ]
    sheets.figures(table, "How far off, by month", key="replayed-months")
    st.caption(FAR_OFF)


def meaning(replayed: Backtest) -> None:
    """Reliability per bucket with counts, and the confusion matrix."""
    not_due = replayed.rows.filter(replayed.rows["past"].to_numpy() <= 0)
    outcome = not_due["outcome"].to_numpy()
    for number, (bucket, column) in enumerate(zip(BUCKETS, st.columns(3, gap="medium"), strict=True)):
        predicted, label = not_due[f"model_{bucket}"].to_numpy(), charts.LABELS[bucket]
        points = [(point.p, point.share, point.n) for point in reliability(predicted, outcome == number)]
        with column.container(border=True):
            st.markdown(f"**{label}**")
            figure = charts.reliability(points, of=label.lower())
            st.plotly_chart(figure, key=f"means_{bucket}", config=widgets.STILL, alt=f"{label}: said against happened")
            _counts(points, bucket)
    st.caption("Invoices not yet due, in ten groups by what was said: on the dotted line, what was said is what happened.")
    model = replayed.report.pooled["model"]
    with st.container(border=True):
        st.markdown("**What happened, and what was most probable**")
        st.plotly_chart(charts.confusion(model.confusion), key="proof_confusion", config=widgets.STILL, alt="Confusion matrix")


def _counts(points: list[tuple[float, float, int]], bucket: str) -> None:
    lines = [
        {"Said": fmt.percent(predicted), "Happened": fmt.percent(happened), "Invoices": fmt.count(count)}
        for predicted, happened, count in points
    ]
    with st.expander("Counts"):
        sheets.figures(lines, "What was said, and how often it happened", key=f"counts-{bucket}", texts=0)


def flag(replayed: Backtest, view: View) -> None:
    """What the flag is worth at a threshold, and at all others."""
    per_cent = st.slider("Flag below, per cent", 5, 95, round(view.threshold * 100), 5, key=f"proof-{view.key}")
    threshold = view.threshold if per_cent == round(view.threshold * 100) else per_cent / 100
    flags = evaluation.flags(replayed.rows, threshold)
    row(
        Tile("Flagged", fmt.count(flags.flagged), f"of {fmt.count(flags.invoices)} not yet due"),
        Tile(
            "Of those flagged, late",
            fmt.percent(flags.precision),
            f"{fmt.count(flags.caught)} of {fmt.count(flags.flagged)}",
        ),
        Tile(
            "Of those late, flagged",
            fmt.percent(flags.recall),
            f"{fmt.count(flags.caught)} of {fmt.count(flags.late)}",
        ),
    )
    points = [(point.threshold, point.precision, point.recall) for point in evaluation.trade_off(replayed.rows)]
    st.plotly_chart(
        charts.trade_off(points, threshold), key="trade_off", config=widgets.STILL, alt="Threshold against both shares"
    )
    st.caption("A higher threshold flags more: fewer late invoices are missed, and more calls are made in vain.")
    if session.person().may(Capability.TRAIN):
        behind = "Set it, and see the calls and the money behind each"
        st.page_link("models.py", label=behind, icon=":material/tune:", query_params=session.link(view))


def slices(replayed: Backtest) -> None:
    """Where the predictions hold, and where not."""
    lines = [
        {
            "Of": sentences.SLICES[code],
            "Cases": fmt.count(part["model"].rows),
            **{f"Far off: {label}": f"{part[name].log_loss:.4f}" for name, label in SERIES.items()},
            "How often right": fmt.percent(part["model"].accuracy),
            "Money in the wrong bucket": fmt.percent(part["model"].money_error),
        }
        for code, part in replayed.report.slices.items()
    ]
    sheets.figures(lines, "Where the predictions hold, and where not", key="slices")
    st.caption(FAR_OFF)


def expected_dates(replayed: Backtest) -> None:
    """How often the range held, and how far off the dates were."""
    accuracy = replayed.report.dates_said
    if not accuracy:
        st.text("It takes past days at least 180 days before the ledger's end: on later ones, slow payers are not seen yet.")
        return
    lines = [
        {
            "By": label,
            "Paid within the range": fmt.percent(accuracy[name].coverage) if name == "model" else fmt.NOTHING,
            "Days off, on average": f"{accuracy[name].mean_error:.1f}",
            "Days off, median": f"{accuracy[name].median_error:.1f}",
            "Pinball loss of the date": f"{accuracy[name].pinball_median:.2f}",
        }
        for name, label in METHODS.items()
    ]
    sheets.figures(lines, "How far off the expected dates were", key="dates")
    st.caption(f"{fmt.count(accuracy['model'].rows, 'case')}. The range is meant to hold for four of five invoices.")


def shown(view: View, companies: tuple[str, ...]) -> None:
    """What was really shown and what came of it: in a sentence, and day by day. No replay is needed for it."""
    st.header("What was shown, and what came of it", anchor=False)
    days = cache.shown(view, companies)
    if not days:
        st.text("Nothing yet: import a later export of the ledger, and what was predicted before is held against it here.")
        _held_out(view)
        return
    st.text(_in_all(days))
    sheets.figures(
        [
            {
                "Shown as of": fmt.day(day.as_of),
                "Invoices": fmt.count(day.shown),
                "Answered since": fmt.count(day.answered),
                "On time, as said": fmt.percent(day.predicted),
                "On time, as it came": fmt.percent(day.happened),
                "Flagged": fmt.count(day.flagged),
                "of them late": fmt.percent(day.flagged_late / day.flagged if day.flagged else None),
                "By": fmt.count(len(day.models), "model"),
                "Far off": f"{day.log_loss:.4f}",
            }
            for day in days
        ],
        "What was shown each day, and what came of it",
        key="shown",
    )
    st.caption(
        "Each invoice as the list showed it last before the next export came: by the model that was in force for its company "
        "then, at its threshold. What was only tried does not count."
    )


def _held_out(view: View) -> None:
    """What the model in view said, in training, of days that it had not learned from, and what came."""
    known = view.model_id and view.visible.everything  # it was judged on everybody's
    record = session.contents().model(view.model_id) if known else None
    metrics = record.metrics if record and not record.imported else NOT_JUDGED
    if not (metrics.quality and metrics.judged and metrics.quality.reliability):
        return
    first, last = map(fmt.day, metrics.judged)
    bins = metrics.quality.reliability
    many = fmt.count(sum(point.n for point in bins), "invoice")
    st.text(
        f"Until then: what it said in training of {many} that were not due yet, on the days {first} to {last}, of which it had "
        "not learned, and what came."
    )
    sheets.figures(
        [
            {
                "Said to come on time with": f"about {fmt.percent(point.p)}",
                "Invoices": fmt.count(point.n),
                "Came on time": fmt.percent(point.share),
            }
            for point in bins
        ],
        "What was said in training of days that it had not learned from, and what came",
        key="held-out",
    )


def _in_all(days: Sequence[ShownPredictions]) -> str:
    """All days in plain words; invoices without which nothing can be said are left out of it."""
    open_still = sum(day.open_still for day in days)
    flagged, late = sum(day.flagged for day in days), sum(day.flagged_late for day in days)
    if not open_still:
        return "All that is answered since was overdue when it was shown."
    predicted, happened = (
        sum(value * day.open_still for day in days if (value := getattr(day, name)) is not None) / open_still
        for name in ("predicted", "happened")
    )
    return (
        f"{fmt.count(open_still, 'invoice')} could still be paid on time when they were shown, and are answered since: "
        f"{fmt.percent(predicted)} of them were expected to come on time, {fmt.percent(happened)} did. "
    ) + (f"Of {fmt.count(flagged)} flagged, {fmt.count(late)} were late." if flagged else "None was flagged.")


def drift(replayed: Backtest, companies: tuple[str, ...]) -> None:
    """How what is open now differs from what was learned from."""
    if not session.person().reach.everything:
        st.text("This is known of all customers together only.")
        return
    whole = ", in the whole ledger" if companies else ""
    st.markdown(f"**Does what is open now look like what was learned from{whole}?**")
    moved = list(replayed.report.drift.items())[:MOVED]
    lines = [{"Field": messages.field(name), "PSI": f"{psi:.2f}", "In words": _verdict(psi)} for name, psi in moved]
    sheets.figures(lines, "How much each field moved", key="drift")


def _verdict(psi: float) -> str:
    return "moved much" if psi > MUCH else "moved a little" if psi > SOME else "as before"
