"""Do the figures of a file bear each other out: totals and the rows above them, and columns that imply each other?

What agrees is said. What does not is a contradiction: it is shown with its rows, and nothing is kept before somebody accepts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Options, Question
from insights.ingest.entries import PLACES, Entries
from insights.ingest.recognise.formats import Decisions

SHOWN = 5  # contradictions that a question names
SUMMED = ("amount", "outstanding", "paid_amount", "debit", "credit")
MOST_CURRENCIES = 30


@dataclass(frozen=True)
class Contradiction:
    """What does not agree: the field it is about, and a sentence that names rows and figures."""

    field: str
    sentence: str


def totals(entries: Entries, decisions: Decisions) -> list[Contradiction]:
    """Holds total rows against the rows that they sum up, once signs and kinds are known; notes those that agree."""
    contradictions = []
    for name in SUMMED:
        if name in entries.totals.figures and not entries.totals.missing[name].all():
            contradictions += _totals_of(entries, name, decisions)
    return contradictions


def conclude(contradictions: Sequence[Contradiction], entries: Entries, options: Options, decisions: Decisions) -> None:
    """Asks whether the rows are to be taken although their figures contradict each other; notes it where that was said."""
    if not contradictions:
        return
    sentences = [contradiction.sentence for contradiction in contradictions[:SHOWN]]
    if len(contradictions) > SHOWN:
        sentences.append(f"{len(contradictions) - SHOWN:,} more like these.")
    if options.accept_contradiction:
        for sentence in sentences:
            entries.note("contradiction_accepted", "", sentence)
        return
    choices = (("yes", "take the rows as they are, although the file contradicts itself"),)
    name = contradictions[0].field
    explained = " ".join(sentences) + " Map another column if this one is wrong, or correct the file."
    asked = Question("accept_contradiction", name, entries.headers.get(name, ""), explained, choices, "--accept-contradiction")
    decisions.questions.append(asked)


def _totals_of(entries: Entries, name: str, decisions: Decisions) -> list[Contradiction]:
    stated = entries.totals
    at = np.flatnonzero(~stated.missing[name])
    compared = [_compared(entries, name, values, at) for values in _readings(entries, name)]
    agrees, expected = max(compared, key=lambda pair: int(pair[0].sum()))
    header = entries.headers.get(name, name)
    if agrees.any():
        last = at[np.flatnonzero(agrees)[-1]]
        entries.note("total_agrees", header, plain(int(stated.figures[name][last])))
        if agrees.sum() > 1:
            entries.note("subtotals_agree", header, number=int(agrees.sum()) - 1)
    wrong = np.flatnonzero(~agrees)
    labels = stated.texts["label"].take(pa.array(at[wrong])).to_pylist()
    return [
        Contradiction(name, _wrong_total(decisions.place(int(stated.lines[at[k]])), label, header, figure, int(expected[k])))
        for k, label, figure in zip(wrong, labels, stated.figures[name][at[wrong]].tolist(), strict=True)
    ]


def _wrong_total(place: str, label: str, header: str, figure: int, expected: int) -> str:
    where = f"{place[:1].upper()}{place[1:]}" + (f" (“{label}”)" if label else "")
    return f"{where} says {plain(figure)} for “{header}”, but its rows come to {plain(expected)}."


def _readings(entries: Entries, name: str) -> list[np.ndarray]:
    """What a total may sum up: every row as it stands, with the signs that its type gives it, or only what is used."""
    stated = entries.stated
    plain_ = np.where(stated.missing[name], 0, stated.figures[name])
    place = np.searchsorted(stated.lines, entries.lines)
    used = np.zeros(len(plain_), bool)
    used[place] = True
    signed = plain_.copy()
    if name in entries.money:
        sign = np.sign(entries.money[name])
        signed[place] = np.where(sign == 0, plain_[place], np.abs(plain_[place]) * sign)
    return [plain_, signed, np.where(used, signed, 0), np.where(used, plain_, 0)]


def _compared(entries: Entries, name: str, values: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each total at `at`: whether it sums up rows between it and another total, or of a currency; and what it should be."""
    stated, lines = entries.totals, entries.stated.lines
    sums = np.concatenate([[0], np.cumsum(values)])
    above = sums[np.searchsorted(lines, stated.lines[at])]
    wanted = stated.figures[name][at]
    before, after = {0}, {int(sums[-1]), *above.tolist()}
    agrees, expected, previous = np.zeros(len(at), bool), np.zeros(len(at), np.int64), 0
    for k, (total, so_far) in enumerate(zip(wanted.tolist(), above.tolist(), strict=True)):
        agrees[k] = so_far - total in before or (total + so_far in after and total != 0)
        expected[k] = so_far - previous if so_far != previous else so_far
        before.add(so_far)
        previous = so_far
    return agrees | _of_currency(entries, values, at, wanted), expected


def _of_currency(entries: Entries, values: np.ndarray, at: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which totals sum up the rows of one currency."""
    stated, of_totals = entries.stated.texts.get("currency"), entries.totals.texts.get("currency")
    if stated is None or of_totals is None:
        return np.zeros(len(at), bool)
    codes = pc.unique(stated).to_pylist()[:MOST_CURRENCIES]
    sums = {code: int(values[pc.equal(stated, code).to_numpy()].sum()) for code in codes}
    names = of_totals.take(pa.array(at)).to_pylist()
    same = [
        sums.get(code) == total if code else total in sums.values() for code, total in zip(names, wanted.tolist(), strict=True)
    ]
    return np.array(same, bool)


def plain(figure: int) -> str:
    """A figure with PLACES decimals as text: 134 000.00, with as many decimals as it needs, at least two."""
    text = f"{Decimal(figure).scaleb(-PLACES):,f}"
    whole, _, rest = text.partition(".")
    return f"{whole.replace(',', ' ')}.{rest.rstrip('0').ljust(2, '0')}"
