"""What did a model say of a ledger as of a date? Computed once, then immutable."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.portfolio.snapshot import FORMAT
from insights.services import answers, contents
from insights.services.progress import Progress, quiet
from insights.services.reach import visible
from insights.store import ledgers, models, predictions, publications
from insights.store.crash_points import point
from insights.store.predictions import MIX, name
from insights.store.records import NAMELESS
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.ledger.ledger import Floats

MOST_NAMED = 3  # companies in a sentence


def of_model(store: Store, ledger_id: str, model_id: str, as_of: date, *, actor: Person) -> Path:
    """The Parquet file of `scoring.score` for this ledger, model and day; made under a lock by whoever comes first.

    Refused as of a day before the model's training date.
    """
    require(actor, Capability.SEE)
    path = store.path(name(ledger_id, model_id, as_of))
    if not predictions.have(store, ledger_id, model_id, as_of):
        check(store, ledger_id, model_id, as_of)
        with store.lock(f"predictions-{ledger_id}-{model_id}-{as_of}"):
            if not predictions.have(store, ledger_id, model_id, as_of):
                make(store, (ledger_id, model_id, as_of), actor=actor)
    return path


def kept(store: Store, ledger_id: str, model_id: str, as_of: date) -> bool:
    """Whether `of_model` answers at once."""
    return predictions.have(store, ledger_id, model_id, as_of)


def check(store: Store, ledger_id: str, model_id: str, as_of: date) -> None:
    """Refused where the model has seen the answers."""
    ledgers.get(store, ledger_id)
    trained_as_of = models.get(store, model_id).trained_as_of
    if trained_as_of > as_of:
        raise trained_too_late(trained_as_of, as_of)


def make(store: Store, key: tuple[str, str, date], *, actor: Person) -> None:
    """Score, and keep the file; `key`: ledger, model and day. What every screen asks besides is kept, too (`answers`)."""
    from insights.features.dataset import feature_set
    from insights.prediction.scoring import score

    require(actor, Capability.SEE)
    ledger_id, model_id, as_of = key
    model, ledger = models.load(store, model_id), ledgers.load(store, ledger_id)
    book = feature_set(ledger, model.recipe.due_rules, model.fields)
    keep(store, key, score(model, ledger, as_of, book=book), actor=actor)
    answers.whole_counts(store, ledger, model.recipe.due_rules, model.fields, lambda: book.whole)
    answers.paying(store, ledger, as_of)
    rules = dict.fromkeys(ledgers.get(store, ledger_id).companies, model.recipe.due_rules)
    answers.figures(store, ledger, as_of, rules)


def keep(store: Store, key: tuple[str, str, date], scored: pa.Table, *, actor: Person) -> None:
    """Keep what `scoring.score` made, here or elsewhere; `key`: ledger, model and day."""
    require(actor, Capability.SEE)
    table = signed(scored, *key)

    def write(begun: Path) -> None:
        predictions.write(table, begun)
        point("predictions.written")
        predictions.insert(store, begun, table.num_rows, key, actor=actor)

    # The row comes before the file: a file in place is always listed, and a row without its file is made good here.
    predictions.place(store, key, write, lambda: point("predictions.listed"))


def signed(table: pa.Table, ledger_id: str, model_id: str, as_of: date) -> pa.Table:
    """The predictions with the id of their model on every row, and where they come from in the file's metadata."""
    table = table.append_column("model", pa.array([model_id] * table.num_rows, pa.string()))
    return table.replace_schema_metadata({"format": FORMAT, "ledger": ledger_id, "model": model_id, "as_of": as_of.isoformat()})


def models_by_company(store: Store, ledger_id: str, as_of: date) -> Mapping[str, str]:
    """Company -> id of the model that speaks for it as of a date; empty where no model was trained by then."""
    held = contents.read(store)
    return held.by_company(held.ledger(ledger_id), as_of)


def active(store: Store, ledger_id: str, as_of: date, *, actor: Person) -> Path:
    """As `of_model`, of the models in force: each company's rows by its own model, named in the column `model`.

    Of the companies that the actor may see. Refused with code "no_model" where no model was trained by then, or one speaks for
    some of these companies only.
    """
    held = contents.read(store)
    ledger = held.ledger(ledger_id)
    companies = [company for company in ledger.companies if actor.reach.has(company)]
    by_company = {company: model_id for company, model_id in held.by_company(ledger, as_of).items() if company in companies}
    if by_company and (left := [company for company in companies if company not in by_company]):
        raise none_for(left, as_of) if actor.reach.whole_companies else no_model_for_all(as_of)
    return together(store, ledger_id, by_company, as_of, actor=actor)


