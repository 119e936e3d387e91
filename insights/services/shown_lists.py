"""Each day's worklist as it was shown, with what was done; and did those who were contacted pay better than predicted?

Recorded is the list of a ledger's own day, while no newer version of the ledger is here and by the models in force: a past day
that is looked at again was never worked through. An event, a newer ledger or another model ranks anew, and what changed in
the list of the day is recorded too. What was done are the events that bear the day of the list.

As of a day, only what was known by then counts: lists of days before it, events of days up to it, payments strictly before it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.access import Capability, Person, require
from insights.agreements.events import CONTACT, DISPUTE, PROMISE, SNOOZE, TAKE, CustomerKey
from insights.agreements.ranking import Ranked
from insights.agreements.state import Agreed, agreed
from insights.evaluation.contacted import CASES, Association, association
from insights.ledger.keys import KEY, positions
from insights.ledger.ledger import CREDIT, NEVER, WRITE_OFF, Ledger, day, days
from insights.portfolio.snapshot import SOON
from insights.services import contents, failures
from insights.services.reach import ALL, Visible
from insights.store import agreements, ledgers, shown_lists
from insights.store.list_changes import names
from insights.store.shown_lists import ENTRIES, INVOICE, ShownList
from insights.store.store import Store

SPOKEN: Final = (CONTACT, PROMISE)  # events after which a customer counts as contacted
DONE: Final = (CONTACT, PROMISE, DISPUTE, SNOOZE, TAKE)  # what is counted of a day
WEEK, BACK = timedelta(days=7), timedelta(days=365)  # the week before; how far back lists are looked at


@dataclass(frozen=True)
class WorkedDay:
    """The lists that were shown of a day, the first one first, and what was done."""

    lists: tuple[ShownList, ...]
    customers: int  # who were ranked on any of them
    held_back: int  # on the first
    done: Mapping[str, int]  # kind of DONE -> of these customers

    @property
    def first(self) -> ShownList:
        return self.lists[0]


def record(store: Store, ledger: Ledger, as_of: date, ranked: Ranked, *, actor: Person) -> bool:
    """Keep a list as it is shown now; whether it was kept. One that did not change since it was shown, or looks back, is not.

    Nor is one for which there is no room: the list is worth more than its record.
    """
    require(actor, Capability.SEE)
    if as_of != ledger.default_as_of:
        return False
    held = contents.read(store)
    here = held.ledger(ledger.id)
    if held.newest_version(here).id != ledger.id:
        return False
    models = sorted(set(held.by_company(here, as_of).values()))
    try:
        return shown_lists.keep(store, ledger.id, as_of, models, _entries(ranked), actor=actor)
    except failures.FROM_OUTSIDE as error:
        failures.sentence(error)  # keeps in the log what happened
        return False


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
    return pa.concat_tables([pa.table(rows).cast(ENTRIES) for rows in (listed, back)])


# --- what was done -------------------------------------------------------------------------------------------------------


def worked(store: Store, ledger: Ledger, as_of: date, visible: Visible = ALL) -> list[WorkedDay]:
    """The days up to a day of which lists of a ledger and its versions were shown, the newest first, with what was done.

    To whoever may see some customers, a list is of these alone, and a day on whose lists none of them was is left out.
    """
    by_day = _done(_known(store, ledger.id, as_of))
    worked_days = []
    for lists in reversed(_by_day(store, ledger, as_of)):
        of_day = by_day.get(lists[0].as_of, {})
        ranked, held_back = _ranked_first(store, lists, visible), lists[0].held_back
        if not visible.everything:
            first = visible.rows(shown_lists.entries(store, lists[0].id))
            held_back = len(first) - len(_ranked(first))
            if not (len(ranked) or held_back):
                continue
        customers = set(zip(ranked["company"].to_pylist(), ranked["customer_id"].to_pylist(), strict=True))
        counts = {kind: sum(kind in of_day.get(customer, ()) for customer in customers) for kind in DONE}
        worked_days.append(WorkedDay(lists, len(ranked), held_back, counts))
    return worked_days


def as_shown(store: Store, shown: ShownList, as_of: date, visible: Visible = ALL) -> pa.Table:
    """A list as it was shown (columns of `store.shown_lists.ENTRIES`), and `done`: the kinds of events of its day, by a day.

    To whoever may see some customers, of these alone, ranked among themselves.
    """
    table = shown_lists.entries(store, shown.id)
    if not visible.everything:
        table = _among_themselves(visible.rows(table))
    of_day = _done(_known(store, shown.ledger_id, as_of)).get(shown.as_of, {})
    customers = zip(table["company"].to_pylist(), table["customer_id"].to_pylist(), strict=True)
    return table.append_column(
        "done", pa.array([sorted(of_day.get(customer, ())) for customer in customers], pa.list_(pa.string()))
    )


def _among_themselves(entries: pa.Table) -> pa.Table:
    """Entries with ranks that say nothing of how many others there were."""
    number = entries["number"]
    place = pc.if_else(pc.is_valid(number), pc.cumulative_sum(pc.cast(pc.is_valid(number), pa.int64())), None)
    return entries.set_column(entries.schema.get_field_index("number"), "number", place)


def _by_day(store: Store, ledger: Ledger, as_of: date) -> list[tuple[ShownList, ...]]:
    """Those of the ledger and its versions, a day's together: by day, and within it in the order in which they were shown."""
    held = contents.read(store)
    mine = held.ledger(ledger.id)
    versions = [version.id for version in held.ledgers if version.lineage_id == mine.lineage_id]
    records = shown_lists.listed(store, versions, until=as_of)
    return [tuple(lists) for _, lists in groupby(records, key=lambda shown_list: shown_list.as_of)]


