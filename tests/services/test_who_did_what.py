"""Who may read the record, and what is in the file of it?"""

import json

import pytest
from sqlalchemy import text

from insights.access import Person, Role
from insights.services import exports, figures, publishing, uploads, who_did_what
from insights.services import overviews as overview_service
from insights.services.agreements import Entry, enter, take
from insights.services.ledgers import commit
from insights.services.who_did_what import COLUMNS
from insights.store import audit
from insights.store import models as model_store
from insights.store.audit import RecordFilter
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.workspaces import ME, rates_model, small_ledger

ALL = RecordFilter()
POWER_USER = Person("Ann", Role.POWER_USER, user_id="3f0c", address="10.0.0.7")


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER])
def test_whoever_may_not_read_the_record_gets_nothing_of_it(workspace: Store, role: Role) -> None:
    person = Person("Bo", role)
    for asked in (who_did_what.records, who_did_what.count, who_did_what.exported):
        assert refusal(asked, workspace, ALL, actor=person) == "not_allowed"
    for unfiltered in (who_did_what.choices, who_did_what.broken):
        assert refusal(unfiltered, workspace, actor=person) == "not_allowed"
    assert audit.listed(workspace) == []


def test_a_file_of_the_record_has_all_of_it_and_is_on_record_itself(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=POWER_USER)
    (row,) = rows = who_did_what.exported(workspace, ALL, actor=POWER_USER)
    assert tuple(row) == COLUMNS
    assert (row["sequence"], row["actor"], row["user_id"], row["address"]) == (1, "Ann", "3f0c", "10.0.0.7")
    assert (row["tag"], row["details"]["name"]) == ("screen:ledger:commit", "Example")
    (line,) = who_did_what.table(rows).to_pylist()
    assert json.loads(line["details"]) == row["details"]
    newest = audit.listed(workspace)[0]
    assert (newest.tag, newest.details) == ("screen:record:export", {"rows": 1})


def test_what_was_before_is_on_record(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    publishing.publish(workspace, two, replaces=first.id, threshold=0.4, actor=ME)
    figures.set_goal(workspace, "dso", 45, actor=ME)
    figures.set_goal(workspace, "dso", None, actor=ME)
    overview_service.choose(workspace, Role.MANAGER, actor=ME)
    said = {(each.action, each.sequence): (dict(each.before), dict(each.details)) for each in audit.listed(workspace)}
    changes = [said[key] for key in sorted(said, key=lambda key: key[1])]
    published = [(before, after["model"]) for before, after in changes if "gate" not in after and "threshold" in after]
    assert published == [({}, one), ({"model": one, "threshold": 0.5}, two)]
    goals = [(before, after) for before, after in changes if set(after) == {"value"}]
    assert goals == [({"value": None}, {"value": 45}), ({"value": 45}, {"value": None})]
    assert changes[-1] == ({"role": "agent"}, {"role": "manager"})


def test_agreements_are_on_record_without_what_was_agreed(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    entries = [Entry("note", "north", "acme", (), {"text": "a secret"})] * 2
    (first, _) = enter(workspace, ledger, ledger.default_as_of, entries, actor=POWER_USER)
    take(workspace, ledger, ledger.default_as_of, ("north", "acme"), actor=POWER_USER)
    taken, noted = audit.listed(workspace)[:2]
    assert (noted.tag, noted.subject, noted.details["events"]) == ("screen:agreement:note", first.id, 2)
    assert taken.action == "agreement.take"
    assert "secret" not in str(audit.listed(workspace))


def test_files_in_and_rows_out_are_on_record_before_they_go(workspace: Store) -> None:
    uploads.note(workspace, {"ledger.csv": 1234}, actor=POWER_USER)
    exports.note(workspace, "worklist", 7, actor=POWER_USER, subject="some ledger")
    out, arrived = audit.listed(workspace)
    assert (arrived.action, arrived.details) == ("upload.read", {"files": {"ledger.csv": 1234}})
    assert (out.action, out.subject, out.details) == ("worklist.export", "some ledger", {"rows": 7})
    assert refusal(uploads.note, workspace, {"ledger.csv": 1}, actor=Person("Bo", Role.MANAGER)) == "not_allowed"


def test_a_broken_chain_is_said(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=ME)
    assert who_did_what.broken(workspace, actor=ME) == ()
    with workspace.database.write() as session:
        session.execute(text("DELETE FROM records"))
    (sentence,) = who_did_what.broken(workspace, actor=ME)
    assert "number 1 was removed" in sentence
