"""Does every export of the corpus become the table that is expected of it, through the limited child process?"""

import csv
import json
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.recognise import presets
from tests.ingest import corpus, forked
from tests.ingest.examples import assert_nothing_lost

FILES = list(corpus.files())


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_export_becomes_the_expected_table(path: Path) -> None:
    expected = json.loads((corpus.EXPECTED / f"{path.name}.json").read_text(encoding="utf-8"))
    draft = ingest.read(path, corpus.options(expected.pop("options")), run=forked.run)
    with (corpus.EXPECTED / f"{path.name}.csv").open(newline="", encoding="utf-8") as file:
        assert corpus.rows(draft) == list(csv.reader(file))
    assert corpus.besides(draft) == expected
    assert_nothing_lost(draft.require())


def test_every_preset_has_an_export_in_the_corpus() -> None:
    used = {json.loads(path.read_text(encoding="utf-8"))["preset"] for path in corpus.EXPECTED.glob("*.json")}
    assert set(presets.presets()) <= used
