"""Can many machines score one ledger over a folder, some of them killed or damaged, and the same comes out as from one?"""

import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights.cli.parts import Made
from insights.evaluation import replay_model
from insights.services import parts
from insights.store import ledgers, models, provenance
from insights.store.store import Store
from tests.support.commands import Run, document
from tests.support.workspaces import ME


@pytest.fixture
def home(trained: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained, tmp_path / "home")
    return tmp_path / "home"


def predictions_of(home: Path) -> pa.Table:
    """What is kept of the one model's predictions."""
    (path,) = home.glob("predictions/*/*/*.parquet")
    return pq.read_table(path)


@pytest.mark.slow
def test_parts_scored_anywhere_in_any_order_give_what_one_machine_gives(
    home: Path, tmp_path: Path, at: Callable[[Path], Run], trained: Path
) -> None:
    """Seven parts; the third is done twice, the fifth was killed half way, the sixth is damaged by its disk."""
    alone = tmp_path / "alone"
    shutil.copytree(trained, alone)
    model = next(alone.glob("models/*")).name
    assert at(alone)("score", "--model", model, "--out", tmp_path / "scored.csv")[0] == 0
    folder = tmp_path / "shared"
    code, out, err = at(home)("parts", "prepare", folder, "--parts", 7, "--model", model, "--json")
    assert (code, document(out)["parts"]) == (0, 7), err
    for number in (7, 3, 1, 2, 3, 5, 6):
        assert at(tmp_path / "nowhere")("part", f"{number}/7", folder)[0] == 0  # a machine without a workspace
    assert document(at(tmp_path / "nowhere")("part", "3/7", folder, "--json")[1])["made_now"] is False
    shutil.rmtree(folder / "scored" / "0005")
    damaged = folder / "scored" / "0006" / "scored.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    code, out, _ = at(home)("parts", "collect", folder, "--json")
    assert (code, document(out)["sentence"]) == (1, "3 of 7 parts have no receipt yet: 4/7, 5/7, 6/7.")
    for number in (4, 5, 6):
        assert at(tmp_path / "nowhere")("part", f"{number}/7", folder)[0] == 0
    code, out, _ = at(home)("parts", "collect", folder, "--json")
    assert (code, document(out)["rows"]) == (0, len(predictions_of(alone)))
    assert predictions_of(home).equals(predictions_of(alone), check_metadata=True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_a_changed_input_and_other_versions_are_refused_by_name(home: Path, tmp_path: Path, at: Callable[[Path], Run]) -> None:
    run, folder = at(home), tmp_path / "shared"
    model = next(home.glob("models/*")).name
    assert run("parts", "prepare", folder, "--parts", 2, "--model", model)[0] == 0
    plan = folder / "plan.json"
    told = json.loads(plan.read_text())
    plan.write_text(json.dumps(told | {"made_with": told["made_with"] | {"numpy": "1.0"}}))
    code, _, err = run("part", "1/2", folder)
    assert code == 1
    assert "other versions than the plan was made with (numpy)" in err
    plan.write_text(json.dumps(told))
    part = next((folder / "parts" / "0002" / "invoices").glob("*.parquet"))
    part.write_bytes(part.read_bytes() + b" ")
    code, _, err = run("part", "2/2", folder)
    assert (code, "0002 is missing or not as it was written" in err) == (1, True)
    assert run("part", "1/2", folder)[0] == 0


def test_a_folder_without_a_plan_a_part_beyond_the_last_and_a_full_folder_are_refused(
    home: Path, tmp_path: Path, at: Callable[[Path], Run]
) -> None:
    run = at(home)
    assert run("part", "1/2", tmp_path / "none")[0] == 1
    assert run("part", "one", tmp_path / "none")[0] == 2
    model = next(home.glob("models/*")).name
    code, _, err = run("parts", "prepare", home, "--parts", 2, "--model", model)
    assert (code, "is not empty" in err) == (1, True)
    assert run("parts", "prepare", tmp_path / "ready", "--parts", 2, "--model", model)[0] == 0
    code, _, err = run("part", "3/2", tmp_path / "ready")
    assert (code, "1/2 to 2/2" in err) == (1, True)


@pytest.mark.slow
def test_nothing_stays_of_a_preparing_that_failed(home: Path, tmp_path: Path) -> None:
    """DuckDB is given no memory, first in a folder that is new, then in one that is there."""
    store, folder = Store.open(home), tmp_path / "shared"
    (model,) = models.listed(store)
    of = partial(parts.prepare, ledger_id=model.ledger_id, model_id=model.id, as_of=model.trained_as_of, actor=ME)
    with pytest.raises(duckdb.Error):
        of(store, folder, 2, gigabytes=0.0)
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(duckdb.Error):
        of(store, folder, 2, gigabytes=0.0)
    assert list(folder.iterdir()) == []
    assert of(store, folder, 2).parts == 2


@pytest.mark.slow
def test_the_fields_of_all_parts_are_one_file_which_is_on_record(home: Path, tmp_path: Path, at: Callable[[Path], Run]) -> None:
    """Of every invoice as of the day after its issue, in as many parts as memory asks for: one."""
    run, folder, out = at(home), tmp_path / "shared", tmp_path / "fields.parquet"
    model = next(home.glob("models/*")).name
    code, told, err = run("parts", "prepare", folder, "--what", "fields-at-issue", "--model", model, "--json")
    assert (code, document(told)["parts"]) == (0, 1), err
    assert run("part", "1/1", folder)[0] == 0
    code, _, err = run("parts", "collect", folder)
    assert (code, "--out" in err) == (1, True)
    code, told, err = run("parts", "collect", folder, "--out", out, "--json")
    table = pq.read_table(out)
    assert (code, document(told)["rows"], len(table)) == (0, 600, 600), err
    assert {"position", "at", "paid_count", "days_late_mean"} <= set(table.column_names)
    assert [record["details"]["rows"] for record in json.loads(run("audit", "--action", "fields.export", "--json")[1])] == [600]


@pytest.mark.slow
def test_a_past_day_replayed_in_parts_is_what_one_machine_replays(home: Path, tmp_path: Path, at: Callable[[Path], Run]) -> None:
    """As of the day on which the model was trained; three parts, then one file."""
    run, folder, out = at(home), tmp_path / "shared", tmp_path / "replay.parquet"
    store = Store.open(home)
    (record,) = models.listed(store)
    prepared = ("--parts", 3, "--what", "replay", "--as-of", record.trained_as_of, "--model", record.id)
    assert run("parts", "prepare", folder, *prepared)[0] == 0
    assert run("part", "1,2,3/3", folder)[0] == 0
    code, told, err = run("parts", "collect", folder, "--out", out, "--json")
    alone = replay_model(ledgers.load(store), [record.trained_as_of], models.load(store, record.id))
    assert (code, document(told)["rows"]) == (0, len(alone.rows)), err
    assert len(alone.rows) > 10
    assert pq.read_table(out).equals(alone.rows)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_what_is_made_of_a_part_is_for_its_owner_alone_whatever_the_umask(
    home: Path, tmp_path: Path, at: Callable[[Path], Run]
) -> None:
    folder = tmp_path / "shared"
    assert at(home)("parts", "prepare", folder, "--parts", 1, "--model", next(home.glob("models/*")).name)[0] == 0
    before = os.umask(0o022)
    try:
        parts.score(folder, 1)
    finally:
        os.umask(before)
    made = [folder / "scored", *(folder / "scored").rglob("*")]
    assert len(made) == 4
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_machines_that_replay_have_the_same_code_of_replays_too() -> None:
    code = {made: parts.made_with(made)["code"] for made in parts.MADE}
    assert code.pop(parts.REPLAY) == provenance.code_digest(packages=(*provenance.SCORING, "evaluation"))
    assert set(code.values()) == {provenance.code_digest(packages=provenance.SCORING)}


def test_what_can_be_made_of_parts_is_what_the_command_offers() -> None:
    assert list(parts.MADE) == [made.value for made in Made]


def test_a_ledger_is_divided_as_its_memory_asks() -> None:
    many = [parts.parts_for(invoices, 2.0) for invoices in (0, 600, 1_000_000, 100_000_000)]
    assert many == sorted(many)
    assert many[:2] == [1, 1]
    assert parts.parts_for(10_000_000, 1.0) > parts.parts_for(10_000_000, 2.0)


@pytest.mark.slow
def test_a_cluster_finishes_what_processes_of_this_machine_began(home: Path, tmp_path: Path, at: Callable[[Path], Run]) -> None:
    """Three parts: one by hand, one by a process, the last by a server that speaks Spark Connect."""
    from pysail.spark import SparkConnectServer

    run, folder = at(home), tmp_path / "shared"
    model = next(home.glob("models/*")).name
    assert run("parts", "prepare", folder, "--parts", 3, "--model", model)[0] == 0
    assert run("part", "2/3", folder)[0] == 0
    server = SparkConnectServer()
    server.start(background=True)
    address = f"sc://127.0.0.1:{server.listening_address[1]}"
    plan = folder / "plan.json"
    written = plan.read_text()
    try:
        plan.write_text(written.replace('"numpy": "', '"numpy": "0.'))
        code, _, err = run("parts", "run", folder, "--spark", address)
        assert (code, "did not score the parts: This machine has other versions" in err) == (1, True), err
        plan.write_text(written)
        code, out, _ = run("parts", "run", folder, "--spark", address, "--json")
    finally:
        server.stop()
    assert (code, document(out).get("missing")) == (0, []), out
    shutil.rmtree(folder / "scored" / "0001")
    code, out, err = run("parts", "run", folder, "--workers", 2, "--json")
    assert (code, document(out)["missing"]) == (0, []), err
    assert run("parts", "collect", folder)[0] == 0


def test_a_cluster_that_is_not_there_is_said_so(home: Path, tmp_path: Path, at: Callable[[Path], Run]) -> None:
    run, folder = at(home), tmp_path / "shared"
    assert run("parts", "prepare", folder, "--parts", 1, "--model", next(home.glob("models/*")).name)[0] == 0
    code, _, err = run("parts", "run", folder, "--spark", "not an address")
    assert (code, "did not score the parts" in err) == (1, True)
