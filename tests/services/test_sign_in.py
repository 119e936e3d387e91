"""Who is signed in, since when, until when?"""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from insights.access import Person, Role
from insights.ledger.errors import Refused
from insights.services import attempts, sign_in, users
from insights.services.attempts import place_of
from insights.services.sign_in import Whence
from insights.store import audit, sessions
from insights.store.store import Store
from insights.store.tables import now
from insights.store.user_tables import AttemptRow
from tests.support.workspaces import ME, opened

LONG = "seven green boats in May"
HERE = Whence("192.0.2.7", "Firefox")
ISSUER = "https://id.example"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the team, never changed: a password takes a quarter of a second to be kept, as it should."""
    store = opened(tmp_path_factory.mktemp("team") / "home")
    users.add_with_password(store, "Ada", Role.AGENT, LONG, actor=ME)
    users.add(store, "Root", Role.ADMINISTRATOR, actor=ME)
    return store.home


@pytest.fixture
def team(begun: Path, tmp_path: Path) -> Store:
    """Ada, an agent with a password; Root, an administrator."""
    return Store.open(shutil.copytree(begun, tmp_path / "home"))


def test_the_right_password_opens_a_session_of_twelve_hours(team: Store) -> None:
    secret = sign_in.by_password(team, "ada", LONG, HERE)
    inside = sign_in.of_browser(team, secret)
    assert inside is not None
    assert (inside.user.name, inside.provider, inside.address, inside.agent) == ("Ada", "password", "192.0.2.7", "Firefox")
    assert inside.expires_at - inside.created_at < timedelta(hours=12, seconds=1)
    assert sessions.of_browser(team, secret, at=inside.created_at + timedelta(hours=11, minutes=59)) is not None
    assert sessions.of_browser(team, secret, at=inside.expires_at) is None


def test_only_the_hash_of_a_session_s_id_is_kept(team: Store) -> None:
    secret = sign_in.by_password(team, "ada", LONG, HERE)
    held = [path.read_bytes() for path in team.home.rglob("*") if path.is_file()]
    assert not [each for each in held if secret.encode() in each]
    with team.database.read() as session:
        (kept,) = session.execute(text("SELECT token_sha256 FROM sessions")).scalars()
    assert sign_in.of_browser(team, kept) is None


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("ada", ""), ("nobody", LONG), ("root", ""), ("", "")])
def test_whatever_is_wrong_is_said_in_one_sentence(team: Store, name: str, password: str) -> None:
    with pytest.raises(Refused, match=r"^The name or the password is wrong\.$"):
        sign_in.by_password(team, name, password, HERE)


def test_a_disabled_user_is_told_no_more_than_a_stranger(team: Store) -> None:
    users.disable(team, users.named(team, "ada"), actor=ME)
    with pytest.raises(Refused, match=r"^The name or the password is wrong\.$"):
        sign_in.by_password(team, "ada", LONG, HERE)


@pytest.mark.slow
def test_ten_attempts_at_a_user_are_enough_also_from_everywhere(team: Store) -> None:
    for number in range(10):
        with pytest.raises(Refused, match="wrong"):
            sign_in.by_password(team, "ADA" if number % 2 else "ada", "wrong", Whence(f"192.0.2.{number}"))
    with pytest.raises(Refused, match="Too many"):
        sign_in.by_password(team, "ada", LONG, Whence("198.51.100.1"))


@pytest.mark.slow
def test_a_hundred_attempts_from_an_address_are_enough_at_whomever(workspace: Store) -> None:
    for number in range(100):
        attempts.count(workspace, f"user {number}", "192.0.2.7")
    with pytest.raises(Refused, match="Too many"):
        attempts.count(workspace, "another", "192.0.2.7")
    attempts.count(workspace, "another", "192.0.2.8")


COUNTED = """
import sys
from contextlib import suppress
from pathlib import Path

from insights.ledger.errors import Refused
from insights.services import attempts
from insights.store.store import Store

store, room = Store.open(Path(sys.argv[1])), 0
for _ in range(8):
    with suppress(Refused):
        attempts.count(store, "ada", "192.0.2.7")
        room += 1
