"""Is text from a file shown letter by letter where Markdown is known?"""

import re

import pytest

from insights.messages import plain
from insights.messages.plain import JOINER
from tests.support.payloads import PAYLOADS


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_it_is_markup_or_an_address(payload: str) -> None:
    """Every sign of markup stands behind a backslash; `://`, `www.` and `@` are parted by a sign of no width."""
    text = plain(payload)
    assert not re.search(r"(?<!\\)(\\\\)*[`*_{}\[\]()#+!|<>$:&~^]", text)
    assert not re.search(r"(?i)://|www\.|@\w|[\n\r\u2028]", text)
    assert re.sub(r"\\(.)", r"\1", text).replace(JOINER, "") == re.sub(r"[\s\u2028]+", " ", payload)


def test_there_are_sixty_of_them() -> None:
    assert len(set(PAYLOADS)) == 60


def test_words_stay_words() -> None:
    assert plain("Müller & Söhne, 5.3 % - net 30") == r"Müller \& Söhne, 5.3 % - net 30"
