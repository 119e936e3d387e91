"""Does a header say in what its figures are: thousands, cents, or shares, and with or without tax?"""

import re
from functools import cache

THOUSANDS = (  # of a header, in either case
    r"\b[kt](?:eur|usd|gbp|chf|sek|nok|dkk|pln|cad|aud|brl)\b|\b[kt][€$£]|[€$£] ?k\b|['’]000s?\b|\b000s\b|\b(?:in )?thousands?\b|"
    r"\b(?:in )?tausend\b|\b(?:in )?tsd\b|\b(?:en )?milliers\b|\b(?:en )?miles\b|\b(?:in )?migliaia\b|\b(?:w )?tys\b|\btkr\b|千円"
)
CENTS = r"\b(?:in )?(?:cents?|pence|centimes|c[eé]ntimos|centavos|centesimi|eurocents?|[øö]re|grosz[ey]|minor(?: units?)?)\b"
SHARE = r"(?i)%|\b(?:percent\w*|pct|prozent|pourcent\w*|procent\w*|porcentaje|percentual\w*)\b"
WITHOUT = r"(?i:excl\w*|exkl\w*|ekskl\w*|ex|net|netto|ht|hors|ohne|sans|sin|sem|senza|zonder|utan|uden|bez|without|before)"  # tax


@cache
def unit_of(header: str) -> str:
    """Whether a header says that its amounts are in thousands or in cents: "thousands", "cents" or ""."""
    plain = header.replace("_", " ")
    if re.search(f"(?i){THOUSANDS}", plain):
        return "thousands"
    return "cents" if re.search(f"(?i){CENTS}", plain) else ""


def is_share(header: str) -> bool:
    """Whether a header says that its figures are shares: "% paid"."""
    return re.search(SHARE, header) is not None


def without_units(header: str) -> str:
    """A header without what stands in brackets, unless that says that tax is not included, and without thousands and cents."""
    plain = re.sub(r"[(\[](?![^)\]]*\b(?:" + WITHOUT + r")\b).*?[)\]]", " ", header)
    return re.sub(f"(?i){THOUSANDS}|{CENTS}", " ", plain.replace("_", " "))