print(room)
"""  # how many of eight attempts at a user have room, in a process of its own


@pytest.mark.slow
def test_several_servers_count_together(workspace: Store) -> None:
    command = [sys.executable, "-c", COUNTED, str(workspace.home)]
    servers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sum(int(server.communicate(timeout=60)[0]) for server in servers) == attempts.PER_USER


def test_an_attempt_is_forgotten_after_a_quarter_of_an_hour_and_keeps_nothing_that_was_typed(workspace: Store) -> None:
    for _ in range(attempts.PER_USER):
        attempts.count(workspace, "a password typed for a name", "192.0.2.7")
    with workspace.database.write() as session:
        for row in session.scalars(select(AttemptRow)):
            row.at -= attempts.WITHIN
    attempts.count(workspace, "a password typed for a name", "192.0.2.7")
    with workspace.database.read() as session:
        kept = session.scalars(select(AttemptRow)).all()
    assert len(kept) == 2
    assert not [path for path in workspace.home.iterdir() if path.is_file() and b"typed" in path.read_bytes()]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("fe80::7%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_all_addresses_that_one_visitor_has_count_as_one(address: str, place: str) -> None:
    assert place_of(address) == place


def test_the_right_password_clears_the_count(team: Store) -> None:
    for _ in range(3):
        for _ in range(6):
            attempts.count(team, "ada", HERE.address)
        sign_in.by_password(team, "ada", LONG, HERE)


def test_disabling_a_user_ends_every_session_at_once(team: Store) -> None:
    ada = users.named(team, "ada")
    secrets = [sign_in.begin(team, ada, "password", HERE) for _ in range(2)]
    inside = [sign_in.of_browser(team, each) for each in secrets]
    ids = {each.id for each in inside if each}
    assert sign_in.over(team, ids) == set()
    users.disable(team, ada, actor=ME)
    assert [sign_in.of_browser(team, each) for each in secrets] == [None, None]
    assert sign_in.over(team, ids) == ids
    users.enable(team, ada, actor=ME)
    assert sign_in.over(team, ids) == ids, "whoever is let in again signs in again"


def test_one_browser_is_signed_out_and_the_other_stays(team: Store) -> None:
    ada = users.named(team, "ada")
    here, there = (sign_in.begin(team, ada, "password", HERE) for _ in range(2))
    inside = sign_in.of_browser(team, here)
    assert inside
    sign_in.out(team, inside, actor=ME)
    assert sign_in.of_browser(team, here) is None
    assert sign_in.of_browser(team, there) is not None
    assert len(sign_in.browsers(team, ada)) == 1
    with pytest.raises(Refused, match="may not"):
        sign_in.out_everywhere(team, ada, actor=Person("Bob", Role.AGENT, user_id="another"))
    assert sign_in.out_everywhere(team, ada, actor=users.person_of(ada)) == 1
    assert sign_in.of_browser(team, there) is None


def test_a_new_password_signs_out_everywhere(team: Store) -> None:
    ada = users.named(team, "ada")
    secret = sign_in.begin(team, ada, "password", HERE)
    users.reset(team, ada, "another long sentence", actor=ME)
    assert sign_in.of_browser(team, secret) is None


def test_a_role_that_changes_is_that_of_the_next_look(team: Store) -> None:
    ada = users.named(team, "ada")
    secret = sign_in.begin(team, ada, "password", HERE)
    users.give_role(team, ada, Role.MANAGER, actor=ME)
    inside = sign_in.of_browser(team, secret)
    assert inside
    assert inside.user.role is Role.MANAGER


def test_when_a_browser_was_seen_is_kept_by_the_minute(team: Store) -> None:
    inside = sign_in.of_browser(team, sign_in.begin(team, users.named(team, "ada"), "password", HERE))
    assert inside
    sessions.seen(team, inside.id, at=inside.created_at + timedelta(seconds=59))
    assert sign_in.browsers(team, inside.user)[0].last_seen == inside.last_seen
    later = inside.created_at + timedelta(seconds=61)
    sessions.seen(team, inside.id, at=later)
    assert sign_in.browsers(team, inside.user)[0].last_seen == later


def test_sessions_are_forgotten_a_month_after_they_expired(team: Store) -> None:
    ada = users.named(team, "ada")
    sign_in.begin(team, ada, "password", HERE)
    with team.database.write() as session:
        session.execute(text("UPDATE sessions SET expires_at = :old"), {"old": now() - timedelta(days=31)})
    sign_in.begin(team, ada, "password", HERE)
    with team.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM sessions")).scalar() == 1


def test_signing_in_and_failing_to_are_on_record(team: Store) -> None:
    with pytest.raises(Refused):
        sign_in.by_password(team, "ada", "wrong", HERE)
    sign_in.by_password(team, "ada", LONG, HERE)
    (begun,) = audit.listed(team, action="session.begin")
    (refused,) = audit.listed(team, action="session.refuse")
    assert (begun.actor, begun.address, begun.details) == ("Ada", "192.0.2.7", {"provider": "password"})
    assert (refused.subject, refused.address) == (users.named(team, "ada").id, "192.0.2.7")


# --- by the word of others --------------------------------------------------------------------------------------------


def test_whom_a_proxy_names_gets_in_where_there_is_such_a_user(team: Store) -> None:
    inside = sign_in.of_browser(team, sign_in.by_proxy(team, "ADA", HERE, newcomers=None))
    assert inside
    assert (inside.user.name, inside.provider) == ("Ada", "proxy")
    with pytest.raises(Refused, match="not here"):
        sign_in.by_proxy(team, "bob", HERE, newcomers=None)
    newcomer = sign_in.of_browser(team, sign_in.by_proxy(team, "bob", HERE, newcomers=Role.AGENT))
    assert newcomer
    assert newcomer.user.role is Role.AGENT


def test_an_issuer_s_user_is_known_by_subject_and_never_by_name(team: Store) -> None:
    """A stranger at the provider who calls himself Ada gets no Ada."""
    with pytest.raises(Refused, match="not here"):
        sign_in.by_issuer(team, (ISSUER, "7"), "Ada", HERE, role=None, newcomers=None)
    with pytest.raises(Refused, match="already"):
        sign_in.by_issuer(team, (ISSUER, "7"), "Ada", HERE, role=None, newcomers=Role.AGENT)
    users.add(team, "Grace", Role.AGENT, subject=(ISSUER, "8"), actor=ME)
    inside = sign_in.of_browser(team, sign_in.by_issuer(team, (ISSUER, "8"), "another name", HERE, role=None, newcomers=None))
    assert inside
    assert inside.user.name == "Grace"


def test_groups_give_the_role_at_each_sign_in_and_nothing_changes_without_them(team: Store) -> None:
    users.add(team, "Grace", Role.AGENT, subject=(ISSUER, "8"), actor=ME)
    roles = []
    for role in (Role.MANAGER, None, Role.POWER_USER, Role.AGENT):
        sign_in.by_issuer(team, (ISSUER, "8"), "Grace", HERE, role=role, newcomers=None)
        roles.append(users.named(team, "Grace").role)
    assert roles == [Role.MANAGER, Role.MANAGER, Role.POWER_USER, Role.AGENT]
