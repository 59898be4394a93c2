"""Report of a partition from the grids of today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd

from gridmap.core.errors import N_, Message
from gridmap.core.households.load import Load
from gridmap.core.repartition.alternatives import describe_alternatives
from gridmap.core.repartition.figures import PlanFigures
from gridmap.core.repartition.repartition import RepartitionSettings
from gridmap.services.files.partition_report import PartitionReport
from gridmap.texts import translate

MOVED = N_("households in another grid than today: {moved} of {households}; grids out of range today: {out}")
LOAD_MOVED = N_("load in another grid than today: {moved} of {households}; grids out of range today: {out}")
REPAIRED = N_("buildings that the drawing had in no grid, or in two: {count}; they were put in order first")
ALTERNATIVE = N_("plan {number}: {sentence}")


@dataclass(frozen=True)
class RepartitionOptions:
    """Options of a partition from the grids of today.

    Parameters
    ----------
    settings : RepartitionSettings
    locked : collection of str
        Codes of grids that stay as they are.
    alternatives : int
        Number of plans to compare, at most.
    load : Load, optional
        What is counted in place of households.
    """

    settings: RepartitionSettings = field(default_factory=RepartitionSettings)
    locked: Collection[str] = frozenset()
    alternatives: int = 5
    load: Load | None = None


@dataclass(frozen=True, eq=False)
class RepartitionReport:
    """Report of a partition from the grids of today.

    Parameters
    ----------
    partition : PartitionReport
        Of the first plan.
    today, plans : PlanFigures, sequence of PlanFigures
        Figures of the grids of today, and of each plan.
    moves : GeoDataFrame
        From `gridmap.core.repartition.moves.list_moves`.
    grids_out_today : int
        Grids out of range today.
    repaired_buildings : int
        Buildings that the repair of the drawing put into another grid.
    options : RepartitionOptions
    """

    partition: PartitionReport
    today: PlanFigures
    plans: Sequence[PlanFigures]
    moves: gpd.GeoDataFrame
    grids_out_today: int
    repaired_buildings: int
    options: RepartitionOptions

    @cached_property
    def sentences(self) -> list[Message]:
        """Return a sentence for each plan on what it trades."""
        return describe_alternatives(self.plans, self.today)

    def summary(self) -> list[Message]:
        """Return sentences on the input, the grids, what moves and the alternatives."""
        households = int(self.partition.town.loads.sum())
        values = {"moved": self.plans[0].moved, "households": households, "out": self.grids_out_today}
        moved = LOAD_MOVED if self.partition.town.load else MOVED
        repaired = [Message(REPAIRED, {"count": self.repaired_buildings})] if self.repaired_buildings else []
        plans = enumerate(self.sentences, 1)
        return [
            *self.partition.summary(),
            *repaired,
            Message(moved, values),
            *(Message(ALTERNATIVE, {"number": number, "sentence": sentence}) for number, sentence in plans),
        ]

    def as_json(self) -> dict[str, object]:
        """Return all figures as plain values."""
        sentences = [translate(sentence, self.partition.language) for sentence in self.sentences]
        plans = [each._asdict() | {"sentence": text} for each, text in zip(self.plans, sentences, strict=True)]
        return self.partition.as_json() | {
            "present": {
                "today": self.today._asdict() | {"grids_out_of_range": self.grids_out_today},
                "repaired_buildings": self.repaired_buildings,
                "locked": sorted(self.options.locked),
                "max_moved": self.options.settings.max_moved,
                "plans": plans,
                "moves": self.moves.drop(columns="geometry").to_dict("records"),
            }
        }
