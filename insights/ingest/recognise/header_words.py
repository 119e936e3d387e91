"""Does the header of a column speak of something that matters, though nothing maps it? By lists of words in many languages."""

import re
import tomllib
from functools import cache
from pathlib import Path

from insights.ingest.recognise.match import words

PLAIN = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d"})  # letters that are no accented ones


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    text = Path(__file__).with_name("header_words.toml").read_text(encoding="utf-8")
    patterns = {}
    for name, lists in tomllib.loads(text).items():
        whole = "|".join(lists["words"]).replace("*", r"\w*")
        patterns[name] = re.compile("|".join([rf"\b(?:{whole})\b", *lists.get("within", ())]))
    return patterns


@cache
def speaks_of(matter: str, header: str) -> bool:
    """Whether some word of the header is on the list of a matter: "paid_days", "is_credit", ..."""
    return _patterns()[matter].search(words(header).translate(PLAIN)) is not None
