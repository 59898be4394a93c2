"""Sentences about rule violations, with the codes of grids."""

from collections.abc import Sequence

from gridmap.core.errors import N_, Message
from gridmap.core.plans.rules import RuleViolation

RULE_VIOLATED = N_("{rule}: {place} ({number})")
RULE_TEXTS = {
    "in_one_piece": N_("Grid {grid} would lie in {number} pieces that do not touch"),
    "keeps_dedicated": N_("Grid {grid} would mix dedicated land with other land"),
}
"""Sentence for each rule that a change by hand can break."""


def violation_message(violation: RuleViolation, grid_codes: Sequence[str]) -> Message:
    """Return the sentence about a rule violation.

    Parameters
    ----------
    violation : RuleViolation
    grid_codes : sequence of str
        Code of each grid of the plan.

    Examples
    --------
    >>> str(violation_message(RuleViolation("in_one_piece", 2.0, grid=1), ["TP-001", "TP-002"]))
    'Grid TP-002 would lie in 2 pieces that do not touch'
    >>> str(violation_message(RuleViolation("covers", -12.5, location="TP"), ["TP-001"]))
    'covers: TP (-12.5)'
    """
    number = f"{violation.value:g}"
    if violation.grid is None:
        return Message(RULE_VIOLATED, {"rule": violation.rule, "place": violation.location, "number": number})
    code = grid_codes[violation.grid]
    if violation.rule in RULE_TEXTS:
        return Message(RULE_TEXTS[violation.rule], {"grid": code, "number": number})
    return Message(RULE_VIOLATED, {"rule": violation.rule, "place": code, "number": number})
