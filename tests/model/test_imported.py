"""Is a model from elsewhere tried where it can do no harm, and refused unless it is a model and nothing else?"""

import json
import os
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from insights.ledger.errors import Refused
from insights.model import archive, imported
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import train
from tests.support.mutations import forked, mutated, resealed
from tests.support.processes import refusal
from tests.support.workspaces import rates_model, year_of_invoices

ORIGIN = {"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "name": "A", "created_at": "2024-12-01", "actor": "ada", "ledger_id": ""}


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with boosters, a logistic regression, and rates."""
    folder = tmp_path_factory.mktemp("learned") / "model"
    train(year_of_invoices(invoices=2_000), date(2024, 12, 1), Recipe(very_late_days=10)).save(folder)
    return folder


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def written(path: Path, contents: dict[str, bytes], **origin: str) -> Path:
    path.write_bytes(archive.packed(ORIGIN | origin, contents))
    return path


def changed(contents: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    """The files after somebody changed model.json, and sealed everything anew."""
    values = json.loads(contents["model.json"])
    change(values)
    return resealed(contents, values)


@pytest.mark.slow
def test_a_model_that_was_tried_is_the_same_to_the_byte(learned: Path, tmp_path: Path) -> None:
    """In a fresh process, as it is always tried."""
    arrived = imported.tried(written(tmp_path / "model.zip", contents_of(learned)))
    arrived.model.save(tmp_path / "again")
    assert contents_of(tmp_path / "again") == contents_of(learned)
    assert arrived.origin == ORIGIN | {"signature": ""}, "this archive was never signed"


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda values: values["fields"].reverse(),
        lambda values: values["fields"].pop(),
        lambda values: values["fields"].__setitem__(0, "paid_date"),
        lambda values: values["stages"][0].__setitem__("slope", float("nan")),
        lambda values: values["stages"][0].__setitem__("slope", -1.0),
        lambda values: values["stages"][0].__setitem__("pivot", float("inf")),
        lambda values: values["stages"][0].__setitem__("slope", "1.0"),
        lambda values: values["stages"][0].__setitem__("trust", 2.0),
        lambda values: values["stages"][1].__setitem__("rates", [float("inf")]),
        lambda values: values["stages"][0]["voices"][0].__setitem__("file", "/dev/zero"),
        lambda values: values["stages"][0]["voices"][0].__setitem__("file", "../on_time.ubj"),
        lambda values: values["timing"].__setitem__("week", "0000000"),
        lambda values: values["timing"]["hazard"].__setitem__(0, 0.0),
        lambda values: values["recipe"].__setitem__("very_late_days", 10**9),
        lambda values: values["recipe"].__setitem__("calendar", "../../etc"),
        lambda values: values["metrics"].__setitem__("log_loss", float("-inf")),
        lambda values: values.__setitem__("trained_as_of", "yesterday"),
        lambda values: values.__setitem__("more", 1),
    ],
)
def test_a_value_that_no_model_has_is_refused(learned: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = written(tmp_path / "model.zip", changed(contents_of(learned), change))
    assert refusal(imported.tried, path, run=forked) == "archive_damaged"


@pytest.mark.slow
def test_of_mutated_boosters_none_ends_the_server_and_none_predicts_but_probabilities(learned: Path, tmp_path: Path) -> None:
    """Sixty mutations of the kind that ended a server which read them itself; `make slow` tries thousands."""
    server, contents = os.getpid(), contents_of(learned)
    accepted = refused = 0
    for seed in range(60):
        path = written(tmp_path / "model.zip", mutated(contents, seed))
        try:
            arrived = imported.tried(path, run=forked)
        except Refused:
            refused += 1
        else:
            imported.try_out(arrived.model)
            accepted += 1
    assert os.getpid() == server
    assert accepted + refused == 60
    assert refused > 30


def small(tmp_path: Path) -> dict[str, bytes]:
    rates_model().save(tmp_path / "small")
    return contents_of(tmp_path / "small")


def test_only_files_of_fixed_names_are_read(tmp_path: Path) -> None:
    for name in ("../evil.json", "/evil.json", "folder/model.json", "evil.json", "model.json\\0"):
        path = written(tmp_path / "model.zip", small(tmp_path) | {name: b"{}"})
        assert refusal(imported.examined, path) == "archive_damaged", name
    assert not (tmp_path.parent / "evil.json").exists()


def test_an_archive_that_is_larger_than_models_are_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with path.open("wb") as file:
        file.truncate(archive.LARGEST + 1)
    assert refusal(imported.tried, path) == "no_archive"
    assert refusal(imported.tried, tmp_path) == "no_archive"


def test_what_is_compressed_is_not_unpacked(tmp_path: Path) -> None:
    """64 MB of zeros in 64 KB."""
    import zipfile

    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("model.json", bytes(archive.LARGEST // 2))
    assert path.stat().st_size < 100_000
    assert refusal(imported.examined, path) == "archive_damaged"


def test_every_changed_byte_of_an_archive_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "model.zip", small(tmp_path)).read_bytes()
    path = tmp_path / "changed.zip"
    for position in range(0, len(whole), 23):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert refusal(archive.unpacked, path) == "archive_damaged", position
    for broken in (whole[:-1], whole + b"x", b"", b"PK"):
        path.write_bytes(broken)
        assert refusal(archive.unpacked, path) == "archive_damaged"


def test_the_child_s_answer_is_not_believed_either(tmp_path: Path) -> None:
    """A child that was taken over by what it read hands back a path, and a slope that is none."""
    values = json.loads(small(tmp_path)["model.json"])
    for change in ({"file": "/etc/passwd", "sha256": "0" * 64}, {"line": None}):
        values["stages"][0]["voices"] = [change]
        answer = {"origin": ORIGIN | {"format": 1, "sha256": {}}, "model": values, "boosters": {}, "made_with": {}}

        def run(folder: Path, _: object, answer: dict[str, Any] = answer) -> int:
            (folder / imported.ANSWER).write_text(json.dumps(answer))
            return 0

        assert refusal(imported.tried, written(tmp_path / "model.zip", small(tmp_path)), run=run) == "archive_damaged"


@pytest.mark.slow
def test_a_mark_tells_whether_fields_stand_in_their_order(learned: Path) -> None:
    import xgboost

    model = Model.load(learned)
    booster = xgboost.Booster(model_file=bytearray((learned / "on_time.ubj").read_bytes()))
    assert booster.attr("fields") == sha256(json.dumps(list(model.fields)).encode()).hexdigest()
