"""What runs outside the web process, how far is it, and what came of it? Started by `insights.services.background`.

queue    rows that wait, run or have ended
worker   the process that does them
"""

from insights.jobs.queue import job, jobs, remaining, standing
from insights.jobs.schedule import attend
from insights.jobs.wakeup import ensure_worker

__all__ = ["attend", "ensure_worker", "job", "jobs", "remaining", "standing"]
