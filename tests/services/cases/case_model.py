"""A case as a plain value: what the office expects of it, written down apart from the state machine of the service."""

from dataclasses import dataclass, field

OPEN = ("received", "returned", "accepted", "assigned", "in_progress")
STEPS: dict[tuple[str, str], tuple[tuple[str, ...], str | None]] = {
    ("station", "accept"): (("received",), "accepted"),
    ("station", "ask_reporter"): (("received", "accepted"), "returned"),
    ("station", "assign"): (("received", "accepted", "assigned", "in_progress"), "assigned"),
    ("station", "close"): (("received", "accepted", "assigned", "in_progress"), "closed"),
    ("station", "reopen"): (("closed",), "accepted"),
    ("station", "link_duplicate"): (("received", "accepted"), "duplicate"),
    ("station", "unlink_duplicate"): (("duplicate",), "accepted"),
    ("station", "note"): (("received", "accepted", "assigned", "in_progress"), None),
    ("handler", "begin"): (("assigned",), "in_progress"),
    ("handler", "send_back"): (("assigned", "in_progress"), "accepted"),
    ("handler", "close"): (("assigned", "in_progress"), "closed"),
    ("handler", "note"): (("assigned", "in_progress"), None),
    ("reporter", "answer"): (("returned",), "received"),
    ("reporter", "settle"): (("received",), "closed"),
    ("leader", "supervise"): (("received", "accepted", "assigned", "in_progress"), None),
    ("leader", "instruct"): ((*OPEN, "closed"), None),
}
"""States from which each part takes each action, and the state after it; None where the state stays."""
ACTIONS = tuple(sorted({action for _, action in STEPS} | {"withdraw", "hand_over", "hand_back"}))
ROLES = ("station", "worker", "leader", "planner", "admin")


@dataclass
class CaseModel:
    """State, version and steps that a case is expected to have.

    Parameters
    ----------
    reporter : str
        Role of the account that reported it.
    category : str
    state : str
    version : int
    is_handled_by_worker : bool
        Whether the only worker has it, or had it last.
    steps : list of tuple of str
        Action, state before and state after.
    told : int
        Times that the worker was told of getting it.
    follows_grid : bool
        Whether the worker has it for the grid, so that it goes with the grid.
    """

    reporter: str
    category: str
    state: str = "received"
    version: int = 1
    is_handled_by_worker: bool = False
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    told: int = 0
    follows_grid: bool = False

    def parts(self, role: str) -> set[str]:
        """Return the parts that the account of a role has in the case."""
        handles = role == "worker" and self.is_handled_by_worker and self.state in ("assigned", "in_progress")
        leads = role == "leader" and self.category == "lifts"
        named = {"station": role == "station", "handler": handles, "leader": leads}
        return {part for part, holds in named.items() if holds} | ({"reporter"} if role == self.reporter else set())

    def target(self, role: str, action: str) -> str | None:
        """Return the state after an action of a role; None where it may not be taken.

        The other case is about a lift: cases of another access class are not linked to it.
        """
        for part in self.parts(role):
            sources, target = STEPS.get((part, action), ((), None))
            if self.state in sources and (action != "link_duplicate" or self.category == "lifts"):
                return target or self.state
        return None

    def list_possible(self) -> list[tuple[str, str]]:
        """Return the roles and actions that are possible now."""
        return [(role, action) for role in ROLES for action in ACTIONS if self.target(role, action)]

    def can_withdraw(self, role: str) -> bool:
        """Return whether a role may withdraw the report: its reporter, while nobody has touched it."""
        return role == self.reporter and self.state == "received" and not self.steps

    def lose_worker(self) -> bool:
        """Follow a roster without anybody in charge of the grid; return whether the case goes back."""
        goes_back = self.follows_grid and self.state in ("assigned", "in_progress")
        if goes_back:
            self.take("hand_back", "accepted")
        return goes_back

    def take(self, action: str, target: str) -> None:
        """Follow a step that was taken."""
        self.steps.append((action, self.state, target))
        self.version += 1
        if action in ("assign", "hand_over"):
            self.is_handled_by_worker = True
            self.told += action == "assign"
        elif target not in ("assigned", "in_progress", "closed"):
            self.is_handled_by_worker = False
        self.state = target

    def follow_file(self, *, closes: bool) -> None:
        """Follow a file that closes or opens the incident: that is no step."""
        if closes == (self.state in OPEN):
            self.state = "closed" if closes else "received"
            self.version += 1
