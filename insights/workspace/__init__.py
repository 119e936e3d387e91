"""Where do ledgers, models, publications, predictions and the records of who did what live?

    workspace = Workspace.open()                      # INSIGHTS_HOME, default ./workspace; made and migrated as needed
    ledger = workspace.commit(draft.ledger)           # immutable from now on, with an id
    model_id = workspace.save_model(model, ledger.id)
    workspace.publish(model_id, replaces=None)        # refused where somebody else published meanwhile
    path = workspace.predictions(ledger.id, model_id, as_of)  # Parquet, computed once
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from insights.ledger import Ledger
from insights.workspace.records import Job, LedgerRecord, ModelRecord, Publication, Record

if TYPE_CHECKING:
    from insights.model import Model

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Workspace:
    """A home folder: SQLite (or PostgreSQL) for what changes, Parquet and model files for what does not.

    Safe to use from several threads and processes at once. Every method raises Refused for an unknown id.
    """

    home: Path
    actor: str

    @classmethod
    def open(cls, home: Path | None = None, *, actor: str = "") -> "Workspace":
        """The workspace in `home` (default: INSIGHTS_HOME, else ./workspace), created and migrated where needed."""
        raise NotImplementedError

    # ledgers

    def commit(self, ledger: Ledger) -> Ledger:
        """Keep a ledger for good; the same ledger with its id."""
        raise NotImplementedError

    def ledgers(self) -> list[LedgerRecord]:
        """All ledgers, newest first."""
        raise NotImplementedError

    def ledger_record(self, ledger_id: str = "") -> LedgerRecord:
        """One ledger without its rows (cheap); the newest if no id is given. Refused where there is none."""
        raise NotImplementedError

    def ledger(self, ledger_id: str = "") -> Ledger:
        """One ledger with its rows, its files verified by sha256; the newest if no id is given."""
        raise NotImplementedError

    def delete_ledger(self, ledger_id: str) -> None:
        """Delete a ledger and everything derived from it: its predictions, its models and theirs. Recorded."""
        raise NotImplementedError

    # models

    def save_model(self, model: "Model", ledger_id: str, *, name: str = "", model_id: str = "") -> str:
        """Keep a trained model; its id. With a `model_id` that is already there, nothing happens."""
        raise NotImplementedError

    def models(self) -> list[ModelRecord]:
        """All models, newest first."""
        raise NotImplementedError

    def model_record(self, model_id: str) -> ModelRecord:
        raise NotImplementedError

    def model(self, model_id: str) -> "Model":
        """A model, its files verified by sha256."""
        raise NotImplementedError

    def model_for(self, ledger: Ledger | LedgerRecord, as_of: date, company: str = "") -> str | None:
        """The id of the model that speaks as of a date: the published one if trained by then, else the newest that was."""
        raise NotImplementedError

    # publications

    def publish(
        self, model_id: str, *, replaces: str | None, scope: str = "", threshold: float = DEFAULT_THRESHOLD, reason: str = ""
    ) -> Publication:
        """Put a model in force for a scope ("" = all companies, else one company).

        `replaces` is the id of the publication that the user saw in force (None: none). Refused with code "overtaken" where
        another has been published since. A new threshold for the same model is a publication like any other.
        """
        raise NotImplementedError

    def published(self, scope: str = "") -> Publication | None:
        """What is in force for exactly this scope."""
        raise NotImplementedError

    def publications(self, scope: str | None = None) -> list[Publication]:
        """All that was ever published, newest first; of one scope if given."""
        raise NotImplementedError

    def roll_back(self, *, replaces: str, scope: str = "", reason: str = "") -> Publication:
        """Bring back what was in force before the publication `replaces`, threshold included. Refused where nothing was."""
        raise NotImplementedError

    def threshold(self, model_id: str, scope: str = "") -> float:
        """The flag threshold a model was last published with in the scope, else what is in force there, else 0.5."""
        raise NotImplementedError

    # predictions

    def predictions(self, ledger_id: str, model_id: str, as_of: date) -> Path:
        """The Parquet file of `scoring.score` for this ledger, model and day; computed once, under a lock, then immutable.

        Refused as of a day before the model's training date.
        """
        raise NotImplementedError

    def has_predictions(self, ledger_id: str, model_id: str, as_of: date) -> bool:
        """Whether `predictions` answers at once."""
        raise NotImplementedError

    # records

    def records(self, subject: str = "") -> list[Record]:
        """Who did what when, newest first; about one id if given."""
        raise NotImplementedError


__all__ = ["DEFAULT_THRESHOLD", "Job", "LedgerRecord", "ModelRecord", "Publication", "Record", "Workspace"]