def together(store: Store, ledger_id: str, by_company: Mapping[str, str], as_of: date, *, actor: Person) -> Path:
    """What several models say, each of its companies (company -> model); the file of the one model where there is only one."""
    require(actor, Capability.SEE)
    if not by_company:
        raise no_model(ledger_id, as_of)
    if len(set(by_company.values())) == 1:
        return of_model(store, ledger_id, next(iter(by_company.values())), as_of, actor=actor)
    key = sha256(json.dumps(by_company, sort_keys=True).encode()).hexdigest()[:16]
    path = store.path(name(ledger_id, MIX + key, as_of))
    if not predictions.have_mix(store, path):
        with store.lock(f"predictions-{ledger_id}-{key}-{as_of}"):
            if not predictions.have_mix(store, path):
                whole = mixed(store, ledger_id, by_company, as_of, actor=actor)
                predictions.place_mix(store, whole, ledger_id, path)
    return path


def mixed(store: Store, ledger_id: str, by_company: Mapping[str, str], as_of: date, *, actor: Person) -> pa.Table:
    """The predictions of several models together, each for its companies."""
    parts = []
    for model_id in sorted(set(by_company.values())):
        companies = [company for company, model in by_company.items() if model == model_id]
        table = pq.read_table(of_model(store, ledger_id, model_id, as_of, actor=actor)).replace_schema_metadata(None)
        parts.append(table.filter(pc.is_in(table["company"], pa.array(companies))))
    whole = pa.concat_tables(parts).sort_by("position")
    return whole.replace_schema_metadata(
        {"format": FORMAT, "ledger": ledger_id, "models": json.dumps(by_company), "as_of": as_of.isoformat()}
    )


@dataclass(frozen=True)
class Rescored:
    """A ledger that was scored as of its newest day, and a model that speaks for it."""

    ledger_id: str
    model_id: str
    as_of: date


def rescore(store: Store, ledger_ids: Iterable[str], *, actor: Person, progress: Progress = quiet) -> list[Rescored]:
    """Score ledgers as of their newest day with the models in force, so that screens show them at once."""
    require(actor, Capability.TRAIN)
    records = [ledgers.get(store, ledger_id) for ledger_id in ledger_ids]
    done = []
    for number, record in enumerate(records):
        progress("score", number / len(records))
        day = record.default_as_of
        by_company = models_by_company(store, record.id, day)
        if by_company.keys() == set(record.companies):
            together(store, record.id, by_company, day, actor=actor)
            done += [Rescored(record.id, model_id, day) for model_id in sorted(set(by_company.values()))]
    return done


@dataclass(frozen=True)
class ScoredFile:
    """What a file of scored invoices holds (`export.scored_file`), and the models that predicted."""

    table: pa.Table
    models: tuple[str, ...]


def scored_file(store: Store, ledger_id: str, as_of: date, *, actor: Person, model_id: str = "") -> ScoredFile:
    """The open invoices as of a day, by one model or by those in force; flagged below each company's own threshold."""
    from insights.prediction import export

    if model_id:
        contents.read(store).check_speaks(model_id)
        path = of_model(store, ledger_id, model_id, as_of, actor=actor)
    else:
        path = active(store, ledger_id, as_of, actor=actor)
    rows = visible(store, ledgers.load(store, ledger_id), actor.reach).rows(pq.read_table(path)).sort_by("position")
    used = sorted(set(rows["model"].to_pylist())) or [(rows.schema.metadata or {}).get(b"model", b"").decode()]
    below = thresholds(store, rows, ledgers.get(store, ledger_id).lineage_id)
    return ScoredFile(export.scored_file(rows, below, rows["model"], as_of), tuple(used))


def thresholds(store: Store, rows: pa.Table, lineage: str) -> "Floats":
    """The flag threshold of each row of a ledger of this lineage: that of its model for its company."""
    places = list(zip(rows["model"].to_pylist(), rows["company"].to_pylist(), strict=True))
    published = publications.published(store)
    own = {place: published.threshold(*place, lineage) for place in set(places)}
    return np.array([own[place] for place in places], np.float64)


def none_for(companies: Sequence[str], as_of: date) -> Refused:
    named = ", ".join(company or NAMELESS for company in companies[:MOST_NAMED]) + (" and others" * (len(companies) > MOST_NAMED))
    return Refused(
        f"As of {as_of}, what is published is for other companies than {named}. Publish a model for these, or for all companies.",
        "no_model",
        as_of=as_of,
    )


def no_model_for_all(as_of: date) -> Refused:
    """Where companies are not named, since whoever asks may see some customers of them only."""
    return Refused(
        f"As of {as_of}, what is published is for some companies only. Ask for a model for all.", "no_model", as_of=as_of
    )


def no_model(ledger_id: str, as_of: date) -> Refused:
    return Refused(
        f"No model in this workspace was trained on what was known before {as_of}. "
        f"Train one with: python -m insights train --ledger {ledger_id} --as-of {as_of}",
        "no_model",
        as_of=as_of,
    )


def trained_too_late(trained_as_of: date, as_of: date) -> Refused:
    return Refused(
        f"This model was trained on what was known before {trained_as_of}: as of {as_of} it would have seen the answers. "
        f"Train a model as of {as_of} instead.",
        "trained_too_late",
        trained_as_of=trained_as_of,
        as_of=as_of,
    )
