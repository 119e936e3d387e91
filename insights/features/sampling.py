"""Which (invoice, day) rows does each stage of the model learn from, and what is the label of each?

Stage 1 asks on every day up to the on-time line whether it will be met; stage 2, of invoices that miss it, on every day
up to the very-late line whether that one is missed too. One day is drawn per invoice, uniformly from its eligible days,
and weighs as many as there are, so that the rows stand for the snapshots of all past days. A row enters by its line
lying before the training date, however it ended.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from insights.features.events import Events, Labels, SnapshotRows, labels_of, learned_from, rows_at

Mask = npt.NDArray[np.bool_] | bool

MOST_ROWS = 300_000
DRAWS = 4  # days drawn per invoice where they are few
FEW = 5_000  # invoices in stage 1
FEW_LATE = 50_000  # and in stage 2, where more rows still told more (docs/decisions)


@dataclass(frozen=True)
class Sample:
    """Rows of one stage. label: uint8 (1 = paid on time in stage 1, very late in stage 2).

    weight: the invoice's eligible days, in stage 2 over the root of its customer's number of rows.
    """

    rows: SnapshotRows
    invoice: npt.NDArray[np.int64]  # index into the events
    label: npt.NDArray[np.uint8]
    weight: npt.NDArray[np.float64]
    label_known_from: npt.NDArray[np.int32]  # the first day on which the label is known

    def __len__(self) -> int:
        return len(self.label)

    def take(self, which: npt.NDArray[np.int64]) -> "Sample":
        return Sample(
            self.rows.take(which), self.invoice[which], self.label[which], self.weight[which], self.label_known_from[which]
        )


def first_stage(events: Events, start: int, at: int, seed: int, *, mask: Mask = True) -> Sample:
    """Will the on-time line be met? From days in [start, line] of invoices whose line lies before day `at`.

    `mask`: which events (bool each) to learn from.
    """
    labels = labels_of(events, everything=True)
    usable = usable_first(events, labels, start, at) & mask
    return draw(events, usable, events.due_by, ~labels.missed_due, Draw(start, seed, FEW))


def usable_first(events: Events, labels: Labels, start: int, at: int) -> npt.NDArray[np.bool_]:
    """Which invoices `first_stage` learns from; `labels`: all there are (`labels_of`, everything)."""
    first, last = eligible_days(events, events.due_by, start)
    usable: npt.NDArray[np.bool_] = labels.on_time_known & (events.due_by < at) & learned_from(events, at) & (first <= last)
    return usable


def eligible_days(events: Events, line: npt.NDArray[np.int32], start: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The first and last day from which each invoice can be learned from: open, from `start` on, up to its line."""
    return np.maximum(events.issue + 1, start), np.minimum(events.closed, line)


def second_stage(events: Events, start: int, at: int, seed: int, *, mask: Mask = True) -> Sample:
    """Will the very-late line be missed, the on-time line having been? From days up to the very-late line."""
    labels = labels_of(events, everything=True)
    line = events.due_by + np.int32(events.very_late_days)
    usable = labels.very_late_known & labels.missed_due & (line < at) & learned_from(events, at) & mask
    sample = draw(events, usable, line, labels.very_late, Draw(start, seed + 1, FEW_LATE))
    # Very late invoices come in clusters, one customer in trouble each: without this, one default speaks for everybody.
    rows_of_customer = np.bincount(sample.rows.customer)[sample.rows.customer]
    return replace(sample, weight=sample.weight / np.sqrt(rows_of_customer))


@dataclass(frozen=True)
class Draw:
    """From which day on days are drawn, by which seed, and up to how many invoices have several."""

    start: int
    seed: int
    few: int


def draw(
    events: Events,
    usable: npt.NDArray[np.bool_],
    line: npt.NDArray[np.int32],
    label: npt.NDArray[np.bool_],
    how: Draw,
) -> Sample:
    """Seeded days, independent of the order and number of other invoices' draws only as far as `usable` is the same."""
    first, last = eligible_days(events, line, how.start)
    which = np.flatnonzero(usable & (first <= last))
    random = np.random.default_rng(how.seed)
    if len(which) > MOST_ROWS:
        which = np.sort(random.choice(which, MOST_ROWS, replace=False))
    times = DRAWS if len(which) <= how.few else 1
    which = np.repeat(which, times)
    span = (last[which] - first[which] + 1).astype(np.float64)
    at = first[which] + np.floor(random.random(len(which)) * span).astype(np.int32)
    return Sample(
        rows=rows_at(events, which, at),
        invoice=which,
        label=label[which].astype(np.uint8),
        weight=span / times,
        label_known_from=line[which] + 1,
    )
