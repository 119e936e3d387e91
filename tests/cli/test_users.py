"""Can an administrator be made, and everybody let in and out, by commands; and is no password ever an argument?"""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from insights.access import EVERYTHING, Reach
from insights.cli import app
from insights.services import sign_in, users
from insights.services.sign_in import Whence
from insights.store import audit
from insights.store.store import Store
from tests.support.commands import Run, document
from tests.support.workspaces import opened

LONG = "seven green boats in May"


@pytest.fixture
def run(tmp_path: Path, at: Callable[[Path], Run]) -> Run:
    opened(tmp_path / "home")
    return at(tmp_path / "home")


def say(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line))


@pytest.mark.slow
def test_an_administrator_is_made_with_a_password_from_stdin(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, LONG + "\n")
    code, out, _ = run("user", "add", "Ada", "--role", "administrator")
    assert (code, out.strip()) == (0, "Ada may sign in, as administrator.")
    assert sign_in.by_password(Store.open(tmp_path / "home"), "ada", LONG, Whence("127.0.0.1"))


@pytest.mark.slow
def test_an_easy_password_is_refused_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, "short\n")
    code, _, err = run("user", "add", "Ada")
    assert (code, err.strip()) == (1, "A password has at least 12 characters, and at most 1024.")


def test_an_invitation_is_a_link(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_ADDRESS", "https://insights.example.com/")
    code, out, _ = run("user", "add", "Ada", "--invite", "--json")
    link = document(out)["link"]
    assert code == 0
    assert link.startswith("https://insights.example.com/invitation?link=")
    assert users.accept(Store.open(tmp_path / "home"), link.partition("=")[2], LONG).name == "Ada"
    assert document(run("user", "invite", "ada", "--json")[1])["link"] != link


def test_a_reset_a_role_and_the_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("user", "add", "Ada", "--invite")
    say(monkeypatch, LONG + "\n")
    assert run("user", "reset", "ada")[0] == 0
    assert run("user", "role", "ada", "manager")[1].strip() == "Ada is here as manager."
    (ada,) = document(run("user", "list", "--json")[1])["users"]
    assert (ada["name"], ada["role"], ada["has_password"], ada["disabled"]) == ("Ada", "manager", True, False)
    assert "Ada   manager  all customers  by a password" in run("user", "list")[1]


def test_whoever_is_disabled_is_listed_so(run: Run) -> None:
    run("user", "add", "Ada", "--invite")
    assert run("user", "disable", "ada")[1].strip() == "Ada may sign in no more."
    assert "no more" in run("user", "list")[1]
    assert run("user", "enable", "ada")[1].strip() == "Ada may sign in again, as agent."


@pytest.mark.slow
def test_somebody_is_signed_out_everywhere_and_may_come_back(run: Run, tmp_path: Path) -> None:
    run("user", "add", "Ada", "--invite")
    store = opened(tmp_path / "home")
    ada = users.named(store, "ada")
    secrets = [sign_in.begin(store, ada, "password", Whence("192.0.2.7")) for _ in range(2)]
    assert run("user", "sign-out", "ada")[1].strip() == "Ada is signed out of 2 browsers."
    assert [sign_in.of_browser(store, each) for each in secrets] == [None, None]
    assert sign_in.of_browser(store, sign_in.begin(store, ada, "password", Whence("192.0.2.7")))


def test_a_user_is_limited_to_companies_and_not_any_more(run: Run, tmp_path: Path) -> None:
    run("user", "add", "Ada", "--invite")
    assert run("user", "reach", "ada", "--company", "South", "--company", "North, Inc")[1].strip() == (
        "Ada sees the customers of North, Inc or South."
    )
    store = opened(tmp_path / "home")
    assert users.named(store, "ada").reach == Reach(companies=frozenset({"South", "North, Inc"}))
    assert run("user", "reach", "ada")[0] == 2
    assert run("user", "reach", "ada", "--company", "South", "--everything")[0] == 2
    assert users.named(store, "ada").reach == Reach(companies=frozenset({"South", "North, Inc"}))
    assert run("user", "reach", "ada", "--group", "Segment", "--owner", "Bo")[0] == 2, "a group has a column and a value"
    several = ("--company", "South", "--group", "Segment=Key=1", "--owner", "Bo")
    assert run("user", "reach", "ada", *several)[1].strip() == (
        "Ada sees the customers of South, in the group Segment: Key=1, of the owner Bo."
    )
    assert users.named(store, "ada").reach == Reach(frozenset({"South"}), frozenset({("Segment", "Key=1")}), frozenset({"Bo"}))
    assert run("user", "reach", "ada", "--everything")[1].strip() == "Ada sees all customers."
    assert users.named(store, "ada").reach == EVERYTHING
    (lifted, *_) = [each for each in audit.listed(store, users.named(store, "ada").id) if each.action == "user.change"]
    assert (lifted.before["reach"], lifted.details["reach"]) == (
        {"companies": ["South"], "groups": [["Segment", "Key=1"]], "owners": ["Bo"]},
        None,
    )


def test_who_is_not_there_is_said(run: Run) -> None:
    code, out, err = run("user", "disable", "nobody", "--json")
    assert (code, err.strip()) == (1, "There is no user nobody.")
    assert document(out)["refused"] == "no_user"


def test_a_subject_needs_an_issuer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("user", "add", "Ada", "--subject", "7")[0] == 2
    monkeypatch.setenv("INSIGHTS_OIDC_ISSUER", "https://id.example")
    assert document(run("user", "add", "Ada", "--subject", "7", "--json")[1])["issuer"] == "https://id.example"


def test_no_command_takes_a_password_as_an_argument() -> None:
    group = typer.main.get_command(app).commands["user"]  # type: ignore[attr-defined]
    names = {option for command in group.commands.values() for each in command.params for option in each.opts}
    assert "--role" in names
    assert not [name for name in names if "pass" in name or "secret" in name]
