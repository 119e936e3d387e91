"""Does everybody see an overview that is theirs to see?"""

from insights.access import Person, Role
from insights.services import overviews
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.workspaces import ME


def test_without_a_choice_it_is_that_of_the_role(workspace: Store) -> None:
    shown = [overviews.overview_of(workspace, Person("Ann", role)) for role in Role]
    assert shown == [Role.AGENT, Role.MANAGER, Role.POWER_USER, Role.AGENT]


def test_what_somebody_may_not_see_is_neither_offered_nor_chosen(workspace: Store) -> None:
    agent = Person("Ann", Role.AGENT)
    assert overviews.offered(agent) == (Role.AGENT,)
    assert refusal(overviews.choose, workspace, Role.MANAGER, actor=agent) == "not_allowed"
    assert refusal(overviews.choose, workspace, "auditor", actor=ME) == "no_such_role"


def test_a_choice_ends_with_the_role_that_allowed_it(workspace: Store) -> None:
    overviews.choose(workspace, Role.MANAGER, actor=Person("Ann", Role.POWER_USER))
    assert overviews.overview_of(workspace, Person("Ann", Role.POWER_USER)) == Role.MANAGER
    assert overviews.overview_of(workspace, Person("Ann", Role.AGENT)) == Role.AGENT
