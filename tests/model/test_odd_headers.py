"""Whatever a file calls its columns, they can be learned from, and reasons name them as the file does."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from insights.cli import run
from insights.cli.arguments import names, pairs
from insights.features.dataset import feature_set
from insights.jobs.worker import pair
from insights.ledger.ledger import FURTHER, Ledger, day, open_positions
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction.effects import effects, interactions
from insights.prediction.explain import open_row, why
from insights.prediction.scoring import score
from tests.support.ledgers import DAY, START, small_ledger
from tests.support.workspaces import write_csv

HEADERS = ("Net [EUR]", "a < b", "Net\nof discount", "\tNet\tof tax", 'say "x"', "one, two", "x" * 200, "f0", "Größe (m²)")
AS_OF = START + 300 * DAY


def headed() -> Ledger:
    """The invented ledger with one numeric column per header, all known at issue."""
    ledger = small_ledger()
    table = ledger.invoices
    for number, header in enumerate(HEADERS):
        values = [float((place * (number + 3)) % 17) for place in range(len(table))]
        table = table.append_column(FURTHER + header, pa.array(values, pa.float64()))
    return replace(ledger, invoices=table, known_at_issue=HEADERS)


def test_a_model_learns_from_columns_of_any_name_and_says_the_same_after_saving(tmp_path: Path) -> None:
    """400 invoices with columns called "Net [EUR]", "a < b", with quotes, a comma, 200 characters, and f0."""
    ledger = headed()
    model = train(ledger, AS_OF, Recipe(fields=("amount", *(FURTHER + header for header in HEADERS)), very_late_days=15))
    model.save(tmp_path)
    loaded = Model.load(tmp_path)
    assert set(loaded.fields) == {"amount", *(FURTHER + header for header in HEADERS)}
    assert score(loaded, ledger, AS_OF).equals(score(model, ledger, AS_OF))


@pytest.mark.slow
def test_reasons_and_effects_name_such_columns_as_the_file_does(tmp_path: Path) -> None:
    ledger = headed()
    own = {FURTHER + header for header in HEADERS}
    train(ledger, AS_OF, Recipe(fields=tuple(own), very_late_days=15)).save(tmp_path)
    model = Model.load(tmp_path)
    book = feature_set(ledger, model.recipe.due_rules, model.fields)
    said = {reason["field"] for row in score(model, ledger, AS_OF)["reasons"].to_pylist() for reason in row}
    assert said & own
    assert said <= own | {"days_past_due"}
    not_due = next(at for at in open_positions(ledger, AS_OF) if open_row(book, AS_OF, at)[0].due_by[0] >= day(AS_OF))
    explained = why(model, book, AS_OF, not_due)
    assert explained is not None
    assert {reason["field"] for reason in explained.reasons} <= own
    found = effects(model, book)
    assert found is not None
    assert set(found.fields) == own
    assert interactions(model, found).pairs.shape[1:] == (len(own), len(own))


@pytest.mark.slow
def test_the_commands_take_such_columns_from_the_file_to_the_scored_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The invented year of invoices with columns more, of names with line ends and tabs, too; quoted as CSV does."""
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    headers = ("Net [EUR]", "net, a < b", 'the "net"', "n" * 200, "net\nof discount", "\tnet\tof tax", "net\r\n<br>x")
    quoted = ",".join('"' + header.replace('"', '""') + '"' for header in headers)
    first, *lines = write_csv(tmp_path / "ledger.csv").read_text().splitlines()
    more = [
        f"{line},{','.join(f'{number * 7 % (11 + place)}.5' for place in range(len(headers)))}"
        for number, line in enumerate(lines)
    ]
    (tmp_path / "odd.csv").write_text("\n".join([f"{first},{quoted}", *more]) + "\n", newline="")
    out = tmp_path / "scored.csv"
    commands = (
        ["import", str(tmp_path / "odd.csv"), "--complete-through", "2024-12-31", "--known-at-issue", quoted, "--json"],
        ["train", "--as-of", "2024-12-01", "--json"],
    )
    for command in commands:
        assert run(command) == 0, capfd.readouterr().err
    model = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert set(model["fields"]) >= {f"x:{header.strip()}" for header in headers}
    assert run(["publish", model["model"], "--no-replay"]) == 0, capfd.readouterr().err
    assert run(["score", "--as-of", "2024-12-01", "--out", str(out)]) == 0, capfd.readouterr().err
    assert len(out.read_text().splitlines()) > 50


def test_names_separated_by_commas_may_stand_in_quotes() -> None:
    assert names('a, "b, c" ,"say ""x""", 5" pipe,, ') == ["a", "b, c", 'say "x"', '5" pipe']


def test_a_name_with_an_equals_sign_stands_in_quotes() -> None:
    assert pairs(["amount=Net", '"a=b"=because', '"say ""x"""=why = not', "invoice_id=Doc = No"]) == {
        "amount": "Net",
        "a=b": "because",
        'say "x"': "why = not",
        "invoice_id": "Doc = No",
    }
    for column in ("a=b", 'say "x"', "plain", "Net [EUR]"):
        assert pairs([pair(column, "known by then")]) == {column: "known by then"}
