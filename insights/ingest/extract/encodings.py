"""In which encoding is a text that is no Unicode? In the one in which its words are words.

Every byte means something in most encodings, so what decodes proves nothing. Proof is what the letters become: all of one
alphabet, capitals in front only, and no symbol within a word; of Chinese, Japanese and Korean characters those in daily use.
Libraries that guess from the frequency of bytes need pages of text; a ledger may hold two foreign names.
"""

# ruff: noqa: RUF001 - letters and marks that look alike are what this is about

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa

from insights.ingest.grid import Grid

ALPHABETS = {
    "German": "äöüß",
    "French": "àâæçéèêëîïôœùûüÿ",
    "Spanish": "áéíóúüñ",
    "Portuguese": "áâãàçéêíóôõúü",
    "Italian": "àèéìíîòóùú",
    "Dutch": "éëèïöüáóêç",
    "Danish and Norwegian": "æøåéèêóòâôüöä",
    "Swedish and Finnish": "åäöéüà",
    "Icelandic": "áéíóúýþæöð",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţșț",
    "Croatian and Slovene": "čćđšž",
    "Turkish": "çğıöşüâî",
    "Lithuanian": "ąčęėįšųūž",
    "Latvian": "āčēģīķļņšūž",
    "Estonian": "äõöüšž",
}
WEST = (
    "German",
    "French",
    "Spanish",
    "Portuguese",
    "Italian",
    "Dutch",
    "Danish and Norwegian",
    "Swedish and Finnish",
    "Icelandic",
)
EAST = ("German", "Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian and Slovene")
LATIN = {
    "windows-1252": WEST,
    "windows-1250": EAST,
    "iso8859-2": EAST,
    "windows-1254": ("Turkish",),
    "windows-1257": ("Lithuanian", "Latvian", "Estonian"),
    "iso8859-15": WEST,
    "cp850": WEST,
    "cp852": EAST,
    "mac-roman": WEST,
}
SCRIPTS = {
    "windows-1251": "CYRILLIC",
    "koi8-r": "CYRILLIC",
    "cp866": "CYRILLIC",
    "windows-1253": "GREEK",
    "windows-1255": "HEBREW",
    "windows-1256": "ARABIC",
}
WIDE = {  # lead bytes of the characters in daily use, and of signs and kana
    "cp932": (range(0x88, 0x99), range(0x81, 0x85)),
    "euc-jp": (range(0xB0, 0xD0), range(0xA1, 0xA9)),
    "gb18030": (range(0xB0, 0xD8), range(0xA1, 0xA4)),
    "big5": (range(0xA4, 0xC7), range(0xA1, 0xA4)),
    "cp949": (range(0xB0, 0xC9), range(0xA1, 0xA4)),
}
LONELY_CONSONANTS = set("čřńďĺŕňñðþ")  # what a vowel of another encoding becomes: without a vowel beside it, it is none
RUSSIAN_VOWELS = set("аеёиоуыэюяіїє")
UNLIKELY = {"windows-1257", "iso8859-15", "cp850", "cp852", "mac-roman"}  # where windows-1252 explains as much, it is that
MANY_SYLLABLES = 8
VOWELS = set("aeiouyäöüáàâãåéèêëíìîïóòôõøúùûůýÿæœąęěăőűıāēėęīįūų")
SYMBOLS = "'\"„“”‚‘’‹›«»()[]{}…–—-°ºª§€£$&@#%+*/\\|;,.:!?©®™·•¡¿=<>_~^`´¨¸\u00a0"
WITHIN = set("'’‘´`-–—.&/+·°ºª\u00a0")
COMMON_RUSSIAN = set("оеаинтсрвлкмдпуяыьбзчгйхіїє")
ENOUGH = 0.9  # share of the words, or characters, that must be such
MOST_FOREIGN = 0.75  # of the letters of a word in Latin letters
MOST_IN_A_ROW = 2
SHORTEST = 3  # letters of a word that proves a script
WORDS = 400  # that are looked at
UNDEFINED = {0x81, 0x8D, 0x8F, 0x90, 0x9D}  # in windows-1252


@dataclass(frozen=True)
class Decoding:
    """What the words become in one encoding: how many are words, of how many languages together; the first of them."""

    encoding: str
    words: int
    languages: int
    examples: tuple[str, ...]
    text: str


