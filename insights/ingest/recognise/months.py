"""Which month does a word mean? Where languages differ, the other words of the column say which one it is.

"listopad" is October in Croatian and November in Polish and Czech: a column that does not tell leaves it unread.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache

from babel.core import Locale

WORDS = {  # abbreviations and spellings that people write beside those of CLDR, and the commonest of these: they mean one month
    1: "jan january januar janvier janv januari enero ene janeiro janner gennaio gen styczen stycznia sty",
    2: "feb february februar fevrier fevr fev februari febrero fevereiro febbraio luty lutego lut",
    3: "mar march marz mars maart mrt marzo marco maerz mrz marts marzec marca",
    4: "apr april avril avr abril abr aprile kwiecien kwietnia kwi",
    5: "may mai mei mayo maio maj maggio mag maja",
    6: "jun june juni juin junio junho giugno giu czerwiec czerwca cze",
    7: "jul july juli juillet juil julio julho luglio lug lipiec lipca",
    8: "aug august aout augustus agosto ago augusti sierpien sierpnia sie",
    9: "sep sept september septembre septiembre setembro set settembre wrzesien wrzesnia wrz",
    10: "oct october oktober octobre octubre outubro okt out ottobre ott pazdziernik pazdziernika paz",
    11: "nov november novembre noviembre novembro",
    12: "dec december dezember decembre diciembre dezembro dez dic dicembre grudzien grudnia gru",
}
MONTH_OF = {word: month for month, words in WORDS.items() for word in words.split()}
LANGUAGES = re.findall(  # that have words of their own for months, and no figures
    r"\w+",
    "en de fr es pt ca it nl sv da nb fi et lv lt pl cs sk sl hr sr sr_Latn bs hu ro bg mk uk be ru el tr az kk sq th id ms he "
    "ar fa hi bn ta",
)
ACCENTS = "\u0300", "\u036f"
WIDTHS = ("abbreviated", "wide")


def plain(word: str) -> str:
    """A word as the table has it: lower case, without accents and points; the vowels of Thai and others are no accents."""
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(
        letter for letter in letters if unicodedata.category(letter)[0] in "LM" and not ACCENTS[0] <= letter <= ACCENTS[1]
    )


@cache
def _of_languages() -> Mapping[str, Mapping[str, int]]:
    """Word -> language -> month."""
    by_word: dict[str, dict[str, int]] = defaultdict(dict)
    for language in LANGUAGES:
        for forms in Locale.parse(language).months.values():
            for width in WIDTHS:
                for month, word in forms[width].items():
                    by_word[plain(word)].setdefault(language, month)
    return by_word


def months(words: Collection[str]) -> dict[str, int]:
    """Each of the words of one column -> its month; 0 for what is none, or another one in another language."""
    spelt = {word: plain(word) for word in words}
    if all(text in MONTH_OF for text in spelt.values()):
        return {word: MONTH_OF[text] for word, text in spelt.items()}
    known = [set(_of_languages()[text]) for text in spelt.values() if text in _of_languages()]
    common = set.intersection(*known) if known else set()
    return {word: MONTH_OF.get(text, 0) or _month(text, common) for word, text in spelt.items()}


def _month(text: str, common: Collection[str]) -> int:
    """The month that all languages mean, of those that have every word of the column; of all, where none has them all."""
    by_language = _of_languages().get(text, {})
    meant = {month for language, month in by_language.items() if not common or language in common}
    return meant.pop() if len(meant) == 1 else 0
