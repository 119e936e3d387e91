"""Are fields listed with what they mean?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import Run, document


@pytest.mark.slow
def test_fields_are_listed_with_what_they_mean(trained: Path, at: Callable[[Path], Run]) -> None:
    code, out, _ = at(trained)("fields", "--json")
    assert code == 0
    found = {field["name"]: field for field in document(out)["fields"]}
    assert len(found) >= 30
    assert found["due_weekday"]["distinct"] == 7
    assert (found["due_weekday"]["label"], found["due_weekday"]["missing"]) == ("Weekday of the due date", 0)
    assert found["terms_days"]["distinct"] == 1
