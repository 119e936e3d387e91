"""How is what runs again by itself (a dialog, what the clock draws) kept from showing more than somebody may see by then?"""

from collections.abc import Callable
from functools import wraps
from typing import Literal, ParamSpec, TypeAlias

import streamlit as st

from pages.ui.shared import session

Asked = ParamSpec("Asked")
Width: TypeAlias = Literal["small", "medium", "large"]


def of_person(
    title: str, *, icon: str | None = None, width: Width = "small"
) -> Callable[[Callable[Asked, None]], Callable[Asked, None]]:
    """As `st.dialog`, for whoever opens it, as they are then.

    A dialog runs again by itself, over what the run that opened it has handed to it. Where the role or the reach is another one
    since, the whole screen is drawn anew instead.
    """

    def decorated(draw: Callable[Asked, None]) -> Callable[Asked, None]:
        @wraps(draw)
        def opened(*args: Asked.args, **kwargs: Asked.kwargs) -> None:
            as_now = for_person(lambda: draw(*args, **kwargs))
            st.dialog(title, icon=icon, width=width)(wraps(draw)(as_now))()

        return opened

    return decorated


def by_the_clock(draw: Callable[[], None], every: float) -> None:
    """Draws now, and again every so many seconds, for whoever looks, as they are now; the same holds for it as for a dialog."""
    st.fragment(for_person(draw), run_every=every)()


def for_person(draw: Callable[[], None]) -> Callable[[], None]:
    """`draw` for who looks now; where they are somebody else by then, or may do or see other things, the whole screen anew."""
    opener = session.person()

    def drawn() -> None:
        if session.person() != opener:
            st.rerun()
        draw()

    return drawn
