"""How is a ledger scored in parts, by nobody in particular, with the same bits as in one piece?

What a part must know of the others are counts (`scoring.Whole`), made once from all parts and mergeable with +. So parts can
be scored anywhere, in any order:

    whole  = whole_of(model, ledgers, as_of)        # ledgers() yields the ledger of each part
    tables = [scored(model, each, as_of, whole) for each in parts]
    table  = together(tables)                       # as `scoring.score` of the ledger
"""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import add

import pyarrow as pa

from insights.features.events import events_of
from insights.features.partitions import Ledgers, Part, extent_of
from insights.features.whole_ledger import counts
from insights.ledger.ledger import Ledger, day
from insights.model.early_payments import age_counts
from insights.model.model import Model
from insights.prediction.scoring import Whole, score


def whole_of(model: Model, ledgers: Ledgers, as_of: date) -> Whole:
    """What each part needs of all of them; one is held at a time."""
    rules, half_life = model.recipe.due_rules, model.timing.half_life if model.timing else None
    whole = extent_of(ledgers, rules)

    def of(part: Ledger) -> Whole:
        events = events_of(part, rules, whole.currencies)
        return Whole(counts(part, events, model.fields, whole), age_counts(events, day(as_of), half_life))

    return reduce(add, map(of, ledgers()))


def scored(model: Model, part: Part, as_of: date, whole: Whole) -> pa.Table:
    """The part's rows as `score` makes them, their positions those of the whole ledger."""
    table = score(model, part.ledger, as_of, whole=whole)
    at = table.schema.get_field_index("position")
    return table.set_column(at, table.schema.field(at), pa.array(part.positions[table["position"].to_numpy()]))


def together(tables: Iterable[pa.Table]) -> pa.Table:
    """The rows of all parts, in the order of the ledger."""
    return pa.concat_tables(tables).sort_by("position").combine_chunks()
