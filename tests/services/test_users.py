"""Who may sign in, and by what?"""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from insights.access import EVERYTHING, Reach, Role
from insights.ledger.errors import Refused
from insights.services import users
from insights.store import audit
from insights.store import users as kept
from insights.store.store import Store
from insights.store.tables import now
from tests.support.processes import refusal
from tests.support.workspaces import ME

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = "seven green boats in May"


def test_a_user_has_a_role_and_by_default_sees_everything(workspace: Store) -> None:
    ada = users.add(workspace, " Ada  Lovelace ", Role.MANAGER, actor=ME)
    assert (ada.name, ada.role, ada.reach, ada.disabled, ada.has_password) == (
        "Ada Lovelace",
        Role.MANAGER,
        EVERYTHING,
        False,
        False,
    )
    assert users.everybody(workspace, actor=ME) == [ada]


def test_a_reach_is_kept_as_it_was_given(workspace: Store) -> None:
    reach = Reach(companies=frozenset({"North", ""}))
    users.add(workspace, "ada", Role.AGENT, reach, actor=ME)
    assert users.named(workspace, "ada").reach == reach


@pytest.mark.parametrize("again", ["ada", "ADA", " Ada ", "\uff21\uff24\uff21"])
def test_a_name_is_taken_however_it_is_written(workspace: Store, again: str) -> None:
    users.add(workspace, "Ada", Role.AGENT, actor=ME)
    with pytest.raises(Refused, match="already"):
        users.add(workspace, again, Role.AGENT, actor=ME)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b", "a\u202eb"])
def test_a_name_is_short_and_can_be_read(workspace: Store, name: str) -> None:
    with pytest.raises(Refused, match="at most 80"):
        users.add(workspace, name, Role.AGENT, actor=ME)


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaa", "x" * 2000])
def test_a_password_that_is_easy_to_guess_is_refused_and_nobody_is_added(workspace: Store, password: str) -> None:
    with pytest.raises(Refused):
        users.add_with_password(workspace, "ada", Role.AGENT, password, actor=ME)
    assert users.everybody(workspace, actor=ME) == []


def test_passwords_are_kept_by_argon2_alone(workspace: Store) -> None:
    ada = users.add_with_password(workspace, "ada", Role.AGENT, LONG, actor=ME)
    assert ada.has_password
    assert kept.password_hash(workspace, ada.id).startswith("$argon2id$")
    held = [path.read_bytes() for path in workspace.home.rglob("*") if path.is_file()]
    assert not [each for each in held if LONG.encode() in each]


def test_an_invitation_sets_a_password_once(workspace: Store) -> None:
    ada = users.add(workspace, "ada", Role.AGENT, actor=ME)
    link = users.invite(workspace, ada, actor=ME)
    held = [path.read_bytes() for path in workspace.home.rglob("*") if path.is_file()]
    assert not [each for each in held if link.encode() in each]
    assert users.accept(workspace, link, LONG).name == "ada"
    with pytest.raises(Refused, match="used already"):
        users.accept(workspace, link, "another long sentence")


def test_an_easy_password_leaves_the_invitation_open(workspace: Store) -> None:
    link = users.invite(workspace, users.add(workspace, "ada", Role.AGENT, actor=ME), actor=ME)
    with pytest.raises(Refused, match="12"):
        users.accept(workspace, link, "short")
    assert users.accept(workspace, link, LONG).name == "ada"


def test_a_newer_invitation_takes_the_place_of_an_older_one(workspace: Store) -> None:
    ada = users.add(workspace, "ada", Role.AGENT, actor=ME)
    older, newer = (users.invite(workspace, ada, actor=ME) for _ in range(2))
    with pytest.raises(Refused):
        users.invited(workspace, older)
    assert users.invited(workspace, newer) == ada


def test_an_invitation_expires_after_three_days(workspace: Store) -> None:
    ada = users.add(workspace, "ada", Role.AGENT, actor=ME)
    link = users.invite(workspace, ada, actor=ME)
    assert kept.invited(workspace, link, at=now() + timedelta(days=2, hours=23)) == ada
    with pytest.raises(Refused, match="too old"):
        kept.invited(workspace, link, at=now() + timedelta(days=3, seconds=1))


