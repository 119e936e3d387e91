"""Can an administrator let people in, limit them, and put them out, with each of it on record?"""

import pytest
from streamlit.testing.v1 import AppTest

from insights.access import EVERYTHING, NOBODY, Person, Reach, Role
from insights.services import sign_in, users
from insights.services.ledgers import commit
from insights.services.sign_in import Whence
from insights.store import audit
from insights.store.records import User
from insights.store.store import Store
from pages.ui.shared import session
from tests.support.screens import click, lists, said, screen, standing
from tests.support.workspaces import ME, small_ledger

LONG = "seven green boats in May"


@pytest.fixture
def root(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> User:
    """The administrator who is signed in."""
    commit(workspace, small_ledger(), actor=ME)
    user = users.add_with_password(workspace, "Root", Role.ADMINISTRATOR, LONG, actor=ME)
    person = Person(user.name, user.role, user.reach, user.id, address="10.0.0.7")
    monkeypatch.setattr(session, "person", lambda: person)
    return user


@pytest.fixture
def ada(workspace: Store, root: User) -> User:
    return users.add_with_password(workspace, "Ada", Role.AGENT, LONG, actor=ME)


def opened(user: User) -> AppTest:
    return screen("users", user=user.id)


def newest(store: Store) -> tuple[str, str, object, object]:
    record = audit.listed(store)[0]
    return record.tag, record.actor, dict(record.before), dict(record.details)


def the_link(app: AppTest) -> str:
    return str(app.code[0].value) if app.code else ""


@pytest.mark.slow
def test_somebody_is_let_in_by_a_link_that_is_shown_once(workspace: Store, root: User) -> None:
    app = opened(root)
    next(each for each in app.text_input if each.label == "Name").set_value("Bo <b>")
    app = standing(click(app, "Let in"))
    assert the_link(app).startswith("http://127.0.0.1:8501/invitation?link=")
    secret = the_link(app).partition("link=")[2]
    assert not the_link(standing(app.run())), "shown this once"
    assert users.accept(workspace, secret, LONG).name == "Bo <b>"
    records = [record for record in audit.listed(workspace) if record.action in ("user.add", "user.invite")][:2]
    assert {(record.tag, record.actor, record.address) for record in records} == {
        ("screen:user:add", "Root", "10.0.0.7"),
        ("screen:user:invite", "Root", "10.0.0.7"),
    }
    assert secret not in str([record.details for record in audit.listed(workspace)])


@pytest.mark.slow
def test_role_and_reach_are_changed_in_one_go_and_on_record(workspace: Store, ada: User) -> None:
    app = opened(ada)
    next(each for each in app.selectbox if each.key == f"role-{ada.id}").set_value(Role.MANAGER)
    companies = next(each for each in app.multiselect if each.label == "Companies")
    assert companies.options == ["north", "south"]
    companies.set_value(["south"])
    app = standing(click(app, "Save"))
    now = users.named(workspace, "Ada")
    assert (now.role, now.reach) == (Role.MANAGER, Reach(frozenset({"south"})))
    tag, actor, before, after = newest(workspace)
    assert (tag, actor) == ("screen:user:change", "Root")
    assert before == {"role": "agent", "reach": None, "disabled": False}
    assert after == {"name": "Ada", "role": "manager", "reach": {"companies": ["south"]}, "disabled": False}
    row = next(row for group in lists(app)[0]["groups"] for row in group["rows"] if row["key"] == ada.id)
    assert (row["cells"]["role"], row["cells"]["reach"]) == ("manager", "the customers of south")


@pytest.mark.slow
def test_a_reset_takes_the_password_signs_out_and_gives_a_link(workspace: Store, ada: User) -> None:
    secret = sign_in.begin(workspace, ada, "password", Whence("192.0.2.7"))
    app = standing(click(opened(ada), "Reset the password"))
    assert sign_in.of_browser(workspace, secret) is None
    assert not users.named(workspace, "Ada").has_password
    users.accept(workspace, the_link(app).partition("link=")[2], "another long sentence of mine")
    assert users.named(workspace, "Ada").has_password


@pytest.mark.slow
def test_somebody_is_put_out_and_let_in_again(workspace: Store, ada: User) -> None:
    secret = sign_in.begin(workspace, ada, "password", Whence("192.0.2.7"))
    app = standing(click(opened(ada), "Sign out everywhere"))
    assert sign_in.of_browser(workspace, secret) is None
    assert newest(workspace)[0] == "screen:session:end_all"
    app = click(app, "Let in no more")
    assert not users.named(workspace, "Ada").disabled, "asked first"
    next(each for each in app.button if each.key == "disable_for_good").click()
    app = standing(app.run())
    assert users.named(workspace, "Ada").disabled
    standing(click(opened(ada), "Let in again"))
    assert not users.named(workspace, "Ada").disabled


@pytest.mark.slow
def test_of_oneself_there_are_no_ways_out_and_the_last_administrator_stays(workspace: Store, root: User) -> None:
    app = opened(root)
    assert not {each.label for each in app.button} & {"Reset the password", "Sign out everywhere", "Let in no more"}
    next(each for each in app.selectbox if each.key == f"role-{root.id}").set_value(Role.AGENT)
    assert "make somebody else an administrator first" in said(click(app, "Save"))
    assert users.named(workspace, "Root").role is Role.ADMINISTRATOR


@pytest.mark.slow
def test_who_sees_nobody_is_said(workspace: Store, ada: User) -> None:
    users.give_reach(workspace, ada, NOBODY, actor=ME)
    assert "Sees nobody" in said(opened(ada))


@pytest.mark.slow
def test_a_limit_that_names_nobody_stays_when_another_thing_is_saved_until_it_is_lifted(workspace: Store, ada: User) -> None:
    users.give_reach(workspace, ada, NOBODY, actor=ME)
    app = opened(ada)
    next(each for each in app.selectbox if each.key == f"role-{ada.id}").set_value(Role.MANAGER)
    app = standing(click(app, "Save"))
    now = users.named(workspace, "Ada")
    assert (now.role, now.reach) == (Role.MANAGER, NOBODY)
    next(each for each in app.checkbox if each.key == f"lift-{ada.id}").check()
    standing(click(app, "Save"))
    assert users.named(workspace, "Ada").reach == EVERYTHING


@pytest.mark.slow
def test_a_limit_that_is_chosen_takes_the_place_of_one_that_names_nobody(workspace: Store, ada: User) -> None:
    users.give_reach(workspace, ada, NOBODY, actor=ME)
    app = opened(ada)
    next(each for each in app.multiselect if each.label == "Companies").set_value(["south"])
    standing(click(app, "Save"))
    assert users.named(workspace, "Ada").reach == Reach(frozenset({"south"}))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["oidc", "proxy"])
def test_where_others_sign_people_in_there_are_no_links(
    workspace: Store, ada: User, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("INSIGHTS_SIGN_IN", mode)
    monkeypatch.setenv("INSIGHTS_OIDC_ISSUER", "https://id.example.com")
    app = opened(ada)
    assert "Reset the password" not in {each.label for each in app.button}
    next(each for each in app.text_input if each.label == "Name").set_value("Bo")
    if mode == "oidc":
        assert "Say how the provider calls them." in [each.value for each in click(app, "Let in").warning]
        next(each for each in app.text_input if each.label == "Subject").set_value("00u1ab2")
    app = standing(click(app, "Let in"))
    assert not app.code
    subject = users.named(workspace, "Bo").subject
    assert subject == ("00u1ab2" if mode == "oidc" else None)
