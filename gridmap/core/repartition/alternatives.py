"""Alternatives from today's grids: plans that trade households that move for shorter borders."""

from collections.abc import Sequence

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.repartition.figures import PlanFigures
from gridmap.core.repartition.search import SearchSettings
from gridmap.core.repartition.town_search import Repartition, TownSearch

BORDER_PRICES = (1.0, 0.3, 3.0, 0.1, 10.0, 2.0, 0.6, 0.03, 0.01)
"""Households that a metre of border is worth in the search for each further alternative; those that differ most first.
At 0.3, a detour of 3.3 m between buildings is worth one household: below a tenth, most plans are the first one again.
Their number is one less than `MAX_ALTERNATIVES`."""

UNCHANGED = N_("Nothing changes: no plan was found that keeps the norm better than today's grids.")
LEAST_MOVES = N_("Moves as few households as were found necessary: {moved}. Borders: {border}% of today's.")
MORE_MOVES = N_("Moves {more} more households than the first, for borders {shorter}% shorter than its borders.")
MORE_CUTS = N_("It newly cuts {cuts} estates, courtyards or resident groups.")
TWO_SENTENCES = N_("{first} {second}")


def find_alternatives(
    search: TownSearch,
    settings: SearchSettings,
    count: int,
    max_moved: int | None = None,
    progress: Progress = ignore_progress,
) -> list[Repartition]:
    """Return plans of which none is as good as another in all figures, by the households that move.

    Parameters
    ----------
    search : TownSearch
    settings : SearchSettings
        Of the first plan.
    count : int
        Number of plans, at most; there may be fewer that differ.
    max_moved : int, optional
        Households that may move in each.
    progress : Progress
        Called after each component.
    """
    found = search.find_all(settings, BORDER_PRICES[: count - 1], max_moved, progress)
    best = min(map(_distance_from_rules, found))
    in_range = [each for each in found if _distance_from_rules(each) == best]
    return sorted(select_undominated(in_range), key=lambda each: each.figures.rank(settings.weights))


def _distance_from_rules(plan: Repartition) -> tuple[int, int]:
    """Return homes beyond the radius, then households out of range: the radius comes first."""
    return plan.far_homes, plan.figures.out_of_range


def select_undominated(plans: Sequence[Repartition]) -> list[Repartition]:
    """Return the plans to which no other is equal or better in all figures; of equals, the first."""
    chosen: list[Repartition] = []
    for number, plan in enumerate(plans):
        others = [*chosen, *plans[number + 1 :]]
        is_repeated = any(each.figures == plan.figures for each in chosen)
        if not is_repeated and not any(_dominates(each.figures, plan.figures) for each in others):
            chosen.append(plan)
    return chosen


def _dominates(one: PlanFigures, other: PlanFigures) -> bool:
    return one != other and all(left <= right for left, right in zip(one, other, strict=True))


def describe_alternatives(plans: Sequence[PlanFigures], today: PlanFigures) -> list[Message]:
    r"""Return a sentence for each alternative on what it trades.

    Parameters
    ----------
    plans : sequence of PlanFigures
        From `find_alternatives`; the first moves the fewest households.
    today : PlanFigures

    Examples
    --------
    >>> first, second = PlanFigures(0, 0, 100, 1_050.0), PlanFigures(0, 0, 130, 945.0)
    >>> print(*describe_alternatives([first, second], PlanFigures(40, 0, 0, 1_000.0)), sep="\n")
    Moves as few households as were found necessary: 100. Borders: 105% of today's.
    Moves 30 more households than the first, for borders 10% shorter than its borders.
    """
    first = plans[0]
    sentences = [_first_sentence(first, today), *(_trade_sentence(each, first) for each in plans[1:])]
    return [
        Message(TWO_SENTENCES, {"first": sentence, "second": Message(MORE_CUTS, {"cuts": each.cuts})})
        if each.cuts
        else sentence
        for sentence, each in zip(sentences, plans, strict=True)
    ]


def _first_sentence(first: PlanFigures, today: PlanFigures) -> Message:
    if first == today:
        return Message(UNCHANGED)
    border = round(100 * first.border_m / max(today.border_m, 1.0))
    return Message(LEAST_MOVES, {"moved": first.moved, "border": border})


def _trade_sentence(plan: PlanFigures, first: PlanFigures) -> Message:
    shorter = round(100 * (1 - plan.border_m / max(first.border_m, 1.0)))
    return Message(MORE_MOVES, {"more": plan.moved - first.moved, "shorter": shorter})
