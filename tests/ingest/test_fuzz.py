"""Does no mutated export end the server, hang, or lose a row in silence?"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.ingest import fuzz

FILES = int(os.environ.get("INSIGHTS_FUZZ", "100"))
pytestmark = pytest.mark.slow

PARTS = 4 if FILES <= 1000 else 100


@pytest.mark.parametrize("part", range(PARTS))
def test_mutated_files_end_in_a_ledger_that_lost_nothing_or_in_a_foreseen_sentence(part: int, tmp_path: Path) -> None:
    fates = Counter(fuzz.fate(seed, tmp_path) for seed in range(part, FILES, PARTS))
    assert fates["ledger"] > 0
    assert sum(fates.values()) == len(range(part, FILES, PARTS))
