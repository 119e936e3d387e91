"""Does supposing nothing change nothing, and does what is supposed reach the probabilities?"""

from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from insights.features.dataset import FeatureSet, feature_set
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, as_date, days
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction.scoring import score
from insights.prediction.what_if import Supposed, suppose, terms_known
from tests.support.workspaces import year_of_invoices

AS_OF = date(2024, 12, 20)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return year_of_invoices(invoices=400)


@pytest.fixture(scope="module")
def model(ledger: Ledger) -> Model:
    return train(
        ledger, AS_OF, Recipe(fields=("amount_to_usual", "terms_days", "late_share", "days_to_due", "days_since_payment"))
    )


@pytest.fixture(scope="module")
def book(ledger: Ledger, model: Model) -> FeatureSet:
    return feature_set(ledger, model.recipe.due_rules, model.fields)


@pytest.mark.slow
def test_supposing_nothing_gives_what_scoring_says(ledger: Ledger, model: Model, book: FeatureSet) -> None:
    for row in score(model, ledger, AS_OF).to_pylist()[:10]:
        said = (row["p_on_time"], row["p_late"], row["p_very_late"])
        found = suppose(model, book, AS_OF, row["position"], Supposed())
        assert found.probabilities == pytest.approx(said, abs=1e-12)
        assert (found.expected, found.low, found.high) == (row["expected_date"], row["date_low"], row["date_high"])


@pytest.mark.slow
def test_a_due_date_a_month_later_moves_the_expected_date(ledger: Ledger, model: Model, book: FeatureSet) -> None:
    row = next(each for each in score(model, ledger, AS_OF).to_pylist() if each["days_past_due"] < 0)
    later = suppose(model, book, AS_OF, row["position"], Supposed(due_date=row["due_date"] + timedelta(days=30)))
    assert later.expected is not None
    assert later.expected > row["expected_date"] + timedelta(days=14)


@pytest.mark.slow
def test_a_due_date_that_has_passed_makes_on_time_impossible(ledger: Ledger, model: Model, book: FeatureSet) -> None:
    row = next(each for each in score(model, ledger, AS_OF).to_pylist() if each["days_past_due"] < 0)
    assert row["p_on_time"] > 0
    yesterday, long_ago = (Supposed(due_date=AS_OF - timedelta(days=ago)) for ago in (1, 31))
    assert suppose(model, book, AS_OF, row["position"], yesterday).probabilities[0] == 0
    assert suppose(model, book, AS_OF, row["position"], long_ago).probabilities == (0, 0, 1)


@pytest.mark.slow
def test_an_invoice_that_is_not_open_cannot_be_supposed_about(ledger: Ledger, model: Model, book: FeatureSet) -> None:
    settled = int((days(ledger.invoices["paid_date"]) < days(ledger.invoices["issue_date"])[-1]).argmax())
    assert as_date(days(ledger.invoices["paid_date"])[settled]) < AS_OF
    with pytest.raises(Refused, match="not open"):
        suppose(model, book, AS_OF, settled, Supposed())
    with pytest.raises(Refused, match="may not speak"):
        suppose(model, book, AS_OF - timedelta(days=1), 0, Supposed())


@pytest.mark.slow
def test_other_terms_are_judged_by_what_invoices_on_them_did(ledger: Ledger) -> None:
    """Every second invoice is on the terms `slow`, and those come late; its own terms supposed change nothing."""
    words = pa.array([("prompt", "slow")[row % 2] for row in range(len(ledger.invoices))])
    at = ledger.invoices.schema.get_field_index("terms")
    told = replace(ledger, invoices=ledger.invoices.set_column(at, "terms", words))
    model = train(told, AS_OF, Recipe(fields=("terms", "days_to_due")))
    book = feature_set(told, model.recipe.due_rules, model.fields)
    assert sorted(terms_known(model, book)) == ["prompt", "slow"]
    row = next(each for each in score(model, told, AS_OF).to_pylist() if each["days_past_due"] < 0 and each["terms"] == "prompt")
    as_it_is, same, slow = (
        suppose(model, book, AS_OF, row["position"], Supposed(terms=terms)).probabilities[0] for terms in (None, "prompt", "slow")
    )
    assert as_it_is == same == pytest.approx(row["p_on_time"], abs=1e-12)
    assert slow < as_it_is - 0.1
    with pytest.raises(Refused, match="No invoice"):
        suppose(model, book, AS_OF, row["position"], Supposed(terms="unheard of"))


def test_a_model_that_does_not_look_at_terms_offers_none(ledger: Ledger, model: Model, book: FeatureSet) -> None:
    assert terms_known(model, book) == ()
