"""What does the workspace remember of a ledger, a model, a publication, a job, and of who did what?

All are frozen. Ids are UUIDs as text, times are UTC, `actor` is who did it (the OS user where nobody signs in).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from insights.access import Reach, Role
from insights.model.model_metrics import ModelMetrics

PublicationKind = Literal["publish", "roll_back", "withdraw"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
JobKind = Literal["train", "score", "rescore", "check", "compare", "backtest", "cash"]


@dataclass(frozen=True)
class LedgerRecord:
    """A committed ledger, without its rows."""

    id: str
    name: str
    lineage_id: str  # of the versions of one ledger, this one among them
    version: int  # 1, 2, 3 ... within the lineage; a deleted one leaves a gap
    sequence: int  # 1, 2, 3 ... in the workspace: the ledger that was committed last has the highest
    created_at: datetime
    actor: str
    rows: int  # invoices, credit notes and payments on account that are used
    rows_read: int
    rows_set_aside: int
    rows_ignored: int
    problems: Mapping[str, int]  # reason -> how many
    companies: tuple[str, ...]
    customers: int
    complete_through: date
    history_starts: date
    default_as_of: date
    outstanding: Mapping[str, int]  # currency -> receivables at export, minor units
    balance: Mapping[str, int] | None  # the same, net of credit notes and payments on account; None: to be counted
    known_at_issue: tuple[str, ...]
    fingerprint: str

    @property
    def last_as_of(self) -> date:
        """The last day as of which it can be seen: the day after complete-through."""
        return date.fromordinal(self.complete_through.toordinal() + 1)


@dataclass(frozen=True)
class ModelRecord:
    """A saved model, without its trees."""

    id: str
    name: str
    created_at: datetime
    actor: str
    ledger_id: str  # the ledger it was trained on; "" for an imported model whose ledger is not here
    trained_as_of: date  # it predicts only as of this day and later
    recipe: Mapping[str, Any]  # `model.Recipe` as JSON
    fields: tuple[str, ...]
    metrics: ModelMetrics  # of an imported one a claim that nobody has checked
    sha256: str  # of its files
    imported: bool = False  # from elsewhere: it speaks only where it is published


@dataclass(frozen=True)
class PredictionRecord:
    """Kept predictions of a ledger by a model as of a day, without their rows."""

    ledger_id: str
    model_id: str
    as_of: date
    created_at: datetime
    path: str  # of the file, relative to the home
    sha256: str  # of the file


@dataclass(frozen=True)
class Scope:
    """Whom a publication is for: all companies, or one, which is called "" where the ledger has no column of companies.

    Where no name tells companies apart, it is kept to the versions of one ledger (`kept_to`).
    """

    company: str | None = None  # None: all companies
    lineage: str = ""  # the id of the lineage that it is kept to; "": to none

    @property
    def everybody(self) -> bool:
        """Whether it is for all companies."""
        return self.company is None

    def order(self) -> tuple[bool, str, str]:
        """Sorts all companies first, then by name, then by lineage."""
        return (not self.everybody, self.company or "", self.lineage)

    def covers(self, ledger: LedgerRecord) -> bool:
        """Whether it can be for a ledger: it is kept to none, or to the ledger's own lineage."""
        return self.lineage in ("", ledger.lineage_id)

    def kept_to(self, ledger: LedgerRecord | None) -> "Scope":
        """The scope as it stands for a ledger: kept to its versions where no company has a name (two firms are two)."""
        nameless = ledger is not None and (self.company == "" or (self.everybody and not any(ledger.companies)))
        return replace(self, lineage=ledger.lineage_id) if nameless and ledger and not self.lineage else self

    def __str__(self) -> str:
        if self.company is None:
            return "all versions of its ledger" if self.lineage else "all companies"
        return self.company or NAMELESS


NAMELESS = "(no company)"  # what the company called "" is called on screens
ALL_COMPANIES = Scope()


@dataclass(frozen=True)
class Publication:
    """One entry of the append-only list of what was published for a scope; the last one is in force."""

    id: str
    number: int  # 1, 2, 3 ... within the scope
    scope: Scope
    kind: PublicationKind
    model_id: str  # "" once withdrawn
    threshold: float  # an invoice is flagged where P(on time) is below it
    reason: str
    created_at: datetime
    actor: str
    replaces: str | None  # the id of the publication that it replaced
    restores: str | None = None  # the id of the publication that a roll back brought back
    gate: Mapping[str, Any] = field(default_factory=dict)  # what the quality gate said


@dataclass(frozen=True)
class Verdict:
    """What the quality gate says of publishing a model."""

    passed: bool
    checked: str  # "replayed" on past months, or on the model's own "held_out" fold, or "nothing" could be
    findings: tuple[Mapping[str, Any], ...] = ()  # code and values of what speaks against it
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RateTable:
    """An uploaded table of rates, without them."""

    id: str
    name: str
    created_at: datetime
    actor: str
    rows: int
    first_day: date
    last_day: date
    currencies: tuple[str, ...]  # that amounts can be converted into, the one in most pairs first


@dataclass(frozen=True)
class BillingPlan:
    """An uploaded billing plan of a lineage, without its rows."""

    id: str
    lineage_id: str
    name: str
    created_at: datetime
    actor: str
    rows: int
    set_aside: tuple[str, ...]  # a sentence for each row that could not be used


@dataclass(frozen=True)
class Scenario:
    """A what-if of the cash of a lineage, kept by name."""

    id: str
    name: str
    created_at: datetime
    actor: str
    values: Mapping[str, Any]  # as they stand in the address of the Cash page


@dataclass(frozen=True)
class Record:
    """Who did what, when, from where, and what was before."""

    id: str
    sequence: int  # 1, 2, 3 ... without a gap
    at: datetime
    actor: str
    user_id: str | None  # of whoever was signed in
    source: str  # screen, command, server; "" of records from before it was noted
    address: str  # from where; "" on this machine
    action: str  # "ledger.commit", "model.publish", ...
    subject: str  # the id or name of what it was done to
    before: Mapping[str, Any]  # what was so until then
    details: Mapping[str, Any]  # what is so now
    previous: str  # the seal of the record before
    seal: str

    @property
    def tag(self) -> str:
        """source:subject:action, like "screen:model:publish"."""
        return f"{self.source or 'unknown'}:{self.action.replace('.', ':', 1)}"


@dataclass(frozen=True)
class User:
    """Somebody who may sign in, without the password."""

    id: str
    name: str
    role: Role
    reach: Reach
    has_password: bool
    issuer: str | None  # whose word counts for who this is; None: the password, or the proxy that names them
    subject: str | None  # how the issuer calls them
    disabled: bool
    created_at: datetime
    last_seen: datetime | None  # in any browser; None: never signed in


@dataclass(frozen=True)
class SignedIn:
    """A browser in which somebody signed in, alive when it was looked at."""

    id: str
    user: User
    provider: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime
    address: str
    agent: str


@dataclass(frozen=True)
class Job:
    """Work outside the web process, as its SQL row says."""

    id: str
    kind: JobKind
    state: JobState
    stage: str  # what it is doing now, in the words of the progress line
    share: float  # of the work done, 0 to 1
    remaining: float | None  # seconds, estimated; None while unknown
    log: str
    error: str  # a sentence for the user where `state` is "failed"
    ledger_id: str
    as_of: date | None
    model_id: str  # the model that came of it, or that it scores with; "" before
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    actor: str
    attempts: int
    cancel_asked: bool = False

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")
