"""The rows of a file between text and ledger: typed cells, what was derived from them, and the verdict on each row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.recognise.dates import ABSENT, UNREADABLE
from insights.ingest.recognise.numbers import MOST
from insights.ledger.ledger import PROBLEMS, Aside, Problem, Problems

PLACES = 4  # decimals of a figure as the file states it
VALUE_LENGTH = 200  # characters of a value that a problem keeps


@dataclass(frozen=True)
class Applied:
    """Dated payments and credits of single invoices: position of the invoice, day, minor units above 0, by credit or not."""

    position: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    credit: np.ndarray

    def and_(self, other: "Applied") -> "Applied":
        return Applied(
            np.concatenate([self.position, other.position]),
            np.concatenate([self.day, other.day]),
            np.concatenate([self.amount, other.amount]),
            np.concatenate([self.credit, other.credit]),
        )

    def renumbered(self, kept: np.ndarray) -> "Applied":
        """The same where only the rows of `kept` (bool) are left."""
        if not len(self.position):
            return self
        number, mine = np.cumsum(kept) - 1, kept[self.position]
        return Applied(number[self.position[mine]], self.day[mine], self.amount[mine], self.credit[mine])


NOTHING_APPLIED = Applied(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, bool))


@dataclass(frozen=True)
class Stated:
    """Amounts as the file states them, whatever becomes of the rows: by field, int64 with PLACES decimals; which are missing."""

    lines: np.ndarray
    figures: Mapping[str, np.ndarray] = field(default_factory=dict)
    missing: Mapping[str, np.ndarray] = field(default_factory=dict)
    texts: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)  # "label": what stands first in a row; "currency"


NOTHING_STATED = Stated(np.zeros(0, np.int64))


@dataclass
class Entries:
    """Typed rows. Texts are never null; days (int32) are ABSENT or UNREADABLE where they are no day; money is in minor units.

    `money` and `missing` have an entry for amount, outstanding and paid_amount where the file has such a column or it was
    derived.
    `reason` is the first reason against each row, "" while there is none; `blamed` is the field it is about.
    """

    lines: np.ndarray
    text: dict[str, pa.ChunkedArray]
    days: dict[str, np.ndarray]
    headers: dict[str, str]
    money: dict[str, np.ndarray] = field(default_factory=dict)
    missing: dict[str, np.ndarray] = field(default_factory=dict)
    decimals: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    unreadable: dict[str, np.ndarray] = field(default_factory=dict)
    masks: dict[str, np.ndarray] = field(default_factory=dict)
    further: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    notes: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)  # about single rows that are used
    reasons: list[str] = field(default_factory=lambda: [""])
    reason: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int16))
    blamed: list[str] = field(default_factory=lambda: [""])
    applied: Applied = NOTHING_APPLIED
    stated: Stated = NOTHING_STATED  # of every row that was read as one
    totals: Stated = NOTHING_STATED  # of the rows that say totals

    def __post_init__(self) -> None:
        if len(self.reason) != len(self.lines):
            self.reason = np.zeros(len(self.lines), np.int16)

    def __len__(self) -> int:
        return len(self.lines)

    def note(self, code: str, column: str = "", value: str = "", number: int | None = None) -> None:
        """Something to say about the file as a whole, and of how many rows."""
        self.notes.append(Problem(0, column, value, code, set_aside=False, number=number))

    def blame(self, mask: np.ndarray, reason: str, about: str) -> None:
        """Sets rows aside, except those that already are."""
        hit = mask & (self.reason == 0)
        if hit.any():
            self.reasons.append(reason)
            self.blamed.append(about)
            self.reason[hit] = len(self.reasons) - 1

    def good(self) -> np.ndarray:
        mask: np.ndarray = self.reason == 0
        return mask

    def count(self, reason: str) -> int:
        """How many rows were set aside for a reason."""
        return sum(int((self.reason == code).sum()) for code, name in enumerate(self.reasons) if name == reason and code)

    def texts(self, name: str) -> pa.ChunkedArray:
        """A text column, empty where the file has none."""
        if name in self.text:
            return self.text[name]
        return constant("", len(self))

    def dates(self, name: str) -> np.ndarray:
        return self.days.get(name, np.full(len(self), ABSENT, np.int32))

    def has_day(self, name: str) -> np.ndarray:
        return self.dates(name) > UNREADABLE

    def set_money(self, name: str, values: np.ndarray, missing: np.ndarray) -> None:
        self.money[name], self.missing[name] = values, missing

    def keep(self, mask: np.ndarray, reason: str) -> None:
        """Leaves out the rows outside `mask`, counted as ignored under `reason`."""
        dropped = int((~mask).sum())
        if not dropped:
            return
        self.ignored[reason] += dropped
        chosen = pa.array(mask)
        for table in (self.text, self.decimals, self.further):
            for name, column in table.items():
                table[name] = column.filter(chosen)
        for arrays in (self.days, self.money, self.missing, self.unreadable, self.masks):
            for name, values in arrays.items():
                arrays[name] = values[mask]
        self.lines, self.reason = self.lines[mask], self.reason[mask]
        self.applied = self.applied.renumbered(mask)

    def aside(self) -> tuple[Aside, ...]:
        """What was set aside, per company, currency and reason."""
        at = np.flatnonzero(self.reason)
        names = [self.texts(name).take(pa.array(at)).to_pylist() for name in ("company", "currency")]
        reasons = [self.reasons[code] for code in self.reason[at]]
        amounts = np.where(np.abs(self.money["amount"]) <= MOST, self.money["amount"], 0)[at].tolist()
        by_reason: dict[tuple[str, str, str], list[int]] = {}
        for company, currency, reason, amount in zip(*names, reasons, amounts, strict=True):
            by_reason.setdefault((company, currency, reason), []).append(amount)
        return tuple(
            Aside(company, currency, len(sums), sum(sums), reason)
            for (company, currency, reason), sums in sorted(by_reason.items())
        )

    def problems(self) -> Problems:
        """One problem for each row that was set aside, in file order, then the remarks and notes."""
        at = np.flatnonzero(self.reason)
        codes_ = pa.array(self.reason[at])
        about = np.array([self.blamed[code] for code in range(len(self.reasons))], object)[self.reason[at]]
        values = pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), len(at))])
        for name in dict.fromkeys(about.tolist()):
            values = pc.if_else(pa.array(about == name), self.texts(name).take(pa.array(at)), values)
        spelt = [self.headers.get(name, name.replace("_", " ")) for name in self.blamed]
        aside = pa.table(
            {
                "row": pa.array(np.asarray(self.lines)[at], pa.int64()),
                "column": pa.array(spelt, pa.string()).take(codes_),
                "value": pc.utf8_slice_codeunits(values, 0, VALUE_LENGTH),
                "reason": pa.array(self.reasons, pa.string()).take(codes_),
                "set_aside": pa.repeat(pa.scalar(value=True), len(at)),
                "number": pa.nulls(len(at), pa.int64()),
            },
            schema=PROBLEMS,
        )
        return Problems(aside) + Problems.of([*self.remarks, *self.notes])


def constant(text: str, length: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(text, pa.string()), length)])


def codes(columns: Sequence[pa.ChunkedArray]) -> np.ndarray:
    """int64 numbers from 0 that are equal where all columns are equal."""
    result = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        encoded = repeats.encoded(column)
        width = max(1, len(encoded.dictionary))
        mixed = result * width + encoded.indices.to_numpy(zero_copy_only=False)
        result = pd.factorize(mixed)[0] if result.any() else mixed
    return result


def is_filled(column: pa.ChunkedArray) -> np.ndarray:
    filled: np.ndarray = pc.not_equal(column, "").to_numpy()
    return filled
