"""Is everybody asked who does something through a service, before anything else is looked at?"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from insights import services
from insights.access import Person, Role
from insights.ledger.errors import Refused
from tests.support.workspaces import ME

# What an agent may do through the services: see, agree, take rows out, sign out, set the own password.
OF_AGENTS = {
    "agreed_file.take",
    "agreements.enter",
    "agreements.take",
    "agreements.undo",
    "exports.note",
    "exports.write",
    "overviews.choose",
    "predictions.active",
    "predictions.keep",
    "predictions.make",
    "predictions.mixed",
    "predictions.of_model",
    "predictions.scored_file",
    "predictions.together",
    "shown_lists.record",
    "sign_in.out",
    "sign_in.out_everywhere",
    "users.reset",
}
OF_MANAGERS = {
    "ageing.unpaid_later", "background.replay_cash", "billing_plan.keep", "billing_plan.remove", "cash.book", "cash.expected",
    "cash.forecast", "cash.past_mondays", "cash.replay", "figures.at_risk", "figures.set_goal", "release.set_threshold",
    "report.gathered", "worklist.source_of", "scenarios.keep", "scenarios.remove", "worklist.set_weights",
}  # fmt: skip
OF_ADMINISTRATORS = {
    "agreements.retire", "backups.back_up", "backups.restore", "users.add", "users.add_with_password", "users.disable",
    "users.enable", "users.give_role", "users.invite", "users.give_reach", "users.assign",
    "users.everybody", "users.reset_by_link",
}  # fmt: skip


def entries() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function of the services that is told who acts, by its name."""
    for module in pkgutil.iter_modules(services.__path__):
        loaded = importlib.import_module(f"insights.services.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            mine = function.__module__ == loaded.__name__ and not name.startswith("_")
            if mine and "actor" in inspect.signature(function).parameters:
                yield f"{module.name}.{name}", function


ENTRIES = dict(entries())


def refused(name: str, role: Role) -> bool:
    """Whether a role is refused before any other argument is looked at: they are all nothing."""
    taken = inspect.signature(ENTRIES[name]).parameters.values()
    needed = {each.name: None for each in taken if each.default is each.empty and each.kind != each.VAR_KEYWORD}
    try:
        ENTRIES[name](**needed | {"actor": Person("Ann", role)})
    except Refused as refusal:
        return refusal.code == "not_allowed"
    except Exception:  # noqa: BLE001 - it was not refused, and went on with nothing
        return False
    return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.AGENT, OF_AGENTS), (Role.MANAGER, OF_AGENTS | OF_MANAGERS), (Role.POWER_USER, set(ENTRIES) - OF_ADMINISTRATORS)],
)
def test_a_role_gets_no_further_than_is_written_here(role: Role, allowed: set[str]) -> None:
    """A new use case for everybody, or for managers, is written here; one for power users need not be."""
    assert allowed <= set(ENTRIES)
    assert {name for name in ENTRIES if not refused(name, role)} <= allowed


def test_nobody_is_refused_what_is_written_here() -> None:
    assert not {name for name in OF_AGENTS if refused(name, Role.AGENT)}
    assert not {name for name in OF_MANAGERS if refused(name, Role.MANAGER)}


@pytest.mark.slow
def test_who_sits_at_the_laptop_is_refused_nothing() -> None:
    assert not any(refused(name, ME.role) for name in ENTRIES)
