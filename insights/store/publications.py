"""Which model is in force for a scope, since when, by whom and why; and how to go back?"""

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.ledger.errors import Refused
from insights.store.audit import record
from insights.store.crash_points import point
from insights.store.records import ALL_COMPANIES, Publication, PublicationKind, Scope
from insights.store.store import Store, no_such
from insights.store.tables import LedgerRow, ModelRow, PublicationRow, as_record, now

DEFAULT_THRESHOLD = 0.5


def new(kind: PublicationKind, scope: Scope, *, actor: Person, **values: Any) -> PublicationRow:  # noqa: ANN401 - columns
    return PublicationRow(kind=kind, actor=actor.name, scope=scope, created_at=now(), **({"restores": None, "gate": {}} | values))


def append(store: Store, entry: PublicationRow, expected: str | None, *, actor: Person) -> Publication:
    """Add a publication if `expected` is still in force in its scope: compare and swap in one transaction."""
    check_threshold(entry.threshold)
    with store.database.write() as session:
        check_scope(session, entry.scope)
        if entry.kind != "withdraw" and session.get(ModelRow, entry.model_id) is None:
            raise no_such("model", entry.model_id)
        add(session, entry, expected, actor=actor)
        point("publication.added")
    point("publication.committed")
    return as_record(Publication, entry)


def add(session: Session, entry: PublicationRow, expected: str | None, *, actor: Person) -> None:
    """Refused where another than `expected` is in force by now, and where it would change nothing."""
    last = newest(session, entry.scope)
    if (last.id if last and last.model_id else None) != expected:
        raise overtaken(entry.scope)
    if last and says_the_same(last, entry):
        raise Refused(
            f"This is in force for {entry.scope} already: the same model, flagging below the same {last.threshold:g}.",
            "already_in_force",
            company=entry.scope.company,
        )
    entry.number = last.number + 1 if last else 1
    entry.replaces = last.id if last else None
    session.add(entry)
    session.flush()
    details = {"model": entry.model_id, "company": entry.scope.company, "threshold": entry.threshold, "reason": entry.reason}
    before = {"model": last.model_id, "threshold": last.threshold} if last else {}
    record(session, actor, f"model.{entry.kind}", entry.id, before, **details, replaces=entry.replaces, restores=entry.restores)


def overtaken(scope: Scope) -> Refused:
    return Refused(
        f"Somebody else published for {scope} since you looked. Look at what is in force now, then decide again.",
        "overtaken",
        company=scope.company,
    )


def says_the_same(publication: PublicationRow | Publication, other: PublicationRow | Publication) -> bool:
    """Whether putting the one in force after the other in the same scope changes nothing."""
    return (publication.model_id, publication.threshold) == (other.model_id, other.threshold)


def check_threshold(threshold: float) -> None:
    if not 0 < threshold < 1:
        raise Refused(f"The flag threshold has to lie between 0 and 1, and {threshold} does not.", "threshold")


def check_scope(session: Session, scope: Scope) -> None:
    if not scope.everybody and not is_known(session, scope):
        raise Refused(f"No ledger here has a company {scope.company!r}.", "no_company", company=scope.company)


def is_known(session: Session, scope: Scope) -> bool:
    """Whether a ledger (of its lineage) has the company of a scope."""
    listed_companies = select(LedgerRow.companies)
    if scope.lineage:
        listed_companies = listed_companies.where(LedgerRow.lineage_id == scope.lineage)
    return any(scope.company in companies for companies in session.scalars(listed_companies))


def before(store: Store, publication_id: str) -> Publication:
    """What a roll back of a publication would bring back; Refused where there is nothing."""
    with store.database.read() as session:
        known = set(session.scalars(select(ModelRow.id)))
    return published(store).before(publication_id, known)


def withdraw(session: Session, model_ids: Collection[str], reason: str, *, actor: Person) -> None:
    """Append, for every scope where one of these models is in force, that none is any more."""
    for scope in session.scalars(select(PublicationRow.scope).distinct()).all():
        last = newest(session, scope)
        if last and last.model_id in model_ids:
            entry = new("withdraw", scope, actor=actor, reason=reason, model_id="", threshold=last.threshold)
            add(session, entry, last.id, actor=actor)


def forget(session: Session, model_ids: Collection[str]) -> None:
    """Let go of what was said when models that are deleted were published; the record of who did what alone keeps it.

    What was in force when stays. A company that no ledger has any more, and for which nothing is in force, goes as a whole.
    """
    for row in session.scalars(select(PublicationRow).where(PublicationRow.model_id.in_(model_ids))):
        row.reason, row.gate = "", {}
    of_company = [scope for scope in session.scalars(select(PublicationRow.scope).distinct()) if scope.company]
    for scope in of_company:
        last = newest(session, scope)
        if not is_known(session, scope) and not (last and last.model_id):
            session.execute(delete(PublicationRow).where(PublicationRow.scope == scope))


