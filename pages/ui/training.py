"""How far is a training job? Its progress on a screen, polled, while every screen stays usable."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from insights.jobs import Job
from insights.ledger import Ledger


def offer(ledger: Ledger, as_of: date) -> None:
    """Says that no model qualifies for the as-of date, and offers "Train as of this date" with its progress."""
    raise NotImplementedError


def progress(job_id: str, done: Callable[[Job], None]) -> None:
    """A job's stage and share, polled twice a second in a fragment with a Cancel button; a failure as its sentence.

    Calls `done(job)` once when the job has succeeded (it may publish, then `session.go` or `st.rerun`).
    """
    raise NotImplementedError
