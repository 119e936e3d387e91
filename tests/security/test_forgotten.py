"""After a ledger is deleted with what was agreed, does anything but the record of who did what still hold a word of it?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, inspect, select

from insights.ledger.ledger import FURTHER, Ledger, Problem, Problems
from insights.model.recipe import Recipe
from insights.services import agreements as agreements_service
from insights.services import background, models, predictions, publishing, scenarios
from insights.services import ledgers as ledgers_service
from insights.services.agreements import Entry
from insights.store import billing_plans, cash, ledgers, shown_lists
from insights.store import models as model_store
from insights.store.database import FILE
from insights.store.records import Scope
from insights.store.store import Store
from insights.store.tables import RecordRow, entries
from tests.support.jobs import no_worker
from tests.support.workspaces import ME, rates_model, small_ledger

AS_OF = date(2024, 4, 1)
PLANTED = "planted"  # in every text that a file, or somebody who types, can leave
TEXTS = ("company", "customer_id", "customer_name", "invoice_id", "terms")


def planted_ledger() -> tuple[Ledger, str, str]:
    """The small ledger with the word in every text of it; the first company and customer."""
    ledger = small_ledger()
    table = ledger.invoices
    for name in TEXTS:
        at = table.schema.get_field_index(name)
        texts = pa.array([f"{PLANTED} {name} {value}" for value in table[name].to_pylist()])
        table = table.set_column(at, table.schema.field(name), texts)
    table = table.append_column(FURTHER + f"{PLANTED} column", pa.array([f"{PLANTED} cell"] * len(table)))
    problems = Problems.of([Problem(6, f"{PLANTED} heading", f"{PLANTED} value", "no_number")])
    changed = replace(ledger, invoices=table, problems=problems, name=f"{PLANTED} name")
    return changed, table["company"][1].as_py(), table["customer_id"][1].as_py()


def used(workspace: Store) -> str:
    """A workspace in which the word was left wherever it can be; the ledger's id."""
    planted, company, customer = planted_ledger()
    ledger = ledgers_service.commit(workspace, planted, merges={f"{PLANTED} spelling": customer}, actor=ME)
    one, two = (model_store.save(workspace, rates_model(), ledger.id, name=f"{PLANTED} {name}", actor=ME) for name in "ab")
    gate = f"{PLANTED} reason"
    first = publishing.publish(workspace, one, replaces=None, reason=gate, actor=ME)
    publishing.publish(workspace, two, replaces=None, scope=Scope(company), reason=gate, threshold=0.4, actor=ME)
    publishing.publish(workspace, two, replaces=first.id, reason=gate, actor=ME)
    for model_id in (one, two):
        predictions.of_model(workspace, ledger.id, model_id, AS_OF, actor=ME)
    path = predictions.active(workspace, ledger.id, AS_OF, actor=ME)
    cash.write(workspace, cash.beside(path), pq.read_table(path))
    note = {"text": f"{PLANTED} note"}
    agreements_service.enter(workspace, ledger, AS_OF, [Entry("note", company, customer, (), note)], actor=ME)
    scenarios.keep(workspace, ledger.id, f"{PLANTED} what if", {"shift": "3"}, actor=ME)
    lineage = ledgers.get(workspace, ledger.id).lineage_id
    billing_plans.keep(workspace, lineage, f"{PLANTED} plan", [], [f"{PLANTED} row"], actor=ME)
    listed = pa.Table.from_pylist([{"number": 1, "company": company, "customer_id": customer, "likely": 1}], shown_lists.ENTRIES)
    shown_lists.keep(workspace, ledger.id, AS_OF, [one], listed, actor=ME)
    with no_worker(workspace):
        recipe = Recipe(fields=("amount", FURTHER + f"{PLANTED} column"))
        background.train(workspace, ledger.id, AS_OF, recipe, name=f"{PLANTED} job", actor=ME)
    return ledger.id


def holders(home: Path) -> list[str]:
    """The files of a home that hold the word, the database aside."""
    paths = (path for path in home.rglob("*") if path.is_file() and not path.name.startswith(FILE))
    return [path.relative_to(home).as_posix() for path in paths if PLANTED.encode() in path.read_bytes()]


def tables(workspace: Store) -> list[str]:
    """The tables whose rows hold it."""
    found = []
    with workspace.database.read() as session:
        for table, kind in entries():
            rows = [str([getattr(row, column.key) for column in inspect(kind).columns]) for row in session.scalars(select(kind))]
            found += [table for row in rows if PLANTED in row]
    return sorted(set(found))


@pytest.mark.slow
def test_after_a_deletion_the_record_of_who_did_what_alone_holds_a_word_of_the_ledger(workspace: Store) -> None:
    ledger_id = used(workspace)
    planted = {"agreements", "billing_plans", "jobs", "ledgers", "lineages", "models", "publications", "records", "scenarios"}
    assert planted <= set(tables(workspace))
    ledgers_service.delete(workspace, ledger_id, with_agreements=True, actor=ME)
    assert tables(workspace) == ["records"]
    assert holders(workspace.home) == []
    assert shown_lists.listed(workspace, [ledger_id], until=AS_OF) == []
    with workspace.database.write() as session:
        session.execute(delete(RecordRow))  # past the guard that keeps them: only to see what else holds the word
    workspace.database.forget()
    assert PLANTED.encode() not in (workspace.home / FILE).read_bytes(), "nor what SQLite keeps of rows that are gone"


@pytest.mark.slow
def test_after_a_model_is_deleted_nothing_but_the_record_holds_its_name_or_why_it_was_published(workspace: Store) -> None:
    """The ledger stays, and what of it is published now."""
    ledger = ledgers_service.commit(workspace, small_ledger(), actor=ME)
    one = model_store.save(workspace, rates_model(), ledger.id, name=f"{PLANTED} model", actor=ME)
    two = model_store.save(workspace, rates_model(), ledger.id, name="Stays", actor=ME)
    first = publishing.publish(workspace, one, replaces=None, reason=f"{PLANTED} reason", actor=ME)
    now = publishing.publish(workspace, two, replaces=first.id, reason="better", actor=ME)
    models.delete(workspace, one, actor=ME)
    assert tables(workspace) == ["records"]
    assert holders(workspace.home) == []
    assert now.reason == "better"
