"""What can be done, and by which roles? One table, which nothing changes while the program runs."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is here for; each may do all that the one before may, and more."""

    AGENT = "agent"  # calls customers
    MANAGER = "manager"  # oversees what is owed and what comes in
    POWER_USER = "power_user"  # brings ledgers, trains and publishes models
    ADMINISTRATOR = "administrator"  # lets people in, and keeps the workspace

    @property
    def words(self) -> str:
        """As it is called in sentences: "power user"."""
        return self.value.replace("_", " ")


class Capability(StrEnum):
    """What can be done; every use case that changes or exports something needs one."""

    SEE = "see"  # worklist, open invoices, customers
    AGREE = "agree"  # enter and undo what was agreed with customers
    EXPORT = "export"  # take rows out: lists, reports, predictions as files
    OVERSEE = "oversee"  # cash, ageing, figures, the monthly report, whether calling helped
    JUDGE = "judge"  # how good predictions were
    PLAN = "plan"  # billing plans, what-ifs, goals, weights of the worklist
    IMPORT = "import"  # upload and commit ledgers, mappings, exchange rates
    DELETE = "delete"  # ledgers and models
    TRAIN = "train"  # train, replay, compare
    PUBLISH = "publish"  # put models in force, roll back, take models in and out
    AUDIT = "audit"  # read the record of who did what
    OPERATE = "operate"  # back up, restore, retire what is old
    PEOPLE = "people"  # let people in, give roles and reaches


# What is done, as a sentence ends: "A manager may not ...".
DEEDS: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.SEE: "look at invoices and customers",
        Capability.AGREE: "enter what was agreed with customers",
        Capability.EXPORT: "export rows",
        Capability.OVERSEE: "look at cash, ageing and figures",
        Capability.JUDGE: "look at how good predictions were",
        Capability.PLAN: "change plans, goals and weights",
        Capability.IMPORT: "bring in ledgers and exchange rates",
        Capability.DELETE: "delete ledgers and models",
        Capability.TRAIN: "train and replay models",
        Capability.PUBLISH: "publish models",
        Capability.AUDIT: "read the record of who did what",
        Capability.OPERATE: "back up, restore and retire",
        Capability.PEOPLE: "let people in and change their roles",
    }
)

_AGENT = frozenset({Capability.SEE, Capability.AGREE, Capability.EXPORT})
_MANAGER = _AGENT | {Capability.OVERSEE, Capability.JUDGE, Capability.PLAN}
_POWER_USER = _MANAGER | {Capability.IMPORT, Capability.DELETE, Capability.TRAIN, Capability.PUBLISH, Capability.AUDIT}

CAPABILITIES: Mapping[Role, frozenset[Capability]] = MappingProxyType(
    {
        Role.AGENT: _AGENT,
        Role.MANAGER: _MANAGER,
        Role.POWER_USER: _POWER_USER,
        Role.ADMINISTRATOR: frozenset(Capability),
    }
)
