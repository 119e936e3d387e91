"""Which role may do what?"""

import pytest

from insights.access import CAPABILITIES, Capability, Role
from insights.access.capabilities import DEEDS

MATRIX = {  # one row a capability: agent, manager, power user, administrator
    Capability.SEE: "yyyy",
    Capability.AGREE: "yyyy",
    Capability.EXPORT: "yyyy",
    Capability.OVERSEE: "-yyy",
    Capability.JUDGE: "-yyy",
    Capability.PLAN: "-yyy",
    Capability.IMPORT: "--yy",
    Capability.DELETE: "--yy",
    Capability.TRAIN: "--yy",
    Capability.PUBLISH: "--yy",
    Capability.AUDIT: "--yy",
    Capability.OPERATE: "---y",
    Capability.PEOPLE: "---y",
}


def test_the_table_is_what_is_written_here() -> None:
    assert {each: "".join("y" if each in CAPABILITIES[role] else "-" for role in Role) for each in Capability} == MATRIX


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CAPABILITIES[Role.AGENT] = frozenset(Capability)  # type: ignore[index]


def test_every_capability_can_be_said() -> None:
    assert set(DEEDS) == set(Capability)
