"""How is a dialog opened that shows nothing to whoever may no more?"""

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
            opener = session.person()

            @st.dialog(title, icon=icon, width=width)
            @wraps(draw)
            def drawn() -> None:
                if session.person() != opener:
                    st.rerun()
                draw(*args, **kwargs)

            drawn()

        return opened

    return decorated
