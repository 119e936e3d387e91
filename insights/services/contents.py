"""What does a workspace hold at a moment, and which model speaks of a ledger then? Read at once, asked without the database."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

import pyarrow.compute as pc

from insights.ledger.ledger import Ledger
from insights.store import ledgers, models, publications
from insights.store.publications import Published, scopes_of
from insights.store.records import LedgerRecord, ModelRecord, Scope
from insights.store.store import Store, no_such

Kept = TypeVar("Kept", LedgerRecord, ModelRecord)


@dataclass(frozen=True)
class Contents:
    """Ledgers and models, newest first, and all that was published."""

    ledgers: tuple[LedgerRecord, ...]
    models: tuple[ModelRecord, ...]
    published: Published

    def ledger(self, ledger_id: str) -> LedgerRecord:
        """A ledger by id; Refused where it is not there."""
        return _by_id("ledger", self.ledgers, ledger_id)

    def model(self, model_id: str) -> ModelRecord:
        """A model by id; Refused where it is not there."""
        return _by_id("model", self.models, model_id)

    def at(self, moment: datetime) -> "Contents":
        """The models and publications that there were at a moment, of those that are still there."""
        made = tuple(model for model in self.models if model.created_at <= moment)
        return replace(self, models=made, published=self.published.at(moment))

    def supposing(self, model_id: str, scope: Scope, threshold: float) -> "Contents":
        """As if this had just been published."""
        return replace(self, published=self.published.supposing(model_id, scope, threshold))

    def model_for(self, ledger: Ledger | LedgerRecord, as_of: date, company: str | None = None) -> str | None:
        """The model that speaks for a company (None: for all) as of a date, of those that were trained by then.

        That is what is published for the company, else what is published for all, if it was trained on a ledger that shares a
        company with this one, or comes from elsewhere. Where neither may speak, the newest model of this very ledger does,
        published or not: what is not published never speaks of another ledger.
        """
        known = {model.id: model for model in self.models if model.trained_as_of <= as_of}
        for scope in scopes_of(company):
            entry = self.published.of(scope)
            model = known.get(entry.model_id) if entry else None
            if model and (not scope.everybody or self._related(ledger, model)):
                return model.id
        own = [model for model in known.values() if model.ledger_id == ledger.id]
        return max(own, key=lambda model: (model.trained_as_of, model.created_at)).id if own else None

    def by_company(self, ledger: LedgerRecord, as_of: date) -> dict[str, str]:
        """Company -> the model that speaks for it, without those for which none does."""
        found = {company: self.model_for(ledger, as_of, company) for company in ledger.companies}
        return {company: model_id for company, model_id in found.items() if model_id}

    def _related(self, ledger: Ledger | LedgerRecord, model: ModelRecord) -> bool:
        """Whether a model may have learned from the same business: its ledger shares a company, or is not known here."""
        if model.ledger_id in ("", ledger.id):
            return True
        learned_from = {each.id: each for each in self.ledgers}.get(model.ledger_id)
        return learned_from is not None and not set(learned_from.companies).isdisjoint(_companies(ledger))


def read(store: Store) -> Contents:
    """What a workspace holds now."""
    return Contents(tuple(ledgers.listed(store)), tuple(models.listed(store)), publications.published(store))


def _companies(ledger: Ledger | LedgerRecord) -> tuple[str, ...]:
    return ledger.companies if isinstance(ledger, LedgerRecord) else tuple(pc.unique(ledger.invoices["company"]).to_pylist())


def _by_id(what: str, records: tuple[Kept, ...], known_id: str) -> Kept:
    for record in records:
        if record.id == known_id:
            return record
    raise no_such(what, known_id)
