"""Each day's worklist as it was shown first, with what was done; and did those who were contacted pay better than predicted?

Recorded is the list of a ledger's own day, while no newer version of the ledger is here and by the models in force: a past day
that is looked at again was never worked through. What was done are the events that bear the day of the list.

As of a day, only what was known by then counts: lists of days before it, events of days up to it, payments strictly before it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.access import Person
from insights.agreements.events import CONTACT, DISPUTE, PROMISE, SNOOZE, TAKE, CustomerKey
from insights.agreements.ranking import Ranked
from insights.agreements.state import Agreed, agreed
from insights.evaluation.contacted import CASES, Association, association
from insights.ledger.keys import KEY, positions
from insights.ledger.ledger import CREDIT, NEVER, WRITE_OFF, Ledger, day, days
from insights.portfolio.snapshot import SOON
from insights.services import contents
from insights.store import agreements, ledgers, shown_lists
from insights.store.shown_lists import ENTRIES, INVOICE, ShownList
from insights.store.store import Store

SPOKEN: Final = (CONTACT, PROMISE)  # events after which a customer counts as contacted
DONE: Final = (CONTACT, PROMISE, DISPUTE, SNOOZE, TAKE)  # what is counted of a day
WEEK, BACK = timedelta(days=7), timedelta(days=365)  # the week before; how far back lists are looked at


@dataclass(frozen=True)
class WorkedList:
    """A list that was shown, and how many of its ranked customers were contacted, promised ... on it."""

    shown: ShownList
    done: Mapping[str, int]  # kind of DONE -> customers


def record(store: Store, ledger: Ledger, as_of: date, ranked: Ranked, *, actor: Person) -> bool:
    """Keep a list as it is shown now; whether it was kept. One that was shown before, or looks back, is not."""
    if as_of != ledger.default_as_of or shown_lists.is_kept(store, ledger.id, as_of):
        return False
    held = contents.read(store)
    here = held.ledger(ledger.id)
    if held.newest_version(here).id != ledger.id:
        return False
    models = sorted(set(held.by_company(here, as_of).values()))
    return shown_lists.keep(store, ledger.id, as_of, models, _entries(ranked), actor=actor)


def _entries(ranked: Ranked) -> pa.Table:
    rows, held, invoices = ranked.customers, ranked.held_back, ranked.invoices
    parts = [invoices[name].combine_chunks() for name in ("invoice_id", "line", "outstanding", "overdue", "due_by", "p")]
    ends = np.concatenate([[0], np.cumsum(rows["invoices"].to_numpy())]).astype(np.int32)
    names = ("company", "customer_id", "customer_name", "currency", "likely")
    listed = {
        **{name: rows[name] for name in ("number", *names)},
        "gate": pa.nulls(len(rows), pa.string()),
        "returns": pa.nulls(len(rows), pa.date32()),
        "owner": rows["owner"],
        "invoices": pa.ListArray.from_arrays(pa.array(ends), pa.StructArray.from_arrays(parts, fields=list(INVOICE))),
    }
    back = {
        "number": pa.nulls(len(held), pa.int64()),
        **{name: held[name] for name in names},
        **{name: held[name] for name in ("gate", "returns")},
        "owner": pa.nulls(len(held), pa.string()),
        "invoices": pa.nulls(len(held), pa.list_(INVOICE)),
    }
    return pa.concat_tables([pa.table(each).cast(ENTRIES) for each in (listed, back)])


# --- what was done -------------------------------------------------------------------------------------------------------


def worked(store: Store, ledger: Ledger, as_of: date) -> list[WorkedList]:
    """The lists that were shown of a ledger and its versions up to a day, the newest first, with what was done on each."""
    by_day = _done(_known(store, ledger.id, as_of))
    found = []
    for shown in reversed(_lists(store, ledger, as_of)):
        of_day = by_day.get(shown.as_of, {})
        ranked = _ranked(shown_lists.entries(store, shown.id, ("number", "company", "customer_id")))
        customers = set(zip(ranked["company"].to_pylist(), ranked["customer_id"].to_pylist(), strict=True))
        counts = {kind: sum(kind in of_day.get(each, ()) for each in customers) for kind in DONE}
        found.append(WorkedList(shown, counts))
    return found


def as_shown(store: Store, shown: ShownList, as_of: date) -> pa.Table:
    """A list as it was shown (columns of `store.shown_lists.ENTRIES`), and `done`: the kinds of events of its day, by a day."""
    table = shown_lists.entries(store, shown.id)
    of_day = _done(_known(store, shown.ledger_id, as_of)).get(shown.as_of, {})
    customers = zip(table["company"].to_pylist(), table["customer_id"].to_pylist(), strict=True)
    return table.append_column("done", pa.array([sorted(of_day.get(each, ())) for each in customers], pa.list_(pa.string())))


def _lists(store: Store, ledger: Ledger, as_of: date) -> list[ShownList]:
    """Those of the ledger and its versions, by day."""
    held = contents.read(store)
    mine = held.ledger(ledger.id)
    versions = [each.id for each in held.ledgers if each.lineage_id == mine.lineage_id]
    return shown_lists.listed(store, versions, until=as_of)


def _known(store: Store, ledger_id: str, as_of: date) -> Agreed:
    return agreed(agreements.listed(store, until=as_of, lineage_id=ledgers.get(store, ledger_id).lineage_id), as_of)


def _done(known: Agreed) -> dict[date, dict[CustomerKey, set[str]]]:
    """Day of the list -> customer -> kinds of events in force."""
    found: defaultdict[date, dict[CustomerKey, set[str]]] = defaultdict(dict)
    for event in known.events:
        found[event.as_of].setdefault(event.customer, set()).add(event.kind)
    return found


def _ranked(entries: pa.Table) -> pa.Table:
    return entries.filter(pc.is_valid(entries["number"]))


# --- did it help ---------------------------------------------------------------------------------------------------------


def cases(store: Store, ledger: Ledger, as_of: date) -> pa.Table:
    """Every invoice of a recorded list whose answer is known as of a day, once per list and period (columns of CASES).

    Asked is of one that was due soon whether it was paid on time, of an overdue one whether it was paid within SOON days. Each
    list's customers are also looked at in the week before: on the last list that was shown 7 to 13 days earlier, as far as its
    answers were known on the day of this one. Whoever is contacted on a later list still counts as not contacted on this one:
    to leave him out would choose by what happened since. What a credit note settled in that time was never to be paid.
    """
    shown = [each for each in _lists(store, ledger, as_of) if each.models and as_of - BACK < each.as_of < as_of]
    by_day = _done(_known(store, ledger.id, as_of))
    answers = {each.id: _answered(ledger, each, shown_lists.entries(store, each.id)) for each in shown}
    parts = [CASES.empty_table()]
    for each in shown:
        spoken = {who for who, kinds in by_day.get(each.as_of, {}).items() if kinds.intersection(SPOKEN)}
        after = answers[each.id]
        parts.append(_of_customers(after, spoken, before=False, known=as_of))
        if earlier := max((one for one in shown if _week_before(one, each)), key=lambda one: one.as_of, default=None):
            same = pc.is_in(_names(answers[earlier.id]), value_set=pc.unique(_names(after)))
            parts.append(_of_customers(answers[earlier.id].filter(same), spoken, before=True, known=each.as_of))
    return pa.concat_tables(parts)


def help_by_question(found: pa.Table) -> dict[str, Association]:
    """For "due" and "overdue" cases, how contacted customers stand beside the others."""
    return {name: association(of_question(found, name)) for name in ("due", "overdue")}


def of_question(found: pa.Table, name: str) -> pa.Table:
    """The cases that ask whether it was paid on time ("due"), or within SOON days ("overdue")."""
    return found.filter(pc.equal(found["overdue"], name == "overdue"))


def _week_before(one: ShownList, other: ShownList) -> bool:
    return WEEK <= other.as_of - one.as_of < 2 * WEEK


def _names(answers: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(answers["company"], answers["customer_id"], "\x1f")


def _answered(ledger: Ledger, shown: ShownList, entries: pa.Table) -> pa.Table:
    """The invoices of a list that a ledger has: customer, overdue, predicted, paid, and `known` (the day from which it is)."""
    ranked = _ranked(entries)
    lists = ranked["invoices"].combine_chunks()
    at, each = pc.list_parent_indices(lists), pc.list_flatten(lists)
    names = {name: ranked[name].take(at) for name in ("company", "customer_id")}
    table = pa.table({**names, **{field.name: pc.struct_field(each, field.name) for field in INVOICE}})
    position = positions(table.select(list(KEY)), ledger.invoices)
    here = np.flatnonzero(position >= 0)
    table, rows = table.take(pa.array(here)), ledger.invoices.take(pa.array(position[here]))
    overdue = table["overdue"].to_numpy(zero_copy_only=False).astype(bool)
    last = np.where(overdue, day(shown.as_of) + SOON - 1, days(table["due_by"]))
    paid = days(rows["paid_date"]).astype(np.int64)
    in_time = (paid != NEVER) & (paid <= last)
    by = rows["settled_by"]
    credited = pc.equal(by, CREDIT).to_numpy(zero_copy_only=False).astype(bool) & in_time
    written_off = pc.equal(by, WRITE_OFF).to_numpy(zero_copy_only=False).astype(bool)
    columns = {
        **{name: table[name] for name in ("company", "customer_id", "overdue")},
        "predicted": pa.array(1 - table["slips"].to_numpy()),
        "paid": pa.array(in_time & ~written_off),
        "known": pa.array(last + 1),
    }
    return pa.table(columns).filter(pa.array(~credited))


def _of_customers(answers: pa.Table, spoken: set[CustomerKey], *, before: bool, known: date) -> pa.Table:
    """Those of the answers that are known as of a day, as rows of CASES."""
    table = answers.filter(pc.less_equal(answers["known"], day(known)))
    customers = zip(table["company"].to_pylist(), table["customer_id"].to_pylist(), strict=True)
    contacted = pa.array([each in spoken for each in customers], pa.bool_())
    columns = {**{name: table[name] for name in table.column_names}, "contacted": contacted}
    return pa.table(columns | {"before": pa.array(np.full(len(table), before))}).select(CASES.names).cast(CASES)
