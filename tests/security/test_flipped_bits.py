"""Is no other value shown where a bit of any file of the workspace has turned over?

Each time one bit of one file is flipped, and the workspace is opened and looked at as commands and screens do. What is seen
is what was seen before, or a refusal; what can be computed again is.
"""

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy.exc import DatabaseError

from insights import ingest
from insights.ingest import mappings
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.portfolio.cash import BY_CUSTOMER, REPLAYED, ReplayedDay
from insights.services import agreements as agreements_service
from insights.services import cash as cash_service
from insights.services import mappings as mapping_service
from insights.services import predictions, publishing
from insights.services.ledgers import commit
from insights.store import agreements, audit, backtests, cash, ledgers, models, publications, rate_tables, replays
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.workspaces import ME, rates_model, write_csv, year_of_invoices

AS_OF = date(2025, 1, 1)
KINDS = (
    *("ledgers/*/invoices.parquet", "ledgers/*/payments.parquet", "ledgers/*/problems.parquet", "ledgers/*/ledger.json"),
    *("models/*/model.json", "models/*/*.ubj", "models/*/model.json.sha256", "models/*/made_with.json"),
    *("predictions/*/*/2???-??-??.parquet", "replays/*/*/*.parquet", "backtests/*/*.parquet", "mappings/*.json"),
    *("predictions/*/*/*.cash.parquet", "cash/*/*/*.parquet", "cash/*/*/customers/*.parquet", "workspace.sqlite"),
)
OTHER, SAME, REFUSED, AGAIN = "another value", "the same", "refused", "computed again"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with something of every kind."""
    folder = tmp_path_factory.mktemp("pristine")
    workspace = Store.open(folder / "home")
    ledger = commit(workspace, year_of_invoices(invoices=1_200), actor=ME)
    recipe = Recipe(very_late_days=10)
    learned = models.save(workspace, train(ledger, date(2024, 12, 1), recipe), ledger.id, name="Learned", actor=ME)
    plain = models.save(workspace, rates_model(date(2024, 12, 1)), ledger.id, name="Plain", actor=ME)
    publishing.publish(workspace, learned, replaces=None, reason="first", actor=ME)
    publishing.publish(workspace, plain, replaces=None, scope=Scope("north"), threshold=0.4, actor=ME)
    predictions.of_model(workspace, ledger.id, learned, AS_OF, actor=ME)
    predictions.of_model(workspace, ledger.id, plain, AS_OF, actor=ME)
    rows = pa.table({"position": list(range(500)), "model_on_time": [place / 500 for place in range(500)]})
    replays.save(workspace, workspace.path(replays.folder_of(ledger.id, recipe)), AS_OF, rows, (3, 4))
    backtests.save(workspace, ledger.id, recipe, rows, {"log_loss": 0.5})
    options = ingest.Options()
    draft = ingest.read(write_csv(folder / "some.csv", invoices=20), options)
    mapping_service.save(workspace, "mine", draft, options, actor=ME)
    rate_tables.keep(workspace, ExchangeRates.of([Rate(date(2024, 1, 1), "EUR", "USD", 1)]), "rates.csv", actor=ME)  # type: ignore[arg-type]
    cash_service.expected(workspace, ledger.id, AS_OF, actor=ME, model_id=learned)
    monday, parts = (
        {
            field.name: pa.array([[number] * field.type.list_size for number in range(7)], field.type)
            if pa.types.is_fixed_size_list(field.type)
            else pa.nulls(7, field.type)
            for field in schema
        }
        for schema in (REPLAYED, BY_CUSTOMER)
    )
    of_recipe = cash.folder_of(workspace, ledger.id, recipe)
    replayed = ReplayedDay(date(2024, 12, 2), pa.table(monday, REPLAYED), pa.table(parts, BY_CUSTOMER))
    cash.save(workspace, of_recipe, replayed)
    note = agreements_service.Entry("note", "north", str(ledger.invoices["customer_id"][0]), (), {"text": "Pays on Fridays"})
    agreements_service.enter(workspace, ledger, AS_OF, [note], actor=ME)
    workspace.database.forget()
    with sqlite3.connect(folder / "home" / "workspace.sqlite") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # all of it in one file
    connection.close()
    return folder / "home"


def looks(workspace: Store) -> dict[str, Callable[[], Any]]:
    """What commands and screens ask a workspace."""

    def ledger() -> str:
        return ledgers.listed(workspace)[0].id

    def predicted(name: str) -> Any:  # noqa: ANN401 - rows
        (model_id,) = [each.id for each in models.listed(workspace) if each.name == name]
        return pq.read_table(predictions.of_model(workspace, ledger(), model_id, AS_OF, actor=ME)).to_pylist()

    def replayed() -> Any:  # noqa: ANN401 - rows
        folder = workspace.path(replays.folder_of(ledger(), Recipe(very_late_days=10)))
        if replays.missing(workspace, ledger(), Recipe(very_late_days=10), [AS_OF]):
            return AGAIN
        rows, left_out = replays.load(folder, [AS_OF])
        return rows.to_pylist(), left_out

    def tested() -> Any:  # noqa: ANN401 - rows
        kept = backtests.load(workspace, ledger(), Recipe(very_late_days=10))
        return AGAIN if kept is None else (kept.rows.to_pylist(), kept.report)

    def mapped() -> Any:  # noqa: ANN401 - a mapping, or none
        return mappings.saved(workspace.home) or AGAIN

    def expected() -> Any:  # noqa: ANN401 - rows
        (model_id,) = [each.id for each in models.listed(workspace) if each.name == "Learned"]
        path = cash_service.expected(workspace, ledger(), AS_OF, actor=ME, model_id=model_id)
        return pq.read_table(path).to_pylist()

    def expected_then() -> Any:  # noqa: ANN401 - rows of an earlier day
        return [pq.read_table(each.path).to_pylist() for each in cash.shown(workspace, [ledger()])] or AGAIN

    def mondays() -> Any:  # noqa: ANN401 - rows
        folder = cash.folder_of(workspace, ledger(), Recipe(very_late_days=10))
        rows = cash.load(workspace, folder).to_pylist()
        parts = [(monday, each.to_pylist()) for monday, each in cash.by_customer(workspace, folder)]
        return (rows, parts) if rows and parts else AGAIN

    return {
        "cash then": expected_then,
        "cash": expected,
        "mondays": mondays,
        "agreed": lambda: agreements.listed(workspace),
        "ledgers": lambda: ledgers.listed(workspace),
        "ledger": lambda: (ledgers.load(workspace).fingerprint, ledgers.load(workspace).problems.table.to_pylist()),
        "models": lambda: [(each, models.load(workspace, each.id).recipe) for each in models.listed(workspace)],
        "made with": lambda: [models.made_with(workspace, each.id) for each in models.listed(workspace)],
        "publications": lambda: publications.listed(workspace),
        "learned": lambda: predicted("Learned"),
        "plain": lambda: predicted("Plain"),
        "replay": replayed,
        "backtest": tested,
        "mapping": mapped,
        "rates": lambda: rate_tables.load(workspace, rate_tables.newest(workspace).id).all,  # type: ignore[union-attr]
        "record": lambda: audit.listed(workspace)[-8:],
    }


def seen(home: Path) -> dict[str, Any]:
    """What is seen, by question; REFUSED where it is."""
    try:
        workspace = Store.open(home)
    except (Refused, DatabaseError, sqlite3.DatabaseError):
        return {}
    answers = {}
    for name, look in looks(workspace).items():
        try:
            answers[name] = look()
        except (Refused, DatabaseError, sqlite3.DatabaseError, IndexError):  # no ledger is listed: there is no first one
            answers[name] = REFUSED
    return answers


def flipped(pristine: Path, home: Path, seed: int, before: dict[str, Any]) -> str:
    """What became of one flipped bit."""
    draw = random.Random(seed)  # noqa: S311 - examples
    shutil.copytree(pristine, home)
    pattern = KINDS[seed % len(KINDS)]
    path = draw.choice(sorted(home.glob(pattern)))
    flip(path, a_bit(path, draw))
    damaged = path.read_bytes()
    after = seen(home)
    again = pattern.startswith("predictions") and path.read_bytes() != damaged
    shutil.rmtree(home)
    if other := {name: after[name] for name in after if after[name] not in (before[name], REFUSED, AGAIN)}:
        return f"{OTHER}: {path.relative_to(home)} {json.dumps(sorted(other))}"
    if not after or REFUSED in [after[name] for name in after if isinstance(after[name], str)]:
        return f"{pattern}: {REFUSED}"
    return f"{pattern}: {AGAIN if again or AGAIN in [each for each in after.values() if isinstance(each, str)] else SAME}"


def a_bit(path: Path, draw: random.Random) -> int:
    """A bit of a file; of the database, most of which is empty, one where something stands."""
    if path.suffix != ".sqlite":
        return draw.randrange(8 * path.stat().st_size)
    return 8 * draw.choice([at for at, byte in enumerate(path.read_bytes()) if byte]) + draw.randrange(8)


def counted(pristine: Path, tmp_path: Path, seeds: range) -> Counter[str]:
    shutil.copytree(pristine, tmp_path / "sound")
    before = seen(tmp_path / "sound")
    assert REFUSED not in [each for each in before.values() if isinstance(each, str)]
    return Counter(flipped(pristine, tmp_path / "home", seed, before) for seed in seeds)


@pytest.mark.slow
def test_of_some_flipped_bits_none_shows_another_value(pristine: Path, tmp_path: Path) -> None:
    """Two of every kind of file; `make slow` flips a thousand."""
    told = counted(pristine, tmp_path, range(2 * len(KINDS)))
    assert [each for each in told if each.startswith(OTHER)] == []
    assert sum(number for each, number in told.items() if each.endswith((REFUSED, AGAIN))) >= len(KINDS)


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_of_a_thousand_flipped_bits_none_shows_another_value(pristine: Path, tmp_path: Path, part: int) -> None:
    told = counted(pristine, tmp_path, range(1_000 + 100 * part, 1_100 + 100 * part))
    print("\n".join(f"{number} {each}" for each, number in sorted(told.items())))  # noqa: T201 - the count
    assert [each for each in told if each.startswith(OTHER)] == []
