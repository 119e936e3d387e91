"""What runs outside the web process, how far is it, and what came of it? Started by `insights.services.background`."""

from insights.jobs.queue import job, jobs, remaining
from insights.jobs.schedule import attend
from insights.jobs.wakeup import ensure

__all__ = ["attend", "ensure", "job", "jobs", "remaining"]
