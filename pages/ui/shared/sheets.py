"""How do figures look that open nothing? A table of plain cells, whose headings sort in the browser where it has some rows."""

import re
from collections.abc import Collection, Mapping, Sequence

from pages.ui.shared import format as fmt
from pages.ui.shared import listing
from pages.ui.shared.listing import Column, Listing, Row

FEW = 3  # rows of a table that nobody sorts
NUMBER = re.compile(
    r"(?:(?P<currency>[A-Z]{3})\s)?(?P<sign>[<>+\-\N{MINUS SIGN}]?)(?P<size>\d[\d,\u00a0]*(?:\.\d+)?)(?:\s?%|\s.*)?"
)


def figures(
    lines: Sequence[Mapping[str, str]],
    caption: str,
    *,
    key: str,
    texts: int = 1,
    wide: Collection[str] = (),
    cards: bool = False,
) -> None:
    """Lines as a table: a row per line by heading, all but the first `texts` columns and those that are `wide` to the right.

    Of more than a few rows each heading sorts, in the browser. `wide`: columns of sentences; `cards`: where there is little room,
    each row becomes a card, else the table moves sideways below its first column.
    """
    names = list(lines[0]) if lines else []
    align = ["wide" if name in wide else "text" if at < texts else "right" for at, name in enumerate(names)]
    sheet(names, [list(line.values()) for line in lines], caption, key=key, align=align, cards=cards)


def sheet(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    caption: str,
    *,
    key: str,
    align: Sequence[str] = (),
    cards: bool = False,
) -> None:
    """The same of headings that may stand there twice, as in a file; columns are texts where `align` says nothing else."""
    names = [heading if heading not in headings[:at] else f"{heading} ({at + 1})" for at, heading in enumerate(headings)]
    many, sorts = len(cells) > listing.IN_SIGHT, len(cells) > FEW
    shown = list(zip(names, headings, align or ["text"] * len(names), strict=True))
    columns = [Column(name, heading, side, sorts=sorts) for name, heading, side in shown]  # type: ignore[arg-type]
    rows = [Row(str(at), dict(zip(names, line, strict=True))) for at, line in enumerate(cells)]
    first = names[0] if names else ""
    order = {name: [order_of(line[at]) for line in cells] for at, name in enumerate(names)} if sorts else {}
    table = Listing(caption, columns, listing.whole(rows), first, matrix=not cards, scrolls=many, order=order)
    listing.show(table, None, key=key)


def order_of(text: str) -> tuple[str, float] | None:
    """Where a cell stands when its column is sorted: days and figures by their size, amounts by currency; None comes last."""
    if text in ("", fmt.NOTHING):
        return None
    if day := fmt.day_of(text):
        return "", float(day.toordinal())
    if number := NUMBER.fullmatch(text):
        size = float(re.sub(r"[,\s]", "", number["size"]))
        return number["currency"] or "", -size if number["sign"] in ("-", "\N{MINUS SIGN}") else size
    return text.casefold(), 0.0
