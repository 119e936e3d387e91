"""Who may act, and whom may they see?"""

import pytest

from insights.access import CAPABILITIES, EVERYTHING, Capability, Person, Reach, Role, laptop, require
from insights.ledger.errors import Refused


@pytest.mark.parametrize("role", Role)
def test_what_the_table_does_not_hold_is_refused(role: Role) -> None:
    for capability in Capability:
        if capability in CAPABILITIES[role]:
            require(Person("Ann", role), capability)
        else:
            with pytest.raises(Refused) as refused:
                require(Person("Ann", role), capability)
            assert refused.value.code == "not_allowed"


def test_a_refusal_says_whom_to_ask() -> None:
    with pytest.raises(Refused, match=r"^A manager may not publish models\. Ask a power user or an administrator\.$"):
        require(Person("Ann", Role.MANAGER), Capability.PUBLISH)
    with pytest.raises(
        Refused, match=r"^An agent may not look at cash, ageing and figures\. Ask a manager or a power user or an"
    ):
        require(Person("Ann", Role.AGENT), Capability.OVERSEE)


def test_whoever_sits_at_a_laptop_may_do_and_see_everything() -> None:
    person = laptop("ann")
    assert all(person.may(capability) for capability in Capability)
    assert person.reach.everything
    assert person.user_id is None


def test_a_reach_is_kept_as_it_was() -> None:
    limited = Reach(frozenset({"Nord", ""}))
    assert Reach.from_json(limited.to_json()) == limited
    assert Reach.from_json(EVERYTHING.to_json()) == EVERYTHING
    assert Reach.from_json(Reach(frozenset()).to_json()) == Reach(frozenset())
    assert not Reach(frozenset()).everything, "nobody is not everybody"


def test_a_limit_that_is_not_known_is_never_left_out() -> None:
    with pytest.raises(KeyError):
        Reach.from_json({"owners": ["Ann"]})
