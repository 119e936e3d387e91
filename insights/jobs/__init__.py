"""What runs outside the web process, how far is it, and what came of it?"""

from insights.jobs.queue import (
    cancel,
    ensure_worker,
    job,
    jobs,
    remaining,
    start_backtest,
    start_check,
    start_comparison,
    start_rescoring,
    start_training,
    wake,
)
from insights.jobs.schedule import attend

__all__ = [
    "attend",
    "cancel",
    "ensure_worker",
    "job",
    "jobs",
    "remaining",
    "start_backtest",
    "start_check",
    "start_comparison",
    "start_rescoring",
    "start_training",
    "wake",
]
