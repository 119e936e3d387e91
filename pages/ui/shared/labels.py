"""What are ledgers, models and companies called in a menu? No two alike: a select box tells its options apart by label only."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from insights.store.records import ALL_COMPANIES, NAMELESS, LedgerRecord, ModelRecord, Publication, Scope
from pages.ui.shared import format as fmt

SHORT = 8  # characters of an id, where nothing else tells two apart

Key = TypeVar("Key", bound=Hashable)


def distinct(texts_of: Mapping[Key, Sequence[str]]) -> dict[Key, str]:
    """A label for each key: its first text, and of those that are alike the next one too, at last a number.

    `distinct({1: ("A", "May"), 2: ("A", "June"), 3: ("B", "May")}) == {1: "A · May", 2: "A · June", 3: "B"}`
    """
    labels = {key: texts[0] for key, texts in texts_of.items()}
    for place in range(1, max(map(len, texts_of.values()), default=0)):
        several = Counter(labels.values())
        labels = {
            key: f"{label} · {texts_of[key][place]}" if several[label] > 1 and place < len(texts_of[key]) else label
            for key, label in labels.items()
        }
    return _numbered(labels)


def _numbered(labels: Mapping[Key, str]) -> dict[Key, str]:
    """The same, with a number where two are still alike."""
    taken: set[str] = set()
    numbered = {}
    for key, label in labels.items():
        number, free = 1, label
        while free in taken:
            number += 1
            free = f"{label} ({number})"
        taken.add(free)
        numbered[key] = free
    return numbered


def ledgers(records: Iterable[LedgerRecord]) -> dict[str, str]:
    """Ledger id -> name and complete-through day; where two are alike, when each was imported, too."""
    return distinct({record.id: _of_ledger(record) for record in records})


def ledgers_by_day(records: Iterable[LedgerRecord]) -> dict[str, str]:
    """As `ledgers`, for a narrow menu that cuts its options: the complete-through day first, for names are often the same."""
    return distinct(
        {
            record.id: (f"{fmt.day(record.complete_through)} · {record.name or record.id}", *_of_ledger(record)[1:])
            for record in records
        }
    )


def _of_ledger(record: LedgerRecord) -> tuple[str, ...]:
    label = f"{record.name or record.id}, complete through {fmt.day(record.complete_through)}"
    return label, f"imported {fmt.moment(record.created_at)}", record.id[:SHORT]


def models(records: Iterable[ModelRecord], ledgers: Mapping[str, str], standing: Sequence[Publication]) -> dict[str, str]:
    """Model id -> its name, ledger and moment, and for which companies it is published. `ledgers`: id -> name."""
    labels = distinct({record.id: _of_model(record, ledgers) for record in records})
    for publication in standing:
        if publication.model_id in labels:
            labels[publication.model_id] += (
                " · published" if publication.scope.everybody else f" · published for {publication.scope}"
            )
    return labels


def _of_model(record: ModelRecord, ledgers: Mapping[str, str]) -> tuple[str, ...]:
    if record.imported:
        return f"{record.name or 'Model'} · imported · {fmt.moment(record.created_at)}", record.id[:SHORT]
    name = record.name or f"Trained as of {fmt.day(record.trained_as_of)}"
    parts = (name, ledgers.get(record.ledger_id, ""), fmt.moment(record.created_at))
    return " · ".join(part for part in parts if part), record.id[:SHORT]


def scopes(companies: Iterable[str], *, rest: str = "") -> dict[Scope, str]:
    """All companies (or the `rest` of them, as it is called) and each of some, by scope."""
    everybody: dict[Scope, tuple[str, ...]] = {ALL_COMPANIES: (rest or "All companies", "all")}
    return distinct(everybody | {Scope(company): (company or NAMELESS, "one company") for company in companies})
