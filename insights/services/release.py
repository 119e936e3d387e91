"""Whose orders should somebody look at before they go out: over the credit limit, or with too much of what is owed at risk?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights import portfolio
from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ledger
from insights.ledger.money import exponent
from insights.ledger.table_files import decimals
from insights.store import audit
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
USUAL_THRESHOLD: Final = 50  # per cent
THRESHOLD: Final = "release.threshold"  # the action on record


@dataclass(frozen=True)
class ReleaseList:
    """Customers whose orders wait, the largest amount at risk first; currencies one after the other, where no rates compare them.

    table: company, customer_id, customer_name, currency, outstanding, net_balance, at_risk, share_at_risk, credit_limit,
    over_limit, why; amounts int64 minor units, null where there is no limit or no prediction. limits: the column that they
    are from, "" where the ledger has none. threshold: per cent of the receivables at risk, above which orders wait.
    """

    table: pa.Table
    limits: str
    threshold: int
    is_predicted: bool

    @property
    def customers(self) -> int:
        """How many wait; one may have a row for each of several currencies."""
        return portfolio.number_of_customers(self.table)

    @property
    def sentence(self) -> str:
        """How many wait, and what could not be looked at."""
        lacks = [] if self.limits else ["no credit limits known"]
        lacks += [] if self.is_predicted else ["no predictions"]
        tail = f"; there are {' and '.join(lacks)}" if lacks else ""
        return f"{self.customers:,} waiting{tail}."


def threshold(store: Store) -> int:
    """Per cent of a customer's receivables at risk, above which orders wait: as it was set last."""
    newest = next(iter(audit.listed(store, action=THRESHOLD)), None)
    return int(str(newest.details["per_cent"])) if newest else USUAL_THRESHOLD


def set_threshold(store: Store, per_cent: int, *, actor: Person) -> None:
    """Orders wait above this share from now on; recorded. Raises Refused for what is no share."""
    require(actor, Capability.PLAN)
    if not 0 <= per_cent <= 100:
        raise Refused(f"The threshold can be 0 to 100 per cent, not {per_cent:,}.", "release_threshold", value=per_cent)
    before = {"per_cent": threshold(store)}
    with store.database.write() as session:
        audit.record(session, actor, THRESHOLD, "", before, per_cent=per_cent)


def release(
    ledger: Ledger,
    as_of: date,
    source: Path | pa.Table,
    *,
    above: int = USUAL_THRESHOLD,
    worth: Mapping[str, float] | None = None,
) -> ReleaseList:
    """The release list of a day: more than `above` per cent of the receivables expected late or very late, or over the limit.

    The limit is compared with the net balance in the row's currency; where a customer has several, the highest counts. It is a
    state at the ledger's export, so it counts only as of the day after that. worth: what a whole unit of each currency is worth
    in one, by which all are ranked.
    """
    scored = pq.read_table(source) if isinstance(source, Path) else source
    predicted = scored["p_on_time"].null_count == 0 and len(scored) > 0
    owing = portfolio.customers(scored) if predicted else portfolio.owing(scored)
    table = portfolio.with_net_balance(owing, ledger, as_of)
    column, limits = limits_of(ledger, table) if as_of == ledger.last_as_of else ("", np.full(len(table), -1, np.int64))
    at_risk = table["at_risk"].to_numpy() if predicted else np.zeros(len(table), np.int64)
    risky = predicted & (at_risk * 100 > above * table["outstanding"].to_numpy())
    over = np.where(limits >= 0, table["net_balance"].to_numpy() - limits, 0)
    waits = np.flatnonzero(risky | (over > 0))
    order = waits[_order(table["currency"].take(pa.array(waits)).to_pylist(), at_risk[waits], over[waits], worth)]
    chosen = table.take(pa.array(order))
    has_limit = limits[order] >= 0
    columns = {
        **{name: chosen[name] for name in ("company", "customer_id", "customer_name", "currency", "outstanding", "net_balance")},
        "at_risk": pa.array(at_risk[order], mask=np.full(len(order), not predicted)),
        "share_at_risk": chosen["share_at_risk"] if predicted else pa.nulls(len(order), pa.float64()),
        "credit_limit": pa.array(limits[order], pa.int64(), mask=~has_limit),
        "over_limit": pa.array(np.maximum(over[order], 0), pa.int64(), mask=~has_limit),
        "why": pa.array(
            [_why(bool(risk), bool(beyond), above) for risk, beyond in zip(risky[order], over[order] > 0, strict=True)],
            pa.string(),
        ),
    }
    return ReleaseList(pa.table(columns), column, above, predicted)


def _order(currencies: list[str], at_risk: np.ndarray, over: np.ndarray, worth: Mapping[str, float] | None) -> np.ndarray:
    """Places of the rows: by what is at risk, then by what is over the limit; as one, or each currency by itself."""
    if worth is None:
        many = {currency: currencies.count(currency) for currency in set(currencies)}
        block = [(-many[currency], currency) for currency in currencies]
        rank = {key: place for place, key in enumerate(sorted(set(block)))}
        factors, blocks = np.ones(len(currencies)), np.array([rank[key] for key in block], np.int64)
    else:
        factors = np.array([worth[currency] / 10 ** exponent(currency) for currency in currencies])
        blocks = np.zeros(len(currencies), np.int64)
    return np.lexsort((-over * factors, -at_risk * factors, blocks))


def _why(risk: bool, beyond: bool, above: int) -> str:  # noqa: FBT001 - two flags of a row
    texts = ["over the limit"] * beyond + [f"more than {above}% of what is owed at risk"] * risk
    return " and ".join(texts)


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


def exported(table: pa.Table) -> pa.Table:
    """Rows of a list (`ReleaseList.table`) as a file for people: exact decimal amounts."""
    for name in AMOUNTS:
        filled = decimals(pa.chunked_array([pc.fill_null(table[name], 0).combine_chunks()]), table["currency"])
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pc.if_else(table[name].is_valid().combine_chunks(), filled, None))
    return table
