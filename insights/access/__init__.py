"""Who may do what, and see whom? A person has one role, and a reach; one table says what each role can do.

capabilities   what can be done, and by which roles: the one table
people         a person, its reach, and the refusal of whoever may not

Services ask (`require`) before they change or export anything; screens only hide what would be refused.
"""

from insights.access.capabilities import CAPABILITIES, Capability, Role
from insights.access.people import (
    EVERYTHING,
    JOB_ACTOR,
    NOBODY,
    Person,
    Reach,
    laptop,
    of_job,
    queued_by,
    require,
    require_everything,
)

__all__ = [
    "CAPABILITIES",
    "EVERYTHING",
    "JOB_ACTOR",
    "NOBODY",
    "Capability",
    "Person",
    "Reach",
    "Role",
    "laptop",
    "of_job",
    "queued_by",
    "require",
    "require_everything",
]
