"""What is said while files are read, or wait to be read?"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from insights import messages
from insights.sandbox.limits import Heard
from pages.ui.shared import format as fmt

AT_ONCE = 2  # seconds for which nothing is said but the name


@contextmanager
def reads(names: Sequence[str]) -> Iterator[Heard]:
    """Draws that files of these names are read, until the context ends; whoever reads them tells how many go before.

    What is drawn meanwhile is also where Streamlit ends a script whose tab was closed or left, and with it the reading.
    """
    begun = time.monotonic()
    with st.spinner(f"Reading {messages.plain(' + '.join(names))} …"):
        line = st.empty()

        def heard(ahead: int) -> None:
            seconds = int(time.monotonic() - begun)
            if ahead == 1:
                line.text("Another file is being read; yours is next.")
            elif ahead:
                line.text(f"Other files are being read; {fmt.count(ahead)} go before yours.")
            elif seconds >= AT_ONCE:
                line.text(f"For {fmt.count(seconds, 'second')}.")
            else:
                line.empty()

        try:
            yield heard
        finally:
            line.empty()