def _ranked_first(store: Store, lists: Sequence[ShownList], visible: Visible = ALL) -> pa.Table:
    """The ranked entries of a day's lists that may be seen, each customer's as it was shown first.

    What a list added is counted from the one before: of one that is kept whole, that may be none of these.
    """
    ranked = _ranked(shown_lists.entries(store, lists[0].id))
    for changed in lists[1:]:
        if changed.added or changed.base_id is None:
            later = _ranked(shown_lists.written(store, changed.id))
            known = pc.is_in(names(later), value_set=names(ranked).combine_chunks())
            ranked = pa.concat_tables([ranked, later.filter(pc.invert(known))])
    return visible.rows(ranked)


def _known(store: Store, ledger_id: str, as_of: date) -> Agreed:
    return agreed(agreements.listed(store, until=as_of, lineage_id=ledgers.get(store, ledger_id).lineage_id), as_of)


def _done(known: Agreed) -> dict[date, dict[CustomerKey, set[str]]]:
    """Day of the list -> customer -> kinds of events in force."""
    by_day: defaultdict[date, dict[CustomerKey, set[str]]] = defaultdict(dict)
    for event in known.events:
        by_day[event.as_of].setdefault(event.customer, set()).add(event.kind)
    return by_day


def _ranked(entries: pa.Table) -> pa.Table:
    return entries.filter(pc.is_valid(entries["number"]))


# --- did it help ---------------------------------------------------------------------------------------------------------


def cases(store: Store, ledger: Ledger, as_of: date, visible: Visible = ALL) -> pa.Table:
    """Every invoice of a recorded list whose answer is known as of a day, once per day and period (columns of CASES).

    Asked is of one that was due soon whether it was paid on time, of an overdue one whether it was paid within SOON days. A
    customer counts once a day, as it was shown first. Each day's customers are also looked at in the week before: on the last
    list that was shown 7 to 13 days earlier, as far as its answers were known on the day of this one. Whoever is contacted on a
    later list still counts as not contacted on this one: to leave him out would choose by what happened since. What a credit
    note settled in that time was never to be paid. Of whom may not be seen, nothing counts.
    """
    by_day = _done(_known(store, ledger.id, as_of))
    answers = {}
    for lists in _by_day(store, ledger, as_of):
        on, predicted = lists[0].as_of, [shown for shown in lists if shown.models]
        if predicted and as_of - BACK < on < as_of:
            answers[on] = _answered(ledger, on, _ranked_first(store, predicted, visible))
    parts = [CASES.empty_table()]
    for on, after in answers.items():
        spoken = {who for who, kinds in by_day.get(on, {}).items() if kinds.intersection(SPOKEN)}
        parts.append(_of_customers(after, spoken, before=False, known=as_of))
        if earlier := max((day for day in answers if WEEK <= on - day < 2 * WEEK), default=None):
            same = pc.is_in(_names(answers[earlier]), value_set=pc.unique(_names(after)))
            parts.append(_of_customers(answers[earlier].filter(same), spoken, before=True, known=on))
    return pa.concat_tables(parts)


def help_by_question(cases: pa.Table) -> dict[str, Association]:
    """For "due" and "overdue" cases, how contacted customers stand beside the others."""
    return {name: association(of_question(cases, name)) for name in ("due", "overdue")}


def of_question(cases: pa.Table, name: str) -> pa.Table:
    """The cases that ask whether it was paid on time ("due"), or within SOON days ("overdue")."""
    return cases.filter(pc.equal(cases["overdue"], name == "overdue"))


def _names(answers: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(answers["company"], answers["customer_id"], "\x1f")


def _answered(ledger: Ledger, on: date, ranked: pa.Table) -> pa.Table:
    """A day's listed invoices that a ledger has: customer, overdue, predicted, paid, and `known` (the day from which it is)."""
    lists = ranked["invoices"].combine_chunks()
    at, invoices = pc.list_parent_indices(lists), pc.list_flatten(lists)
    names = {name: ranked[name].take(at) for name in ("company", "customer_id")}
    table = pa.table({**names, **{field.name: pc.struct_field(invoices, field.name) for field in INVOICE}})
    position = positions(table.select(list(KEY)), ledger.invoices)
    here = np.flatnonzero(position >= 0)
    table, rows = table.take(pa.array(here)), ledger.invoices.take(pa.array(position[here]))
    overdue = table["overdue"].to_numpy(zero_copy_only=False).astype(bool)
    last = np.where(overdue, day(on) + SOON - 1, days(table["due_by"]))
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
    contacted = pa.array([customer in spoken for customer in customers], pa.bool_())
    columns = {**{name: table[name] for name in table.column_names}, "contacted": contacted}
    return pa.table(columns | {"before": pa.array(np.full(len(table), before))}).select(CASES.names).cast(CASES)
