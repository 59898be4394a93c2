"""Who may sign in to the demo, as it is told; without any of what making it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.core.errors import N_, Message
from gridmap.core.names import Role

MADE = N_("The demo subdistrict {code} is in the database. Accounts (each password is shown this once):")
THERE = N_("The demo subdistrict {code} is in the database already. Accounts:")
ACCOUNT = N_("{role}: {name}   password: {password}")
KNOWN = N_("{role}: {name}")
FORGOTTEN = N_("A forgotten password is replaced with: gridmap account password NAME")
ROLES = {
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
        values = {"role": Message(ROLES[self.role]), "name": self.name}
        return Message(ACCOUNT, {**values, "password": self.password}) if self.password else Message(KNOWN, values)


@dataclass(frozen=True)
class DemoReport:
    """What the demo is, and who may sign in."""

    code: str
    made: bool
    accounts: Sequence[DemoAccount]

    def summary(self) -> list[Message]:
        """Sentences to print once."""
        told = [each.sentence() for each in self.accounts]
        end = [] if self.made else [Message(FORGOTTEN)]
        return [Message(MADE if self.made else THERE, {"code": self.code}), *told, *end]

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        listed = [{"role": str(each.role), "name": each.name, "password": each.password} for each in self.accounts]
        return {"code": self.code, "made": self.made, "accounts": listed}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "DemoReport":
        """The report that another process told with `as_json`."""
        accounts = [DemoAccount(Role(each["role"]), each["name"], each["password"]) for each in told["accounts"]]
        return cls(told["code"], told["made"], accounts)