@pytest.mark.parametrize("guess", ["", "x", "A" * 43])
def test_a_link_that_never_was_is_refused(workspace: Store, guess: str) -> None:
    users.invite(workspace, users.add(workspace, "ada", Role.AGENT, actor=ME), actor=ME)
    with pytest.raises(Refused):
        users.accept(workspace, guess, LONG)


def test_disabling_closes_open_links(workspace: Store) -> None:
    ada = users.add(workspace, "ada", Role.AGENT, actor=ME)
    link = users.invite(workspace, ada, actor=ME)
    users.disable(workspace, ada, actor=ME)
    with pytest.raises(Refused):
        users.accept(workspace, link, LONG)
    with pytest.raises(Refused, match="enable"):
        users.invite(workspace, ada, actor=ME)


def test_the_last_administrator_stays(workspace: Store) -> None:
    ada, bob = (users.add(workspace, name, Role.ADMINISTRATOR, actor=ME) for name in ("ada", "bob"))
    users.disable(workspace, bob, actor=ME)
    with pytest.raises(Refused, match="Nobody else"):
        users.disable(workspace, ada, actor=ME)
    with pytest.raises(Refused, match="Nobody else"):
        users.give_role(workspace, ada, Role.AGENT, actor=ME)
    assert users.named(workspace, "ada").role is Role.ADMINISTRATOR
    users.enable(workspace, bob, actor=ME)
    assert users.give_role(workspace, ada, Role.AGENT, actor=ME).role is Role.AGENT


@pytest.mark.slow
def test_what_is_done_to_users_is_on_record_without_a_secret(workspace: Store) -> None:
    ada = users.add_with_password(workspace, "ada", Role.AGENT, LONG, actor=ME)
    users.give_role(workspace, ada, Role.MANAGER, actor=ME)
    users.disable(workspace, ada, actor=ME)
    records = audit.listed(workspace, ada.id)
    assert [each.action for each in records] == ["user.change", "user.change", "user.password", "user.add"]
    assert records[1].before == {"role": "agent", "reach": None, "disabled": False}
    assert records[1].details == {"name": "ada", "role": "manager", "reach": None, "disabled": False}
    assert {each.actor for each in records} == {ME.name}
    assert "argon2" not in str(records)


def test_one_subject_of_an_issuer_is_one_user(workspace: Store) -> None:
    users.add(workspace, "ada", Role.AGENT, subject=("https://id.example", "7"), actor=ME)
    with pytest.raises(Refused, match="Somebody else"):
        users.add(workspace, "bob", Role.AGENT, subject=("https://id.example", "7"), actor=ME)
    assert users.add(workspace, "cy", Role.AGENT, subject=("https://other.example", "7"), actor=ME).subject == "7"


def test_only_an_administrator_lets_people_in_and_changes_them(workspace: Store) -> None:
    ada = users.add_with_password(workspace, "ada", Role.POWER_USER, LONG, actor=ME)
    me = users.person_of(ada)
    refused: list[Callable[[], object]] = [
        lambda: users.add(workspace, "bob", Role.AGENT, actor=me),
        lambda: users.invite(workspace, ada, actor=me),
        lambda: users.disable(workspace, ada, actor=me),
        lambda: users.enable(workspace, ada, actor=me),
        lambda: users.give_reach(workspace, ada, EVERYTHING, actor=me),
        lambda: users.give_role(workspace, ada, Role.ADMINISTRATOR, actor=me),
        lambda: users.reset(workspace, users.add(workspace, "cy", Role.AGENT, actor=ME), LONG, actor=me),
    ]
    for each in refused:
        with pytest.raises(Refused, match="may not let people in"):
            each()
    users.reset(workspace, ada, "another long sentence", actor=me)


def test_the_last_who_may_see_and_do_everything_is_not_limited(workspace: Store) -> None:
    """An administrator of one company lets nobody in: one with all companies has to be left."""
    ada, bo = (users.add(workspace, name, Role.ADMINISTRATOR, actor=ME) for name in ("ada", "bo"))
    users.give_reach(workspace, ada, Reach(frozenset({"south"})), actor=ME)
    assert refusal(users.give_reach, workspace, bo, Reach(frozenset({"north"})), actor=ME) == "last_administrator"
    assert refusal(users.disable, workspace, bo, actor=ME) == "last_administrator"
