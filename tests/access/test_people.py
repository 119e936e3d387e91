"""Who may act, and whom may they see?"""

import json

import pytest

from insights.access import CAPABILITIES, EVERYTHING, NOBODY, Capability, Person, Reach, Role, laptop, require
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
    of_all_kinds = Reach(frozenset({"Nord"}), frozenset({("segment", "Key"), ("region", "")}), frozenset({"Ann"}))
    assert Reach.from_json(json.loads(json.dumps(of_all_kinds.to_json()))) == of_all_kinds
    assert not Reach(frozenset()).everything, "nobody is not everybody"


@pytest.mark.parametrize(
    "kept",
    [
        {"regions": ["North"]},  # of a later version, or of nobody's
        {"companies": ["North"], "regions": ["North"]},
        {"companies": "North"},
        {"companies": None},
        {"owners": [1]},
        {"groups": ["segment"]},
        {"groups": ["ab"]},  # two letters are no column and value
        {"groups": [["segment"]]},
        {"groups": [["segment", "a", "b"]]},
        {"groups": {"segment": "a"}},
        [],
        None,
        "everything",
    ],
)
def test_a_limit_that_cannot_be_read_lets_nobody_be_seen(kept: object) -> None:
    reach = Reach.from_json(kept)  # type: ignore[arg-type]
    assert reach == NOBODY
    assert not reach.everything
    assert not reach.has("North")


def test_a_reach_is_said_in_words() -> None:
    assert EVERYTHING.words == "all customers"
    assert Reach(frozenset({"North", "East"})).words == "the customers of East or North"
    several = Reach(frozenset({""}), frozenset({("segment", "Key")}), frozenset({"Ann"}))
    assert several.words == "the customers of no company, in the group segment: Key, of the owner Ann"
    assert Reach(owners=frozenset({"Ann"})).words == "the customers of the owner Ann"
    assert NOBODY.words == "the customers of nobody"
