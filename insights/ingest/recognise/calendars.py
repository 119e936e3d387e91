"""Of which calendar are the years of a column? Thai systems count them from the Buddha's death: 2569 is 2026.

No invoice is of the year 2569, so a column whose years are all of that age proves it. What other calendars count otherwise, in
months too (Persian, Islamic) or in a year that alone proves nothing (Taiwan's 115), is said, and never read.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from insights.ingest.recognise import digits

BUDDHIST = 543  # years before the Gregorian ones; months and days are the same
OF_BUDDHIST, OF_GREGORIAN = range(2443, 2643), range(1900, 2200)
YEAR = re.compile(r"^(\d{4})(?=[-/.\s年]\s*\w)|(?<=[-/.\s])(\d{4})$")
NEVER = re.compile(r"\b0?1([-/.\s])0?1\b|\b12([-/.\s])31\b|\b31([-/.\s])12\b")  # by which systems say "no day", in any year
OTHER = re.compile(r"^(?:1[345]\d{2}|0?9\d|1[01]\d)[-/.]\d{1,2}[-/.]\d{1,2}$|^\d{1,2}[-/.]\d{1,2}[-/.]1[345]\d{2}$")


class Calendar(NamedTuple):
    """Of which calendar a column is: a Buddhist text of it, "" where it is none; which texts may be of either (bool)."""

    example: str
    doubted: np.ndarray


def gregorian(texts: Sequence[str], *, buddhist: bool = False) -> tuple[tuple[str, ...], Calendar]:
    """Texts with Gregorian years, as far as they prove it; `buddhist`: other columns of the file do."""
    dated = [YEAR.search(text) for text in texts]
    years = [int(match[1] or match[2]) if match else 0 for match in dated]
    of_buddhist = np.array([year in OF_BUDDHIST for year in years], bool)
    of_gregorian = any(year in OF_GREGORIAN for year in years)
    proven = buddhist or any(not NEVER.search(texts[at]) for at in np.flatnonzero(of_buddhist).tolist())
    if not of_buddhist.any() or not proven:
        return tuple(texts), Calendar("", np.zeros(len(texts), bool))
    if of_gregorian:  # a slip in one of them, and which one is not told
        return tuple(texts), Calendar("", of_buddhist)
    turned = [
        f"{text[: match.start()]}{year - BUDDHIST}{text[match.end() :]}" if match and is_old else text
        for text, match, year, is_old in zip(texts, dated, years, of_buddhist, strict=True)
    ]
    return tuple(turned), Calendar(texts[int(np.flatnonzero(of_buddhist)[0])], np.zeros(len(texts), bool))


def are_of_other(texts: Sequence[str]) -> bool:
    """Whether the filled ones of some texts look like days of a calendar that is not read."""
    filled = [digits.plain(text) for text in texts if text]
    return bool(filled) and all(OTHER.match(text) for text in filled)
