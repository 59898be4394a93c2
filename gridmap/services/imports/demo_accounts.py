"""Report of the demo accounts; this module imports nothing of what loading the demo needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role

CREATED_TEXT = N_("The demo subdistrict {code} is in the database. Accounts (each password is shown this once):")
EXISTS_TEXT = N_("The demo subdistrict {code} is in the database already. Accounts:")
ACCOUNT_PASSWORD_TEXT = N_("{role}: {name}   password: {password}")
ACCOUNT_TEXT = N_("{role}: {name}")
RESET_PASSWORD_TEXT = N_("To replace a forgotten password: gridmap account password NAME")
ROLE_NAMES = {
    Role.PLANNER: N_("planner"),
    Role.WORKER: N_("grid worker"),
    Role.LEADER: N_("subdistrict leader"),
    Role.STATION: N_("community station"),
    Role.ADMIN: N_("administrator"),
}


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo, with its password only if it was created now."""

    role: Role
    name: str
    password: str | None = None

    def sentence(self) -> Message:
        """Return the account as a sentence."""
        values = {"role": Message(ROLE_NAMES[self.role]), "name": self.name}
        return (
            Message(ACCOUNT_PASSWORD_TEXT, {**values, "password": self.password})
            if self.password
            else Message(ACCOUNT_TEXT, values)
        )


class DemoAccountJson(TypedDict):
    """A `DemoAccount` as plain values."""

    role: str
    name: str
    password: str | None


class DemoReportJson(TypedDict):
    """A `DemoReport` as plain values."""

    code: str
    made: bool
    accounts: list[DemoAccountJson]


@dataclass(frozen=True)
class DemoReport:
    """Code of the demo subdistrict, and its accounts."""

    code: str
    created: bool
    accounts: Sequence[DemoAccount]

    def summary(self) -> list[Message]:
        """Return the sentences to print."""
        title = Message(CREATED_TEXT if self.created else EXISTS_TEXT, {"code": self.code})
        advice = [] if self.created else [Message(RESET_PASSWORD_TEXT)]
        return [title, *(account.sentence() for account in self.accounts), *advice]

    def as_json(self) -> DemoReportJson:
        """Return the report as plain values."""
        accounts: list[DemoAccountJson] = [
            {"role": str(each.role), "name": each.name, "password": each.password} for each in self.accounts
        ]
        return {"code": self.code, "made": self.created, "accounts": accounts}

    @classmethod
    def from_json(cls, values: DemoReportJson) -> "DemoReport":
        """Return the report that another process wrote with `as_json`."""
        accounts = [DemoAccount(Role(each["role"]), each["name"], each["password"]) for each in values["accounts"]]
        return cls(values["code"], values["made"], accounts)
