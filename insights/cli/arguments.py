"""Which arguments do several commands share, and what makes one wrong usage (exit code 2)?"""

import csv
import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import typer

from insights.ledger.errors import Refused

if TYPE_CHECKING:
    from insights.access import Person
    from insights.store.records import LedgerRecord, Scope
    from insights.store.store import Store

SUFFIXES = (".csv", ".parquet", ".xlsx")
POLITE = 10  # niceness of work in the background: screens come first
SHORTEST_ID = 4


PAIR = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<name>[^=\s"][^=]*))\s*=(?P<value>.*)', re.DOTALL)


def taking(shared: type, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command every field of a dataclass as an option beside its own; it is handed them as its argument `name`.

    Typer learns a command's options from its signature.
    """
    options = signature(shared).parameters

    def extended(command: Callable[..., None]) -> Callable[..., None]:
        own = [parameter for parameter in signature(command).parameters.values() if parameter.name != name]

        @wraps(command)
        def whole(**given: Any) -> None:  # noqa: ANN401 - whatever the options hold
            command(**{name: shared(**{option: given.pop(option) for option in options})}, **given)

        parameters = [*own, *options.values()]
        whole.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        whole.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return whole

    return extended


def day(text: str) -> date:
    """A date as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2025-01-31.") from error


def names(text: str) -> list[str]:
    """Names separated by commas; one that has a comma itself stands in double quotes."""
    return [name.strip() for row in csv.reader([text], skipinitialspace=True) for name in row if name.strip()]


def out_file(text: str) -> Path:
    """A file that can be written, of a kind that we write."""
    path = Path(text)
    if path.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"{text} has to end in {', '.join(SUFFIXES)}.")
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder of {text} does not exist.")
    return path


def pairs(texts: Sequence[str], option: str = "--map") -> dict[str, str]:
    """FIELD=COLUMN (or COLUMN=REASON) as a mapping; a name that has an equals sign itself stands in double quotes."""
    values = {}
    for text in texts:
        parts = PAIR.fullmatch(text)
        if parts is None:
            raise typer.BadParameter(f"{text!r} is not of the form NAME=VALUE.", param_hint=option)
        name = parts["quoted"].replace('""', '"') if parts["quoted"] else parts["name"]
        values[name.strip()] = parts["value"].strip()
    return values


def reasons(allow: Sequence[str] | None) -> dict[str, str]:
    """COLUMN=REASON of columns that look like the outcome, as a mapping; a reason has to say something."""
    given = pairs(allow or [], "--allow")
    if silent := [column for column, reason in given.items() if not reason]:
        raise typer.BadParameter(f"say why {silent[0]} may be used: COLUMN=REASON.", param_hint="--allow")
    return given


class HasId(Protocol):
    """A ledger, model, publication or job."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=HasId)


def pick(kind: str, items: Sequence[T], text: str) -> T:
    """The one whose id begins with `text`."""
    beginning_so = [item for item in items if item.id == text or (len(text) >= SHORTEST_ID and item.id.startswith(text))]
    if not beginning_so:
        raise Refused(f"There is no {kind} {text} in this workspace.", f"no_{kind}", id=text)
    if len(beginning_so) > 1:
        raise Refused(f"{text} is the beginning of {len(beginning_so)} {kind}s: give more of the id.", "ambiguous_id", id=text)
    return beginning_so[0]


def watched(value: bool) -> bool:  # noqa: FBT001 - as Typer calls it
    """The option --watched: a command that has it is a background process from here on."""
    if value:
        stop_with_parent()
    return value


def stop_with_parent() -> None:
    """Be a background process: give way to others, and end with the one that started us, whose end of our stdin closes."""
    if hasattr(os, "nice"):
        os.nice(POLITE)

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def person(name: str = "") -> "Person":
    """Who gives the command: whom --as names, else the user of the operating system. At the machine one may do everything.

    Of a job's child process it is who queued the job.
    """
    from insights.access import JOB_ACTOR, laptop, of_job

    if queued_by := os.environ.get(JOB_ACTOR):
        return of_job(queued_by)
    return laptop(name.strip())


def ledger_of(store: "Store", text: str) -> "LedgerRecord":
    """The ledger whose id begins with `text`, the newest for ""."""
    from insights.store import ledgers

    return pick("ledger", ledgers.listed(store), text) if text else ledgers.get(store)


def view_of(store: "Store", ledger: str, as_of: date | None, model: str = "") -> "tuple[LedgerRecord, date, str]":
    """What --ledger, --as-of and --model choose: the ledger, the day (by default its own), the model's id ("" by default)."""
    from insights.store import models

    record = ledger_of(store, ledger)
    return record, as_of or record.default_as_of, pick("model", models.listed(store), model).id if model else ""


def scope_of(store: "Store", company: str | None, ledger_id: str = "", *, of: str = "") -> "Scope":
    """The scope that --scope names: a company, which may be called "", or all companies where it is not given.

    Where no company has a name, it is kept to the versions of a ledger: the one that --ledger names (`of`), else that of
    `ledger_id`, else the newest.
    """
    from insights.store import ledgers
    from insights.store.records import Scope

    listed = ledgers.listed(store)
    named = (
        [pick("ledger", listed, of)]
        if of
        else [record for record in listed if record.id == ledger_id]
        if ledger_id
        else listed[:1]
    )
    return Scope(company).kept_to(named[0] if named else None)


def flag_below(store: "Store", scope: "Scope", given: float | None) -> float:
    """The threshold given, else the one in force for the scope, or for all companies, else the default."""
    from insights.store import publications
    from insights.store.publications import DEFAULT_THRESHOLD

    places = (scope, *publications.scopes_of(scope.company, scope.lineage))
    now = next((entry for place in places if (entry := publications.active(store, place))), None)
    return given if given is not None else now.threshold if now else DEFAULT_THRESHOLD


Watched = Annotated[bool, typer.Option("--watched", hidden=True, callback=watched, help="Stop when stdin closes.")]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document for a machine.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The ledger: CSV, XLSX or Parquet.")]
Out = Annotated[Path, typer.Option("--out", parser=out_file, metavar="FILE", help="Where to write: .csv, .parquet or .xlsx.")]
AsOf = Annotated[
    date | None, typer.Option("--as-of", parser=day, metavar="DATE", help="What was known strictly before this day.")
]
LedgerId = Annotated[str, typer.Option("--ledger", metavar="ID", help="Default: the newest version of the newest ledger.")]
ModelId = Annotated[
    str, typer.Option("--model", metavar="ID", help="Default: the published one, else the newest trained by then.")
]
Owner = Annotated[str, typer.Option("--owner", metavar="NAME", help="Only of customers that this person owns.")]
Group = Annotated[
    str, typer.Option("--group", metavar="COLUMN=VALUE", help="Only of customers of whom a column of the ledger says so.")
]
InOneCurrency = Annotated[
    str,
    typer.Option(
        "--reporting",
        metavar="CURRENCY",
        help="All amounts in this currency, by the rates that are kept; what has no rate stands apart, and is named.",
    ),
]
Maps = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds a field, where names do not tell. Repeatable."),
]
KnownAtIssue = Annotated[
    str,
    typer.Option(
        metavar="A,B",
        help='Columns that were known on the issue date and never changed; only those may become fields. "A, B" is one name.',
    ),
]
VeryLateDays = Annotated[
    int | None, typer.Option(min=1, max=3650, help="More than this many days late is very late [default: 30].")
]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN=REASON", help="Use a column although it looks like the outcome; recorded. Repeatable."),
]
Seed = Annotated[int | None, typer.Option(min=0, help="The same seed and ledger give the same model, byte for byte.")]
ForLedger = Annotated[
    str, typer.Option("--ledger", metavar="ID", help="For the versions of this ledger, if its companies have no names.")
]
ForCompany = Annotated[str | None, typer.Option("--scope", metavar="COMPANY", help="Only for this company [default: all].")]
Replay = Annotated[
    bool | None,
    typer.Option("--replay/--no-replay", help="Replay past months for the check [default: where another recipe is published]."),
]
Threshold = Annotated[
    float | None, typer.Option(help="Flag where the probability of on time is below this [default: as in force, else 0.5].")
]
Reason = Annotated[str, typer.Option(help="Why; it is recorded.")]
