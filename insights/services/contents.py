"""What does a workspace hold at a moment, and which model speaks of a ledger then? Read at once, asked without the database."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from insights.ledger.errors import Refused
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
        return replace(self, published=self.published.supposing(model_id, self.own_scope(model_id, scope), threshold))

    def own_scope(self, model_id: str, scope: Scope) -> Scope:
        """A scope as it stands for what a model learned from: kept to its versions where no company has a name."""
        learned_from = self.model(model_id).ledger_id
        return scope.kept_to(next((record for record in self.ledgers if record.id == learned_from), None))

    def newest_version(self, ledger: LedgerRecord) -> LedgerRecord:
        """Of the versions of a ledger, the one that was committed last."""
        return max(
            (record for record in self.ledgers if record.lineage_id == ledger.lineage_id), key=lambda record: record.sequence
        )

    def model_for(self, ledger: Ledger | LedgerRecord, as_of: date, company: str | None = None) -> str | None:
        """The model that speaks for a company (None: for all) as of a date, of those that were trained by then.

        That is what is published for the company, else what is published for all, if it was trained on a version of this
        ledger, or on one that shares a company's name with it, or comes from elsewhere. What is published of a ledger without
        names of companies is kept to its versions. Where none of these may speak, the newest model that was trained here
        on this very ledger does, published or not: what is not published never speaks of another ledger, and what was imported
        never at all.
        """
        known = {model.id: model for model in self.models if model.trained_as_of <= as_of}
        record = self.ledger(ledger.id)
        for scope in scopes_of(company, record.lineage_id):
            entry = self.published.of(scope)
            model = known.get(entry.model_id) if entry else None
            if model and (not scope.everybody or scope.lineage or self._related(record, model)):
                return model.id
        own = [model for model in known.values() if model.ledger_id == ledger.id and not model.imported]
        return max(own, key=lambda model: model.trained_as_of).id if own else None

    def check_speaks(self, model_id: str) -> None:
        """Refused for a model from elsewhere that is published nowhere."""
        if self.model(model_id).imported and model_id not in {
            publication.model_id for publication in self.published.active_publications()
        }:
            raise Refused(
                "This model was imported and is not published, so it says nothing of any invoice.", "imported_unpublished"
            )

    def by_company(self, ledger: LedgerRecord, as_of: date) -> dict[str, str]:
        """Company -> the model that speaks for it, without those for which none does."""
        models = {company: self.model_for(ledger, as_of, company) for company in ledger.companies}
        return {company: model_id for company, model_id in models.items() if model_id}

    def _related(self, ledger: LedgerRecord, model: ModelRecord) -> bool:
        """Whether a model may have learned from the same business: from a related ledger, or one that is not known here."""
        learned_from = {record.id: record for record in self.ledgers}.get(model.ledger_id)
        return not model.ledger_id or (learned_from is not None and related(ledger, learned_from))


def read(store: Store) -> Contents:
    """What a workspace holds now."""
    with store.database.read() as session:  # one look, and one moment: every click asks
        kept = ledgers.all_of(session), models.all_of(session), publications.all_of(session)
    return Contents(tuple(kept[0]), tuple(kept[1]), Published(tuple(kept[2])))


def related(ledger: LedgerRecord, other: LedgerRecord) -> bool:
    """Whether two ledgers are of one business: versions of one, or of a company of the same name (no name is none)."""
    return ledger.lineage_id == other.lineage_id or bool({*ledger.companies} & {*other.companies} - {""})


def _by_id(kind: str, records: tuple[Kept, ...], known_id: str) -> Kept:
    for record in records:
        if record.id == known_id:
            return record
    raise no_such(kind, known_id)
