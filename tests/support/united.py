"""Several files as one."""

from dataclasses import replace
from pathlib import Path

from insights.ingest.draft import Draft, Options
from insights.ingest.parse import parse
from tests.ingest.examples import file

OPEN = """
Doc,Kunde,Belegdatum,Fällig,Betrag
A1,C1,2024-01-05,2024-02-05,100.00
A2,C1,2024-01-06,2024-01-02,100.00
"""


SETTLED = """
Settled items
Doc,Kunde,Belegdatum,Fällig,Ausgleich,Betrag
B1,C2,2024-01-07,2024-02-05,2024-02-09,50.00
B2,,2024-01-08,2024-02-05,2024-02-09,50.00
"""


def united(folder: Path, first: str, *others: str, options: Options | None = None) -> Draft:
    more = tuple(file(folder, text, f"settled{at or ''}.csv") for at, text in enumerate(others))
    return parse(file(folder, first, "open.csv"), replace(options or Options(), more=more))
