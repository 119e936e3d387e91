"""What can a newcomer look at who has no ledger at hand? The invented one of `sample_data/`."""

from pathlib import Path

from insights import ingest
from insights.access import Capability, Person, require
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.store import Store

FILE = Path(__file__).parents[2] / "sample_data" / "ledger.csv"
NAME = "Sample ledger"


def load(store: Store, *, actor: Person) -> str:
    """The id of the sample ledger, committed first unless the same rows are there already."""
    require(actor, Capability.IMPORT)
    ledger = ingest.read(FILE, ingest.Options(name=NAME)).require()
    same = (record.id for record in ledgers.listed(store) if record.fingerprint == ledger.fingerprint)
    return next(same, "") or commit(store, ledger, actor=actor).id


def model_of(store: Store, ledger_id: str) -> str:
    """The id of the newest model that was trained on a ledger, "" where there is none."""
    return next((record.id for record in models.listed(store) if record.ledger_id == ledger_id and not record.imported), "")
