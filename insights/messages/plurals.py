"""Which number of a noun does a count ask for? One rule for all sentences, which a catalogue of another language replaces."""

from gettext import NullTranslations

WORDS = NullTranslations()  # English as it is written here; `gettext.translation` gives that of another language


def noun(count: int, singular: str, many: str = "") -> str:
    """`noun(1, "row") == "row"`, `noun(0, "row") == "rows"`, `noun(2, "entry", "entries") == "entries"`."""
    return WORDS.ngettext(singular, many or f"{singular}s", count)
