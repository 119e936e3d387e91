"""How does a web archive (MHTML), as spreadsheets and report servers save it, become cells?"""

from email import message_from_bytes, policy
from email.message import Message
from functools import lru_cache
from pathlib import Path

from insights.ingest.extract import web_page
from insights.ingest.extract.web_page import Rows
from insights.ingest.grid import Grid, Hints
from insights.ledger.errors import Refused

MOST_PARTS = 500


def sheets(path: Path, hints: Hints) -> list[str]:
    """The names of its tables; [""] where it has one. Raises Refused where it has none."""
    return list(web_page.by_name(_tables, path, hints))


def read(path: Path, sheet: str, hints: Hints) -> Grid:
    """One table as a grid; `lines` count its rows."""
    return web_page.grid_of(web_page.by_name(_tables, path, hints)[sheet], sheet)


@lru_cache(1)
def _tables(path: Path, hints: Hints, size: int, changed: int) -> list[Rows]:
    del changed
    web_page.check_size(size)
    tables: list[Rows] = []
    for page in _pages(message_from_bytes(path.read_bytes(), policy=policy.compat32), hints):
        try:
            tables += web_page.tables_of(page)
        except Refused as refusal:
            if refusal.code != "no_table":
                raise
    if not tables:
        raise Refused("This web archive (MHTML) holds no table: export the ledger as CSV or XLSX.", "no_table")
    return tables


def _pages(message: Message, hints: Hints) -> list[str]:
    """The web pages of an archive as text."""
    parts = [part for part, _ in zip(message.walk(), range(MOST_PARTS), strict=False)]
    return [_decoded(part, hints) for part in parts if part.get_content_type() == "text/html"]


def _decoded(part: Message, hints: Hints) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    declared = web_page.DECLARED.search(data[:4096])
    name = hints.encoding or part.get_content_charset() or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        return data.decode(name)
    except (LookupError, ValueError):
        return data.decode("windows-1252", errors="replace")
