"""Comparison of two results on the same buildings."""

from dataclasses import dataclass

import pandas as pd

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.vocabulary import GridKind, GridStatus
from gridmap.library.result import Result

OTHER_BUILDINGS = N_("the two results are not of the same buildings")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Differences of two results.

    Parameters
    ----------
    moves : DataFrame
        ``from_code``, ``to_code``, ``buildings`` and ``households`` that change grid, most households first.
    figures : DataFrame
        Columns ``before`` and ``after``; rows ``grids``, ``in_range``, ``households_out_of_range``, ``perimeter_m``
        (mean) and ``polsby_popper`` (mean), of household grids.
    households : int
        All households.
    """

    moves: pd.DataFrame
    figures: pd.DataFrame
    households: int

    @property
    def moved_households(self) -> int:
        """Return the households that change grid."""
        return int(self.moves["households"].sum())

    @property
    def moved_share(self) -> float:
        """Return their share of all households, 0 where there are none."""
        return self.moved_households / self.households if self.households else 0.0


def compare(before: Result, after: Result) -> Comparison:
    """Compare two results on the same buildings: who changes grid, and what becomes better or worse.

    A household changes grid if the code of its grid changes, since that is the code of its worker.

    Parameters
    ----------
    before, after : Partition, Repair or Check
        From the same buildings.

    Returns
    -------
    Comparison

    Raises
    ------
    InvalidInput
        If the two are not of the same buildings.

    Examples
    --------
    >>> import gridmap
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(800)
    >>> plans = [gridmap.partition(town.communities, town.buildings, town.streets, seed=seed) for seed in (0, 0)]
    >>> same = gridmap.compare(*plans)
    >>> same.moved_households, same.figures.loc["in_range"].tolist()
    (0, [2.0, 2.0])
    """
    if not before.assignment.index.equals(after.assignment.index):
        raise InvalidInput([InputFault(Message(OTHER_BUILDINGS))])
    households = after.layers["buildings"]["households"].to_numpy()
    rows = pd.DataFrame(
        {
            "from_code": before.assignment.to_numpy(),
            "to_code": after.assignment.to_numpy(),
            "buildings": 1,
            "households": households,
        }
    )
    is_moved = (rows["from_code"] != rows["to_code"]) & ~(rows["from_code"].isna() & rows["to_code"].isna())
    moves = rows[is_moved].groupby(["from_code", "to_code"], dropna=False, as_index=False).sum()
    order = ["households", "from_code", "to_code"]
    moves = moves.sort_values(order, ascending=[False, True, True], ignore_index=True)
    figures = pd.DataFrame({"before": _figures(before), "after": _figures(after)})
    return Comparison(moves, figures, int(households.sum()))


def _figures(result: Result) -> dict[str, float]:
    grids = result.grids[result.grids["kind"] == GridKind.HOUSEHOLD]
    is_out = grids["status"] != GridStatus.IN_RANGE
    below = (result.profile.minimum - grids["households"]).clip(lower=0)
    above = (grids["households"] - result.profile.maximum).clip(lower=0)
    return {
        "grids": len(grids),
        "in_range": int((~is_out).sum()),
        "households_out_of_range": int((below + above).sum()),
        "perimeter_m": float(grids["perimeter_m"].mean()),
        "polsby_popper": float(grids["polsby_popper"].mean()),
    }
