"""Input, result and report of the import of a town."""

from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd

from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.plan import GridPlan
from gridmap.core.progress import Progress
from gridmap.formats.package.town_extras import TownExtras
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.services.grids.norms import DEFAULT
from gridmap.services.norms.changes import NormChange
from gridmap.services.operations.error_log import warning_values
from gridmap.store.writes.towns import StoredTown, SubdistrictInfo

STORED_TEXT = N_(
    "subdistrict {code} ({name}): communities {communities}, buildings {buildings}, households {households}"
)
UNKNOWN_CATEGORIES_TEXT = N_(
    "Warning: the catalogue does not have these categories of incidents, so they count as personal: {categories}"
)
TRIAL_TEXT = N_(
    "Warning: no norm is entered, so pages judge the grids by {norm_minimum} to {norm_maximum} households, not by"
    " {minimum} to {maximum}. Enter the norm with gridmap norm set."
)
EXTRAS_TEXT = N_("resident groups {resident_groups}, shops {shops}, incidents {incidents}")


@dataclass(frozen=True)
class StepReporter:
    """Receivers of progress and of the time of each step."""

    clock: Clock
    progress: Progress


@dataclass(frozen=True, eq=False)
class TownPackage:
    """Town with the optional layers of its package."""

    town: Town
    extras: TownExtras


@dataclass(frozen=True)
class LoadOptions:
    """Options for loading a town.

    Parameters
    ----------
    settings : PartitionSettings or None
        Settings of the partition; None loads the town without plans.
    effective_date : date
        First day on which the plan is in force.
    grid_name_format : str, optional
        Format of the names of grids, with ``{parent}`` for the community and ``{number}``.
    norm : NormChange, optional
        Norm to enter for the subdistrict; without one the range of the partition is a trial.
    """

    settings: PartitionSettings | None
    effective_date: date
    grid_name_format: str | None = None
    norm: NormChange | None = None


@dataclass(frozen=True, eq=False)
class LoadedTown:
    """Loaded town, with the rows that it was written to."""

    identity: SubdistrictInfo
    town: Town
    land: LandCoverage
    stored: StoredTown
    plan: GridPlan | None = None
    grids: gpd.GeoDataFrame | None = None
    extra_counts: dict[str, int] = field(default_factory=dict)
    unknown_categories: tuple[str, ...] = ()
    warnings: tuple[InputFault, ...] = ()
    has_norm: bool = False


@dataclass(frozen=True, eq=False)
class LoadReport:
    """Report of a loaded town, for people and for machines."""

    loaded: LoadedTown
    partition: PartitionReport | None
    clock: Clock

    @property
    def out_of_range(self) -> int:
        """Return the number of household grids out of range."""
        return 0 if self.partition is None else self.partition.out_of_range

    def summary(self) -> list[Message]:
        """Return sentences on the loaded town and its grids."""
        sentences = [Message(STORED_TEXT, self._sizes()), Message(EXTRAS_TEXT, self.loaded.extra_counts)]
        if unknown := self.loaded.unknown_categories:
            sentences.append(Message(UNKNOWN_CATEGORIES_TEXT, {"categories": ", ".join(unknown)}))
        return sentences if self.partition is None else [*sentences, self.partition.summary()[-1], *self._trial()]

    def _trial(self) -> list[Message]:
        """Return a sentence on a range that is not the norm, by which pages judge."""
        norm = DEFAULT.norm
        if self.partition is None or self.loaded.has_norm:
            return []
        profile = self.partition.settings.profile
        if (profile.minimum, profile.maximum) == (norm.minimum, norm.maximum):
            return []
        values = {"norm_minimum": norm.minimum, "norm_maximum": norm.maximum}
        return [Message(TRIAL_TEXT, {**values, "minimum": profile.minimum, "maximum": profile.maximum})]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        partition = None if self.partition is None else self.partition.as_json()
        unknown = {"unknown_categories": list(self.loaded.unknown_categories)}
        values = {**self._sizes(), **self.loaded.extra_counts, **unknown}
        warnings = warning_values(self.loaded.warnings, "en")
        return {**values, **warnings, "partition": partition, "seconds": self.clock.steps}

    def _sizes(self) -> dict[str, object]:
        town, identity = self.loaded.town, self.loaded.identity
        households = int(town.buildings["households"].sum())
        sizes = {"communities": len(town.communities), "buildings": len(town.buildings), "households": households}
        return {"code": identity.code, "name": identity.name, **sizes}
