"""How does text from a file stand among words that are Markdown, so that nothing in it is taken for markup?"""

import re

SIGNS = re.compile(r"[\\`*_{}\[\]()#+!|<>$:&~^]")  # of markup, of formulas, and of Streamlit's own colours and icons
BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")  # a line of its own could begin a heading, a list, a block of code
# Bare addresses become links, and `:home:` a picture, whatever is escaped in them; a sign of no width, which joins what it
# parts, keeps them text.
ADDRESSES = re.compile(r"(?i)(:)(?=[\w/])|(www)(?=\.)|(@)(?=\w)")
JOINER = "\u2060"


def plain(text: str) -> str:
    """The text as Markdown that shows it letter by letter, on one line: no markup, no image, no link, no address to click."""
    parted = ADDRESSES.sub(rf"\g<0>{JOINER}", BREAKS.sub(" ", text))
    return SIGNS.sub(r"\\\g<0>", parted)
