"""Does a bare WebSocket get or do more than a screen would let it, whatever it asks for? On the server as it is started."""

from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from insights.access import CAPABILITIES, Reach, Role
from insights.services import sign_in, users
from insights.services.ledgers import commit
from insights.services.sign_in import Whence
from insights.store import audit, ledgers
from insights.store.store import Store
from pages.ui.shared.frame import NEEDED
from tests.conftest import served
from tests.support.visits import HTML, Visit, Wire
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.slow  # a server

PLANTED = {"acme", "25.00"}  # a name and an amount of the ledger
SIDEBAR = 1  # where elements of the sidebar stand: the first number of their path
CLICKS = 30
ATTEMPTS = 20  # at stopping a run before it is at its end


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Somebody of each role, called after it."""
    store = Store.open(tmp_path_factory.mktemp("team") / "home")
    for role in Role:
        users.add(store, role.value, role, actor=ME)
    return store


@pytest.fixture(scope="module")
def address(team: Store) -> Iterator[str]:
    with served(team.home, INSIGHTS_SIGN_IN="password") as reached:
        yield reached


@pytest.fixture
def ledger_id(team: Store) -> str:
    """The one ledger, committed anew where a test has deleted it."""
    if not ledgers.listed(team):
        commit(team, small_ledger(), actor=ME)
    (record,) = ledgers.listed(team)
    return record.id


def signed_in(team: Store, address: str, name: str) -> Visit:
    return Visit(address, {"insights": sign_in.begin(team, users.named(team, name), "password", Whence("192.0.2.7"))})


def answer(wire: Wire) -> list[ForwardMsg]:
    """All messages until a run has ended that no other follows."""
    messages: list[ForwardMsg] = []
    while True:
        messages += wire.told()
        assert messages, "the socket is closed"
        if messages[-1].script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return messages


def page_addresses(messages: list[ForwardMsg]) -> dict[str, tuple[str, str]]:
    """Title -> path and hash of each page that the program names."""
    (named,) = [message.navigation for message in messages if message.WhichOneof("type") == "navigation"]
    return {page.page_name: (page.url_pathname, page.page_script_hash) for page in named.app_pages}


def buttons(messages: list[ForwardMsg]) -> dict[str, tuple[str, str]]:
    """Label -> id and fragment of each button that was drawn."""
    drawn = [message.delta for message in messages if message.delta.new_element.HasField("button")]
    return {delta.new_element.button.label: (delta.new_element.button.id, delta.fragment_id) for delta in drawn}


def asked_to_delete(wire: Wire) -> tuple[str, dict[str, tuple[str, str]]]:
    """The hash of the page with the ledgers, and its buttons as in `buttons`, the open question before a deletion among them."""
    wire.run()
    page_hash = page_addresses(answer(wire))["Ledgers"][1]
    wire.run(page_hash=page_hash)
    drawn = buttons(answer(wire))
    wire.run(page_hash=page_hash, click=drawn["Delete"][0])
    return page_hash, drawn | buttons(answer(wire))


def is_refused(messages: list[ForwardMsg]) -> bool:
    """Whether beside the sidebar nothing was drawn but a refusal, and no word of the ledger came anywhere.

    Nor does anything stand for a message of an earlier run.
    """
    drawn = [message for message in messages if message.delta.HasField("new_element")]
    elements = [message.delta.new_element for message in drawn if message.metadata.delta_path[0] != SIDEBAR]
    return (
        [element.WhichOneof("type") for element in elements] == ["markdown", "text"]
        and " may not " in elements[-1].text.body
        and words_of_ledger(messages) == set()
        and not any(message.WhichOneof("type") == "ref_hash" for message in messages)
    )


def words_of_ledger(messages: list[ForwardMsg]) -> set[str]:
    return {word for word in PLANTED if word in str(messages)}


@pytest.mark.parametrize(("role", "requests"), [(Role.AGENT, 27), (Role.MANAGER, 12), (Role.POWER_USER, 3)])
def test_a_page_outside_the_role_is_refused_by_name_by_hash_and_by_address(
    team: Store, address: str, ledger_id: str, role: Role, requests: int
) -> None:
    """Of an agent nine pages, of a manager four, of a power user one."""
    visit = signed_in(team, address, role.value)
    shell = visit.ask("/", **HTML)[1]
    asked = 0
    with visit.socket() as wire:
        wire.run()
        pages = page_addresses(answer(wire))
        assert set(pages) == set(NEEDED)
        wire.run(page="customers", query=f"ledger={ledger_id}")
        assert words_of_ledger(answer(wire)) == PLANTED, "what is allowed comes over the same wire"
        for title in (title for title, capability in NEEDED.items() if capability not in CAPABILITIES[role]):
            path, page_hash = pages[title]
            wire.run(page=path, query=f"ledger={ledger_id}")
            assert is_refused(answer(wire)), title
            wire.run(page_hash=page_hash)
            assert is_refused(answer(wire)), title
            assert visit.ask(f"/{path}?ledger={ledger_id}", **HTML)[1] == shell, title
            asked += 3
    assert asked == requests


def test_nobody_gets_a_page_by_any_address_or_wire(address: str, ledger_id: str) -> None:
    """Every page by three addresses: led to the sign-in page, or refused; and no wire opens over which to name one."""
    nobody = Visit(address)
    for title in NEEDED:
        path = title.lower().replace(" ", "_").rstrip("?")
        for place in (f"/{path}", f"/{path}?ledger={ledger_id}", f"/pages/{path}.py"):
            led, text = nobody.ask(place, **HTML)
            assert (led.status, text) == (303, "")
            assert nobody.ask(place)[0].status == 401
    assert nobody.stream() == 403
    assert nobody.ask("/_stcore/upload_file/a/b", "PUT", "x", Origin=address)[0].status == 401


def test_buttons_that_were_drawn_before_a_role_was_lowered_do_nothing_after(team: Store, address: str, ledger_id: str) -> None:
    """Thirty clicks over the open wire, every other one on the confirmation of a deletion; with the role back, it deletes."""
    somebody = users.add(team, "Pat", Role.POWER_USER, actor=ME)
    with signed_in(team, address, "Pat").socket() as wire:
        page_hash, drawn = asked_to_delete(wire)
        confirmation, dialog = drawn["Delete for good"]
        users.give_role(team, somebody, Role.AGENT, actor=ME)
        before = audit.listed(team)
        wire.run(page_hash=page_hash, click=confirmation, fragment=dialog)
        assert " may not " in str(answer(wire)), "the dialog is there still"
        labels = sorted(drawn)
        for number in range(1, CLICKS):
            click = confirmation if number % 2 else drawn[labels[number // 2 % len(labels)]][0]
            wire.run(page_hash=page_hash, click=click)
            assert " may not " in str(answer(wire)), click
        assert audit.listed(team) == before
        assert [record.id for record in ledgers.listed(team)] == [ledger_id]
        users.give_role(team, somebody, Role.POWER_USER, actor=ME)
        wire.run(page_hash=page_hash, click=drawn["Delete"][0])
        confirmation, dialog = buttons(answer(wire))["Delete for good"]
        wire.run(page_hash=page_hash, click=confirmation, fragment=dialog)
        answer(wire)
        assert ledgers.listed(team) == []


def test_a_run_that_was_stopped_leaves_its_role_to_no_later_click(team: Store, address: str, ledger_id: str) -> None:
    """Who acts is looked up once in a run. One that is stopped in its midst must not leave the answer in the tab."""
    somebody = users.add(team, "Kim", Role.POWER_USER, actor=ME)
    with signed_in(team, address, "Kim").socket() as wire:
        page_hash, drawn = asked_to_delete(wire)
        if not any(stopped(wire, page_hash, after) for after in range(ATTEMPTS)):
            pytest.skip("every run was done before it could be stopped")
        users.give_role(team, somebody, Role.AGENT, actor=ME)
        before = audit.listed(team)
        for label in ("Delete for good", "Train and predict"):
            wire.run(page_hash=page_hash, click=drawn[label][0])
            assert " may not " in str(answer(wire)), label
        assert audit.listed(team) == before
        assert [record.id for record in ledgers.listed(team)] == [ledger_id]


def test_a_dialog_that_was_open_before_a_reach_was_narrowed_shows_nobody_outside(
    team: Store, address: str, ledger_id: str
) -> None:
    """A dialog runs by itself, over what the run that opened it has handed to it: here the search in a whole ledger."""
    somebody = users.add(team, "Lee", Role.AGENT, actor=ME)
    with signed_in(team, address, "Lee").socket() as wire:
        wire.run(query=f"ledger={ledger_id}")
        wire.run(click=buttons(answer(wire))["Search"][0])
        (dialog,) = [
            message.delta for message in answer(wire) if message.delta.new_element.text_input.id.endswith("-search_text")
        ]
        field = dialog.new_element.text_input.id
        wire.run(typed=(field, "acm"), fragment=dialog.fragment_id)
        assert "acme" in str(answer(wire))
        users.assign(team, somebody, Role.AGENT, Reach(companies=frozenset({"south"})), actor=ME)
        wire.run(typed=(field, "acm"), fragment=dialog.fragment_id)
        assert "acme" not in str(answer(wire))


def stopped(wire: Wire, page_hash: str, after: int) -> bool:
    """Begins a run of the page with the ledgers, and stops it after so many messages more; whether it was not done before."""
    wire.run(page_hash=page_hash)
    messages = [wire.hear()]
    while len(messages) <= after and messages[-1] and messages[-1].WhichOneof("type") != "script_finished":
        messages.append(wire.hear())
    done = any(message and message.WhichOneof("type") == "script_finished" for message in messages)
    if not done:
        wire.stop()
        messages += answer(wire)
    return "Delete" not in buttons([message for message in messages if message])
