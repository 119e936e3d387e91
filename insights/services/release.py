"""Whose orders should somebody look at before they go out: over the credit limit, or with too much of what is owed at risk?"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights import portfolio
from insights.ledger.ledger import FURTHER, Ledger
from insights.ledger.money import exponent
from insights.ledger.table_files import decimals
from insights.store.store import Store

LIMIT_NAMES: Final = (
    "creditlimit",
    "limit",
    "kreditlimit",
    "limitecredito",
    "limitedecredit",
    "kredietlimiet",
    "creditlimitamount",
)
AMOUNTS: Final = ("outstanding", "net_balance", "at_risk", "credit_limit", "over_limit")


@dataclass(frozen=True)
class ReleaseList:
    """Customers whose orders wait, the largest amount at risk first.

    table: company, customer_id, customer_name, currency, outstanding, net_balance, at_risk, share_at_risk, credit_limit,
    over_limit, why; amounts int64 minor units, null where there is no limit or no prediction. limits: the column that they
    are from, "" where the ledger has none. sentence: what stood in the way, or how many there are.
    """

    table: pa.Table
    limits: str
    sentence: str


def release(store: Store, ledger: Ledger, as_of: date, source: Path | pa.Table, *, above: float = 0.5) -> ReleaseList:  # noqa: ARG001
    """The release list of a day: more than `above` of the receivables predicted late or very late, or a balance over the limit.

    The limit is compared with the net balance in the row's currency. Where a customer has several, the highest counts.
    """
    scored = pq.read_table(source) if isinstance(source, Path) else source
    predicted = scored["p_on_time"].null_count == 0 and len(scored) > 0
    owing = portfolio.customers(scored) if predicted else portfolio.owing(scored)
    table = portfolio.with_net_balance(owing, ledger, as_of)
    column, limits = limits_of(ledger, table)
    at_risk = table["at_risk"].to_numpy() if predicted else np.zeros(len(table), np.int64)
    risky = predicted & (at_risk > above * table["outstanding"].to_numpy())
    over = np.where(limits >= 0, table["net_balance"].to_numpy() - limits, 0)
    waits = np.flatnonzero(risky | (over > 0))
    order = waits[np.lexsort((waits, -over[waits], -at_risk[waits]))]
    chosen = table.take(pa.array(order))
    has_limit = limits[order] >= 0
    columns = {
        **{name: chosen[name] for name in ("company", "customer_id", "customer_name", "currency", "outstanding", "net_balance")},
        "at_risk": pa.array(at_risk[order], mask=np.full(len(order), not predicted)),
        "share_at_risk": chosen["share_at_risk"] if predicted else pa.nulls(len(order), pa.float64()),
        "credit_limit": pa.array(limits[order], pa.int64(), mask=~has_limit),
        "over_limit": pa.array(np.maximum(over[order], 0), pa.int64(), mask=~has_limit),
        "why": pa.array(
            [_why(bool(risk), bool(beyond), above) for risk, beyond in zip(risky[order], over[order] > 0, strict=True)]
        ),
    }
    return ReleaseList(pa.table(columns), column, _said(len(order), column, predicted=predicted))


def _why(risk: bool, beyond: bool, above: float) -> str:  # noqa: FBT001 - two flags of a row
    texts = ["over the limit"] * beyond + [f"more than {above:.0%} of what is owed at risk"] * risk
    return " and ".join(texts)


def _said(many: int, column: str, *, predicted: bool) -> str:
    lacks = [] if column else ["no column of credit limits"]
    lacks += [] if predicted else ["no predictions"]
    tail = f"; the ledger has {' and '.join(lacks)}" if lacks else ""
    return f"{many} waiting{tail}."


def limits_of(ledger: Ledger, table: pa.Table) -> tuple[str, np.ndarray]:
    """The column of credit limits ("": none), and each row's limit in minor units of its currency, -1 where it has none."""
    names = {"".join(filter(str.isalnum, name.lower())): name for name in reversed(ledger.further)}
    column = next((names[name] for name in LIMIT_NAMES if name in names), "")
    limits = np.full(len(table), -1, np.int64)
    if not column or not pa.types.is_floating(ledger.invoices.schema.field(FURTHER + column).type):
        return "", limits
    keys = ["company", "customer_id", "currency"]
    rows = ledger.invoices.select([*keys, FURTHER + column]).rename_columns([*keys, "limit"])
    rows = rows.filter(pc.greater_equal(rows["limit"], 0))
    highest = rows.group_by(keys).aggregate([("limit", "max")])
    known = {
        key: value
        for *key_, value in zip(*(highest[name].to_pylist() for name in (*keys, "limit_max")), strict=True)
        for key in [tuple(key_)]
    }
    for at, key in enumerate(zip(*(table[name].to_pylist() for name in keys), strict=True)):
        if key in known:
            limits[at] = round(known[key] * 10 ** exponent(key[2]))
    return column, limits


def exported(waiting: ReleaseList) -> pa.Table:
    """The list as a file for people: exact decimal amounts."""
    table = waiting.table
    for name in AMOUNTS:
        filled = decimals(pa.chunked_array([pc.fill_null(table[name], 0).combine_chunks()]), table["currency"])
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pc.if_else(table[name].is_valid().combine_chunks(), filled, None))
    return table
