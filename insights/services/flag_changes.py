"""Which flags would change, before anything does: with another model, or with what is about to be published?"""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Capability, Person, require
from insights.ledger.keys import KEY
from insights.ledger.ledger import Floats, Ints
from insights.portfolio.snapshot import flagged
from insights.services import contents, predictions
from insights.store import ledgers, publications
from insights.store.records import Scope
from insights.store.store import Store

COLUMNS = (*KEY, "customer_name", "currency", "outstanding", "due_date", "position")  # of the invoice


def between(store: Store, ledger_id: str, as_of: date, models: tuple[str, str], *, actor: Person) -> pa.Table:
    """The open invoices whose flag differs between two models, each at its own threshold for all companies.

    COLUMNS, then p_on_time, flagged, flag_below (of the first), and the same of the other with `other_` before; the
    largest outstanding first.
    """
    require(actor, Capability.TRAIN)
    published, lineage = publications.published(store), ledgers.get(store, ledger_id).lineage_id
    sides = [(model, np.float64(published.threshold(model, None, lineage))) for model in models]
    answers = tables(store, ledger_id, as_of, models, actor=actor)
    (before, limit), (after, other_limit) = ((answers[model]["p_on_time"].to_numpy(), limit) for model, limit in sides)
    return differing(answers[models[0]], (before, limit), (after, other_limit))


def of_publishing(  # noqa: PLR0913 - what is seen, what would be published, and who looks
    store: Store, ledger_id: str, as_of: date, model_id: str, *, scope: Scope, threshold: float, actor: Person
) -> pa.Table:
    """The open invoices whose flag would change if a model were published for a scope at a threshold; columns as `between`.

    Each company is judged by the model and threshold in force for it, and by those that would be. Where no model speaks
    yet, p_on_time is null and nothing is flagged.
    """
    require(actor, Capability.TRAIN)
    now = contents.read(store)
    record = now.ledger(ledger_id)
    sides = []
    for held in (now, now.supposing(model_id, scope, threshold)):
        by = {company: held.model_for(record, as_of, company) for company in record.companies}
        below = held.published.threshold
        sides.append(
            {company: (model, below(model, company, record.lineage_id) if model else 0.0) for company, model in by.items()}
        )
    answers = tables(store, ledger_id, as_of, {model for side in sides for model, _ in side.values() if model}, actor=actor)
    if not answers:
        return nothing()
    first = next(iter(answers.values()))
    company = np.searchsorted(np.array(record.companies), first["company"].to_numpy(zero_copy_only=False).astype(str))
    before, after = (judged(answers, [side[name] for name in record.companies], company) for side in sides)
    return differing(first, before, after)


def tables(store: Store, ledger_id: str, as_of: date, model_ids: Iterable[str], *, actor: Person) -> dict[str, pa.Table]:
    """What each model says of all open invoices, in the ledger's order: COLUMNS and p_on_time."""
    require(actor, Capability.TRAIN)
    files = {model: predictions.of_model(store, ledger_id, model, as_of, actor=actor) for model in sorted(model_ids)}
    return {model: pq.read_table(path, columns=[*COLUMNS, "p_on_time"]).sort_by("position") for model, path in files.items()}


def judged(predictions: dict[str, pa.Table], by: list[tuple[str | None, float]], company: Ints) -> tuple[Floats, Floats]:
    """P(on time) of each invoice by the model of its company (NaN where none speaks), and the threshold; `by`: per company."""
    p_on_time = np.full(len(company), np.nan)
    for number, (model_id, _) in enumerate(by):
        if model_id:
            mine = company == number
            p_on_time[mine] = predictions[model_id]["p_on_time"].to_numpy()[mine]
    return p_on_time, np.array([limit for _, limit in by])[company]


def differing(rows: pa.Table, before: tuple[Floats, Floats | np.float64], after: tuple[Floats, Floats | np.float64]) -> pa.Table:
    """The rows that are flagged on one side only. A side: P(on time) and threshold."""
    table = rows.select(COLUMNS)
    for prefix, (p_on_time, limit) in (("", before), ("other_", after)):
        table = table.append_column(f"{prefix}p_on_time", pa.array(p_on_time, from_pandas=True))  # NaN is null
        table = table.append_column(f"{prefix}flagged", pa.array(flagged(p_on_time, limit)))
        table = table.append_column(f"{prefix}flag_below", pa.array(np.broadcast_to(limit, len(table))))
    changed = table.filter(pc.not_equal(table["flagged"], table["other_flagged"]))
    return changed.sort_by([("currency", "ascending"), ("outstanding", "descending"), ("position", "ascending")])


def nothing() -> pa.Table:
    """No flips, with the columns that flips have."""
    kinds = {"outstanding": pa.int64(), "position": pa.int64(), "due_date": pa.date32()}
    columns = {name: pa.array([], kinds.get(name, pa.string())) for name in COLUMNS}
    empty, none = np.empty(0), np.float64(0)
    return differing(pa.table(columns), (empty, none), (empty, none))
