"""Which pieces do several screens share? Titles, empty states, flags, refusals; each draws, none computes.

Names and ids from a ledger are hostile: they go through `data_title`, `st.text`, a grid or `messages.plain`.
"""

import html
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from insights import messages
from insights.ledger.errors import Refused
from insights.services import failures

HEADING = "font-size:1.7rem;font-weight:650;line-height:1.2;padding:0;margin:0"
LOGO = str(Path(__file__).with_name("logo.svg"))
STILL = {"displayModeBar": False, "staticPlot": False}  # charts without a toolbar
FLAGGED, CLEAR = "flagged", "not flagged"  # the words beside the circle


class Step(NamedTuple):
    """A next step that an empty state offers: a page of `pages/` to go to."""

    label: str
    page: str  # as st.switch_page wants it: "start.py"
    icon: str = ""  # ":material/upload:"


@cache
def circle(*, flagged: bool) -> str:
    """The image of a flag, as a data URL for ImageColumn or st.image: a filled red disc, or an empty ring.

    A grid has no other words for an image than its address, so that begins with `flagged=yes` or `flagged=no`.
    """
    svg = Path(__file__).with_name("flagged.svg" if flagged else "clear.svg").read_bytes()
    return f"data:image/svg+xml;flagged={'yes' if flagged else 'no'};base64,{b64encode(svg).decode()}"


def flag_word(*, flagged: bool) -> str:
    """The word beside the circle, so that colour is never alone."""
    return FLAGGED if flagged else CLEAR


def title(words: str, caption: str = "") -> None:
    """The page's heading, in our own words (never data)."""
    st.title(words, anchor=False)
    if caption:
        st.caption(caption)


def data_title(data: str, caption: str = "") -> None:
    """A heading and a line below it that come from a ledger: shown letter by letter, nothing in them is interpreted."""
    st.html(f'<h1 style="{HEADING}">{html.escape(data)}</h1>')
    if caption:
        st.text(caption)


def confirm(label: str, act: Callable[..., None], args: tuple[object, ...], keep: str, *, key: str) -> None:
    """The two buttons of a dialog that asks before something is deleted: do it by a callback, or leave it."""
    with st.container(horizontal=True):
        if st.button(label, type="primary", key=key, on_click=act, args=args):
            st.rerun()
        if st.button(keep, key=f"keep_{key}"):
            st.rerun()


def data_heading(data: str) -> None:
    """As `data_title`, for a section."""
    st.html(f'<h2 style="{HEADING.replace("1.7", "1.1")}">{html.escape(data)}</h2>')


def facts(pairs: Mapping[str, str]) -> None:
    """Names and values below each other; values may be data."""
    rows = "".join(
        f'<tr><td style="opacity:0.7;padding:3px 16px 3px 0;vertical-align:top;white-space:nowrap">{html.escape(name)}</td>'
        f'<td style="padding:3px 0;text-align:right;font-variant-numeric:tabular-nums">{html.escape(value)}</td></tr>'
        for name, value in pairs.items()
    )
    st.html(f'<table style="width:100%;border-collapse:collapse">{rows}</table>')


def empty_state(heading: str, sentence: str, *steps: Step, icon: str = ":material/inbox:") -> None:
    """What is missing, why, and what to do next; the page decides whether to stop."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.header(f"{icon} {heading}", anchor=False, text_alignment="center")
        st.text(sentence, text_alignment="center")
        with st.container(horizontal=True, horizontal_alignment="center"):
            for at, step in enumerate(steps):
                key = f"step_{step.page}_{step.label}"
                if st.button(step.label, key=key, icon=step.icon or None, type="secondary" if at else "primary"):
                    st.switch_page(step.page)
        st.space("small")


def refusal(refused: Refused) -> None:
    """A refusal as its sentence."""
    with st.container(border=True):
        st.markdown(":orange[:material/info:] **This cannot be done as asked**")
        st.text(str(refused))


def failure(error: Exception) -> None:
    """What failed, as a sentence with an id; the workspace's log has by that id where it happened."""
    st.error(messages.plain(failures.sentence(error)[0]), icon=":material/error:")


@contextmanager
def refusals() -> Iterator[None]:
    """Shows what is refused inside, or fails because of the disk or the database, as a sentence.

    The frame wraps every page in it, so that pages need no `try`.
    """
    try:
        yield
    except Refused as refused:
        refusal(refused)
    except failures.FROM_OUTSIDE as error:
        failure(error)


def script_error(error: Exception) -> bool:
    """For errors outside the frame's `refusals` (callbacks, fragments), and mistakes of ours: a sentence, never a traceback."""
    if isinstance(error, Refused):
        refusal(error)
    else:
        failure(error)
    return True
