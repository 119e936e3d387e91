"""How do contacted customers stand beside those of the same lists who were not, and may anything be said of it?"""

import pyarrow as pa
import streamlit as st

from insights import charts
from insights.evaluation.contacted import FEWEST, Association, ContactGroup, Surplus
from insights.model.metrics import reliability
from insights.services import shown_lists
from pages.ui.shared import format as fmt
from pages.ui.shared import sheets, widgets

QUESTIONS = {"due": "Due within ten business days: paid on time", "overdue": "Overdue: paid within seven days"}
GROUPS = ("Contacted", "Not contacted")
READ = (
    "An association, not an effect: whoever calls chooses whom. Compared are customers of the same lists, those who were "
    "contacted that day and those whom nobody got to: the share paid less the probability that was shown, with 95% intervals "
    "over customers. What is not beyond the difference of the week before, when nobody had called yet, is not shown."
)
BINS, FEWEST_IN_A_BIN = 5, 10


def show(cases: pa.Table) -> None:
    """Both questions beside each other, and how to read them."""
    by_question = shown_lists.help_by_question(cases)
    for column, (name, heading) in zip(st.columns(2, gap="medium"), QUESTIONS.items(), strict=True):
        with column.container(border=True):
            st.markdown(f"**{heading}**")
            _question(by_question[name], name)
    st.caption(READ)


def _question(association: Association, name: str) -> None:
    apart = association.state == "apart"
    rows = [
        {"Group": label, "Customers": fmt.count(group.customers), "Invoices": fmt.count(group.invoices)}
        | (_shares(group) if apart else {})
        for label, group in zip(GROUPS, (association.contacted, association.others), strict=True)
    ]
    sheets.figures(rows, QUESTIONS[name], key=f"help-{name}")
    st.text(_sentence(association))


def _shares(group: ContactGroup) -> dict[str, str]:
    return {
        "Predicted": fmt.percent(group.predicted),
        "Paid": fmt.percent(group.paid),
        "Paid less predicted": _points(group.surplus),
    }


def _points(surplus: Surplus | None) -> str:
    """`+4.2 points (1.0 to 7.4)`."""
    if surplus is None:
        return fmt.NOTHING
    return f"{100 * surplus.mean:+.1f} points ({100 * surplus.low:+.1f} to {100 * surplus.high:+.1f})"


def _sentence(association: Association) -> str:
    match association.state:
        case "apart":
            more = "more" if association.difference and association.difference.mean > 0 else "less"
            return (
                f"Beside those not contacted, contacted customers paid {more} than predicted: {_points(association.difference)}. "
                f"In the week before the contact the difference was {_points(association.before)}; "
                f"beyond that: {_points(association.beyond)}."
            )
        case "as_before":
            return (
                "Not shown: in the week before, when nobody had called yet, the same customers differed as much. What stands "
                "there already says nothing of calls."
            )
        case "no_week_before":
            return f"Not shown yet: too few of these customers (of {FEWEST} in each group) were on a list in the week before."
        case _:
            return f"Not shown yet: it takes {FEWEST} customers in each group whose invoices are answered by now."


def calibration(cases: pa.Table) -> None:
    """For Trust: what was shown on the worklist as probable on time against what happened, by whether one was contacted."""
    st.markdown("**On the worklist: contacted or not**")
    due = shown_lists.of_question(cases, "due")
    due = due.filter(pa.array(~due["before"].to_numpy(zero_copy_only=False).astype(bool)))
    if not len(due):
        st.caption("Nothing that was on a day's worklist and due soon is answered by now.")
        return
    contacted = due["contacted"].to_numpy(zero_copy_only=False).astype(bool)
    predicted, paid = due["predicted"].to_numpy(), due["paid"].to_numpy(zero_copy_only=False).astype(bool)
    for column, label, mine in zip(st.columns(2, gap="medium"), GROUPS, (contacted, ~contacted), strict=True):
        with column.container(border=True):
            many = int(mine.sum())
            st.markdown(f"**{label}**: {fmt.count(many, 'invoice')}")
            if many < FEWEST_IN_A_BIN:
                st.caption("Too few to hold what was said against what happened.")
                continue
            bins = min(BINS, many // FEWEST_IN_A_BIN)
            points = [(point.p, point.share, point.n) for point in reliability(predicted[mine], paid[mine], bins)]
            figure = charts.reliability(points)
            st.plotly_chart(figure, key=f"calibration_{label}", config=widgets.STILL, alt=f"{label}: said against happened")
    st.caption(
        "Invoices due soon, as each day's list showed them first. Where contacted ones lie above the line and others on it, the "
        "probabilities are right for whoever is left alone. Who is contacted was chosen, so this is no proof that calls help."
    )
