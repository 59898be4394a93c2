"""Who may sign in to the demo, as it is told; without any of what making it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role

CREATED_TEXT = N_("The demo subdistrict {code} is in the database. Accounts (each password is shown this once):")
EXISTS_TEXT = N_("The demo subdistrict {code} is in the database already. Accounts:")
ACCOUNT_PASSWORD_TEXT = N_("{role}: {name}   password: {password}")
ACCOUNT_TEXT = N_("{role}: {name}")
RESET_PASSWORD_TEXT = N_("A forgotten password is replaced with: gridmap account password NAME")
ROLE_NAMES = {
    Role.PLANNER: N_("planner"),
    Role.WORKER: N_("grid worker"),
    Role.LEADER: N_("street leader"),
    Role.STATION: N_("community station"),
    Role.ADMIN: N_("administrator"),
}


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo; its password only when it was made just now."""

    role: Role
    name: str
    password: str | None = None

    def sentence(self) -> Message:
        """The account for people."""
        values = {"role": Message(ROLE_NAMES[self.role]), "name": self.name}
        return (
            Message(ACCOUNT_PASSWORD_TEXT, {**values, "password": self.password})
            if self.password
            else Message(ACCOUNT_TEXT, values)
        )


@dataclass(frozen=True)
class DemoReport:
    """What the demo is, and who may sign in."""

    code: str
    created: bool
    accounts: Sequence[DemoAccount]

    def summary(self) -> list[Message]:
        """Sentences to print once."""
        told = [each.sentence() for each in self.accounts]
        end = [] if self.created else [Message(RESET_PASSWORD_TEXT)]
        return [Message(CREATED_TEXT if self.created else EXISTS_TEXT, {"code": self.code}), *told, *end]

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        listed = [{"role": str(each.role), "name": each.name, "password": each.password} for each in self.accounts]
        return {"code": self.code, "made": self.created, "accounts": listed}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "DemoReport":
        """The report that another process told with `as_json`."""
        accounts = [DemoAccount(Role(each["role"]), each["name"], each["password"]) for each in values["accounts"]]
        return cls(values["code"], values["made"], accounts)