def readings(lines: Iterable[bytes], vocabulary: Collection[str] = ()) -> list[Decoding]:
    """The encodings in which nearly all foreign words of the lines are words, the best first; equal texts once.

    `vocabulary`: words that headers are known to have, lower case: one of them found whole is a proof.
    """
    sample = b"\n".join(lines)
    known = frozenset(word for word in vocabulary if not word.isascii())
    by_encoding: dict[str, Decoding] = {}
    for encoding in (*WIDE, *LATIN, *SCRIPTS):
        reading = _reading(sample, encoding, known)
        if reading and reading.text not in {other.text for other in by_encoding.values()}:
            by_encoding[encoding] = reading
    return sorted(by_encoding.values(), key=lambda reading: (-reading.words, reading.languages))


def proven(decodings: list[Decoding]) -> str:
    """The encoding that is better than all others, "" where two are as good."""
    if not decodings:
        return ""
    best = [
        reading for reading in decodings if (reading.words, reading.languages) == (decodings[0].words, decodings[0].languages)
    ]
    if best[0].encoding == "windows-1252":
        best = [reading for reading in best if reading.encoding not in UNLIKELY]
    return best[0].encoding if len(best) == 1 else ""


def mended(grid: Grid) -> Grid:
    """The grid with the texts put right that were written as UTF-8, read as windows-1252 and written again: MÃ¼ller is Müller.

    Only where every foreign text of the file is of that kind: hardly any other words decode so.
    """
    columns, seen, good = [], 0, 0
    for column in grid.columns:
        encoded = column.combine_chunks().dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        again = [text if text.isascii() else _once(text) for text in texts]
        seen += sum(not text.isascii() for text in texts)
        good += sum(text is not None and not old.isascii() for text, old in zip(again, texts, strict=True))
        right = [old if text is None else text for text, old in zip(again, texts, strict=True)]
        columns.append(pa.chunked_array([pa.array(right, pa.string()).take(encoded.indices)]))
    return replace(grid, columns=tuple(columns), mended=True) if good and good >= ENOUGH * seen else grid


def _once(text: str) -> str | None:
    """The text as it was before it was written a second time, None where it was not."""
    try:
        return _bytes(text).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None


def _bytes(text: str) -> bytes:
    """The bytes of windows-1252, those that it leaves undefined too."""
    return b"".join(bytes([ord(c)]) if ord(c) in UNDEFINED else c.encode("windows-1252") for c in text)


def _reading(sample: bytes, encoding: str, known: frozenset[str]) -> Decoding | None:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    if re.search(r"[\x80-\x9f\ufffd\ue000-\uf8ff]", text):
        return None
    words = list(dict.fromkeys(word for word in re.split(r"[\s,;|\t\"]+", text) if not word.isascii()))[:WORDS]
    if encoding in WIDE:
        return _wide(encoding, text, words)
    named = sum(1 for word in words for part in re.split(r"[\W\d_]+", word.lower()) if part in known)
    return _latin(encoding, text, words, named) if encoding in LATIN else _script(encoding, text, words, named)


def _wide(encoding: str, text: str, words: list[str]) -> Decoding | None:
    """Where nearly all characters are of those in daily use."""
    common, kana, others = 0, 0, 0
    level, signs = WIDE[encoding]
    for character in text:
        if character.isascii():
            continue
        raw = character.encode(encoding)
        if len(raw) < 2:
            others += 1
        elif raw[0] in level:
            common += 1
        else:
            kana += raw[0] in signs
            others += raw[0] not in signs
    if not common or common + kana < ENOUGH * (common + kana + others):
        return None
    korean = encoding == "cp949" and common >= MANY_SYLLABLES and not others
    japanese = encoding in {"cp932", "euc-jp"} and any("\u3041" <= character <= "\u30fe" for character in text)
    return Decoding(encoding, len(words), 1 if korean or japanese else 2, tuple(words[:3]), text)


def _latin(encoding: str, text: str, words: list[str], named: int) -> Decoding | None:
    spoken = [(word, languages) for word in words if (languages := _languages(word, LATIN[encoding])) is not None]
    explained = [languages for _, languages in spoken if languages]
    if not explained or len(explained) < ENOUGH * len(spoken):
        return _only_signs(encoding, text, words, spoken)
    return Decoding(encoding, len(explained) + WORDS * bool(named), _fewest(explained), _examples(words), text)