def newest(session: Session, scope: Scope) -> PublicationRow | None:
    ordered = select(PublicationRow).where(PublicationRow.scope == scope).order_by(PublicationRow.number.desc())
    return session.scalars(ordered.limit(1)).first()


def active(store: Store, scope: Scope = ALL_COMPANIES) -> Publication | None:
    with store.database.read() as session:
        last = newest(session, scope)
        return as_record(Publication, last) if last and last.model_id else None


def active_publications(store: Store) -> list[Publication]:
    """What is in force in each scope: first for all companies, then by company."""
    return published(store).active_publications()


def active_rows(session: Session) -> list[PublicationRow]:
    scopes = sorted(session.scalars(select(PublicationRow.scope).distinct()), key=Scope.order)
    return [last for scope in scopes if (last := newest(session, scope)) and last.model_id]


def listed(store: Store, scope: Scope | None = None) -> list[Publication]:
    with store.database.read() as session:
        return [entry for entry in all_of(session) if scope is None or entry.scope == scope]


def all_of(session: Session) -> list[Publication]:
    """As `listed`, at the moment of a transaction."""
    ordered = select(PublicationRow).order_by(PublicationRow.sequence.desc())
    return [as_record(Publication, row) for row in session.scalars(ordered)]


def threshold(store: Store, model_id: str, company: str | None = None, lineage: str = "") -> float:
    """The threshold a model was last published with for a company, or for all; else the one in force there; else the default."""
    return published(store).threshold(model_id, company, lineage)


def scopes_of(company: str | None, lineage: str = "") -> tuple[Scope, ...]:
    """Where a publication that counts for a company may stand, its own first; for nobody in particular (None), that of all.

    `lineage`: of the ledger. What is kept to it comes before what is for all; a company without a name is only known by it.
    """
    own = () if company is None else (Scope(company, "" if company else lineage),)
    kept_to = (Scope(None, lineage),) if lineage and not company else ()
    return (*own, *kept_to, ALL_COMPANIES)


@dataclass(frozen=True)
class Published:
    """All that was published until a moment, perhaps with one entry more that is only supposed; newest first."""

    entries: tuple[Publication, ...]

    def of(self, scope: Scope) -> Publication | None:
        """What is in force for exactly this scope."""
        last = max((entry for entry in self.entries if entry.scope == scope), key=lambda entry: entry.number, default=None)
        return last if last and last.model_id else None

    def at(self, moment: datetime) -> "Published":
        """What was published until a moment."""
        return Published(tuple(entry for entry in self.entries if entry.created_at <= moment))

    def of_all(self, lineage: str) -> Publication | None:
        """What is in force for all companies of a ledger: kept to its lineage, else for all."""
        return next((entry for scope in scopes_of(None, lineage) if (entry := self.of(scope))), None)

    def threshold(self, model_id: str, company: str | None = None, lineage: str = "") -> float:
        """As `threshold`; a company for which nothing is in force any more takes that of all companies."""
        places = [place for place in scopes_of(company, lineage) if place.everybody or self.of(place)]
        entries = [entry for place in places for entry in self.entries if entry.scope == place]
        own = [entry for entry in entries if entry.model_id == model_id]
        return next((entry.threshold for entry in (*own, *entries)), DEFAULT_THRESHOLD)

    def active_publications(self) -> list[Publication]:
        """What is in force in each scope: first for all companies, then by company."""
        entries_now = (self.of(scope) for scope in sorted({entry.scope for entry in self.entries}, key=Scope.order))
        return [entry for entry in entries_now if entry]

    def before(self, publication_id: str, models: Container[str]) -> Publication:
        """What a roll back of a publication would bring back; Refused where there is nothing. `models`: that are still there."""
        entries = {entry.id: entry for entry in self.entries}
        if publication_id not in entries:
            raise no_such("publication", publication_id)
        replaced = entries[publication_id]
        scope, entry = replaced.scope, predecessor(entries, replaced)
        while entry and (scope.everybody or entry.kind != "withdraw"):  # once withdrawn, a company had nothing of its own
            if entry.model_id in models and not says_the_same(entry, replaced):
                return entry
            entry = predecessor(entries, entry)
        if not scope.everybody and (for_all := self.of_all(scope.lineage)):
            return for_all
        raise Refused("Nothing was published before, so there is nothing to go back to.", "nothing_before")

    def supposing(self, model_id: str, scope: Scope, threshold: float) -> "Published":
        """As if this had just been published."""
        numbers = [entry.number for entry in self.entries if entry.scope == scope]
        entry = Publication("", max(numbers, default=0) + 1, scope, "publish", model_id, threshold, "", now(), "", None)
        return Published((entry, *self.entries))


def predecessor(entries: Mapping[str, Publication], entry: Publication | None) -> Publication | None:
    """What was in force before; before what it restored, if it was a roll back, so that rolling back twice goes two back."""
    if entry is None:
        return None
    if entry.restores and entry.restores in entries:
        return predecessor(entries, entries[entry.restores])
    return entries.get(entry.replaces or "")


def published(store: Store) -> Published:
    """What was published until now."""
    return Published(tuple(listed(store)))
