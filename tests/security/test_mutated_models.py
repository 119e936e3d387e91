"""Does no mutated archive of a model end the server, or make a model that says anything but probabilities?"""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from insights.ledger.errors import Refused
from insights.model import archive, imported
from insights.model.recipe import Recipe
from insights.model.training import train
from tests.support.mutations import forked, mutated
from tests.support.workspaces import year_of_invoices

ORIGIN = {"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "name": "", "created_at": "", "actor": "", "ledger_id": ""}


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a model with two boosters."""
    folder = tmp_path_factory.mktemp("learned") / "model"
    train(year_of_invoices(invoices=2_500), date(2024, 12, 1), Recipe(very_late_days=5)).save(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def tried(contents: dict[str, bytes], path: Path, seed: int) -> str:
    path.write_bytes(archive.packed(ORIGIN, mutated(contents, seed)))
    try:
        arrived = imported.tried(path, run=forked)
    except Refused:
        return "refused"
    imported.try_out(arrived.model)  # ValueError for what are no probabilities, here in the server
    return "probabilities"


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_of_five_thousand_mutations_none_ends_the_server(contents: dict[str, bytes], tmp_path: Path, part: int) -> None:
    server = os.getpid()
    told = Counter(tried(contents, tmp_path / "model.zip", 10_000 + 500 * part + number) for number in range(500))
    print(dict(told), "server", os.getpid() == server)  # noqa: T201 - the count
    assert os.getpid() == server
    assert told.total() == 500
