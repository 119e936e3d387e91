"""Where do ledgers, models, publications, predictions and the records of who did what live?

workspace = Workspace.open()                      # INSIGHTS_HOME, default ./workspace; made and migrated as needed
ledger = workspace.commit(draft.ledger)           # immutable from now on, with an id
model_id = workspace.save_model(model, ledger.id)
workspace.publish(model_id, replaces=None)        # refused where somebody else published meanwhile
path = workspace.predictions(ledger.id, model_id, as_of)  # Parquet, computed once
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from insights.ledger.exchange_rates import Rates
from insights.ledger.ledger import Ledger
from insights.services import comparison, contents, flag_changes, predictions, quality_gate, replays
from insights.services.comparison import Comparison
from insights.services.contents import Contents
from insights.services.replays import MONTHS, Progress, quiet
from insights.store import archive, audit, files, ledgers, models, publications, rate_tables
from insights.store.database import open_database
from insights.store.publications import DEFAULT_THRESHOLD
from insights.store.records import (
    ALL_COMPANIES,
    NAMELESS,
    Job,
    LedgerRecord,
    ModelRecord,
    Publication,
    RateTable,
    Record,
    Scope,
    Verdict,
)
from insights.store.settings import Settings
from insights.store.store import Store, os_user

if TYPE_CHECKING:
    import pyarrow as pa

    from insights.evaluation import Replay
    from insights.model.model import Model
    from insights.model.recipe import Recipe

LASTING = ("worker.lock", "migrate.lock")  # lock files that are always there


class Workspace(Store):
    """A home folder: SQLite (or PostgreSQL) for what changes, Parquet and model files for what does not.

    Safe to use from several threads and processes at once. Every method raises Refused for an unknown id.
    """

    @classmethod
    def open(cls, home: Path | None = None, *, actor: str = "") -> "Workspace":
        """The workspace in `home` (default: INSIGHTS_HOME, else ./workspace), created and migrated where needed."""
        settings = Settings()
        home = (home or settings.home).expanduser().absolute()
        home.mkdir(parents=True, exist_ok=True)
        return cls(home, actor or os_user(), open_database(home, settings.database))

    # ledgers

    def commit(self, ledger: Ledger) -> Ledger:
        """Keep a ledger for good; the same ledger with its id."""
        return ledgers.commit(self, ledger)

    def ledgers(self) -> list[LedgerRecord]:
        """All ledgers, newest first."""
        return ledgers.listed(self)

    def ledger_record(self, ledger_id: str = "") -> LedgerRecord:
        """One ledger without its rows (cheap); the newest if no id is given. Refused where there is none."""
        return ledgers.get(self, ledger_id)

    def ledger(self, ledger_id: str = "") -> Ledger:
        """One ledger with its rows, its files verified by sha256; the newest if no id is given."""
        return ledgers.load(self, ledger_id)

    def delete_ledger(self, ledger_id: str) -> None:
        """Delete a ledger and everything derived from it: its predictions, its models and theirs. Recorded."""
        ledgers.remove(self, ledger_id)

    # models

    def save_model(self, model: "Model", ledger_id: str, *, name: str = "", model_id: str = "") -> str:
        """Keep a trained model; its id. With a `model_id` that is already there, nothing happens."""
        return models.save(self, model, ledger_id, name=name, model_id=model_id)

    def models(self) -> list[ModelRecord]:
        """All models, newest first."""
        return models.listed(self)

    def model_record(self, model_id: str) -> ModelRecord:
        return models.get(self, model_id)

    def model(self, model_id: str) -> "Model":
        """A model, its files verified by sha256."""
        return models.load(self, model_id)

    def made_with(self, model_id: str) -> dict[str, str]:
        """Versions of Python, the libraries and our code that a model was made with."""
        return models.made_with(self, model_id)

    def export_model(self, model_id: str, path: Path) -> None:
        """Write a model as one archive."""
        archive.export(self, model_id, path)

    def import_model(self, path: Path) -> str:
        """Keep the model in an archive, under the id it has; Refused where a byte was changed since it was written."""
        return archive.import_(self, path)

    def model_for(self, ledger: Ledger | LedgerRecord, as_of: date, company: str | None = None) -> str | None:
        """The id of the model that speaks as of a date: what is published, else the newest of this ledger; trained by then."""
        return contents.read(self).model_for(ledger, as_of, company)

    # rates

    def keep_rates(self, rates: Rates, name: str) -> RateTable:
        """Keep a table of dated rates, which replaces the one before. Recorded."""
        return rate_tables.keep(self, rates, name)

    def remove_rates(self, table_id: str) -> None:
        """Delete a table of rates: the one before it counts again. Recorded."""
        rate_tables.remove(self, table_id)

    def rate_table(self) -> RateTable | None:
        """The table of rates that counts now, without them (cheap); None where nobody has uploaded one."""
        return rate_tables.newest(self)

    def rates(self, table_id: str) -> Rates:
        """The rates of a table."""
        return rate_tables.load(self, table_id)

    # publications

    def check(
        self, model_id: str, *, scope: Scope = ALL_COMPANIES, replay: bool | None = None, progress: Progress = quiet
    ) -> Verdict:
        """What the quality gate says of publishing a model. May replay months of the past: minutes on a large ledger, once."""
        return quality_gate.check(self, model_id, scope=scope, replay=replay, progress=progress)

    def publish(
        self,
        model_id: str,
        *,
        replaces: str | None,
        scope: Scope = ALL_COMPANIES,
        threshold: float = DEFAULT_THRESHOLD,
        reason: str = "",
        verdict: Verdict | None = None,
    ) -> Publication:
        """Put a model in force for all companies, or for one.

        `replaces` is the id of the publication that the user saw in force (None: none). Refused with code "overtaken" where
        another has been published since. A new threshold for the same model is a publication like any other.
        `verdict` is that of `check`, by default that of the model's held-out fold: where it speaks against the model,
        refused with code "gate" unless a reason is given.
        """
        models.load(self, model_id)  # what cannot be read is not put in force
        return publications.publish(
            self, model_id, replaces=replaces, scope=scope, threshold=threshold, reason=reason, verdict=verdict
        )

    def published(self, scope: Scope = ALL_COMPANIES) -> Publication | None:
        """What is in force for exactly this scope."""
        return publications.in_force(self, scope)

    def standing(self) -> list[Publication]:
        """What is in force in each scope that has something: for all companies first, then by company."""
        return publications.standing(self)

    def publications(self, scope: Scope | None = None) -> list[Publication]:
        """All that was ever published, newest first; of one scope if given."""
        return publications.listed(self, scope)

    def roll_back(self, *, replaces: str, scope: Scope = ALL_COMPANIES, reason: str = "") -> Publication:
        """Bring back what was in force before the publication `replaces`, threshold included. Refused where nothing was.

        A company that had nothing of its own goes back to what is in force for all companies: its publication is withdrawn.
        """
        models.load(self, self.before(replaces).model_id)
        return publications.roll_back(self, replaces=replaces, scope=scope, reason=reason)

    def before(self, publication_id: str) -> Publication:
        """What `roll_back(replaces=publication_id)` would bring back. Refused where there is nothing."""
        return publications.before(self, publication_id)

    def threshold(self, model_id: str, company: str | None = None) -> float:
        """The flag threshold a model was last published with for a company, else what is in force there, else 0.5."""
        return publications.threshold(self, model_id, company)

    # predictions

    def predictions(self, ledger_id: str, model_id: str, as_of: date) -> Path:
        """The Parquet file of `scoring.score` for this ledger, model and day; computed once, under a lock, then immutable.

        Refused as of a day before the model's training date.
        """
        return predictions.get(self, ledger_id, model_id, as_of)

    def has_predictions(self, ledger_id: str, model_id: str, as_of: date) -> bool:
        """Whether `predictions` answers at once."""
        return predictions.have(self, ledger_id, model_id, as_of)

    def in_force(self, ledger_id: str, as_of: date) -> Mapping[str, str]:
        """Company -> id of the model that speaks for it as of a date; empty where no model was trained by then."""
        return predictions.in_force(self, ledger_id, as_of)

    def predictions_in_force(self, ledger_id: str, as_of: date, speaking: Mapping[str, str] | None = None) -> Path:
        """As `predictions`, of the models in force: each company's rows by its own model, named in the column `model`.

        `speaking`: what `in_force` answers, where that is known. Refused with code "no_model" where no model was trained by then.
        """
        if speaking is not None:
            return predictions.together(self, ledger_id, speaking, as_of)
        return predictions.mixed(self, ledger_id, as_of)

    def contents(self) -> Contents:
        """Ledgers, models and publications as they are now, read at once."""
        return contents.read(self)

    # replays

    def replay(self, ledger_id: str, recipe: "Recipe", dates: Sequence[date], progress: Progress = quiet) -> "Replay":
        """What a recipe would have said on past days, refitted on each; computed once per day, then read."""
        return replays.get(self, ledger_id, recipe, dates, progress)

    def replayed(self, ledger_id: str, recipe: "Recipe", dates: Sequence[date]) -> bool:
        """Whether `replay` answers at once."""
        return not replays.missing(self, ledger_id, recipe, dates)

    def compare(
        self, model_ids: Sequence[str], *, ledger_id: str = "", months: int = MONTHS, progress: Progress = quiet
    ) -> Comparison:
        """The recipes of two to four models on the same replayed months and invoices. Minutes the first time, then cheap."""
        return comparison.compare(self, model_ids, ledger_id=ledger_id, months=months, progress=progress)

    def flips(self, ledger_id: str, as_of: date, model_id: str, other_id: str) -> "pa.Table":
        """The open invoices whose flag differs between two models: who, how much, and both probabilities."""
        return flag_changes.between(self, ledger_id, as_of, model_id, other_id)

    def flips_of_publishing(
        self, ledger_id: str, as_of: date, model_id: str, *, scope: Scope = ALL_COMPANIES, threshold: float
    ) -> "pa.Table":
        """The open invoices whose flag would change if this were published: by what is in force for each company, or would be."""
        return flag_changes.of_publishing(self, ledger_id, as_of, model_id, scope, threshold)

    # order

    def tidy(self) -> None:
        """Remove what nobody needs: what was left over, old lock files, all but the replays used last. Safe at any time."""
        ledgers.sweep(self)
        replays.sweep(self)
        files.sweep_locks(self.home / "locks", LASTING)

    # records

    def records(self, subject: str = "") -> list[Record]:
        """Who did what when, newest first; about one id if given."""
        return audit.listed(self, subject)


__all__ = [
    "ALL_COMPANIES",
    "DEFAULT_THRESHOLD",
    "MONTHS",
    "NAMELESS",
    "Comparison",
    "Contents",
    "Job",
    "LedgerRecord",
    "ModelRecord",
    "Publication",
    "RateTable",
    "Record",
    "Scope",
    "Verdict",
    "Workspace",
]
