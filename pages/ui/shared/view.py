"""Which ledger, day and models are shown, of all that the workspace holds? What an address asks decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.ledger.errors import Refused
from insights.ledger.ledger import Ints, Ledger
from insights.ledger.outcomes import DueRules
from insights.model.recipe import Recipe
from insights.services.contents import Contents
from insights.services.reach import ALL, LedgerWithin, Visible
from insights.store.publications import DEFAULT_THRESHOLD
from insights.store.records import LedgerRecord


@dataclass(frozen=True)
class ActiveModels:
    """The model that speaks ("" where none does) and its threshold, and those of companies with a publication of their own."""

    model_id: str = ""
    threshold: float = DEFAULT_THRESHOLD
    by_company: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def within(self, visible: Visible) -> "ActiveModels":
        """The same without the companies of which nothing may be seen."""
        own = {company: speaks for company, speaks in self.by_company.items() if visible.has_company(company)}
        return replace(self, by_company=own)

    def same_models(self, other: "ActiveModels") -> bool:
        """Whether the same models speak, at whatever thresholds for all."""
        return (self.model_id, self.by_company) == (other.model_id, other.by_company)


@dataclass(frozen=True)
class View:
    """What every screen is a view of. `model_id` is "" where no model qualifies for the as-of date.

    Where several scopes are in force and the address names no model, `by_company` holds what speaks for the companies that have
    a publication of their own; the model and the threshold of the view speak for all others.
    """

    held: Contents
    ledger: Ledger
    as_of: date
    model_id: str
    threshold: float
    published: bool  # whether the model is the published one
    by_company: Mapping[str, tuple[str, float]] = field(default_factory=dict)  # company -> model id and threshold
    visible: Visible = ALL  # to whoever looks: the ledger has no other rows
    positions: Ints | None = field(default=None, compare=False)  # where its rows stand in the whole; None: everywhere
    usual: bool = True  # whether that speaks which would if the address named no model: what is published, if it may

    @property
    def key(self) -> str:
        """Names the view in widget keys and caches."""
        limited = (self.visible.key,) if self.visible.key else ()
        named = (self.ledger.id, self.as_of, self.model_id, self.threshold, *sorted(self.by_company.items()), *limited)
        return "-".join(map(str, named))

    @property
    def companies(self) -> tuple[str, ...]:
        """Of the ledger, within reach."""
        return tuple(filter(self.visible.has_company, self.held.ledger(self.ledger.id).companies))

    def in_whole(self, position: int) -> int:
        """Where a row of the view's ledger stands in the whole of it, which models and explanations speak of."""
        return position if self.positions is None else int(self.positions[position])

    @property
    def within(self) -> LedgerWithin:
        """The ledger, where its rows stand in the whole of it, and to whom it is so."""
        return LedgerWithin(self.ledger, self.positions, self.visible)

    @property
    def models_by_company(self) -> dict[str, str]:
        """Company -> the model that speaks for it."""
        return {company: self.of(company).model_id for company in self.companies}

    @property
    def due_rules(self) -> DueRules:
        """Where on time ends and very late begins, by the model; by the defaults where there is none."""
        return Recipe.from_json(dict(self.held.model(self.model_id).recipe)).due_rules if self.model_id else DueRules()

    @property
    def rules_by_company(self) -> dict[str, DueRules]:
        """The same for each company of the ledger, by the model that speaks for it."""
        return {company: self.of(company).due_rules for company in self.companies}

    @property
    def thresholds_by_company(self) -> dict[str, float]:
        """Of the companies in `by_company`."""
        return {company: threshold for company, (_, threshold) in self.by_company.items()}

    def flag_below(self, company: str) -> float:
        """The flag threshold of a company's invoices: below it, they are flagged."""
        return self.thresholds_by_company.get(company, self.threshold)

    def thresholds(self, rows: pa.Table) -> float | npt.NDArray[np.float64]:
        """As `flag_below`, for a table with the column company."""
        own, companies = self.thresholds_by_company, rows["company"].to_pylist() if self.by_company else ()
        return np.array([own.get(company, self.threshold) for company in companies]) if own else self.threshold

    def of(self, company: str) -> "View":
        """The same view of one company: with the model that speaks for it, and its threshold."""
        model_id, threshold = self.by_company.get(company, (self.model_id, self.threshold))
        return replace(self, model_id=model_id, threshold=threshold)


def wanted_ledger(contents: Contents, named: str, kept: object) -> str:
    """The id that the link names, else the tab's last one if it is still there, else the newest; there is at least one."""
    ids = [record.id for record in contents.ledgers]
    if named and named not in ids:
        raise Refused("This link names a ledger that is not here: it was deleted, or belongs to another workspace.", "no_ledger")
    return named or (str(kept) if kept in ids else ids[0])


def wanted_date(ledger: Ledger, text: str) -> date:
    """The day that a text names, the ledger's default for ""; Refused where the ledger cannot be seen as of it."""
    try:
        as_of = date.fromisoformat(text) if text else ledger.default_as_of
    except ValueError:
        raise Refused(f"“{text}” is not a date: an as-of date is written like 2026-03-01.", "not_a_date") from None
    ledger.check_as_of(as_of)
    return as_of


def wanted_model(contents: Contents, ledger: LedgerRecord, as_of: date, named: str) -> ActiveModels:
    """The model that the link names if it may speak as of the date; what is `usual` where it names none."""
    active = usual(contents, ledger, as_of)
    if not named or active.same_models(ActiveModels(named)):
        return active
    contents.check_speaks(named)
    trained_as_of = contents.model(named).trained_as_of
    if trained_as_of > as_of:
        raise Refused(
            f"This link names a model trained as of {trained_as_of}: it has seen what happened after {as_of}, "
            "so it may not predict it.",
            "model_too_new",
        )
    return ActiveModels(named, contents.published.threshold(named, None, ledger.lineage_id))


def usual(contents: Contents, ledger: LedgerRecord, as_of: date) -> ActiveModels:
    """What speaks as of a date if nothing else is asked for, the companies with a publication of their own by theirs."""
    companies, lineage = ledger.companies, ledger.lineage_id
    scopes = [publication.scope for publication in contents.published.active_publications() if publication.scope.covers(ledger)]
    apart = sorted({scope.company for scope in scopes if scope.company in companies})
    models = {company: contents.model_for(ledger, as_of, company) for company in apart}
    own = {
        company: (model_id, contents.published.threshold(model_id, company, lineage))
        for company, model_id in models.items()
        if model_id
    }
    nobody_else = own.keys() == set(companies)
    if nobody_else and len(set(own.values())) == 1:
        return ActiveModels(*next(iter(own.values())))
    model_id = contents.model_for(ledger, as_of) or (next(iter(own.values()))[0] if nobody_else else "")
    return ActiveModels(model_id, contents.published.threshold(model_id, None, lineage), own) if model_id else ActiveModels()