def _only_signs(encoding: str, text: str, words: list[str], spoken: list[tuple[str, frozenset[str]]]) -> Decoding | None:
    """Signs like € and ° alone: they prove nothing against the encoding of most."""
    return Decoding(encoding, 0, 0, _examples(words), text) if not spoken and encoding == "windows-1252" else None


def _examples(words: list[str]) -> tuple[str, ...]:
    return tuple(word.strip(SYMBOLS) for word in words[:3])


def _fewest(explained: list[frozenset[str]]) -> int:
    """How many languages explain all words, about: the commonest first."""
    rest, number = explained, 0
    while rest:
        counts: dict[str, int] = {}
        for languages in rest:
            for language in languages:
                counts[language] = counts.get(language, 0) + 1
        best = max(counts, key=counts.__getitem__)
        rest = [languages for languages in rest if best not in languages]
        number += 1
    return number


@cache
def _languages(word: str, among: tuple[str, ...]) -> frozenset[str] | None:
    """The languages that a word may be of; None where it has no foreign letter."""
    core = word.strip(SYMBOLS)
    if core.isascii():
        return None
    parts = [part for part in re.split(r"[\d\s]+|[^\w]", "".join(" " if c in WITHIN else c for c in core)) if part]
    strange = [c for c in core if not c.isascii() and not c.isalpha() and c not in WITHIN and c not in "²³½¼¾"]
    strange += re.findall(r"[^\W\d]{2}[°º]|[°º][^\W\d]", core)
    if strange or not all(map(_well_formed, parts)):
        return frozenset()
    letters = {c for part in parts for c in part.lower() if not c.isascii()} - {"º", "ª"}
    return frozenset(language for language in among if letters <= set(ALPHABETS[language]))


def _well_formed(part: str) -> bool:
    """Whether capitals stand where they do in words, and a letter with a mark beside a vowel or as one."""
    upper = part.isupper()
    for at, letter in enumerate(part):
        if letter.isascii():
            continue
        if letter.isupper() and not upper and at and part[at - 1].islower():
            return False
        if letter.islower() and letter not in "ßºª" and at > 1 and part[:at].isupper() and part[at + 1 : at + 2].isupper():
            return False
        neighbours = set(part[max(0, at - 1) : at + 2].lower()) - {letter.lower()}
        if letter.lower() in LONELY_CONSONANTS and not neighbours & VOWELS:
            return False
        if letter.lower() == "ń" and part[at + 1 : at + 2].lower() in VOWELS and at + 1 < len(part):
            return False  # before a vowel the Poles write ni
        if letter.lower() == "œ" and at + 1 == len(part):
            return False
    foreign = re.findall(r"[^\x00-\x7f]+", part)
    return max(map(len, foreign), default=0) <= MOST_IN_A_ROW and sum(map(len, foreign)) <= max(1, MOST_FOREIGN * len(part))


def _script(encoding: str, text: str, words: list[str], named: int) -> Decoding | None:
    """Words wholly of one script, capitals in front or throughout."""
    script = SCRIPTS[encoding]
    parts = [part for word in words for part in re.findall(r"[^\W\d_]+", word) if not part.isascii()]
    good = [part for part in parts if _is_of(part, script)]
    symbols = [word for word in words if re.search(r"[^\W\d_][^\w\s'’.&/()«»\"№,:;-]+[^\W\d_]", word)]
    if len(good) < ENOUGH * len(parts) or max(map(len, good), default=0) < SHORTEST or len(symbols) > len(words) * (1 - ENOUGH):
        return None
    letters = "".join(good).lower()
    if script == "CYRILLIC" and sum(letter in COMMON_RUSSIAN for letter in letters) < ENOUGH * len(letters):
        return None
    return Decoding(encoding, len(good) + WORDS * bool(named), 1, tuple(good[:3]), text)


def _is_of(part: str, script: str) -> bool:
    same = all(unicodedata.name(letter, "").startswith(script) for letter in part)
    spoken = script != "CYRILLIC" or len(part) < SHORTEST or bool(set(part.lower()) & RUSSIAN_VOWELS)
    return same and spoken and (part.isupper() or part[1:] == part[1:].lower())
